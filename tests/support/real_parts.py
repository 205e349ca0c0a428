"""The real parts that tests need of a machine: programs, and what only root may do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

_ON_CI = os.environ.get("CI") == "true"
_IS_ROOT = os.geteuid() == 0

#: For tests in which files belong to another user. On CI they aren't skipped, and fail there.
as_root = pytest.mark.skipif(not _IS_ROOT and not _ON_CI, reason="only root can give files to another user")


def lacks(what: str) -> NoReturn:
    """Skips the test, as this machine has not ``what``; on CI (``CI=true``) it fails, so that this can't go
    unnoticed."""
    if _ON_CI:
        pytest.fail(f"missing: {what}")
    pytest.skip(f"missing: {what}")


def need(*programs: str) -> None:
    """Skips the test if a program isn't installed; on CI it fails."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        lacks(", ".join(missing))


def at_another_time(by: str) -> dict[str, str]:
    """The environment of a program, not one that is forked, whose clock is wrong ``by`` that much (``+3h``)."""
    (*_, found) = (None, *Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if found is None:
        lacks("libfaketime")
    return {"LD_PRELOAD": str(found), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def need_root() -> None:
    """Skips the test unless root runs it; on CI it fails."""
    if not _IS_ROOT:
        lacks("a test run by root")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """Mounts a disk in memory on a new ``folder``, with ``options`` as tmpfs has them (``size=64m,nr_inodes=200``).
    Skips the test where none can be mounted; on CI it fails."""
    need_root()
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", f"mode=700,{options}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        lacks(f"a disk that can be mounted ({mounted.stderr.strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Nothing can be written to a disk of :func:`small_disk` until the end of the block."""
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def use_up_files(disk: Path, left: int = 0) -> list[Path]:
    """Another program makes so many files that only these are ``left``."""
    made: list[Path] = []
    while os.statvfs(disk).f_favail > left:
        made.append(disk / f"other-{len(made)}")
        made[-1].touch()
    return made


@contextmanager
def ext4_disk(folder: Path, image: Path) -> Iterator[Path]:
    """Mounts a disk of 64 MiB in a new file ``image`` on a new ``folder``; its file system is made read-only by the
    system after an error (:func:`trigger_fs_error`). Skips the test unless root runs it; on CI it fails."""
    need_root()
    image.touch()
    os.truncate(image, 64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    folder.mkdir()
    subprocess.run(["mount", "-o", "loop,errors=remount-ro", image, folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def trigger_fs_error(disk: Path) -> None:
    """What a file system does that has met an error of its disk."""
    device = subprocess.run(
        ["findmnt", "-n", "-o", "SOURCE", disk], capture_output=True, text=True, check=True
    ).stdout.strip()
    Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error").write_text("1")


@contextmanager
def unwritable(file: Path) -> Iterator[None]:
    """Nobody, not even root, can write to a file on a disk of :func:`ext4_disk` until the end of the block."""
    subprocess.run(["chattr", "+i", file], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", file], check=True)
