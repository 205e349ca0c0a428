"""How Work is asked for the pages of its lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from .kind import PAGE, ItemPage, PageSource
from .rows import flipped

if TYPE_CHECKING:
    from ..clients.work import WorkClient


async def work_page(page: Awaitable[Any]) -> ItemPage:
    """A page as Work tells it."""
    found = await page
    return ItemPage(list(found.items), found.cursor, found.total)


def anywhere(words: list[str]) -> str | None:
    """Words as Work looks for them: parts of those of a name, wherever in them."""
    return " ".join(f"*{part}*" for word in words for part in word.replace("*", " ").split()) or None


def _looked_for(name: str) -> tuple[str | None, str]:
    """What of it Work is asked for, and what the names that come must hold beside that: to Work, an extension is no
    part of a name."""
    words = name.split()
    stem, dot, _ = words[-1].rpartition(".") if words else ("", "", "")
    if not dot:
        return anywhere(words), ""
    return anywhere([*words[:-1], stem]), words[-1][len(stem) :].replace("*", "")


def can_be_asked_for(name: str) -> bool:
    """Whether Work can look for it: an extension alone it does not know."""
    return _looked_for(name)[0] is not None


def _holding(rest: str, source: PageSource) -> PageSource:
    """Those of what the pages have whose names, as they are shown, hold ``rest``."""
    from ..rules.names import key

    rest = key(rest)

    async def held(cursor: str | None) -> ItemPage:
        page = await source(cursor)
        names = [(item, getattr(item, "file_name", "") or getattr(item, "name", "")) for item in page.items]
        return ItemPage([item for item, name in names if rest in key(name)], page.cursor)

    return held if rest else source


def children(work: WorkClient, container: str, name: str, order: str) -> PageSource:
    """What is in a workspace or folder, and has ``name`` in its name."""
    words, rest = _looked_for(name)
    return _holding(
        rest,
        lambda cursor: work_page(work.children(container, cursor, PAGE, name=words, sort=order or None)),
    )


def children_from_end(work: WorkClient, container: str, name: str, order: str) -> PageSource:
    """The same from its end. Documents stand behind folders, also in reverse; folders stand by name, whatever
    documents are sorted by."""
    words, rest = _looked_for(name)

    async def page(cursor: str | None) -> ItemPage:
        part, _, below = (cursor or "documents ").partition(" ")
        which: Any = part
        sort = flipped(order if part == "documents" or order == "-name" else "name")
        found = await work.children(container, below or None, PAGE, kind=which, sort=sort, name=words)
        following = f"{part} {found.cursor}" if found.cursor else "folders " if part == "documents" else None
        if not found.items and part == "documents":
            return await page(following)
        return ItemPage(list(found.items), following)

    return _holding(rest, page)


def counted_from_end(ask: Callable[..., Awaitable[Any]], total: int) -> PageSource:
    """A list that is counted, from its end: the piece before the entry that the cursor numbers."""

    async def page(cursor: str | None) -> ItemPage:
        end = total if cursor is None else int(cursor)
        start = max(end - PAGE, 0)
        found = await ask(f"o:{start}:" if start else None, end - start or 1)
        return ItemPage(list(found.items)[::-1], str(start) if start else None, found.total)

    return page
