"""What screens and widgets with keys have in common: their commands, and whether each is available now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.message import Message

from ...commands.command import Command
from ...commands.lookup import bindings, commands_of, own_keys
from ..textual_patches.keys import bound_ids, first_keys, is_bound, rebind
from ..textual_patches.sequences import BETWEEN

if TYPE_CHECKING:
    from textual import events
    from textual.dom import DOMNode
    from textual.screen import Screen
    from textual.widget import Widget

#: The keys that leave a list, also after a number.
_LEAVING = ("tab", "shift+tab")
#: As many digits of a number are kept, and so many rows no list has: a motion stops at its end.
_DIGITS = 20
_MOST_ROWS = 1_000_000_000


class Keyed:
    """Mixin of screens and widgets. ``PLACES``: those of ``commands/declared.py`` that a class adds to its bases'."""

    PLACES: ClassVar[tuple[str, ...]] = ()
    #: Of a screen, the places whose printable keys also work while a button has the focus.
    BUTTON_PLACES: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "PLACES" in cls.__dict__:
            cls.BINDINGS = bindings(*cls.PLACES)  # type: ignore[attr-defined]
        super().__init_subclass__(**kwargs)

    def on_mount(self) -> None:
        """Replace the keys with the user's own."""
        node = cast("DOMNode", self)
        rebind(node, own_keys(node.app))

    def disabled_reason(self, action: str) -> str | None:
        """Return why a command isn't available now, as a sentence; ``HIDDEN`` if it doesn't belong to what is shown;
        ``None`` if it is available."""
        return None

    def label_of(self, ident: str) -> str:
        """Return what a command is called here; empty if it is called as it was declared."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only commands that are available."""
        return self.disabled_reason(action) is None

    def commands(self) -> Iterator[Command]:
        """Yield all commands of its places, including those that aren't available now."""
        places = dict.fromkeys(p for cls in type(self).__mro__ for p in cls.__dict__.get("PLACES", ()))
        yield from commands_of(*places)


def called_on(node: DOMNode, command: Command) -> Command:
    """Return ``command`` with the title and label that it has on a screen, if they aren't those declared."""
    label = node.label_of(command.id) if isinstance(node, Keyed) else ""
    return command._replace(title=label, label=label) if label else command


def keyed_nodes(screen: Screen[Any]) -> Iterator[Keyed]:
    """Yield what has commands on a screen now: the focused widget, what it is in, and the screen."""
    focused = screen.focused
    for node in (*(focused.ancestors_with_self if focused is not None else ()), screen):
        if isinstance(node, Keyed):
            yield node


class Refused(Message):
    """A key, or what was pasted, did less than it usually does; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class NumberRefused(Message):
    """A key after a number did nothing in a list; ``typed`` is both, as far as the key types something."""

    def __init__(self, numbers: Numbers, typed: str) -> None:
        super().__init__()
        self.numbers = numbers
        self.typed = typed


class Numbers:
    """The numbers typed in a list: before a motion (``3j``) they are passed to it, which repeats itself or, to an end
    of the list, goes to the row of that number. After a number, no other key does anything: what is typed may be meant
    for a field, and one of its letters is the key that deletes."""

    def __init__(self, widget: Widget, motions: Collection[str]) -> None:
        """``motions`` are the names of the commands whose actions take a number."""
        self._widget = widget
        self._motions = motions
        #: The title of the field that numbers are probably meant for.
        self.field = ""
        #: The digits typed so far, and those that were followed by a key that is no motion.
        self._digits = self._refused = ""
        #: The keys that begin a sequence where the digits were typed: it is looked at when it is complete.
        self._first_keys: frozenset[str] = frozenset()

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
        if not self._digits or key in _LEAVING or key in self._first_keys:
            return False
        return self._motion(key) is None

    def press(self, event: events.Key) -> None:
        """Handle a key, unless it does what it always does."""
        character = event.character or ""
        is_digit = character.isascii() and character.isdigit() and (bool(self._digits) or character != "0")
        if is_digit and not is_bound(self._widget, event.key):
            if not self._digits:
                self._first_keys = first_keys(self._widget)
            self._digits, self._refused = (self._digits + character)[:_DIGITS], ""
        elif event.key in _LEAVING:
            return
        elif not self._digits:
            self._refused = ""
            return
        elif motion := self._motion(event.key):
            motion(min(int(self._digits), _MOST_ROWS))
            self._digits = ""
        else:
            self._refused, self._digits = self._digits, ""
            if event.key != "escape":
                keys = event.key.replace(BETWEEN, "") if BETWEEN in event.key else ""
                typed = self._refused + (keys or (character if event.is_printable else ""))
                self._widget.post_message(NumberRefused(self, typed))
        event.stop()
        event.prevent_default()

    def _motion(self, key: str) -> Callable[[int], object] | None:
        """The action of the motion that a key is bound to; ``None`` if it is none."""
        name = next((name for name in bound_ids(self._widget, key) if name in self._motions), None)
        if name is None:
            return None
        action: Callable[[int], object] = getattr(self._widget, f"action_{name.rpartition('.')[2]}")
        return action
