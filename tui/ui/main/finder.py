"""What the palette finds on the first screen besides commands: places of the tree, and documents of the library."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from ...locations.kinds import kind_of
from ...locations.work_kinds import document_row, found_location
from ...rules.errors import InvalidValue, Problem
from ...rules.search import checked
from ...rules.text import printable
from ..base.found_commands import unless_scattered, word_score
from ..textual_patches.options import SteadyPalette

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from ...locations.location import Location
    from ..base.host import Host

#: Seconds without a key after which the library is asked for documents.
PAUSE = 0.25
#: As many documents are listed; the last entry lists all.
_MOST_DOCUMENTS = 8
#: Whatever they are called, they come after the commands and places in which the words are, in this order.
_DOCUMENT_SCORE, _ALL_SCORE = 1e-3, 1e-6


class PlacesProvider(Provider):
    """Finds the places that the tree has, by letters of their names."""

    async def search(self, query: str) -> Hits:
        """Yield the places whose names match."""
        main = cast("Host", self.screen)
        matcher = self.matcher(query)
        for path in _paths(main):
            name = printable(path[-1].name)
            score, offsets = matcher.fuzzy_search.match(query, name)
            if score > 0:
                score = unless_scattered(query, name, score, word_score(matcher, query, name))
                shown = Content(name)
                for offset in offsets:
                    shown = shown.stylize(matcher.match_style, offset, offset + 1)
                above = " › ".join(printable(each.name) for each in path[:-1])
                yield Hit(score, shown, partial(_go, main, path), text=name, help=escape(above) or "Place")


class DocumentsProvider(Provider):
    """Finds documents of the library by the words that their names begin with."""

    async def search(self, query: str) -> Hits:
        """Yield the first documents that the library finds, and the search itself."""
        main = cast("Host", self.screen)
        try:
            words = checked(query)
        except InvalidValue:
            return
        if not main.session.opened:
            return
        all_of_them = f"Find documents: {printable(words)}"
        find = partial(_find, main, words)
        yield Hit(
            _ALL_SCORE, Content(all_of_them), find, text=all_of_them, help="All that the library finds."
        )
        for index, (key, name, where) in enumerate(await self._documents(main, words)):
            score = _DOCUMENT_SCORE * (1 - index / 100)
            yield Hit(score, Content(name), partial(_find, main, words, key), text=name, help=escape(where))

    async def _documents(self, main: Host, words: str) -> list[tuple[str, str, str]]:
        """Ask the library, unless the user doesn't wait for it. Returns the key of the row, the name and the workspace
        of each document."""
        palette = self.app.screen
        if not isinstance(palette, SteadyPalette):
            return []
        asked = asyncio.ensure_future(_first_documents(main, words))
        hurried = asyncio.ensure_future(palette.hurried.wait())
        try:
            await asyncio.wait([asked, hurried], return_when=asyncio.FIRST_COMPLETED)
            with suppress(Problem):
                return await asked if asked.done() else []
            return []
        finally:
            asked.cancel()
            hurried.cancel()


async def _first_documents(main: Host, words: str) -> list[tuple[str, str, str]]:
    await asyncio.sleep(PAUSE)
    page = await main.session.work.find(words, None, _MOST_DOCUMENTS)
    rows = [document_row(document) for document in page.items]
    return [(row.key, printable(row.name), printable(row.data.workspace_name or "Document")) for row in rows]


def _paths(main: Host) -> Iterator[list[Location]]:
    """Yield the path to each place of the tree, once, as far as it is loaded."""
    seen: set[tuple[str, str]] = set()
    waiting: list[tuple[TreeNode[Location], list[Location]]] = [
        (node, []) for node in main.places.root.children
    ]
    while waiting:
        node, above = waiting.pop(0)
        if node.data is None:
            continue
        path = [*above, node.data]
        if node.data.key not in seen:
            seen.add(node.data.key)
            yield path
        waiting.extend((child, path) for child in node.children)


def _go(main: Host, path: list[Location]) -> None:
    """Show the place at the end of a path."""
    place = kind_of(path[-1]).resolved(path[-1])
    if main.session.opened or not kind_of(place).server:
        main.open_place(place, path=kind_of(place).own_way(place) or path)
        main.table.focus()


def _find(main: Host, words: str, key: str = "") -> None:
    """Show what the library finds, with the cursor on the row with that key."""
    main.open_place(found_location(words), row=key)
    main.table.focus()
