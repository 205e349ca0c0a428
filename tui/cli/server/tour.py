"""``sentlinks demo --tour``: the main job, played with captions on a demo's server, and recorded if that is wanted."""

from __future__ import annotations

import os
from pathlib import Path

from ...commands.keymap import is_key
from ...files.user_files import open_given
from ...rules.display import size_text
from ...rules.errors import Failed, InvalidValue
from ...rules.text import printable
from ...terminal.frame import FRAME, first_frame
from ...tour.player import LEAST
from ...tour.recording import Recording, check_target
from ...tour.script import Script, read_script
from ..base.output import tell
from .demo import demo_server, ended_by_signals
from .open_app import need_terminal

_SIGNALLED = 128


def run_tour(file: Path, record: Path | None) -> int:
    """Play the tour of a file, and return the exit status. Everything that can be wrong is found before anything
    begins."""
    script = read_tour(file)
    if record is not None:
        check_target(record)
    if not (os.isatty(0) and os.isatty(2)):
        message = "No terminal. The tour is played on one, also when it is recorded."
        raise InvalidValue("tour.no_terminal", message)
    need_terminal("The tour")
    columns, rows = os.get_terminal_size(2)
    if columns < LEAST[0] or rows < LEAST[1]:
        message = (
            f"The tour needs a terminal of {LEAST[0]} × {LEAST[1]} or more; this one has {columns} × {rows}."
        )
        raise InvalidValue("tour.too_small", message, "tour")
    recording = Recording() if record is not None else None
    with first_frame(os.environ):
        FRAME.say("Preparing the tour...")
        with ended_by_signals(), demo_server() as demo:
            from ...ui.tour.start import play

            played = play(demo.target, demo.folder / "app", script, recording)
    if record is not None and recording is not None:
        if not played.is_whole:
            message = f"The tour was ended before its last step, so {printable(str(record))} was not written."
            if played.status < _SIGNALLED:
                raise Failed("tour.ended", message)
            tell(message)
            return played.status
        recording.write(record, script.title, light=played.light)
        tell(f"Recorded as {printable(str(record))} ({size_text(record.stat().st_size)}).")
    elif played.is_whole:
        tell("That was the tour. To try it yourself: sentlinks demo")
    return played.status


def read_tour(path: Path) -> Script:
    """Read the tour of a file. Raises :class:`InvalidValue`."""
    try:
        with open_given(path) as opened:
            content = opened.read()
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0) if isinstance(error, OSError) else "no file can have that name"
        message = f"The tour {printable(str(path))} can't be read: {why}."
        raise InvalidValue("tour.unreadable", message, "tour") from error
    return read_script(content, path.name, is_key)
