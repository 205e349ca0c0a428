"""Files with keys: who may read them, and what is in them."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from shlex import quote

from ...rules.errors import Failed

_HEX_KEY = re.compile(r"[0-9a-f]{64}")
#: The most that is read of a key's file; a key is shorter.
_MOST_KEY = 1024


def _check_private(path: Path, stats: os.stat_result) -> None:
    """Raise :class:`Failed` if it isn't a file, or others can read or change the key, as ssh does for its keys."""
    if not stat.S_ISREG(stats.st_mode):
        raise Failed(
            "key.no_file", f"The key {path} isn't a file. Move it away, and restore the key from a backup."
        )
    if stats.st_uid not in (os.geteuid(), 0):
        raise Failed("key.owner", f"The key {path} belongs to another user. Run the server as that user.")
    if stats.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Failed(
            "key.permissions",
            f"Other users can access the key {path}. Fix it with: chmod 600 {quote(str(path))}",
        )


def read_private(path: Path) -> str:
    """The text of a key file, whatever bytes it has. Raises :class:`FileNotFoundError`, and :class:`Failed` if others
    can access it, it is a link, or it can't be read."""
    try:
        # What is checked is what is read: no link is followed, and the name isn't looked up a second time.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check_private(path, os.fstat(handle))
            return os.read(handle, _MOST_KEY).decode("utf-8", "replace").strip()
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink() and path.exists():
            target, shown = quote(os.path.realpath(path)), quote(str(path))
            raise Failed(
                "key.link",
                f"The key {path} is a link, which isn't followed. Put the file in its place: mv {target} {shown}",
            ) from error
        advice = "Run the server as its owner."
        if error.errno not in (errno.EACCES, errno.EPERM):
            advice = "Move it away, and restore the key from a backup."
        raise Failed(
            "key.unreadable", f"The key {path} can't be read ({error.strerror}). {advice}"
        ) from error


def parsed_key(text: str, path: Path, code: str) -> bytes:
    """The bytes of a key. Raises :class:`Failed`."""
    if not _HEX_KEY.fullmatch(text):
        what = "isn't 64 hexadecimal digits" if text else "is empty"
        raise Failed(
            code,
            f"The key in {path} {what}. Restore it from a backup, or copy it from another machine of this "
            "installation. If nothing was ever kept in this data folder, delete the file: a new one is made.",
        )
    return bytes.fromhex(text)


def key_of_environment(name: str) -> bytes | None:
    """A key that an environment variable gives. Raises :class:`Failed` if it isn't one."""
    text = os.environ.get(name) or ""
    if not text:
        return None
    if not _HEX_KEY.fullmatch(text):
        raise Failed("key.malformed", f"The key in {name} isn't 64 hexadecimal digits.")
    return bytes.fromhex(text)
