"""The recipients' routes: the page of a link, the grant, and the common *Not Found*.

Whether a link or grant is live is decided first; whatever isn't takes the same code path to the same response.
"""

from __future__ import annotations

import base64
import logging
from contextlib import AbstractAsyncContextManager
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from ...rules import names
from ...rules.errors import Throttled
from ...rules.state import Event
from ..base.pools import ask_for
from ..blobs import Fault
from ..context import Context, context_of
from ..http.disposition import attachment, content_type
from ..http.ranges import Unsatisfiable, unchanged, wanted
from ..http.trickle import UNBUFFERED
from ..http.visitor import by_a_person, is_scanner, visitor_of
from ..library.routing import in_lane
from ..limits.query_limits import Lane
from ..share.links import Link
from . import given_bytes, grants, messages, notices, presses, programs, render, throttle, views
from .form import Form, form_in, read_body
from .grants import Grant
from .notices import Notice
from .presses import Granted
from .streaming import GrantFileResponse
from .throttle import Wrong
from .view import LANG, view_of

log = logging.getLogger("sentlinks")

#: Why a press has to wait, by the codes of :class:`Throttled`; else because of wrong passwords.
_THROTTLED = {"busy": Notice.BUSY, "downloads.throttled": Notice.OFTEN}
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def not_found(request: Request) -> Response:
    """The same response for every link or grant that doesn't exist or is no longer valid."""
    return messages.not_found(view_of(request), html=notices.wants_page(request))


def failed(request: Request, status: int) -> Response:
    """The page if the server can't do something at the moment."""
    return messages.failed(view_of(request), status, html=notices.wants_page(request))


async def _unavailable(context: Context, request: Request, document_id: str, fault: Fault) -> Response:
    """The response if the bytes of a document can't be sent; also recorded for its sender."""
    log.error("the bytes of document %s cannot be given out: %s", document_id, fault)
    await views.record_fault(context, document_id, visitor_of(request), fault)
    return failed(request, 503)


async def _without_link(context: Context, request: Request, link: Link | None) -> Response:
    """The response if there is no live link, or one that is unreadable."""
    if link is None:
        return not_found(request)
    return await _unavailable(context, request, link.id, Fault.CHANGED)


def _place(context: Context, request: Request) -> AbstractAsyncContextManager[None]:
    """A place in the guests' lane."""
    network = visitor_of(request).network
    ask_for(network)
    return context.lanes.place(Lane.GUESTS, network)


@in_lane(Lane.GUESTS)
async def link_address(request: Request) -> Response:
    """Show the page of a link, or, to a POST, what pressing its button leads to."""
    secret: str = request.path_params["secret"]
    context = context_of(request)
    if request.method == "POST":
        return await _press(context, request, secret)
    if request.method not in ("GET", "HEAD"):
        return not_found(request)
    async with _place(context, request):
        return await _page(context, request, secret)


async def _page(context: Context, request: Request, secret: str) -> Response:
    link = await presses.find(context, None, secret, "")
    if link is None or link.unreadable:
        return await _without_link(context, request, link)
    if request.method == "GET":
        event = Event.SCANNED if is_scanner(request) else Event.VIEWED
        await views.record(context, link, visitor_of(request), event)
    return await notices.page(context, request, link)


async def _press(context: Context, request: Request, secret: str) -> Response:
    """Handle a press of the download button."""
    with context.buffers.share(visitor_of(request).network) as share:
        try:
            body = await read_body(request, share)
        except ClientDisconnect:
            return Response()
        form = await form_in(request, body)
    try:
        async with _place(context, request):
            answered = await _pressed(context, request, secret, form, too_large=body is None)
        if isinstance(answered, Response):
            return answered
        # Who waits for a place in the queue for hashing keeps no one of the same network from a page.
        return await _with_password(context, request, secret, answered, form)
    except Throttled as error:
        notice = _THROTTLED.get(error.code, Notice.EARLY)
        return notices.press_response(request, notice, 429, error.retry_after)


