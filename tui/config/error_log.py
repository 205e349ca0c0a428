"""The private file ``errors.log`` in the state folder, for unexpected failures.

The user reads one sentence; the traceback is here. Nothing of it ever reaches the terminal.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.trusted_paths import open_own

if TYPE_CHECKING:
    import asyncio

NAME = "errors.log"
_MOST_BYTES = 1_000_000


def keep(folder: Path, text: str) -> Path:
    """Append ``text`` with the time to the log in ``folder``, mode 0600, and return the file's path.

    Raises :class:`OSError` or :class:`~tui.rules.errors.Failed` if that isn't possible.
    """
    from datetime import UTC, datetime

    from .private import private_folder

    path = private_folder(folder) / NAME
    with suppress(FileNotFoundError):
        if path.lstat().st_size > _MOST_BYTES:
            path.unlink()
    handle = open_own(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with os.fdopen(handle, "a", errors="backslashreplace") as file:
        # Not in the local time zone: what has failed may be that (TZ=UTC+24).
        file.write(f"{datetime.now(UTC).isoformat()}\n{text}\n")
    return path


def keep_failures_of(loop: asyncio.AbstractEventLoop, folder: Path | None) -> None:
    """Write what the loop would print on standard error (failures that nothing awaits) to the log in ``folder``."""

    def failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        from ..rules.errors import Problem

        if folder is None or is_cancelled_wait(context):
            return
        with suppress(OSError, Problem):
            keep(folder, _described(context))

    loop.set_exception_handler(failed)


def is_cancelled_wait(context: dict[str, Any]) -> bool:
    """Return whether a socket became ready just when nothing waited for it any more: with Unix sockets, anyio then sets
    the result of a cancelled future."""
    import asyncio

    return isinstance(context.get("exception"), asyncio.InvalidStateError) and "handle" in context


def _described(context: dict[str, Any]) -> str:
    import traceback

    error = context.get("exception")
    trace = traceback.format_exception(error) if isinstance(error, BaseException) else []
    return "\n".join([str(context.get("message", "")), "".join(trace)])
