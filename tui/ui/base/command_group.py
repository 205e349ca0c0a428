"""The groups in which the first screen has its commands."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from .screen_commands import ScreenCommand

if TYPE_CHECKING:
    from .host import Host


#: Why a command has nothing to act on while the cursor of the list isn't the one in use.
TREE_HAS_FOCUS = "The tree has the focus: tab goes to the list."
#: Why a command doesn't act on rows of a location that the user is leaving.
ANOTHER_LOADS = "Another list is loading."
#: Why it doesn't before it is known on which rows.
STILL_LOADS = "The list is still loading."
#: What is said of a key for such a command: when that is read, the rows may be there.
TOO_EARLY = {
    ANOTHER_LOADS: "Not done: the other list wasn't there yet.",
    STILL_LOADS: "Not done: the list wasn't all there yet.",
}


def nothing_chosen(main: Host, otherwise: str) -> str:
    """Return why there is no row for a command to act on: the tree has the focus, or ``otherwise``."""
    return TREE_HAS_FOCUS if main.places.has_focus and main.table.current is not None else otherwise


def still_loading(main: Host) -> str | None:
    """Return why a command doesn't act on any row yet: others are about to come, and which they are isn't known."""
    if main.browser.is_leaving:
        return ANOTHER_LOADS
    return STILL_LOADS if main.browser.awaited is not None else None


class CommandGroup:
    """Related commands of the first screen: each of ``IDS`` has a method of that name."""

    IDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self, main: Host) -> None:
        self.main = main
        #: Where the workers of the commands live.
        self.screen = main.screen

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands, by their ids in ``commands/declared.py``."""
        return {
            ident: ScreenCommand(
                getattr(self, ident),
                partial(self.disabled_reason, ident),
                label=partial(self.label_of, ident),
            )
            for ident in self.IDS
        }

    def disabled_reason(self, ident: str) -> str | None:
        """Why a command of the group is disabled now; ``None`` if it is enabled."""
        return None

    def label_of(self, ident: str) -> str:
        """What a command of the group is called now; empty if it is called as it was declared."""
        return ""
