"""What a recipient meets: the page of a link, the grant, and the one *Not Found*.

Whether a link or grant lives is decided first, and whatever does not takes the same way to the same answer.
"""

from __future__ import annotations

import base64
import logging
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from ...rules.errors import Throttled
from ...rules.state import Event
from ..blobs import Fault
from ..context import Context, context_of
from ..http.disposition import attachment, content_type
from ..http.ranges import Unsatisfiable, unchanged, wanted
from ..http.visitor import by_a_person, is_scanner, visitor_of
from ..share.links import Link
from . import grants, messages, notices, presses, programs, render, throttle, views
from .form import Form, form_in, read_body
from .grants import Grant
from .notices import Notice
from .presses import Granted
from .streaming import FileAnswer
from .throttle import Wrong
from .view import LANG, view_of

log = logging.getLogger("sentlinks")

router = APIRouter(include_in_schema=False)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def not_found(request: Request) -> Response:
    """The one answer for every link or grant that is not, or no longer, good."""
    return messages.not_found(view_of(request), html=notices.wants_page(request))


def failed(request: Request, status: int) -> Response:
    """The page for what the server cannot do just now."""
    return messages.failed(view_of(request), status, html=notices.wants_page(request))


async def _unavailable(context: Context, request: Request, document_id: str, fault: Fault) -> Response:
    """The answer where the bytes of a document cannot be given out, of which its sender is told."""
    log.error("the bytes of document %s cannot be given out: %s", document_id, fault)
    await views.record_fault(context, document_id, visitor_of(request), fault)
    return failed(request, 503)


@router.api_route("/s/{secret:path}", methods=_METHODS)
async def link_address(request: Request, secret: str) -> Response:
    """The address of a link."""
    if request.method == "POST":
        return await _press(context_of(request), request, secret)
    if request.method not in ("GET", "HEAD"):
        return not_found(request)
    context = context_of(request)
    link = await _find(context, secret)
    if link is None:
        return not_found(request)
    if request.method == "GET":
        event = Event.SCANNED if is_scanner(request) else Event.VIEWED
        await views.record(context, link, visitor_of(request), event)
    return await notices.page(context, request, link)


async def _find(context: Context, secret: str, press: str = "") -> Link | None:
    async with context.database.read() as connection:
        return await presses.find(context, connection, secret, press)


async def _press(context: Context, request: Request, secret: str) -> Response:
    """What becomes of a press of the button."""
    try:
        body = await read_body(request)
    except ClientDisconnect:
        return Response()
    form = await form_in(request, body)
    link = await _find(context, secret, form.press)
    if link is None:
        return not_found(request)
    if not _pressed(request, link, form):
        return await _not_pressed(context, request, link, form)
    if body is None:
        return messages.too_large(view_of(request), html=notices.wants_page(request))
    if form.press and not presses.is_valid(form.press):
        return notices.answer(request, Notice.PRESS, 400)
    if link.password_hash is None:
        return await _count(context, request, secret, link, form)
    if not form.password:
        return notices.answer(request, Notice.MISSING, 403)
    try:
        return await _with_password(context, request, secret, link, form)
    except Throttled as error:
        notice = Notice.BUSY if error.code == "busy" else Notice.EARLY
        return notices.answer(request, notice, 429, error.retry_after)


def _pressed(request: Request, link: Link, form: Form) -> bool:
    """Whether a person pressed the button, as far as can be told."""
    # Where somebody presses twice, Chromium may say of the second that nobody did: the gesture went with the first.
    # A script that submits the page does not know the password.
    knows = link.password_hash is not None and form.password and presses.is_valid(form.press)
    return by_a_person(request, gesture=not knows)


async def _not_pressed(context: Context, request: Request, link: Link, form: Form) -> Response:
    """The page again, where nobody pressed; the grant, where it is the second of two presses."""
    if link.password_hash is None and presses.is_valid(form.press):
        async with context.database.write() as connection:
            _, granted = await presses.known(context, connection, link, form.press)
        if granted:
            return _granted(context, request, link, granted)
    await views.record(context, link, visitor_of(request), Event.SCANNED)
    return notices.answer(request, Notice.PRESS, 200)


async def _with_password(context: Context, request: Request, secret: str, link: Link, form: Form) -> Response:
    visitor, attempt = visitor_of(request), None
    if form.press:
        attempt = context.keys.attempt(link.id, link.settings, form.press, form.password)
        async with context.database.read() as connection:
            wrong = await throttle.last_try(context, connection, link, visitor, attempt)
        if wrong is not None:
            return _wrong(request, wrong)

    async def may_try() -> None:
        async with context.database.read() as connection:
            await throttle.check(context, connection, link, visitor)

    assert link.password_hash is not None
    if await context.link_passwords.verify(link.password_hash, form.password, visitor.network, may_try):
        return await _count(context, request, secret, link, form)
    async with context.database.write() as connection:
        now = await presses.find(context, connection, secret, form.press)
        if now is None:
            return not_found(request)
        if now.settings != link.settings:
            # The sender has just changed them: the try was against a password that is no more.
            return notices.answer(request, Notice.WRONG, 403)
        wrong = await throttle.count_wrong(context, connection, link, visitor, attempt)
    return _wrong(request, wrong)


