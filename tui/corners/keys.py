"""Keys: the order in which they are handled, what they are called, and what they are bound to."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from string import punctuation
from typing import Any
from weakref import ref

from textual import events
from textual.app import App
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.message_pump import MessagePump


class KeysInOrder(App[int]):
    """Handles keys and pastes that come at once (over a slow line they do) one after the other.

    Textual gives all of them to what has the focus when they come, though the first may open a field for the others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The last key that was given out, until it is known to have been handled; and to what it was given.
        self._given: events.Key | events.Paste | None = None
        self._taker: ref[MessagePump] = ref(self)
        #: Whether it has done what it does, and what comes of that is waited for.
        self._done = False
        self._held: deque[events.Key | events.Paste] = deque()

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            # It has come all the way up.
            if event is self._given:
                self._wait_for_the_rest()
        elif self._held or (self._given is not None and not self._given._stop_propagation):
            self._held.append(event)
            if len(self._held) == 1 and not self._done:
                self._follow(self._taker(), self._taken)
        else:
            await self._give(event)

    async def _give(self, event: events.Key | events.Paste) -> None:
        self._given, self._taker, self._done = event, ref(self.focused or self.screen), False
        await super().on_event(event)
        if not event.is_forwarded:
            self._wait_for_the_rest()
        elif self._held:
            self._follow(self._taker(), self._taken)

    def _wait_for_the_rest(self) -> None:
        """The action of the key may have told something that changes what the next one is for: a field was submitted,
        and another one gets the focus."""
        self._done = True
        self._follow(self._taker(), self._finished)

    def _follow(self, node: MessagePump | None, then: Callable[[], Awaitable[None]]) -> None:
        """Goes the way of the key that was given out: what a node is asked for now, it does behind the key."""
        above = node._parent if node is not None else None
        if node is None or above is None or not node.call_later(self._follow, above, then):
            self.call_later(then)

    async def _taken(self) -> None:
        """Whatever took the key has had it: unless that has passed it on, nothing else is to come."""
        if not self._done:
            await self._finished()

    async def _finished(self) -> None:
        now = self.focused or self.screen
        if self._held and now is not self._taker():
            # What has the focus now may be about to give it on: the palette has been closed, and its command opens
            # something.
            self._taker = ref(now)
            self._follow(now, self._finished)
            return
        self._given = None
        if self._held:
            await self._give(self._held.popleft())


def rebind(node: DOMNode, keys: Mapping[str, str]) -> None:
    """Gives the bindings of ``node`` other keys: by their ids, several with commas between.

    Textual's own keymap takes a key from all that have it, also from commands that hold at another time.
    """
    own = [binding for found in node._bindings.key_to_bindings.values() for binding in found]
    if not any(binding.id in keys for binding in own):
        return
    by_id = {binding.id: binding for binding in own if binding.id in keys}
    kept = [binding for binding in own if binding.id not in keys]
    node._bindings = BindingsMap(
        [*kept, *(replace(binding, key=keys[name]) for name, binding in by_id.items() if name)]
    )


def key_of(character: str) -> str:
    """What Textual calls the key that writes a character: ``question_mark`` for ``?``."""
    return _character_to_key(character)


_SIGNS = {key_of(sign): sign for sign in punctuation}


def sign_of(key: str) -> str | None:
    """The sign that the key of that name writes: ``?`` for ``question_mark``; ``None`` where it writes none.

    Textual's own way back does not know all of them.
    """
    return _SIGNS.get(key)
