"""What Textual and Rich remember for longer than anybody needs it."""

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
    """Whoever paints remembers which screens lay below. Every widget does so in a context of its own until it paints
    anew, so that an app in use would keep more and more screens that were closed long ago."""

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        below = _Below(super()._background_screens)
        _REMEMBERED.add(below)
        return below


class _Below(list[Screen[Any]]):
    """Is told from others, and not compared with them."""

    __slots__ = ("__weakref__",)

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


_REMEMBERED: WeakSet[_Below] = WeakSet()


def let_go_of_closed(app: App[Any]) -> None:
    """To be called whenever a screen has been closed. Textual remembers the styles of the last 1,024 widgets by what
    holds their painted lines, so that closed dialogs stay in memory: 150 of them are 20 MB."""
    StylesCache.get_inner_outer.cache_clear()
    # Of 4,096 texts the widths, however long they are: of all that was typed into a long line each step.
    cached_cell_len.cache_clear()
    for below in list(_REMEMBERED):
        below[:] = [screen for screen in below if screen in app.screen_stack]
    app.call_later(_tell_everyone, app)
    # What is left is thousands of objects that hold one another. Python itself looks for such only once they are a
    # quarter of all, and then there are holes everywhere: an app in use grows by half a megabyte a minute.
    if next(_CLOSED) % _COLLECT_EVERY == 0:
        gc.collect()


def _tell_everyone(app: App[Any]) -> None:
    """Until a widget is told something else it remembers what it was told last, and by whom: by a screen that has been
    closed, and each widget by another one."""
    # Scrollbars too, which are nobody's children.
    for node in list(app._registry):
        node.check_idle()


#: Counts the screens that were closed. To look through everything takes about as long as to close one.
_CLOSED = count(1)
_COLLECT_EVERY = 8
