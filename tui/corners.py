"""The private corners of Textual that the app leans on, all in one place.

Another version of Textual may move them: that is why it is pinned exactly, and why they are here and nowhere else.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from pathlib import Path
from string import punctuation
from typing import Any
from weakref import WeakSet, ref

from rich.cells import cached_cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events, work
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.binding import BindingsMap
from textual.cache import LRUCache
from textual.command import CommandList, CommandPalette
from textual.css.query import NoMatches
from textual.css.scalar import Scalar
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.driver import Driver
from textual.geometry import Region
from textual.keys import _character_to_key
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.widgets import OptionList


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Writes a control sequence to the terminal, between two paintings."""
    driver = app._driver
    if driver is not None:
        driver.write(sequence)
        driver.flush()


def driver_class() -> type[Driver] | None:
    """The app's own driver, where there is a terminal that it can drive; ``None``: Textual's."""
    from .terminal.driver import SentlinksDriver, available

    return SentlinksDriver if available() else None


def forget_screen(app: App[Any]) -> None:
    """What the terminal shows is not known any more."""
    forget = getattr(app._driver, "forget", None)
    if forget is not None:
        forget()


def can_suspend(app: App[Any]) -> bool:
    """Whether the program can be stopped, with somebody there who lets it go on."""
    from .terminal.driver import under_a_shell

    return app._driver is not None and app._driver.can_suspend and under_a_shell()


def is_ending(app: App[Any]) -> bool:
    """Whether the app has been told to end: what is opened now has no widgets any more."""
    return app._exit


def leave_unanswered(screen: Screen[Any]) -> None:
    """Tells whoever waits for the answer of a screen, which is closed by another's hand, that there is none (``None``).

    Textual lets them wait for ever, with all that they hold.
    """
    for waiting in screen._result_callbacks:
        if waiting.future is not None and not waiting.future.done():
            waiting.future.set_result(None)


def _kept_report(folder: Path | None) -> Path | None:
    """The traceback of the exception being handled, without values of variables, in a file of mode 0600."""
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(traceback.format_exc())
    except OSError:
        return None
    return path


class PlainCrash(App[int]):
    """Where the program itself fails, the user gets a sentence, and the traceback goes into a file."""

    #: Where reports are kept.
    crash_folder: Path | None = None

    def _fatal_error(self) -> None:
        if self._exit_renderables:
            return self._close_messages_no_wait()
        kind = type(sys.exc_info()[1]).__name__
        path = _kept_report(self.crash_folder)
        told = f" What happened is in {path}." if path else ""
        self._exit_renderables.append(
            Text(f"sentlinks: the program failed unexpectedly ({kind}) and had to end.{told}")
        )
        self._close_messages_no_wait()


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
        self._given = None
        if self._held:
            await self._give(self._held.popleft())


class SteadyList(OptionList):
    """Textual's list of options fails at a page key that comes before it has been laid out, and at a click on an option
    that is gone and was not painted over yet."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]

    async def _on_click(self, event: events.Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            # Textual's own does not get it then.
            event.prevent_default()


class _SteadyCommands(CommandList, SteadyList):
    """In this order, since style sheets know the first base only."""


class SteadyPalette(CommandPalette):
    """Textual's command palette with a :class:`SteadyList`. Its own fails where it is closed while it still looks for
    commands."""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield _SteadyCommands() if type(widget) is CommandList else widget

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        gather: Any = CommandPalette._gather_commands
        try:
            await gather.__wrapped__(self, search_value)
        except NoMatches:
            if self in self.app.screen_stack:
                raise


class Sheet(Stylesheet):
    """The style sheets of all widgets, each parsed once, and again only where a colour in it is another one.

    Textual's own parses everything anew for a theme that is set already, and keeps what it has parsed of so few that
    each dialog that is opened can mean all of it again.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(1024)

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        self.parse()


def lighten(app: App[Any]) -> None:
    """Gives the app, whose theme is known, a :class:`Sheet`; and spares it widgets of Textual's that it never shows
    (what it has to say it says in a line of its own) and memory that it has no use for."""
    app.stylesheet = Sheet(variables=app.get_css_variables())
    app._disable_notifications = app._disable_tooltips = True
    for owner, name, most in _REMEMBER:
        _keep_fewer(owner, name, most)


# Of each, Textual remembers 4,096 results or 16,384: of a long list, or within hours, 20 MB that nobody asks for again.
_REMEMBER: Sequence[tuple[type, str, int]] = (
    (Segment, "_split_cells", 512),
    (Strip, "render_ansi", 1024),
    (Style, "__add__", 512),
    (Scalar, "resolve", 512),
    *((Region, name, 512) for name in ("__contains__", "grow", "shrink", "intersection", "union")),
)


def _keep_fewer(owner: type, name: str, most: int) -> None:
    """Lets a method of Textual's remember so many results."""
    method: Any = owner.__dict__[name]
    of_class = isinstance(method, classmethod)
    fewer: Any = lru_cache(most)((method.__func__ if of_class else method).__wrapped__)
    setattr(owner, name, classmethod(fewer) if of_class else fewer)


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
    holds their painted lines, so that closed dialogs stay in memory: forty helps are 20 MB."""
    StylesCache.get_inner_outer.cache_clear()
    # Of 4,096 texts the widths, however long they are: of all that was typed into a long line each step.
    cached_cell_len.cache_clear()
    for below in list(_REMEMBERED):
        below[:] = [screen for screen in below if screen in app.screen_stack]
    # What is left is thousands of objects that hold one another. Python itself looks for such only once they are a
    # quarter of all, and then there are holes everywhere: an app in use grows by half a megabyte a minute.
    if next(_CLOSED) % _COLLECT_EVERY == 0:
        gc.collect()


#: Counts the screens that were closed. To look through everything takes about as long as to close one.
_CLOSED = count(1)
_COLLECT_EVERY = 8


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
