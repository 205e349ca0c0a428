"""The settings that links were last sent with in the app, to be offered again. Never a password, and no recipients."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ..rules.errors import Problem
from ..rules.presets import Preset, last_preset, read_last

_NAME = "last-settings"
#: No such file is longer.
_MOST_BYTES = 4096


class LastSettings:
    """Kept in the state folder, or without one until the program ends."""

    def __init__(self, state: Path | None) -> None:
        self._state = state
        self._kept: Preset | None = None

    def keep(self, texts: Mapping[str, str], now: datetime) -> None:
        """Keep what was typed, by the names of the settings. What can't be kept is not worth a message."""
        with suppress(Problem, OSError):
            self._kept = last_preset(texts, now)
            if self._state is not None:
                from ..files.private_files import write_private
                from .private import private_folder

                write_private(private_folder(self._state) / _NAME, self._kept.line.encode(), sync=False)

    def load(self, now: datetime) -> Preset | None:
        """The settings; ``None`` if there are none, or none that can be read."""
        if self._kept is None and self._state is not None:
            with suppress(Problem, OSError, UnicodeDecodeError), self._opened(self._state) as file:
                self._kept = read_last(file.read(_MOST_BYTES).decode(), now)
        return self._kept

    @staticmethod
    def _opened(state: Path) -> BinaryIO:
        from ..files.trusted_paths import open_own

        return os.fdopen(open_own(state / _NAME), "rb")
