"""Caches of Textual and Rich that keep things for longer than needed."""

from __future__ import annotations

import gc
from itertools import count
from typing import Any
from weakref import WeakSet

from rich.cells import cached_cell_len
from textual._styles_cache import StylesCache
from textual.app import App
from textual.screen import Screen


class ForgetfulApp(App[Any]):
    """Lets go of closed screens. Each widget remembers, in a context of its own, which screens lay below when it was
    painted last: an app in use would keep more and more screens that were closed long ago."""

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        below = _Below(super()._background_screens)
        _REMEMBERED.add(below)
        return below


class _Below(list[Screen[Any]]):
    """Hashed and compared by identity."""

    __slots__ = ("__weakref__",)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


_REMEMBERED: WeakSet[_Below] = WeakSet()


def let_go_of_closed(app: App[Any]) -> None:
    """Call this whenever a screen has been closed. Textual caches the styles of the last 1,024 widgets, by the objects
    that hold their painted lines, so that closed dialogs stay in memory: 150 of them take 20 MB."""
    if not app.is_running:
        # The app is closing all of its screens: it ends, and needs no more memory.
        return
    StylesCache.get_inner_outer.cache_clear()
    # The widths of 4,096 texts of any length, among them each state of a long line while it was typed.
    cached_cell_len.cache_clear()
    for below in list(_REMEMBERED):
        below[:] = [screen for screen in below if screen in app.screen_stack]
    app.call_later(_message_every_node, app)
    # This leaves thousands of objects that refer to one another. Python itself collects them only when they are a
    # quarter of all objects, and memory is fragmented by then: an app in use grows by half a megabyte a minute.
    if next(_CLOSED) % _COLLECT_EVERY == 0:
        gc.collect()


def _message_every_node(app: App[Any]) -> None:
    """Send every node a message. Until it gets another one, a widget remembers the last message and its sender: a
    screen that has been closed, or another widget that remembers one."""
    # Scrollbars too, which are no node's children.
    for node in list(app._registry):
        node.check_idle()


#: Counts the screens that were closed. A collection takes about as long as closing one.
_CLOSED = count(1)
_COLLECT_EVERY = 8
