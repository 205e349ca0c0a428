"""Keys: the order in which they are handled, what they are called, and what they are bound to."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from string import punctuation
from time import monotonic
from typing import Any
from weakref import ref

from textual import events
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.worker import Worker

from ...override import override
from .sequences import BETWEEN, GIVE_UP_KEY, KeySequences, single_keys

#: The key that cancels what is about to be opened.
CANCEL_KEY = GIVE_UP_KEY
#: If nothing was opened, keys are still discarded until this many seconds have passed without one.
_QUIET_SECONDS = 0.5


class KeysInOrder(App[int]):
    """Handles keys and pastes that arrive together (as they do over a slow line) one after the other, and keeps those
    typed ahead for something that is about to be opened.

    Textual gives all of them to what has the focus when they arrive, though the first may open a field for the others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The last key that was delivered, until it is known to be handled, and the node that it was delivered to.
        self._delivered: events.Key | events.Paste | None = None
        self._delivered_to: ref[DOMNode] = ref(self)
        #: The keys that arrive in the meantime. While there are any, :meth:`_follow` follows the delivered one.
        self._waiting: deque[events.Key | events.Paste] = deque()
        #: The number of the latest call of :meth:`_follow`: only that one counts.
        self._follow_number = 0
        #: The worker that is about to open something, and the screen that it opens, as soon as there is one.
        self._opener: Worker[Any] | None = None
        self._opened: Screen[Any] | None = None
        #: The keys that arrived until that is ready, and when the last of them did, by the clock of the events.
        self._typed_ahead: list[events.Key | events.Paste] = []
        self._typed_at = 0.0
        #: The last screen that has opened by itself, and when it was ready, by the clock of the events; 0 before that.
        self._unasked: ref[Screen[Any]] | None = None
        self._unasked_at = 0.0
        self.sequences = KeySequences(self, self.at_once)

    @override
    def get_key_display(self, binding: Binding) -> str:
        """Return what a key is called on the screen; of a sequence, each of its keys."""
        return " ".join(super(KeysInOrder, self).get_key_display(each) for each in single_keys(binding))

    # ------------------------------------------------------------ typing ahead

    def begin_type_ahead(self, opener: Worker[Any]) -> None:
        """Keep keys from now on for what ``opener`` will open, until that is reported to :meth:`type_ahead_ready`. If
        nothing is opened, they are discarded. What another worker was about to open is cancelled.

        In the meantime, the keys of :meth:`at_once` do what they always do, and :data:`CANCEL_KEY` cancels the opening.
        """
        self.cancel_type_ahead()
        self._opener = opener
        self._typed_ahead = list(self._waiting)
        self._typed_at = self._typed_ahead[-1].time if self._typed_ahead else 0.0
        self._waiting.clear()

    @property
    def keeps_keys(self) -> bool:
        """Whether something is about to be opened over the screen that is shown."""
        opener = self._opener
        if opener is None or is_over(opener):
            return False
        return self.screen is opener.node or self.screen is self._opened

    def attach_type_ahead(self, opener: Worker[Any], screen: Screen[Any]) -> None:
        """Note that ``opener`` opens ``screen`` now."""
        if opener is self._opener:
            self._opened = screen

    def type_ahead_ready(self, screen: Screen[Any]) -> None:
        """Deliver the keys that were kept for a screen, which now has all of its widgets; if another one was opened
        over it, they aren't meant for that one. The app is asked to call this later: until then, it hasn't yet given
        the focus to what asked for it when the screen was mounted."""
        if self._unasked is not None and self._unasked() is screen and not self._unasked_at:
            self._unasked_at = monotonic()
            self._waiting.clear()
        if screen is not self._opened:
            return
        typed_ahead = self._typed_ahead
        self._end_type_ahead()
        if typed_ahead and self.screen is screen:
            self._waiting.extendleft(reversed(typed_ahead))
            self._follow(self._delivered_to() if self._delivered is not None else None)

    def type_ahead_closed(self, screen: Screen[Any]) -> None:
        """Note that a screen was closed, possibly before it was ready."""
        if screen is self._opened:
            self._end_type_ahead()

    def type_ahead_finished(self, opener: Worker[Any]) -> None:
        """Note that ``opener`` has ended, and may have opened nothing. The keys are dropped: they may be secret."""
        if opener is self._opener:
            self._typed_ahead = []

    def nothing_opens(self, opener: Worker[Any]) -> None:
        """Note that ``opener`` goes on without opening anything: keys do again what they always do."""
        if opener is self._opener:
            self._end_type_ahead()

    def opens_unasked(self, screen: Screen[Any]) -> None:
        """Note that a screen is about to open by itself: what is typed before it is there was meant for another one."""
        self._unasked, self._unasked_at = ref(screen), 0.0

    def _is_for_another(self, event: events.Key | events.Paste) -> bool:
        """Whether an event comes to a screen that has opened by itself, and was typed before that."""
        if self._unasked is None or self._unasked() is not self.screen:
            return False
        if isinstance(event, events.Key) and not event.is_printable and self.at_once(event.key):
            return False
        return not self._unasked_at or event.time < self._unasked_at

    def cancel_type_ahead(self) -> None:
        """Cancel what is about to be opened, unless it is being opened already."""
        if self._opener is not None and self._opened is None:
            self._opener.cancel()
        self._end_type_ahead()

    def at_once(self, key: str) -> bool:
        """Return whether a key, which types nothing, is handled without waiting."""
        return False

    def terminal_replied(self, reply: str) -> None:
        """Called with each reply of the terminal, which comes among the keys."""

    def _end_type_ahead(self) -> None:
        self._opener = self._opened = None
        self._typed_ahead, self._typed_at = [], 0.0

    async def _handle_typed_ahead(self, event: events.Key | events.Paste) -> bool:
        """Keep an event for something that is about to be opened, or discard it if it is still typed for something that
        wasn't opened. Return whether this has dealt with it."""
        is_opening = self.keeps_keys
        if self._opener is None or not (is_opening or is_over(self._opener)):
            return False
        if not is_opening and event.time - self._typed_at > _QUIET_SECONDS:
            self._end_type_ahead()
            return False
        if isinstance(event, events.Key) and not event.is_printable:
            if self.at_once(event.key):
                await super().on_event(event)
                return True
            if event.key == CANCEL_KEY and self._opened is None:
                self.cancel_type_ahead()
                return is_opening
        self._typed_at = event.time
        if is_opening:
            self._typed_ahead.append(event)
        return True

    # ------------------------------------------------------------ one after the other

    @override
    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            self.sequences.end_on(event)
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            # It has bubbled all the way up. Its action may have submitted a field, and another one gets the focus.
            if event is self._delivered:
                self._follow(self._delivered_to())
        elif self._is_for_another(event) or await self._handle_typed_ahead(event):
            pass
        elif self._waiting or (self._delivered is not None and not self._delivered._stop_propagation):
            self._waiting.append(event)
            if len(self._waiting) == 1:
                self._follow(self._delivered_to())
        else:
            await self._deliver(event)

    async def _deliver(self, event: events.Key | events.Paste) -> None:
        if (joined := self.sequences.next_key(event, self._waiting)) is None:
            return
        # Textual stops what bubbles up to its sender one step early: a key that the app itself has pressed.
        self._delivered, self._delivered_to, joined._sender = joined, ref(self.focused or self.screen), None
        await super().on_event(joined)
        if self._waiting or not joined.is_forwarded:
            self._follow(self._delivered_to())

    def _follow(self, node: DOMNode | None) -> None:
        """Follow the path of the delivered key from the node that got it: whether it was used there or passed on,
        nothing more comes of it after that."""
        self._follow_number += 1
        self._go_up(node, self._follow_number)

    def _go_up(self, node: DOMNode | None, number: int) -> None:
        """Go on at the parent: what a node is asked to call later, it calls after it has handled the key."""
        above = node.parent if node is not None else None
        if node is None or above is None or not node.call_later(self._go_up, above, number):
            self.call_later(self._deliver_next, number)

    async def _deliver_next(self, number: int) -> None:
        if number != self._follow_number:
            return
        focused_node = self.focused or self.screen
        if self._waiting and focused_node is not self._delivered_to():
            # That may be about to pass it on: the palette was closed, and its command opens something.
            self._delivered_to = ref(focused_node)
            self._follow(focused_node)
            return
        self._delivered = None
        if self._waiting:
            await self._deliver(self._waiting.popleft())


