"""Page sources for Work's lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from .kind import PAGE, ItemPage, PageSource
from .rows import flipped

if TYPE_CHECKING:
    from ..clients.work import WorkClient


async def work_page(page: Awaitable[Any]) -> ItemPage:
    """Return a page of Work as an :class:`ItemPage`."""
    found = await page
    return ItemPage(list(found.items), found.cursor, found.total)


def anywhere(words: list[str]) -> str | None:
    """Return words as Work searches for them: each part may be anywhere in a name."""
    return " ".join(f"*{part}*" for word in words for part in word.replace("*", " ").split()) or None


def _search_terms(name: str) -> tuple[str | None, str]:
    """Return what to search for in Work, and what the names found must contain besides: to Work, an extension isn't
    part of a name."""
    words = name.split()
    stem, dot, _ = words[-1].rpartition(".") if words else ("", "", "")
    if not dot:
        return anywhere(words), ""
    return anywhere([*words[:-1], stem]), words[-1][len(stem) :].replace("*", "")


def can_search(name: str) -> bool:
    """Return whether Work can search for it: it can't search for an extension alone."""
    return _search_terms(name)[0] is not None


def _containing(rest: str, source: PageSource) -> PageSource:
    """Limit the pages to items whose names, as shown, contain ``rest``."""
    from ..rules.names import key

    rest = key(rest)

    async def filtered_page(cursor: str | None) -> ItemPage:
        from ..wire.work import Document

        page = await source(cursor)
        names = [(item, item.file_name if isinstance(item, Document) else item.name) for item in page.items]
        return ItemPage([item for item, name in names if rest in key(name)], page.cursor)

    return filtered_page if rest else source


def children(work: WorkClient, container: str, name: str, order: str) -> PageSource:
    """Return the pages of a workspace or folder, limited to names that contain ``name``."""
    words, rest = _search_terms(name)
    return _containing(
        rest,
        lambda cursor: work_page(work.children(container, cursor, PAGE, name=words, sort=order or None)),
    )


def children_from_end(work: WorkClient, container: str, name: str, order: str) -> PageSource:
    """Return the same from the end. Documents come after folders, also in reverse; folders are sorted by name, whatever
    documents are sorted by."""
    words, rest = _search_terms(name)

    async def page(cursor: str | None) -> ItemPage:
        part, _, below = (cursor or "documents ").partition(" ")
        item_kind: Any = part
        sort = flipped(order if part == "documents" or order == "-name" else "name")
        found = await work.children(container, below or None, PAGE, kind=item_kind, sort=sort, name=words)
        following = f"{part} {found.cursor}" if found.cursor else "folders " if part == "documents" else None
        if not found.items and part == "documents":
            return await page(following)
        return ItemPage(list(found.items), following)

    return _containing(rest, page)


def counted_from_end(request: Callable[..., Awaitable[Any]], total: int) -> PageSource:
    """Return the pages of a counted list from its end: each one ends before the entry that the cursor numbers."""

    async def page(cursor: str | None) -> ItemPage:
        end = total if cursor is None else int(cursor)
        start = max(end - PAGE, 0)
        found = await request(f"o:{start}:" if start else None, end - start or 1)
        return ItemPage(list(found.items)[::-1], str(start) if start else None, found.total)

    return page
