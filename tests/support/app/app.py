"""The app against a real server, driven by a pilot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, TypeVar

from textual import _wait
from textual.cache import LRUCache
from textual.css.styles import RulesMap
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tui.clients.connection import Target
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.locations.share_kinds import share_folder_location
from tui.session import Session
from tui.ui.app import SentlinksApp
from tui.ui.base.question import Question
from tui.ui.main.main import MainScreen
from tui.ui.textual_patches.sheet import Sheet
from tui.ui.widgets.connection_line import ConnectionLine
from tui.ui.widgets.status_line import StatusLine
from tui.wire.share import Document

S = TypeVar("S", bound=Screen[Any])
PATIENCE = 60
#: With every key, a pilot waits twice for this many seconds without activity; Textual's default is twice as long.
#: Anything slower is waited for by :func:`until`.
_wait.SLEEP_GRANULARITY = 0.01


class ParsedOnce(Sheet):
    """Caches the parsed styles of a theme for all apps of the process. A theme is changed for each picture, which
    changes most styles of each widget: it is refreshed for all of them together."""

    _parsed: ClassVar[dict[frozenset[tuple[str, str]], LRUCache[Any, Any]]] = {}

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = self._cache_of(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        # The call below would empty the current cache.
        self._parse_cache = LRUCache(1)
        super().set_variables(variables)
        self._parse_cache = self._cache_of(variables)

    @classmethod
    def replace_rules(cls, node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
        styles: Any = node.styles.base
        asked: set[frozenset[tuple[str, bool]]] = set()
        styles.refresh = lambda **how: asked.add(frozenset(how.items()))
        try:
            super().replace_rules(node, rules, animate)
        finally:
            del styles.refresh
        for how in asked:
            styles.refresh(**dict(how))

    def _cache_of(self, variables: dict[str, str]) -> LRUCache[Any, Any]:
        return self._parsed.setdefault(frozenset(variables.items()), LRUCache(1024))


def app_for(
    server: ServerProcess,
    state: Path | None,
    *,
    demo: bool = True,
    token: str | None = None,
    preferences: Preferences | None = None,
    url: str | None = None,
) -> SentlinksApp:
    """The app as a user starts it; links are saved under ``state``. ``url`` is another address for the server."""
    target = Target(url or server.url, token or server.token)
    app = SentlinksApp(Session(target, demo=demo, state=state), preferences)
    app.stylesheet = ParsedOnce(variables=app.get_css_variables())
    return app


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str = "") -> None:
    """Waits until something holds; fails after :data:`PATIENCE` seconds, with what the screen shows then."""
    deadline = monotonic() + PATIENCE
    turns = count()
    while not condition():
        if monotonic() > deadline:
            raise AssertionError(f"it never came to be: {what or condition}\n{screen_text(pilot)}")
        # A pause sends each widget a message, which takes the processor from what is waited for.
        if next(turns) % 5 == 0:
            await pilot.pause()
        await asyncio.sleep(0.02)
    await pilot.pause()


async def resized(pilot: Pilot[Any], width: int, height: int) -> None:
    """Gives the terminal this size, and waits until the top screen has it: a pilot's pause may end before."""
    await pilot.resize_terminal(width, height)
    await until(pilot, lambda: pilot.app.screen._compositor.size == (width, height), "the size")


def is_drawn(screen: Screen[Any]) -> bool:
    """Whether a screen has all its widgets, and shows them as they are: nothing waits to be mounted, laid out or
    painted. A screen is on top before it has any; and a pilot's pause takes a process that gets no time on a busy
    machine for an idle one."""
    widgets = [screen, *screen.walk_children(Widget)]
    waits = screen._layout_widgets or screen._dirty_widgets or screen._scroll_required
    return not waits and all(
        widget.is_mounted
        and not widget.message_queue_size
        and not (widget._layout_required or widget._repaint_required)
        for widget in widgets
    )


async def screen_of(pilot: Pilot[Any], kind: type[S]) -> S:
    """Waits until a screen of that kind is on top and drawn, and returns it."""

    def is_shown() -> bool:
        top = pilot.app.screen
        return isinstance(top, kind) and top._compositor.size == pilot.app.size and is_drawn(top)

    await until(pilot, is_shown, f"a {kind.__name__}")
    found = pilot.app.screen
    assert isinstance(found, kind)
    return found


async def question_of(pilot: Pilot[Any], text: str) -> Question:
    """Waits until this question is asked and drawn, and returns its screen."""
    await until(
        pilot, lambda: isinstance(pilot.app.screen, Question) and pilot.app.screen.text[0] == text, text
    )
    return await screen_of(pilot, Question)


