"""What is in a place, page by page, from its beginning or from its end.

Every page is had by the cursor that the one before gave, so that it can be had again: nobody has to keep a long list.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .widgets.rows import flipped
from .widgets.tree import Place

if TYPE_CHECKING:
    from .session import Item, Session

PAGE = 200


@dataclass(slots=True)
class Listing:
    """A page of a place. ``cursor`` gives the next one, ``None`` on the last; ``total`` is that of all pages, where
    the server tells it."""

    items: list[Item]
    cursor: str | None = None
    total: int | None = None


def usual_order(kind: str) -> str:
    """The order that a place of that kind has by itself."""
    return "-sent_at" if kind == "sent" else "name"


#: Gives the page that a cursor stands for, ``None`` for the first one. Raises :class:`Problem`.
Pages = Callable[[str | None], Awaitable[Listing]]


def pages_of(session: Session, place: Place, name: str = "", order: str = "") -> Pages:
    """The pages of a place from its beginning; where the server itself finds names, of what has ``name`` in its.

    ``order`` is what the server sorts by, with ``-`` before it the other way round; empty: as it does by itself.
    """
    words, rest = _looked_for(name)
    if place.kind in ("workspace", "folder"):
        return _holding(
            rest,
            lambda cursor: _of_work(
                session.work.children(place.id, cursor, PAGE, name=words, sort=order or None)
            ),
        )
    if place.kind == "workspaces":
        return lambda cursor: _of_work(session.work.workspaces(cursor, PAGE, name=_anywhere(name.split())))
    if place.kind == "worklist":
        return lambda cursor: _of_work(session.work.recent(cursor, PAGE))
    if place.kind == "found":
        return lambda cursor: _of_work(session.work.find(place.id, cursor, PAGE))
    if place.kind == "checked_out":
        return lambda cursor: _of_work(session.work.checked_out(cursor, PAGE))
    if place.kind == "sent":
        return lambda cursor: _sent(session, place, cursor, name, order)
    if place.kind == "trash":
        return lambda cursor: _trash(session, cursor)
    return lambda cursor: _whole(session, place)


def pages_from_end(
    session: Session, place: Place, name: str, total: int | None, order: str = ""
) -> Pages | None:
    """The pages of a place from its end, what comes last first; ``None`` where the server has no such order.

    ``total`` is how much there is, as the pages from the beginning told it.
    """
    order = order or usual_order(place.kind)
    if place.kind in ("workspace", "folder"):
        words, rest = _looked_for(name)
        return _holding(rest, lambda cursor: _children_from_end(session, place, cursor, words, order))
    if place.kind == "sent":
        return lambda cursor: _sent(session, place, cursor, name, flipped(order))
    if place.kind in ("worklist", "checked_out") and total is not None:
        ask = session.work.recent if place.kind == "worklist" else session.work.checked_out
        return lambda cursor: _by_offset(ask, total, cursor)
    return None


def _anywhere(words: list[str]) -> str | None:
    """Words as Work looks for them: parts of those of a name, wherever in them."""
    return " ".join(f"*{part}*" for word in words for part in word.replace("*", " ").split()) or None


def _looked_for(name: str) -> tuple[str | None, str]:
    """What of it Work is asked for, and what the names that come must hold beside that: to Work, an extension is no
    part of a name."""
    words = name.split()
    stem, dot, _ = words[-1].rpartition(".") if words else ("", "", "")
    if not dot:
        return _anywhere(words), ""
    return _anywhere([*words[:-1], stem]), words[-1][len(stem) :].replace("*", "")


def can_be_asked_for(name: str) -> bool:
    """Whether Work can look for it: an extension alone it does not know."""
    return _looked_for(name)[0] is not None


def _holding(rest: str, pages: Pages) -> Pages:
    """Those of what the pages have whose names, as they are shown, hold ``rest``."""
    from .rules.names import key

    rest = key(rest)

    async def held(cursor: str | None) -> Listing:
        page = await pages(cursor)
        names = [(item, getattr(item, "file_name", "") or getattr(item, "name", "")) for item in page.items]
        return Listing([item for item, name in names if rest in key(name)], page.cursor)

    return held if rest else pages


async def _of_work(page: Awaitable[Any]) -> Listing:
    found = await page
    return Listing(list(found.items), found.cursor, found.total)


async def _children_from_end(
    session: Session, place: Place, cursor: str | None, name: str | None, order: str
) -> Listing:
    """Documents stand behind folders, also in reverse; folders stand by name, whatever documents are sorted by."""
    part, _, rest = (cursor or "documents ").partition(" ")
    kind: Any = part
    sort = flipped(order if part == "documents" or order == "-name" else "name")
    found = await session.work.children(place.id, rest or None, PAGE, kind=kind, sort=sort, name=name)
    following = f"{part} {found.cursor}" if found.cursor else "folders " if part == "documents" else None
    if not found.items and part == "documents":
        return await _children_from_end(session, place, following, name, order)
    return Listing(list(found.items), following)


async def _by_offset(ask: Callable[..., Awaitable[Any]], total: int, cursor: str | None) -> Listing:
    """Of a list that is counted: the piece before the ``cursor``-th entry."""
    end = total if cursor is None else int(cursor)
    start = max(end - PAGE, 0)
    found = await ask(f"o:{start}:" if start else None, end - start or 1)
    return Listing(list(found.items)[::-1], str(start) if start else None, found.total)


async def _sent(session: Session, place: Place, cursor: str | None, name: str, sort: str) -> Listing:
    if session.folder(place) is None:
        await session.load_folders()
    page = await session.share.documents(place.id, cursor, None, sort or None, name or None)
    return Listing(list(page.documents), page.cursor, page.total)


async def _trash(session: Session, cursor: str | None) -> Listing:
    page = await session.share.trash(cursor)
    return Listing(list(page.documents), page.cursor, page.total)


async def _whole(session: Session, place: Place) -> Listing:
    """What comes in one piece."""
    return Listing(await session.whole(place))