async def _pressed(
    context: Context, request: Request, secret: str, form: Form, *, too_large: bool
) -> Response | Link:
    """The response to a press; the link if its password has to be checked first."""
    link = await presses.find(context, None, secret, form.press)
    if link is None or link.unreadable:
        return await _without_link(context, request, link)
    if not _is_by_person(request, link, form):
        return await _not_pressed(context, request, link, form)
    if too_large:
        return messages.too_large(view_of(request), html=notices.wants_page(request))
    if form.press and not presses.is_valid(form.press):
        return notices.press_response(request, Notice.PRESS, 400)
    if link.password_hash is not None:
        return link if form.password else notices.press_response(request, Notice.MISSING, 403)
    return await _count_press(context, request, secret, link, form)


def _is_by_person(request: Request, link: Link, form: Form) -> bool:
    """Whether a person pressed the button, as far as that can be known."""
    # If a person presses twice, Chromium may report no gesture for the second press, since the first one used it up.
    # A script that submits the page doesn't know the password.
    knows_password = link.password_hash is not None and form.password and presses.is_valid(form.press)
    return by_a_person(request, gesture=not knows_password)


async def _not_pressed(context: Context, request: Request, link: Link, form: Form) -> Response:
    """The page again if no person pressed; the grant if this is the second of two presses."""
    if link.password_hash is None and presses.is_valid(form.press):
        async with context.database.write() as connection:
            _, granted = await presses.find_counted(context, connection, link, form.press)
        if granted:
            return _redirect_to_grant(context, request, link, granted)
    await views.record(context, link, visitor_of(request), Event.SCANNED)
    return notices.press_response(request, Notice.PRESS, 200)


async def _with_password(context: Context, request: Request, secret: str, link: Link, form: Form) -> Response:
    visitor, attempt = visitor_of(request), None
    if form.press:
        attempt = context.keys.attempt(link.id, link.settings, form.press, form.password)
        async with context.database.read() as connection:
            wrong = await throttle.last_try(context, connection, link, visitor, attempt)
        if wrong is not None:
            return _wrong_password(request, wrong)

    async def may_try() -> None:
        async with context.database.read() as connection:
            await throttle.check(context, connection, link, visitor)

    assert link.password_hash is not None
    if await context.link_passwords.verify(
        link.password_hash, form.password, network=visitor.network, name=link.id, first=may_try
    ):
        return await _count_press(context, request, secret, link, form)
    async with context.database.write() as connection:
        current = await presses.find(context, connection, secret, form.press)
        if current is None:
            return not_found(request)
        if current.settings != link.settings:
            # The sender has just changed the settings: the try was against a password that no longer applies.
            return notices.press_response(request, Notice.WRONG, 403)
        wrong = await throttle.count_wrong(context, connection, link, visitor, attempt)
    return _wrong_password(request, wrong)


def _wrong_password(request: Request, wrong: Wrong) -> Response:
    return notices.press_response(
        request, Notice.WRONG, 429 if wrong.too_many and wrong.wait else 403, wrong.wait
    )


async def _fault(context: Context, document: Link | Grant) -> Fault | None:
    if document.blob is None:
        return Fault.MISSING
    return await context.blobs.fault(document.blob, document.size, document.damaged)


async def _count_press(context: Context, request: Request, secret: str, link: Link, form: Form) -> Response:
    visitor = visitor_of(request)
    # Before counting: a download limit of 1 must not be used up by a file that is missing.
    fault = await _fault(context, link)
    granted = None
    await presses.check(context, link, visitor, form.press)
    async with context.database.write() as connection:
        if link.password_hash is not None:
            await throttle.forgive(context, connection, link, visitor)
        if not fault:
            granted = await presses.count(context, connection, link, visitor, form.press)
    if fault:
        return await _unavailable(context, request, link.id, fault)
    if granted is None:
        # Someone else took the last download, the settings just changed, or the grant of this press has ended.
        current = await presses.find(context, None, secret, "")
        return notices.press_response(request, Notice.PRESS, 409) if current else not_found(request)
    return _redirect_to_grant(context, request, link, granted)


def _redirect_to_grant(context: Context, request: Request, link: Link, granted: Granted) -> Response:
    """A redirect to a grant: to its page for a browser, to the file for a program."""
    prefix = context.prefix
    view = view_of(request)
    if notices.wants_page(request):
        query = f"?{urlencode({LANG: view.wanted})}" if view.wanted else ""
        return render.see_other(f"{prefix}/g/{granted.secret}{query}")
    location = _file_address(granted.secret, link.name)
    address = context.public_url + location
    return programs.granted_text(view, link, granted, prefix + location, address)


