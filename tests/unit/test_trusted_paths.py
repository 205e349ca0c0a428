"""S38: what is only relied on if nobody but its user and root can change it."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real_parts import as_root, lacks
from tui.config import load
from tui.files.private_files import make_private_folder, new_temporary_folder
from tui.files.trusted_paths import Untrusted, check_path, open_own, open_trusted
from tui.mail.temporary import DraftFolder
from tui.rules.errors import Failed

#: A user who is neither this one nor root, and whose files only root can make.
OTHER = 54321
MASKS = pytest.mark.parametrize("umask", [0o000, 0o002, 0o022])


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    earlier = os.umask(0o022)
    yield
    os.umask(earlier)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's home."""
    folder = tmp_path / "home"
    folder.mkdir(0o755)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def file(home: Path) -> Path:
    """A configuration below the home."""
    path = home / "config" / "sentlinks" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text('theme = "dark"\n')
    return path


def loaded(file: Path) -> object:
    return load({"SENTLINKS_HOME": str(file.parent)}).value("theme")


def refusal(file: Path) -> str:
    with pytest.raises(Failed) as refused:
        loaded(file)
    assert refused.value.code in ("config.unreadable", "folder.unusable")
    return refused.value.message


def test_ones_own_is_used(file: Path) -> None:
    assert loaded(file) == "dark"


@as_root
@pytest.mark.parametrize("part", ["file", "folder", "above", "home"])
def test_another_users_configuration_is_refused(file: Path, home: Path, part: str) -> None:
    """Its ``password_command`` would run as this user."""
    path = {"file": file, "folder": file.parent, "above": file.parent.parent, "home": home}[part]
    os.chown(path, OTHER, OTHER)
    assert refusal(file).endswith(
        f"{path} belongs to the user {OTHER}; run it as that user: sudo -u {OTHER} sentlinks"
    )


@as_root
def test_a_folder_where_another_user_could_put_one_is_refused(file: Path) -> None:
    """There is none yet; but what is kept next to it would be another user's."""
    file.unlink()
    os.chown(file.parent, OTHER, OTHER)
    assert f"{file.parent} belongs to the user {OTHER}" in refusal(file)


def test_a_device_is_refused_without_bad_advice(file: Path) -> None:
    """``chmod go-w /dev/null`` would break everything else."""
    file.unlink()
    file.symlink_to("/dev/null")
    assert refusal(file).endswith("/dev/null is a device")


