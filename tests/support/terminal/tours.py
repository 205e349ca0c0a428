"""The program's own tour."""

from __future__ import annotations

from pathlib import Path

import tui.tour
from tui.commands.keymap import is_key
from tui.tour.script import Script, read_script

OWN_TOUR = Path(tui.tour.__file__).with_name("tour.toml")


def own_script() -> Script:
    return read_script(OWN_TOUR.read_bytes(), OWN_TOUR.name, is_key)