def _wrong(request: Request, wrong: Wrong) -> Response:
    return notices.answer(request, Notice.WRONG, 429 if wrong.too_many and wrong.wait else 403, wrong.wait)


async def _fault(context: Context, of: Link | Grant) -> Fault | None:
    return Fault.MISSING if of.blob is None else await context.blobs.fault(of.blob, of.size, of.damaged)


async def _count(context: Context, request: Request, secret: str, link: Link, form: Form) -> Response:
    visitor = visitor_of(request)
    # Before anything counts: a limit of 1 is not to be spent on a file that has vanished.
    fault = await _fault(context, link)
    granted = None
    async with context.database.write() as connection:
        if link.password_hash is not None:
            await throttle.forgive(context, connection, link, visitor)
        if not fault:
            granted = await presses.count(context, connection, link, visitor, form.press)
    if fault:
        return await _unavailable(context, request, link.id, fault)
    if granted is None:
        # Used up by another, under new settings since a moment ago, or a press whose grant is over.
        present = await _find(context, secret)
        return notices.answer(request, Notice.PRESS, 409) if present else not_found(request)
    return _granted(context, request, link, granted)


def _granted(context: Context, request: Request, link: Link, granted: Granted) -> Response:
    """The way to a grant: to its page for a browser, to the file for a program."""
    place = f"/g/{granted.secret}"
    prefix = context.prefix
    view = view_of(request)
    if notices.wants_page(request):
        return render.see_other(
            prefix + place + (f"?{urlencode({LANG: view.wanted})}" if view.wanted else "")
        )
    place += f"/{quote(link.name, safe='')}"
    address = context.public_url + place
    return programs.granted_text(view, prefix + place, address, link.name, link.sha256, granted.expires_at)


@router.get("/logo")
async def logo(request: Request) -> Response:
    """The firm's logo; its address changes with it, so that a browser may keep it."""
    found = context_of(request).settings.firm.logo
    if found is None:
        return not_found(request)
    headers = {
        **render.ALWAYS,
        "Cache-Control": "public, max-age=604800, immutable",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(found.content, headers=headers, media_type=found.media_type)


@router.api_route("/g/{secret:path}", methods=_METHODS)
async def grant_address(request: Request, secret: str) -> Response:
    """The address of a grant, which ends in the file's name: any, for it opens nothing. Without one, a browser gets
    the page that starts the download. A POST is what curl makes of it that was told to POST (``-X``)."""
    secret, _, name = secret.partition("/")
    if request.method not in ("GET", "HEAD", "POST") or "/" in name:
        return not_found(request)
    context = context_of(request)
    async with context.database.read() as connection:
        grant = await grants.find(context, connection, secret)
    if grant is None:
        return not_found(request)
    if fault := await _fault(context, grant):
        return await _unavailable(context, request, grant.document_id, fault)
    if grant.undone:
        # The file is good again; whoever had it counts anew.
        return not_found(request)
    if not name and request.method != "POST" and notices.wants_page(request):
        prefix = context.prefix
        place = f"{prefix}/g/{secret}/{quote(grant.name, safe='')}"
        return render.started_page(view_of(request), grant, place)
    headers = _file_headers(grant)
    if request.method != "POST" and unchanged(request.headers, grant.etag):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(grant.size)})
    return await _give(context, request, secret, grant, headers)


async def _give(
    context: Context, request: Request, secret: str, grant: Grant, headers: dict[str, str]
) -> Response:
    try:
        part = wanted(request.headers, grant.size, grant.etag)
    except Unsatisfiable:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{grant.size}"})
    start, length = part or (0, grant.size)
    try:
        reserved = await grants.reserve(context, secret, length, visitor_of(request))
    except Throttled as error:
        return messages.throttled(view_of(request), error.retry_after, html=notices.wants_page(request))
    if reserved is None:
        return not_found(request)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{grant.size}"
    return FileAnswer(
        context,
        reserved,
        visitor_of(request),
        start,
        length,
        status=206 if part else 200,
        headers=headers,
        otherwise=failed(request, 503),
    )


def _file_headers(grant: Grant) -> dict[str, str]:
    return {
        **render.ALWAYS,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": content_type(grant.name),
        "Content-Disposition": attachment(grant.name),
        "ETag": grant.etag,
        # Of the whole file, whichever part goes out.
        "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(grant.sha256)).decode()}:",
        "Accept-Ranges": "bytes",
    }
