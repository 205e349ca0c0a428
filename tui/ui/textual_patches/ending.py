"""How the program and its screens end."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.text import Text
from textual.app import App
from textual.screen import Screen

from ...override import override


def is_ending(app: App[Any]) -> bool:
    """Return whether the app was asked to exit: a screen that is opened then no longer has any widgets."""
    return isinstance(app, PlainCrash) and app.ending


def leave_unanswered(screen: Screen[Any]) -> None:
    """Return ``None`` to whatever awaits the result of a screen, if something else closes the screen.

    Textual would let it wait forever, with everything it holds.
    """
    for callback in screen._result_callbacks:
        if callback.future is not None and not callback.future.done():
            callback.future.set_result(None)


def _kept_report(folder: Path | None) -> Path | None:
    """Write the traceback of the exception being handled, without values of variables, to a file of mode 0600."""
    if folder is None:
        return None
    # Only a program that fails needs it.
    from ...files.private_files import make_private_folder

    try:
        path = make_private_folder(folder) / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(traceback.format_exc())
    except OSError:
        return None
    return path


class PlainCrash(App[int]):
    """If the program itself fails, the user gets a sentence, and the traceback goes into a file."""

    #: Where crash reports are kept.
    crash_folder: Path | None = None
    #: Whether it was asked to exit.
    ending = False
    #: Whether it is about to exit by itself, as soon as another process has taken over what it does.
    leaving = False

    @override
    def exit(self, *args: Any, **kwargs: Any) -> None:
        self.ending = True
        super().exit(*args, **kwargs)

    def _print_error_renderables(self) -> None:
        # If the terminal is gone, no one can read the last message.
        with suppress(OSError):
            super()._print_error_renderables()

    def _fatal_error(self) -> None:
        if self._exit_renderables:
            self._close_messages_no_wait()
            return
        kind = type(sys.exc_info()[1]).__name__
        path = _kept_report(self.crash_folder)
        where = f" Details are in {path}." if path else ""
        self._exit_renderables.append(
            Text(f"sentlinks: the program ended with an internal error ({kind}).{where}")
        )
        self._close_messages_no_wait()
