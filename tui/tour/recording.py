"""A recording of a tour: its frames, and the file that is written of them at the end, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ..files.private_files import create_private
from ..rules.errors import Failed, InvalidValue
from ..rules.text import printable
from .frames import Row, ScreenFrame, Shot

#: The formats, by the end of the file's name.
SUFFIXES = (".cast", ".svg")
#: Seconds for which the last frame stays.
_LAST = 4.0


def check_target(path: Path) -> None:
    """Check that a recording can be written there, before anything is played. Raises :class:`InvalidValue`."""
    shown = printable(str(path))
    if path.suffix.lower() not in SUFFIXES:
        message = f"A recording's name ends in .cast or .svg, unlike {shown}."
        raise InvalidValue("record.suffix", message, "record")
    if os.path.lexists(path):
        raise InvalidValue(
            "record.exists", f"{shown} exists already; give the recording another name.", "record"
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        message = f"The folder for {shown} doesn't exist; create it first."
        raise InvalidValue("record.folder", message, "record")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InvalidValue("record.folder", f"You can't write to {printable(str(folder))}.", "record")


class Recording:
    """The frames of a tour so far."""

    def __init__(self) -> None:
        self.shots: list[Shot] = []
        self._began = 0.0
        self._known: dict[Row, Row] = {}

    def add(self, frame: ScreenFrame, now: float) -> None:
        """Note what the screen shows at ``now``, by a clock that never jumps."""
        if not self.shots:
            self._began = now
        elif self.shots[-1].frame == frame:
            return
        rows = tuple(self._known.setdefault(row, row) for row in frame.rows)
        self.shots.append(Shot(now - self._began, ScreenFrame(frame.columns, rows)))

    def content(self, suffix: str, title: str, *, light: bool) -> bytes:
        """What the file holds; ``suffix`` is one of :data:`SUFFIXES`. There must be a frame."""
        until = self.shots[-1].at + _LAST
        if suffix == ".svg":
            from .svg import svg_of

            return svg_of(self.shots, title, until, light=light)
        from .cast import cast_of

        return cast_of(self.shots, title, until)

    def write(self, path: Path, title: str, *, light: bool) -> None:
        """Write the file. Raises :class:`Failed`; then there is none."""
        try:
            create_private(path, self.content(path.suffix.lower(), title, light=light))
        except OSError as error:
            message = (
                f"The recording {printable(str(path))} can't be written: {os.strerror(error.errno or 0)}."
            )
            raise Failed("record.unwritable", message) from error
