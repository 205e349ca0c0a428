"""Playing a tour in the terminal, and writing its recording."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ... import config
from ...config import preferences
from ...config.preferences import Preferences
from ...rules.errors import Failed
from ...rules.text import printable
from ...session import Session
from ...tour.bar import ROWS
from ...tour.player import Player
from ..app import SentlinksApp
from ..textual_patches.painted import driver_above
from .tour import Tour

if TYPE_CHECKING:
    from ...clients.target import Target
    from ...tour.recording import Recording
    from ...tour.script import Script


class Played(NamedTuple):
    """How a tour has ended: the exit status, whether the viewer saw its end, and the light or dark background."""

    status: int
    is_whole: bool
    light: bool


def play(target: Target, state: Path, script: Script, recording: Recording | None) -> Played:
    """Play a tour on a demo's server. Raises :class:`Failed` if it couldn't go on."""
    wanted = preferences.of(config.load())
    if not wanted.cell_diff:
        os.environ["SENTLINKS_CELL_DIFF"] = "0"
    # The user's own keys and presets would lead elsewhere.
    own = Preferences(theme=wanted.theme, cell_diff=wanted.cell_diff, carries="warn", file=wanted.file)
    session = Session(target, demo=True, state=state)
    session.leaves_clipboard = True
    app = SentlinksApp(session, own)
    tour = Tour(app, Player(script), recording)
    app.driver_class = driver_above(ROWS, tour.viewer_typed)

    async def play(_: object) -> None:
        await tour.play()

    result = app.run(mouse=False, auto_pilot=play)
    status = result if isinstance(result, int) else app.return_code or 0
    ended = tour.ended
    if ended is not None and ended.why:
        raise Failed("tour.stopped", printable(ended.why))
    return Played(status, ended is not None and status == 0, app.colours.light_background)
