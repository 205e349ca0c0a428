"""Opening the app: ``sentlinks`` without a command. It imports little, since the screen stays empty until it is
done."""

from __future__ import annotations

import os

from ...rules.errors import InvalidValue
from ...terminal.frame import first_frame


def open_app(*, no_mouse: bool = False) -> int:
    """Open the app on the configured server and return its exit status. ``no_mouse``: without using the mouse."""
    need_terminal("The app")
    if os.environ.get("ACCESSIBLE"):
        _say_plain_way()
    with first_frame(os.environ):
        from ... import config
        from ...local_server import local_server
        from ...ui.start import run_app

        settings = config.load()
        target, work_target = local_server.chosen(settings), None
        if settings.work_server is not None:
            from ...config import work_server

            work_target = work_server.target(settings)
        return run_app(target, work_target=work_target, state=settings.places.state, no_mouse=no_mouse)


def _say_plain_way() -> None:
    # Only needed by those who may want it: the app appears sooner without it.
    from ...terminal.plain import PLAIN_WAY, is_plain_terminal
    from ..base.output import note

    if is_plain_terminal():
        note(PLAIN_WAY)


def need_terminal(what: str) -> None:
    """Raise :class:`InvalidValue` if there is no terminal that can show the app."""
    # Textual reads keys from standard input and draws on standard error.
    if not (os.isatty(0) and os.isatty(2)):
        raise InvalidValue(
            "terminal.none",
            "No terminal. For scripts see: sentlinks send --help",
        )
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise InvalidValue(
            "terminal.dumb",
            f"{what} can't run on TERM={os.environ.get('TERM', '')}; "
            "set TERM to your terminal's type, or use the commands that sentlinks --help lists.",
        )