async def settled(pilot: Pilot[Any], screen: Screen[Any] | None = None) -> None:
    """Waits until a screen (by default the top one) has nothing running except listening to the server."""
    looked_at = screen or pilot.app.screen
    # A worker may start another one as its last step.
    for _ in range(2):
        await until(
            pilot,
            lambda: all(
                worker.is_finished
                for worker in looked_at.workers
                if worker.node is looked_at and worker.group != "live"
            ),
            "the end of all workers",
        )


async def main_screen(pilot: Pilot[Any]) -> MainScreen:
    """Waits until the first location is shown."""
    screen = await screen_of(pilot, MainScreen)
    await until(pilot, lambda: screen.session.opened and screen.place is not None, "a place")
    return screen


def cells_of(main: MainScreen, name: str) -> tuple[Any, ...]:
    """The cells of the row of that name; none if it isn't there."""
    return next((row.cells for row in main.table.rows if name_of(row) == name), ())


def cell_of(main: MainScreen, name: str, title: str) -> Any:
    """What the column with that title has in the row of that name."""
    column = next(index for index, column in enumerate(main.location_kind.columns) if column.title == title)
    return cells_of(main, name)[column]


def link_line(main: MainScreen) -> ConnectionLine:
    """The line about the connection, once it has said something."""
    assert main.live.line is not None
    return main.live.line


def link_text(main: MainScreen) -> str:
    """What is said about the connection."""
    return main.live.line.text if main.live.line is not None else ""


def name_of(row: Any) -> str:
    """The text of a row's first cell."""
    cell = row.cells[0]
    return cell if isinstance(cell, str) else cell[0]


def names(screen: MainScreen) -> set[str]:
    """The texts of the first cells in the list."""
    return {name_of(row) for row in screen.table.rows}


async def asked(pilot: Pilot[Any], proxy: Misbehaving, method: str, path: str, before: int = 0) -> None:
    """Waits until more than ``before`` such requests have arrived."""
    await until(pilot, lambda: proxy.count(method, path) > before, f"{method} {path}")


def put_cursor_on(screen: MainScreen, name: str) -> None:
    """Puts the cursor on the row of that name."""
    for index, row in enumerate(screen.table.rows):
        if name_of(row) == name:
            screen.table.move_to(index)
            return
    raise AssertionError(f"no {name} in {[name_of(row) for row in screen.table.rows]}")


@asynccontextmanager
async def running(
    server: ServerProcess, state: Path | None, *, size: tuple[int, int], **options: Any
) -> AsyncIterator[tuple[Pilot[Any], MainScreen]]:
    """Runs the app of :func:`app_for`; yields the pilot and the first screen as soon as nothing is under way."""
    async with app_for(server, state, **options).run_test(size=size) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        yield pilot, main


async def sent_folder(pilot: Pilot[Any]) -> MainScreen:
    """The first screen, with the current Secure Sent Links folder open and nothing under way."""
    screen = await main_screen(pilot)
    await settled(pilot)
    await open_sent_folder(pilot, screen)
    await settled(pilot)
    return screen


def said(screen: Screen[Any], id: str = "#status") -> str:
    """The text of a line on a screen."""
    return screen.query_one(id, StatusLine).text


async def sent_location(screen: MainScreen) -> Location:
    """The current Secure Sent Links folder."""
    current = await screen.session.share.current_folder()
    assert current.folder is not None
    return share_folder_location(current.folder)


async def sent_documents(screen: MainScreen) -> list[Document]:
    """What the server has in the current Secure Sent Links folder."""
    place = await sent_location(screen)
    return list((await screen.session.share.documents(place.id)).documents)


async def open_sent_folder(pilot: Pilot[Any], screen: MainScreen) -> None:
    """Opens the current Secure Sent Links folder."""
    screen.open_place(await sent_location(screen))
    await until(pilot, lambda: screen.place is not None and screen.place.kind == "sent", "the folder")


def focused_id(pilot: Pilot[Any]) -> str:
    """The id of the focused widget; empty if there is none."""
    focused = pilot.app.focused
    return (focused.id or "") if focused is not None else ""


def screen_text(pilot: Pilot[Any]) -> str:
    """What the screen shows now, one line per row."""
    from tests.support.pictures.picture import rows_of

    return "\n".join("".join(character for character, _ in row).rstrip() for row in rows_of(pilot.app))
