"""The Secure Sent Links folder: its name, and what a send does if Work and Share disagree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

DEFAULT_BASE_NAME = "Secure Sent Links"


def folder_name(user: str, base: str = DEFAULT_BASE_NAME) -> str:
    """``DJONES - Secure Sent Links``."""
    return f"{user} - {base}"


def dated_name(name: str, made: datetime, taken: Callable[[str], bool]) -> str:
    """``name`` with the creation time appended, for a folder whose plain name is taken by an older one.

    ``made`` is in the user's time zone; `` (2)`` is added if even the dated name is taken.
    """
    dated = f"{name} {made:%Y-%m-%d %H.%M.%S}"
    if not taken(dated):
        return dated
    number = 2
    while taken(f"{dated} ({number})"):
        number += 1
    return f"{dated} ({number})"


class Step(Enum):
    """What a send does with the folder before it uploads."""

    USE = "use the folder"
    MAKE = "make the folder and the shortcut"
    REPLACE = "make a new folder and point the old shortcut to it"
    START_OVER = "make a new folder and a new shortcut; the old folder stays"


def step(shortcut: bool, folder: bool, confirmed: bool = True) -> Step:
    """Decide the four cases: whether the shortcut is in My Favorites, and whether the folder is in Share.

    ``confirmed`` says whether the folder's shortcut was ever seen: a folder that is still waiting for its shortcut is
    used by every send that finds it.
    """
    if folder and (shortcut or not confirmed):
        return Step.USE
    if folder:
        return Step.START_OVER
    return Step.REPLACE if shortcut else Step.MAKE