@pytest.mark.parametrize("mode", [0o020, 0o002])
@pytest.mark.parametrize("part", ["file", "folder", "above", "home"])
def test_what_others_can_write_to_is_refused(
    file: Path, home: Path, mode: int, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = {"file": file, "folder": file.parent, "above": file.parent.parent, "home": home}[part]
    # Of the user's private group, the same mode is harmless.
    monkeypatch.setattr("tui.files.trusted_paths._is_private_group", lambda *_: False)
    path.chmod(path.stat().st_mode | mode)
    message = refusal(file)
    assert message.endswith(f"other users can write to {path}; fix it with: chmod go-w {path}")
    # The command mends it.
    subprocess.run(["sh", "-c", message.rpartition("fix it with: ")[2]], check=True)
    assert loaded(file) == "dark"


@as_root
def test_a_group_may_write_if_nobody_else_is_in_it(file: Path) -> None:
    """Where each user has a group of the same name, files are often made with an umask of 002."""
    for path in (file, file.parent, file.parent.parent):
        path.chmod(path.stat().st_mode | 0o020)
    assert loaded(file) == "dark"
    os.chown(file, 0, OTHER)
    assert f"chmod go-w {file}" in refusal(file)


@as_root
def test_a_group_that_is_another_users_too_may_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    file.chmod(0o660)
    assert loaded(file) == "dark"
    root, group = pwd.getpwuid(0), grp.getgrgid(0)
    monkeypatch.setattr(grp, "getgrgid", lambda _: grp.struct_group((*group[:3], ["root", "bob"])))
    assert f"chmod go-w {file}" in refusal(file)
    monkeypatch.undo()
    bob = pwd.struct_passwd(("bob", "x", OTHER, 0, "", "/", ""))
    monkeypatch.setattr(pwd, "getpwall", lambda: [root, bob])
    assert f"chmod go-w {file}" in refusal(file)


@as_root
def test_an_access_list_lets_others_write(file: Path) -> None:
    """The mode shows the most that it grants as the rights of the group."""
    nobody, owner, other, group, mask, rest = 0xFFFFFFFF, 0x01, 0x02, 0x04, 0x10, 0x20
    entries = [
        (owner, 6, nobody),
        (other, 6, OTHER),
        (group, 4, nobody),
        (mask, 6, nobody),
        (rest, 4, nobody),
    ]
    packed = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(file, "system.posix_acl_access", packed)
    except OSError:
        lacks("a file system with access lists")
    assert refusal(file).endswith(f"other users can write to {file}; fix it with: setfacl -b {file}")


@pytest.mark.parametrize("part", ["file", "folder"])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_link_of_ones_own_is_followed(file: Path, home: Path, part: str, absolute: bool) -> None:
    """As ``stow`` and others make them, who keep configurations in one place."""
    kept = home / "dotfiles"
    kept.mkdir()
    path = {"file": file, "folder": file.parent}[part]
    path.rename(kept / path.name)
    target = kept / path.name
    path.symlink_to(target if absolute else Path(os.path.relpath(target, path.parent)))
    assert loaded(file) == "dark"


@as_root
@pytest.mark.parametrize("part", ["link", "target", "above"])
def test_what_a_link_leads_to_is_another_users(file: Path, tmp_path: Path, part: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    target = elsewhere / "config.toml"
    file.rename(target)
    file.symlink_to(target)
    assert loaded(file) == "dark"
    path = {"link": file, "target": target, "above": elsewhere}[part]
    os.chown(path, OTHER, OTHER, follow_symlinks=False)
    assert f"{path} belongs to the user {OTHER}" in refusal(file)


def test_links_that_lead_in_circles_end(file: Path) -> None:
    file.unlink()
    file.symlink_to("other.toml")
    (file.parent / "other.toml").symlink_to("config.toml")
    assert "Too many levels" in refusal(file)


def test_in_a_folder_like_tmp_what_belongs_to_others_is_found(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    mine = make_private_folder(shared / "mine")
    (mine / "config.toml").write_text('theme = "dark"\n')
    assert loaded(mine / "config.toml") == "dark"
    shared.chmod(0o777)
    assert f"chmod go-w {shared}" in refusal(mine / "config.toml")


@as_root
def test_in_a_folder_like_tmp_what_another_user_made_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    theirs = shared / "mine"
    theirs.mkdir(parents=True)
    shared.chmod(0o1777)
    os.chown(theirs, OTHER, OTHER)
    with pytest.raises(Untrusted):
        make_private_folder(theirs / "state")
    with pytest.raises(Untrusted):
        make_private_folder(theirs)
    assert not (theirs / "state").exists()
    # Instead of the folder itself, too.
    theirs.rmdir()
    theirs.symlink_to(tmp_path)
    os.chown(theirs, OTHER, OTHER, follow_symlinks=False)
    with pytest.raises(Untrusted):
        make_private_folder(theirs)


@as_root
def test_what_leads_to_the_home_is_not_looked_at(file: Path, home: Path) -> None:
    """Of a home in the network, the folders above it may belong to anyone."""
    os.chown(home.parent, OTHER, OTHER)
    home.parent.chmod(0o777)
    assert loaded(file) == "dark"


@MASKS
def test_what_is_made_is_private_from_the_first_moment(home: Path, umask: int) -> None:
    os.umask(umask)
    folder = home / "one" / "two" / "state"
    make_private_folder(folder)
    for each in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700, each


def test_a_folder_of_ours_is_closed_to_others(file: Path) -> None:
    state = file.parent / "state"
    state.mkdir()
    state.chmod(0o777)
    assert loaded(file) == "dark"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_a_linked_state_is_refused(file: Path, tmp_path: Path) -> None:
    """What it leads to keeps its mode, and gets no file."""
    etc = tmp_path / "etc"
    etc.mkdir(0o755)
    state = file.parent / "state"
    state.symlink_to(etc)
    message = refusal(file)
    assert message == f"{state} is a link, which isn't followed; remove it with: rm {state}"
    with pytest.raises(Untrusted):
        make_private_folder(state)
    assert stat.S_IMODE(etc.stat().st_mode) == 0o755
    assert list(etc.iterdir()) == []
    subprocess.run(["sh", "-c", message.rpartition("with: ")[2]], check=True)
    assert loaded(file) == "dark"


def test_a_linked_data_folder_is_refused(file: Path, tmp_path: Path) -> None:
    (file.parent / "data").symlink_to(tmp_path)
    config = load({"SENTLINKS_HOME": str(file.parent)})
    with pytest.raises(Failed, match="is a link, which isn't followed"):
        _ = config.data
    with pytest.raises(Untrusted):
        check_path(file.parent / "data")


def test_a_file_of_ours_is_no_link(file: Path, tmp_path: Path) -> None:
    target = tmp_path / "passwd"
    target.write_text("root")
    log = file.parent / "errors.log"
    for make in (lambda: log.symlink_to(target), lambda: log.symlink_to(tmp_path / "new")):
        make()
        for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND):
            with pytest.raises(Untrusted, match="is a link"):
                open_own(log, flags)
        log.unlink()
    assert not (tmp_path / "new").exists()
    os.mkfifo(log)
    # It doesn't wait for the other end.
    with pytest.raises(OSError, match="Not a regular file"):
        open_own(log)


def test_a_configuration_that_is_a_pipe_is_not_waited_for(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)
    with pytest.raises(OSError, match="Not a regular file"):
        open_trusted(file)
    assert "Not a regular file" in refusal(file)


def test_temporary_files_are_not_made_where_others_can_replace_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the sticky bit, anyone can put a folder of their own in the place of ours."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    new_temporary_folder("sentlinks-").rmdir()
    tmp_path.chmod(0o777)
    with pytest.raises(Untrusted, match="chmod go-w"):
        new_temporary_folder("sentlinks-")
    with pytest.raises(Failed, match="chmod go-w"):
        DraftFolder()
    assert list(tmp_path.iterdir()) == []


@as_root
def test_what_is_put_there_at_the_last_moment_is_not_read(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder like ``/tmp``, another user may make the file just after it was looked for."""
    import tui.files.trusted_paths as module

    file.parent.chmod(0o1777)
    file.unlink()
    followed = module._followed

    def slow(path: Path, *, last: bool) -> Path:
        found = followed(path, last=last)
        file.write_text('theme = "light"\n')
        os.chown(file, OTHER, OTHER)
        return found

    monkeypatch.setattr(module, "_followed", slow)
    with pytest.raises(Untrusted, match="belongs to the user"):
        open_trusted(file)
