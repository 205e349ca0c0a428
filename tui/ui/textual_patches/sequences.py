"""Keys that are pressed one after the other, such as ``g`` and ``l``: together they are the key ``g l``, which bindings
can have like any other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from weakref import ReferenceType, ref

from textual import events
from textual.app import App, ScreenStackError
from textual.binding import Binding
from textual.dom import DOMNode
from textual.timer import Timer

from .until_next_key import call_what_is_due

#: What separates the keys of a sequence in its name.
BETWEEN = " "
#: The key that ends a sequence that was begun.
GIVE_UP_KEY = "escape"
#: Seconds from one key of a sequence to the next.
SECONDS = 1.0
#: For so many seconds, a key that may follow but comes too late doesn't do what it does alone: it wasn't meant so.
LATE_SECONDS = 5.0
#: Ends the name of a sequence whose last key came too late; nothing is bound to it.
TOO_LATE = f"{BETWEEN}late"


def begins(keys: str, key: str) -> bool:
    """Return whether ``keys`` are the first ones of the sequence ``key``."""
    return key.startswith(f"{keys}{BETWEEN}")


def binds_sequence(node: DOMNode, keys: str) -> bool:
    """Return whether ``node`` itself has a binding with a sequence that begins with ``keys``."""
    return any(begins(keys, key) for key in node._bindings.key_to_bindings)


def binds(node: DOMNode, keys: str) -> bool:
    """Return whether ``node`` itself has a binding with the sequence ``keys``, or one that begins with it."""
    return keys in node._bindings.key_to_bindings or binds_sequence(node, keys)


def single_keys(binding: Binding) -> list[Binding]:
    """Return the keys of a sequence, each as a binding of its own."""
    return [replace(binding, key=key) for key in binding.key.split(BETWEEN)]


class KeySequences:
    """Joins keys into sequences. The time between them is that at which they were pressed, however late they come."""

    def __init__(self, app: App[Any], at_once: Callable[[str], bool]) -> None:
        """``at_once`` says of a key whether it works whatever was begun."""
        self._host_app = app
        self._at_once = at_once
        self._keys = ""
        #: When the last of them was pressed, by the clock of the events; without a moment, the next may come any time.
        self._pressed_at: float | None = None
        #: What had the focus then.
        self._begun_for: ReferenceType[DOMNode] | None = None
        #: Shows the usual keys again, when the next key is late.
        self._late_timer: Timer | None = None
        #: Whether it has done so.
        self._is_late = False

    @property
    def begun(self) -> str:
        """The keys of the sequence that was begun; empty if there is none."""
        return "" if self._is_late else self._keys

    @property
    def _focused(self) -> DOMNode:
        return self._host_app.focused or self._host_app.screen

    def begin(self, keys: str, pressed_at: float | None = None) -> None:
        """Begin a sequence for what has the focus. A click on what begins it has no moment."""
        self._keys, self._begun_for, self._pressed_at = keys, ref(self._focused), pressed_at
        self._changed()
        if pressed_at is not None:
            self._late_timer = self._host_app.set_timer(SECONDS, self._late)

    def end(self) -> None:
        """End a sequence that was begun: the next key is one by itself."""
        if self._keys:
            self._keys, self._begun_for, self._pressed_at = "", None, None
            self._changed()

    def end_on(self, event: events.Event) -> None:
        """End a sequence if a button of the mouse is pressed; what it is pressed on gets to know of it first, as it may
        be the rest of the sequence."""
        if isinstance(event, events.MouseDown) and not event.is_forwarded:
            call_what_is_due(self._host_app)
            self._host_app.call_later(self.end)

    def _late(self) -> None:
        self._is_late = True
        self._show()

    def _changed(self) -> None:
        self._is_late = False
        self._show()

    def _show(self) -> None:
        if self._late_timer is not None:
            self._late_timer.stop()
            self._late_timer = None
        # At its end, the app has no screen.
        with suppress(ScreenStackError):
            self._host_app.screen.refresh_bindings()

    def next_key(
        self, event: events.Key | events.Paste, waiting: deque[events.Key | events.Paste]
    ) -> events.Key | events.Paste | None:
        """Return what to deliver in place of ``event``, with those that are ``waiting`` if they are needed; ``None`` if
        more keys have to follow."""
        joined = self._joined(event)
        while joined is None and waiting:
            joined = self._joined(waiting.popleft())
        # Who presses escape to be sure wants to read on.
        if joined is not None and not (isinstance(joined, events.Key) and joined.key == GIVE_UP_KEY):
            call_what_is_due(self._host_app)
        return joined

    def _joined(self, event: events.Key | events.Paste) -> events.Key | events.Paste | None:
        """Return what an event is: itself, or with the keys before it a sequence; ``None`` if more keys follow, or it
        has ended the sequence."""
        if isinstance(event, events.Paste) or self._at_once(event.key):
            self.end()
            return event
        before = self._keys if self._goes_on(event, SECONDS) else ""
        if before and event.key == GIVE_UP_KEY:
            self.end()
            return None
        keys = f"{before}{BETWEEN}{event.key}" if before else event.key
        if self._may_go_on(keys, event):
            self.begin(keys, event.time)
            return None
        if not before and self._goes_on(event, LATE_SECONDS):
            late = f"{self._keys}{BETWEEN}{event.key}"
            if any(binds(each, late) for each in self._places()):
                keys = late + TOO_LATE
        self.end()
        if keys == event.key:
            return event
        joined = events.Key(keys, None)
        joined.time = event.time
        return joined

    def _goes_on(self, event: events.Key, seconds: float) -> bool:
        """Whether a key belongs to the sequence that was begun, if it may come that long after the one before."""
        if not self._keys or self._begun_for is None or self._begun_for() is not self._focused:
            return False
        return self._pressed_at is None or event.time - self._pressed_at <= seconds

    def _may_go_on(self, keys: str, event: events.Key) -> bool:
        """Whether a sequence begins with ``keys`` where the focus is, unless the key is text there."""
        if BETWEEN not in keys and self._focused.check_consume_key(event.key, event.character):
            return False
        return any(binds_sequence(each, keys) for each in self._places())

    def _places(self) -> Iterator[DOMNode]:
        """Whose bindings work where the focus is."""
        for each in self._focused.ancestors_with_self:
            yield each
            if each.is_modal:
                break
