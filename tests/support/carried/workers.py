"""The processes that look into documents, as the tests of them need them."""

from __future__ import annotations

import os
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.carried.office import docx, paragraph, run
from tui.inspection.inspector import Inspector

COMMENTED = docx(paragraph('<w:ins w:id="1" w:author="Ann">', run("a"), "</w:ins>"))


def opened(tmp_path: Path, content: bytes, name: str = "a.docx") -> int:
    """A document with this content, open for reading; the caller closes it."""
    path = tmp_path / name
    path.write_bytes(content)
    return os.open(path, os.O_RDONLY)


@asynccontextmanager
async def inspecting() -> AsyncIterator[Inspector]:
    """An inspector, whose workers end with the block."""
    inspector = Inspector()
    try:
        yield inspector
    finally:
        inspector.close()


def wait_for_the_end(pid: int, seconds: float = 20) -> bool:
    """Whether a process that isn't our child ends by itself."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def own_children() -> set[str]:
    """The workers of this process that have not ended; those that are left end a little later."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/status"):
        try:
            status, command = path.read_text(), path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if f"\nPPid:\t{os.getpid()}\n" in status and b"inspection.boxed" in command:
            found.add(path.parent.name)
    return found


def none_is_left() -> bool:
    """Whether all workers of this process end."""
    return all(wait_for_the_end(int(pid)) for pid in own_children())
