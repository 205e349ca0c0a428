"""Opening the app: ``sentlinks`` without a command. It imports little, since nothing is on the screen before."""

from __future__ import annotations

import os

from ..rules.errors import InvalidValue
from ..terminal.frame import first_frame


def open_app() -> int:
    """Opens the app on the server in force and answers its exit status."""
    need_terminal("The app")
    with first_frame(os.environ):
        from .. import config, local
        from ..config import work_server
        from ..start import run_app

        settings = config.load()
        target, work_target = local.chosen(settings), work_server.target(settings)
        return run_app(target, work_target=work_target, state=settings.places.state)


def need_terminal(what: str) -> None:
    """Raises :class:`InvalidValue` where there is no terminal that the app can be shown on."""
    # Textual reads keys from the first and draws on the second.
    if not (os.isatty(0) and os.isatty(2)):
        raise InvalidValue(
            "terminal.none",
            f"{what} needs a terminal; in a script, use the commands that sentlinks --help lists.",
        )
    if os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        raise InvalidValue(
            "terminal.dumb",
            f"{what} can't run on TERM={os.environ.get('TERM', '')}; "
            "set TERM to your terminal's type, or use the commands that sentlinks --help lists.",
        )
