"""The page of a link with a notice about the last press, if that led to no download.

A browser is redirected to it with a 303, so that reloading repeats the page and not the press. A program gets the
notice in the response itself.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from ..context import Context
from ..http.visitor import Visitor, visitor_of
from ..share.links import Link
from . import presses, programs, render, throttle
from .view import NOTICE, PageView, view_of

_BUSY_SECONDS = 2


class Notice(StrEnum):
    """The notice, as it is named in the address of the page. All but the first two are for links with a password."""

    PRESS = "press"
    # The network has used up its downloads for now.
    OFTEN = "often"
    MISSING = "missing"
    WRONG = "wrong"
    # The password wasn't checked: the network has to wait, or the server is busy.
    EARLY = "early"
    BUSY = "busy"


_NAMES = frozenset(Notice)
_WITHOUT_PASSWORD = (Notice.PRESS, Notice.OFTEN)


def wants_page(request: Request) -> bool:
    """Whether the request comes from a browser: those accept HTML, while curl, wget and the like don't ask for it."""
    return "text/html" in request.headers.get("accept", "").lower()


def press_response(request: Request, notice: Notice, status: int, wait: int = 0) -> Response:
    """The response to a press: a redirect to the page with ``notice``; a line for a program. ``wait`` is in seconds."""
    if not wants_page(request):
        view = view_of(request)
        return _with_retry_after(
            render.plain_response(view, status, _sentence(view, notice, wait) + "\n"), wait
        )
    others = [(name, value) for name, value in request.query_params.multi_items() if name != NOTICE]
    return render.see_other("?" + urlencode([*others, (NOTICE, notice)]))


async def page(context: Context, request: Request, link: Link) -> Response:
    """The page of a link, with the notice that is named in its address if that still applies."""
    view = view_of(request)
    if not wants_page(request):
        return programs.link_text(view, link, f"{context.public_url}{request.url.path}")
    name = request.query_params.get(NOTICE)
    if name not in _NAMES:
        return plain(view, link)
    notice = Notice(name)
    if link.password_hash is None and notice not in _WITHOUT_PASSWORD:
        return plain(view, link)
    wait = await _wait(context, link, visitor_of(request), notice)
    if notice in (Notice.EARLY, Notice.OFTEN) and not wait:
        return plain(view, link)
    status = 200 if notice is Notice.PRESS else 429 if wait else 403
    return page_with(view, link, notice, status, wait)


async def _wait(context: Context, link: Link, visitor: Visitor, notice: Notice) -> int:
    """Seconds that the visitor still has to wait."""
    if notice is Notice.BUSY:
        return _BUSY_SECONDS
    if notice not in (Notice.WRONG, Notice.EARLY, Notice.OFTEN):
        return 0
    async with context.database.read() as connection:
        if notice is Notice.OFTEN:
            return await presses.wait(context, connection, link, visitor)
        wrong = await throttle.last_try(context, connection, link, visitor)
    return wrong.wait if wrong else 0


def plain(view: PageView, link: Link) -> Response:
    """The page of a link without a notice."""
    return render.link_page(view, link) if link.password_hash is None else render.password_page(view)


def page_with(view: PageView, link: Link, notice: Notice, status: int, wait: int) -> Response:
    """The page of a link with ``notice``."""
    view, message = replace(view, notice=notice), _sentence(view, notice, wait)
    if link.password_hash is None:
        response = render.link_page(view, link, message, status)
    elif notice in _WITHOUT_PASSWORD:
        response = render.password_page(view, status, notice=message)
    else:
        response = render.password_page(view, status, error=message)
    return _with_retry_after(response, wait)


def _with_retry_after(response: Response, wait: int) -> Response:
    if response.status_code == 429:
        response.headers["Retry-After"] = str(wait)
    return response


def _sentence(view: PageView, notice: Notice, wait: int) -> str:
    t = view.language
    when = t.write_when(wait)
    match notice:
        case Notice.PRESS:
            return t.text("Press the button to download the document.")
        case Notice.OFTEN:
            return t.text("Too many downloads from your network. Try again %(when)s.", when=when)
        case Notice.MISSING:
            return t.text("Enter the password to download the document.")
        case Notice.WRONG if wait:
            return t.text("The password is not correct. Check it, and try again %(when)s.", when=when)
        case Notice.WRONG:
            return t.text("The password is not correct. Check it, and try again.")
        case Notice.EARLY:
            return t.text("Too many attempts. This password was not checked. Try again %(when)s.", when=when)
        case Notice.BUSY:
            return t.text("The server is busy. Your password was not checked. Try again %(when)s.", when=when)
