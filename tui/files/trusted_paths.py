"""Which files and folders can be relied on: those that nobody can change but their user and root.

A path is followed from the top. In a folder that only its user and root can write to, nobody else can replace what is
found, so nothing has to be looked at twice; in one with the sticky bit (``/tmp``), nobody else can replace what belongs
to the user or to root. Folders above the user's home are not looked at: whoever can change those has the home anyway.
A group may write if it is the private group of the owner: it has the owner's name and no other member.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

#: A path with more links than this leads in circles.
_MOST_LINKS = 40
_ACL = "system.posix_acl_access"


class Untrusted(OSError):
    """A path can't be relied on. ``advice`` says which part of it and why, and ends with the command that mends it."""

    def __init__(self, path: Path, why: str, number: int = errno.EPERM) -> None:
        super().__init__(number, why, os.fspath(path))
        self.advice = why


def open_trusted(path: Path) -> int:
    """Open a file for reading, following links. Raises :class:`Untrusted` or another :class:`OSError`."""
    # Whoever replaces it with a link or a pipe in a folder like /tmp, after it was found missing, gains nothing.
    return open_own(_followed(path, last=True))


def open_own(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a file that is the user's or root's, and no link; one that is created has mode 0600.

    The folder must be one that can be relied on. Raises :class:`Untrusted` or another :class:`OSError`.
    """
    try:
        # Opening a pipe would wait for its other end.
        handle = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) and path.is_symlink():
            raise is_link(path) from None
        raise
    try:
        facts = os.fstat(handle)
        _check(path, facts)
        if not stat.S_ISREG(facts.st_mode):
            is_folder = stat.S_ISDIR(facts.st_mode)
            number = errno.EISDIR if is_folder else errno.EINVAL
            raise OSError(number, os.strerror(number) if is_folder else "Not a regular file", str(path))
    except BaseException:
        os.close(handle)
        raise
    return handle


def open_own_folder(path: Path) -> int:
    """Open a folder that is the user's or root's, and no link, whatever its mode; links on the way to it are followed.

    Raises :class:`Untrusted`, also if others can change what leads to it, or another :class:`OSError`.
    """
    check_above(path)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink() and path.exists():
            raise is_link(path) from None
        if error.errno == errno.ENOTDIR and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(path)) from None
        raise
    try:
        _check_owner(path, os.fstat(handle))
    except BaseException:
        os.close(handle)
        raise
    return handle


def close_folder(folder: Path) -> None:
    """Let only the current user access an existing folder of theirs (0700). Raises as :func:`open_own_folder` does."""
    handle = open_own_folder(folder)
    try:
        facts = os.fstat(handle)
        if facts.st_uid == os.geteuid() and facts.st_mode & 0o077:
            os.fchmod(handle, 0o700)
    finally:
        os.close(handle)


def check_path(path: Path) -> None:
    """Raise :class:`Untrusted` if others can change what is at ``path``, or put something there, or if it is a link.

    Links on the way to it are followed.
    """
    check_own(_followed(path, last=False))


def check_own(path: Path) -> None:
    """The same for what is in a folder that can be relied on."""
    try:
        facts = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(facts.st_mode):
        raise is_link(path)
    _check(path, facts)


def check_above(path: Path) -> None:
    """Raise :class:`Untrusted` if others can change what leads to ``path``; of that, as much as exists."""
    _followed(path, last=False)


def is_link(path: Path) -> Untrusted:
    """The problem that ``path`` is a link, where none is followed."""
    shown = _quoted(path)
    return Untrusted(
        path, f"{shown} is a link, which isn't followed; remove it with: rm {shown}", errno.ELOOP
    )


def _followed(path: Path, *, last: bool) -> Path:
    """The path without links, each part of which was checked; its ``last`` part, too, or as it is."""
    unchecked = _above_home()
    parts, found, links = list(path.absolute().parts[1:]), Path("/"), 0
    while parts:
        if found not in unchecked:
            _check_folder(found)
        name = parts.pop(0)
        place = found.parent if name == ".." else found / name
        try:
            facts = place.lstat() if parts or last else None
        except FileNotFoundError:
            # If somebody else can create it, it is found by its owner when it is opened.
            return place.joinpath(*parts)
        if facts is None or not stat.S_ISLNK(facts.st_mode):
            found = place
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))
        _check_owner(place, facts)
        target = place.readlink()
        if target.is_absolute():
            found = Path("/")
        parts = [*(part for part in target.parts if part != "/"), *parts]
    return found


def _above_home() -> set[Path]:
    """The folders above the user's home."""
    try:
        home = Path.home()
    except RuntimeError:
        return set()
    return {above for way in (home, Path(os.path.realpath(home))) for above in way.parents}


def _check_folder(path: Path) -> None:
    facts = path.stat()
    if facts.st_mode & stat.S_ISVTX:
        # What belongs to others there is found by its own owner.
        _check_owner(path, facts)
    else:
        _check(path, facts)


def _check(path: Path, facts: os.stat_result) -> None:
    _check_owner(path, facts)
    written = facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not written or (written == stat.S_IWGRP and _is_private_group(path, facts)):
        return
    shown = _quoted(path)
    if stat.S_ISCHR(facts.st_mode) or stat.S_ISBLK(facts.st_mode):
        # Closed to others, /dev/null is of no use to anybody.
        raise Untrusted(path, f"{shown} is a device")
    raise Untrusted(path, f"other users can write to {shown}; fix it with: {_closing(path)} {shown}")


def _closing(path: Path) -> str:
    return "setfacl -b" if _has_acl(path) else "chmod go-w"


def _check_owner(path: Path, facts: os.stat_result) -> None:
    me = os.geteuid()
    if facts.st_uid in (me, 0):
        return
    owner, shown = _user(facts.st_uid), _quoted(path)
    mend = f"run it as that user: sudo -u {_quoted(owner)} sentlinks" if me == 0 else _taken_over(me, shown)
    raise Untrusted(path, f"{shown} belongs to the user {owner}; {mend}")


def _taken_over(me: int, shown: str) -> str:
    return f"make it yours with: sudo chown {_quoted(_user(me))} {shown}"


def _quoted(path: Path | str) -> str:
    from shlex import quote

    return quote(os.fspath(path))


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _is_private_group(path: Path, facts: os.stat_result) -> bool:
    """Whether nobody but the owner is in the group that may write."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(facts.st_uid), grp.getgrgid(facts.st_gid)
    except KeyError:
        return False
    return (
        group.gr_gid == owner.pw_gid
        and group.gr_name == owner.pw_name
        and set(group.gr_mem) <= {owner.pw_name}
        and all(each.pw_gid != group.gr_gid or each.pw_uid == owner.pw_uid for each in pwd.getpwall())
        and not _has_acl(path)
    )


def _has_acl(path: Path) -> bool:
    """Whether an access list says who may write; the bits of the group are then the most that it grants anyone."""
    if sys.platform == "linux":
        # This file system may have none, as other systems do.
        with suppress(OSError):
            return _ACL in os.listxattr(path, follow_symlinks=False)
    return False
