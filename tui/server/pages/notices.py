"""The page of a link with what there is to say of the last press, which gave nothing.

A browser is sent on to it by a 303: what it then reloads is that page, and not the press. A program gets it at once.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from ..context import Context
from ..http.visitor import visitor_of
from ..share.links import Link
from . import render, throttle
from .texts import Texts

_FIELD = "notice"
_BUSY_SECONDS = 2


class Notice(StrEnum):
    """What is said, as the address of the page has it. All but the first are for links with a password."""

    PRESS = "press"
    MISSING = "missing"
    WRONG = "wrong"
    # Nothing was checked: the network has to wait, or the server has too much to do.
    EARLY = "early"
    BUSY = "busy"


def wants_page(request: Request) -> bool:
    """Whether a browser asks: it says that it takes HTML, which curl, wget and their like do not."""
    return "text/html" in request.headers.get("accept", "").lower()


def answer(request: Request, link: Link, notice: Notice, status: int, wait: int = 0) -> Response:
    """The answer to a press: the page with ``notice``, or the way there. ``wait`` is in seconds."""
    if not wants_page(request):
        return _page(render.texts_of(request), link, notice, status, wait)
    others = [(name, value) for name, value in request.query_params.multi_items() if name != _FIELD]
    return render.see_other("?" + urlencode([*others, (_FIELD, notice)]))


async def page(context: Context, request: Request, link: Link) -> Response:
    """The page of a link, with the notice that its address names as far as that is so at present."""
    t, named = render.texts_of(request), request.query_params.get(_FIELD)
    try:
        notice = Notice(named or "")
    except ValueError:
        return plain(t, link)
    if link.password_hash is None and notice is not Notice.PRESS:
        return plain(t, link)
    wait = _BUSY_SECONDS if notice is Notice.BUSY else 0
    if notice in (Notice.WRONG, Notice.EARLY):
        async with context.database.read() as connection:
            wrong = await throttle.last_try(context, connection, link, visitor_of(request))
        wait = wrong.wait if wrong else 0
    if notice is Notice.EARLY and not wait:
        return plain(t, link)
    status = 200 if notice is Notice.PRESS else 429 if wait else 403
    return _page(t, link, notice, status, wait)


def plain(t: Texts, link: Link) -> Response:
    """The page of a link as it is opened."""
    return render.link_page(t, link) if link.password_hash is None else render.password_page(t)


def _page(t: Texts, link: Link, notice: Notice, status: int, wait: int) -> Response:
    if link.password_hash is None:
        made = render.link_page(t, link, t.press, status)
    elif notice is Notice.PRESS:
        made = render.password_page(t, status, notice=t.press)
    else:
        made = render.password_page(t, status, error=_error(t, notice, wait))
    if status == 429:
        made.headers["Retry-After"] = str(wait)
    return made


def _error(t: Texts, notice: Notice, wait: int) -> str:
    when = t.write_wait(wait)
    if notice is Notice.MISSING:
        return t.missing
    if notice is Notice.WRONG:
        return f"{t.wrong} {t.wait.format(wait=when)}" if wait else t.wrong
    return (t.early if notice is Notice.EARLY else t.busy).format(wait=when)
