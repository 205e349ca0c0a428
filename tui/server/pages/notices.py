"""The page of a link with what there is to say of the last press, which gave nothing.

A browser is sent on to it by a 303: what it then reloads is that page, and not the press. A program gets it at once.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from ..context import Context
from ..http.visitor import visitor_of
from ..share.links import Link
from . import programs, render, throttle
from .view import NOTICE, View, view_of

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


def answer(request: Request, notice: Notice, status: int, wait: int = 0) -> Response:
    """The answer to a press: the page with ``notice``, or the way there; a line for a program. ``wait`` is in
    seconds."""
    if not wants_page(request):
        view = view_of(request)
        return _waiting(render.plain_answer(view, status, _sentence(view, notice, wait) + "\n"), wait)
    others = [(name, value) for name, value in request.query_params.multi_items() if name != NOTICE]
    return render.see_other("?" + urlencode([*others, (NOTICE, notice)]))


async def page(context: Context, request: Request, link: Link) -> Response:
    """The page of a link, with the notice that its address names as far as that is so at present."""
    view = view_of(request)
    if not wants_page(request):
        return programs.link_text(view, link, f"{context.public_url}{request.url.path}")
    try:
        notice = Notice(request.query_params.get(NOTICE, ""))
    except ValueError:
        return plain(view, link)
    if link.password_hash is None and notice is not Notice.PRESS:
        return plain(view, link)
    wait = _BUSY_SECONDS if notice is Notice.BUSY else 0
    if notice in (Notice.WRONG, Notice.EARLY):
        async with context.database.read() as connection:
            wrong = await throttle.last_try(context, connection, link, visitor_of(request))
        wait = wrong.wait if wrong else 0
    if notice is Notice.EARLY and not wait:
        return plain(view, link)
    status = 200 if notice is Notice.PRESS else 429 if wait else 403
    return page_with(view, link, notice, status, wait)


def plain(view: View, link: Link) -> Response:
    """The page of a link as it is opened."""
    return render.link_page(view, link) if link.password_hash is None else render.password_page(view)


def page_with(view: View, link: Link, notice: Notice, status: int, wait: int) -> Response:
    """The page of a link with ``notice`` on it."""
    view, said = replace(view, notice=notice), _sentence(view, notice, wait)
    if link.password_hash is None:
        made = render.link_page(view, link, said, status)
    elif notice is Notice.PRESS:
        made = render.password_page(view, status, notice=said)
    else:
        made = render.password_page(view, status, error=said)
    return _waiting(made, wait)


def _waiting(answer: Response, wait: int) -> Response:
    if answer.status_code == 429:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _sentence(view: View, notice: Notice, wait: int) -> str:
    t = view.language
    when = t.write_when(wait)
    match notice:
        case Notice.PRESS:
            return t.text("Nothing has been downloaded yet. Press the button to download the document.")
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
