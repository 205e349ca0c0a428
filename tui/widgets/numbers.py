"""A number typed before a motion (``3j``), in tables and in the tree."""

from __future__ import annotations

from collections.abc import Callable, Collection

from textual import events
from textual.message import Message
from textual.widget import Widget

from ..textual_patches.keys import bound_ids, is_bound

#: The keys that leave the widget, also after a number.
_LEAVING = ("tab", "shift+tab")
#: The most digits of a number.
_DIGITS = 3


class NumberTyped(Message):
    """Digits were typed in a list, or are used up if there are none; with ``refused``, a key after them did nothing."""

    def __init__(self, typed: str, *, refused: bool) -> None:
        super().__init__()
        self.typed = typed
        self.refused = refused


class Numbers:
    """The numbers typed in a widget: before a motion they repeat it. After a number, no other key does anything: what
    is typed may be meant for a field, and one of its letters is the key that deletes."""

    def __init__(self, widget: Widget, motions: Collection[str]) -> None:
        """``motions`` are the names of the commands that a number repeats."""
        self._widget = widget
        self._motions = motions
        #: The digits typed so far, and those that were followed by a key that is no motion, with that key.
        self._digits = self._refused = ""

    @property
    def typed(self) -> bool:
        """Whether the last keys were a number that no motion has followed."""
        return bool(self._digits or self._refused)

    def forget(self) -> None:
        """Forget what was typed."""
        self._digits = self._refused = ""

    def holds(self, key: str) -> bool:
        """Return whether a key does nothing now; also those that work whatever has the focus, such as the one that
        sends."""
        return bool(self._digits) and key not in _LEAVING and self._motion(key) is None

    def press(self, event: events.Key) -> None:
        """Handle a key, unless it does what it always does."""
        character = event.character or ""
        is_digit = character.isascii() and character.isdigit() and (bool(self._digits) or character != "0")
        if is_digit and not is_bound(self._widget, event.key):
            self._digits, self._refused = (self._digits + character)[-_DIGITS:], ""
            self._report(self._digits)
        elif event.key in _LEAVING:
            return
        elif not self._digits:
            self._refused = ""
            return
        elif motion := self._motion(event.key):
            for _ in range(int(self._digits)):
                motion()
            self._digits = ""
            self._report("")
        else:
            self._refused = self._digits + (character if event.is_printable else "")
            self._digits = ""
            self._report("" if event.key == "escape" else self._refused, refused=event.key != "escape")
        event.stop()
        event.prevent_default()

    def _report(self, typed: str, *, refused: bool = False) -> None:
        self._widget.post_message(NumberTyped(typed, refused=refused))

    def _motion(self, key: str) -> Callable[[], object] | None:
        """The action of the motion that a key is bound to; ``None`` if it is none."""
        name = next((name for name in bound_ids(self._widget, key) if name in self._motions), None)
        if name is None:
            return None
        action: Callable[[], object] = getattr(self._widget, f"action_{name.rpartition('.')[2]}")
        return action