def is_over(worker: Worker[Any]) -> bool:
    """Return whether a worker has ended or was cancelled."""
    return worker.is_finished or worker.is_cancelled


def rebind(node: DOMNode, keys: Mapping[str, str]) -> None:
    """Give the bindings of ``node`` other keys, by their ids; several keys are separated by commas.

    Textual's own keymap takes a key from all other commands that have it, even if they are available at other times.
    """
    own = [binding for found in node._bindings.key_to_bindings.values() for binding in found]
    if not any(binding.id in keys for binding in own):
        return
    rebound: list[Binding] = []
    done: set[str] = set()
    for binding in own:
        if binding.id is None or binding.id not in keys:
            rebound.append(binding)
        elif binding.id not in done:
            # In the same position, which is also its position in the footer.
            done.add(binding.id)
            rebound.append(replace(binding, key=keys[binding.id]))
    node._bindings = BindingsMap(rebound)


def bound_ids(node: DOMNode, key: str) -> list[str]:
    """Return the ids of the bindings of ``node`` itself that have this key."""
    return [binding.id or "" for binding in node._bindings.key_to_bindings.get(key, ())]


def is_bound(node: DOMNode, key: str) -> bool:
    """Return whether ``node`` or something around it has a binding with this key."""
    return any(key in each._bindings.key_to_bindings for each in node.ancestors_with_self)


def bind_sequence(node: DOMNode, key: str) -> None:
    """Have ``node`` get a sequence of keys as one key, which it handles itself."""
    node._bindings.key_to_bindings.setdefault(key, [Binding(key, "", show=False)])


def first_keys(node: DOMNode) -> frozenset[str]:
    """Return the keys with which a sequence begins that ``node`` or something around it has a binding with."""
    return frozenset(
        key.partition(BETWEEN)[0]
        for each in node.ancestors_with_self
        for key in each._bindings.key_to_bindings
        if BETWEEN in key
    )


def key_of(character: str) -> str:
    """Return Textual's name for the key that types a character: ``question_mark`` for ``?``."""
    return _character_to_key(character)


_SIGNS = {key_of(sign): sign for sign in punctuation}


def sign_of(key: str) -> str | None:
    """Return the sign that the key of that name types: ``?`` for ``question_mark``; ``None`` if it types none.

    Textual's own reverse lookup doesn't know all of them.
    """
    return _SIGNS.get(key)
