"""A number typed before a motion (``3j``), in tables and in the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.message import Message

from ..textual_patches.keys import bound_ids, is_bound

if TYPE_CHECKING:
    from textual.widget import Widget

    _Widget = Widget
else:
    _Widget = object

#: The keys that leave the widget, also after a number.
_LEAVING = ("tab", "shift+tab")
#: A motion is repeated this often at most.
_MOST = 999


class Counts(_Widget):
    """Mixin: a number before a motion repeats it. After a number, no other key does anything: what is typed may be
    meant for a field, and one of its letters is the key that deletes."""

    #: The names of the commands that a number repeats.
    MOTIONS: ClassVar[frozenset[str]] = frozenset()

    #: The digits typed so far, and those that were followed by a key that is no motion, with that key.
    _digits = ""
    _refused = ""

    class Typed(Message, namespace="counts"):
        """Digits were typed, or are used up if there are none; with ``refused``, a key after them did nothing."""

        def __init__(self, typed: str, *, refused: bool) -> None:
            super().__init__()
            self.typed = typed
            self.refused = refused

    @property
    def number_typed(self) -> bool:
        """Whether the last keys were a number that no motion has followed."""
        return bool(self._digits or self._refused)

    @property
    def takes_numbers(self) -> bool:
        """Whether keys are commands now, rather than text."""
        return True

    def forget_number(self) -> None:
        self._digits = self._refused = ""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        if self._digits and key not in _LEAVING and not self._motion_of(key):
            # Also the keys that work whatever has the focus, such as the one that sends.
            return True
        return super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        if not self.takes_numbers:
            return
        character, motion = event.character or "", self._motion_of(event.key)
        is_digit = character.isascii() and character.isdigit() and (bool(self._digits) or character != "0")
        if is_digit and not is_bound(self, event.key):
            self._digits, self._refused = (self._digits + character)[-len(str(_MOST)) :], ""
            self.post_message(self.Typed(self._digits, refused=False))
        elif event.key in _LEAVING or not self._digits:
            if event.key not in _LEAVING:
                self._refused = ""
            return
        elif motion:
            number, self._digits = int(self._digits), ""
            self.repeat(motion, number)
            self.post_message(self.Typed("", refused=False))
        else:
            shown = character if event.is_printable else ""
            self._digits, self._refused = "", f"{self._digits}{shown}"
            if event.key != "escape":
                self.post_message(self.Typed(self._refused, refused=True))
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        self.forget_number()

    def on_click(self, event: events.Click) -> None:
        self.forget_number()

    def repeat(self, motion: str, number: int) -> None:
        """Run a motion (the id of its command) ``number`` times."""
        act: Any = getattr(self, f"action_{motion}")
        for _ in range(number):
            act()

    def _motion_of(self, key: str) -> str:
        """The id of the motion that a key is bound to here; empty if it is none."""
        names = (name for name in bound_ids(self, key) if name in self.MOTIONS)
        return next(names, "").rpartition(".")[2]