def _file_address(secret: str, name: str) -> str:
    """The address of a grant's file: it ends in the name that programs save the file under."""
    return f"/g/{secret}/{quote(names.local_name(name), safe='')}"


@in_lane(Lane.FREE)
async def logo(request: Request) -> Response:
    """The firm's logo; its address changes with its content, so that browsers may cache it."""
    logo_file = context_of(request).settings.firm.logo
    if logo_file is None:
        return not_found(request)
    headers = {
        **render.ALWAYS,
        "Cache-Control": "public, max-age=604800, immutable",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(logo_file.content, headers=headers, media_type=logo_file.media_type)


@in_lane(Lane.GUESTS)
async def grant_address(request: Request) -> Response:
    """The address of a grant, which ends in the file's name; any name works.

    Without a name, a browser gets the page that starts the download. POST is accepted because curl repeats it after the
    redirect if it was used with ``-X POST``.
    """
    secret, _, name = request.path_params["secret"].partition("/")
    if request.method not in ("GET", "HEAD", "POST") or "/" in name:
        return not_found(request)
    context = context_of(request)
    async with _place(context, request):
        return await _granted(context, request, secret, name)


async def _granted(context: Context, request: Request, secret: str, name: str) -> Response:
    """The response to a request for the file ``name`` of a grant; without a name, for its page."""
    grant = await grants.look_up(context, None, secret)
    if grant is None or grant.has_ended:
        return _ended(request, grant)
    if fault := Fault.CHANGED if grant.unreadable else await _fault(context, grant):
        return await _unavailable(context, request, grant.document_id, fault)
    if grant.undone:
        # The file is intact again, but this download was taken off the count: it has to be counted again.
        return not_found(request)
    if not name and request.method != "POST" and notices.wants_page(request):
        if grant.is_used_up:
            # Its button would lead to no file.
            return _ended(request, grant)
        location = context.prefix + _file_address(secret, grant.name)
        return render.started_page(view_of(request), grant, location)
    headers = _file_headers(grant)
    if request.method != "POST" and unchanged(request.headers, grant.etag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(grant.size)})
    return await _file_response(context, request, secret, grant, headers)


def _ended(request: Request, grant: Grant | None) -> Response:
    """The response for a grant that gives the file no longer, or that never existed (``None``).

    A browser is told if it has ended because all of the file had arrived. A program isn't: it would take the page for
    the file, or for the rest of it.
    """
    asks_for_page = (
        request.method != "POST" and notices.wants_page(request) and "range" not in request.headers
    )
    if grant is None or grant.delivered_at is None or grant.undone or not asks_for_page:
        return not_found(request)
    return messages.downloaded(view_of(request))


async def _file_response(
    context: Context, request: Request, secret: str, grant: Grant, headers: dict[str, str]
) -> Response:
    try:
        part = wanted(request.headers, grant.size, grant.etag)
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{grant.size}"})
    start, length = part or (0, grant.size)
    try:
        reserved = await given_bytes.reserve(context, secret, length, visitor_of(request))
    except Throttled as error:
        return messages.throttled(view_of(request), error.retry_after, html=notices.wants_page(request))
    if reserved is None:
        return _ended(request, await grants.look_up(context, None, secret))
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{grant.size}"
    return GrantFileResponse(
        context,
        reserved,
        visitor_of(request),
        start,
        length,
        status=206 if part else 200,
        headers=headers,
        fallback=failed(request, 503),
    )


def _file_headers(grant: Grant) -> dict[str, str]:
    return {
        **render.ALWAYS,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": content_type(grant.name),
        "Content-Disposition": attachment(grant.name),
        "ETag": grant.etag,
        # The digest of the whole file, whichever part is sent.
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(grant.sha256)).decode()}:",
        "Accept-Ranges": "bytes",
        **UNBUFFERED,
    }


#: Without FastAPI, whose resolving of parameters takes longer than finding a link.
ROUTES = (
    Route("/s/{secret:path}", link_address, methods=_METHODS),
    Route("/g/{secret:path}", grant_address, methods=_METHODS),
    Route("/logo", logo),
)
