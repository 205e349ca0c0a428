"""Keys: the order in which they are handled, what they are called, and what they are bound to."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from string import punctuation
from typing import Any
from weakref import ref

from textual import events
from textual.app import App
from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode
from textual.keys import _character_to_key
from textual.screen import Screen
from textual.worker import Worker

#: The key that gives up what is about to be opened.
GIVES_UP = "escape"
#: Where nothing was opened, keys are still for that until so many seconds have gone by without one.
_BREATH = 0.5


class KeysInOrder(App[int]):
    """Handles keys and pastes that come at once (over a slow line they do) one after the other, and keeps those that
    are for something that is about to be opened.

    Textual gives all of them to what has the focus when they come, though the first may open a field for the others.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: The last key that was given out, until it is known to have been handled; and to what it was given.
        self._given: events.Key | events.Paste | None = None
        self._taker: ref[DOMNode] = ref(self)
        #: Those that come meanwhile. While there are any, something follows the one that was given out.
        self._held: deque[events.Key | events.Paste] = deque()
        #: What follows it: none but the latest counts.
        self._following = 0
        #: What is about to open something, and that, once it comes.
        self._opener: Worker[Any] | None = None
        self._coming: Screen[Any] | None = None
        #: The keys that came until it is there, and when the last of them did, by the clock of the events.
        self._kept: list[events.Key | events.Paste] = []
        self._kept_at = 0.0

    # ------------------------------------------------------------ for what is about to be opened

    def begin_type_ahead(self, opener: Worker[Any]) -> None:
        """From now on, keys are for what ``opener`` will open: they are kept until that is :meth:`there`. Where
        nothing is opened, they are for nothing. What another one was about to open is given up.

        Meanwhile those of :meth:`at_once` do what they always do, and :data:`GIVES_UP` gives it up.
        """
        self.cancel_type_ahead()
        self._opener = opener
        self._kept = list(self._held)
        self._kept_at = self._kept[-1].time if self._kept else 0.0
        self._held.clear()

    @property
    def keeps_keys(self) -> bool:
        """Whether something is about to be opened over the screen that is shown."""
        opener = self._opener
        if opener is None or is_over(opener):
            return False
        return self.screen is opener.node or self.screen is self._coming

    def attach_type_ahead(self, opener: Worker[Any], screen: Screen[Any]) -> None:
        """``opener`` opens ``screen`` now."""
        if opener is self._opener:
            self._coming = screen

    def type_ahead_ready(self, screen: Screen[Any]) -> None:
        """A screen has all that it is made of: keys that were kept for it are given out."""
        if screen is not self._coming:
            return
        kept = self._kept
        self._forget()
        # Another one may have been opened over it, for which they are not.
        if kept and self.screen is screen:
            self._held.extendleft(reversed(kept))
            self._follow(self._taker() if self._given is not None else None)

    def type_ahead_closed(self, screen: Screen[Any]) -> None:
        """A screen is closed: it may have been before it was there."""
        if screen is self._coming:
            self._forget()

    def type_ahead_finished(self, opener: Worker[Any]) -> None:
        """``opener`` ends, and may have opened nothing. What was typed is kept no longer: it may be secret."""
        if opener is self._opener:
            self._kept = []

    def cancel_type_ahead(self) -> None:
        """What is about to be opened is not to come, unless it comes already."""
        if self._opener is not None and self._coming is None:
            self._opener.cancel()
        self._forget()

    def at_once(self, key: str) -> bool:
        """Whether a key, which writes nothing, waits for nothing."""
        return False

    def _forget(self) -> None:
        self._opener = self._coming = None
        self._kept, self._kept_at = [], 0.0

    async def _is_kept(self, event: events.Key | events.Paste) -> bool:
        """Keeps what is for something that is about to be opened; what is still typed for something that was not
        opened is for nothing. Whether it was either."""
        keeps = self.keeps_keys
        if self._opener is None or not (keeps or is_over(self._opener)):
            return False
        if not keeps and event.time - self._kept_at > _BREATH:
            self._forget()
            return False
        if isinstance(event, events.Key) and not event.is_printable:
            if self.at_once(event.key):
                await super().on_event(event)
                return True
            if event.key == GIVES_UP and self._coming is None:
                self.cancel_type_ahead()
                return keeps
        self._kept_at = event.time
        if keeps:
            self._kept.append(event)
        return True

    # ------------------------------------------------------------ one after the other

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste):
            await super().on_event(event)
        elif event.is_forwarded:
            await super().on_event(event)
            # It has come all the way up. Its action may have told something that changes what the next one is for:
            # a field was submitted, and another one gets the focus.
            if event is self._given:
                self._follow(self._taker())
        elif await self._is_kept(event):
            pass
        elif self._held or (self._given is not None and not self._given._stop_propagation):
            self._held.append(event)
            if len(self._held) == 1:
                self._follow(self._taker())
        else:
            await self._give(event)

    async def _give(self, event: events.Key | events.Paste) -> None:
        self._given, self._taker = event, ref(self.focused or self.screen)
        await super().on_event(event)
        if self._held or not event.is_forwarded:
            self._follow(self._taker())

    def _follow(self, node: DOMNode | None) -> None:
        """Goes the way of the key that was given out, from what took it: whether it was used there or passed on,
        nothing else comes of it once that has been gone."""
        self._following += 1
        self._go_up(node, self._following)

    def _go_up(self, node: DOMNode | None, following: int) -> None:
        # What a node is asked for now, it does behind the key.
        above = node.parent if node is not None else None
        if node is None or above is None or not node.call_later(self._go_up, above, following):
            self.call_later(self._go_on, following)

    async def _go_on(self, following: int) -> None:
        if following != self._following:
            return
        now = self.focused or self.screen
        if self._held and now is not self._taker():
            # What has the focus now may be about to give it on: the palette has been closed, and its command opens
            # something.
            self._taker = ref(now)
            self._follow(now)
            return
        self._given = None
        if self._held:
            await self._give(self._held.popleft())


def is_over(worker: Worker[Any]) -> bool:
    """Whether it has ended, or been given up."""
    return worker.is_finished or worker.is_cancelled


def rebind(node: DOMNode, keys: Mapping[str, str]) -> None:
    """Gives the bindings of ``node`` other keys: by their ids, several with commas between.

    Textual's own keymap takes a key from all that have it, also from commands that hold at another time.
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
            # In its place: that is also the one in the line of keys.
            done.add(binding.id)
            rebound.append(replace(binding, key=keys[binding.id]))
    node._bindings = BindingsMap(rebound)


def key_of(character: str) -> str:
    """What Textual calls the key that writes a character: ``question_mark`` for ``?``."""
    return _character_to_key(character)


_SIGNS = {key_of(sign): sign for sign in punctuation}


def sign_of(key: str) -> str | None:
    """The sign that the key of that name writes: ``?`` for ``question_mark``; ``None`` where it writes none.

    Textual's own way back does not know all of them.
    """
    return _SIGNS.get(key)
