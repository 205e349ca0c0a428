"""What a recipient meets: the page of a link, the grant, and the one *Not Found*.

Whether a link or grant lives is decided first, and whatever does not takes the same way to the same answer.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from ...rules.errors import Throttled
from ...rules.state import Event
from ..context import Context, context_of
from ..share import links
from ..share.links import Link
from . import grants, render, throttle, views
from .disposition import attachment, content_type
from .form import password_in, read_body
from .grants import Grant
from .ranges import Unsatisfiable, unchanged, wanted
from .streaming import FileAnswer
from .texts import Texts
from .visitor import Visitor, by_a_person, is_scanner, visitor_of

router = APIRouter(include_in_schema=False)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def not_found(request: Request) -> Response:
    """The one answer for every link or grant that is not, or no longer, good."""
    return render.not_found_page(render.texts_of(request))


def failed(request: Request, status: int) -> Response:
    """The page for what the server cannot do just now."""
    return render.failed_page(render.texts_of(request), status)


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
    return _page(render.texts_of(request), link)


async def _find(context: Context, secret: str) -> Link | None:
    async with context.database.read() as connection:
        return await links.find(context, connection, secret)


def _page(t: Texts, link: Link, notice: str | None = None) -> Response:
    if link.password_hash is None:
        return render.link_page(t, link, notice)
    return render.password_page(t, notice=notice)


async def _press(context: Context, request: Request, secret: str) -> Response:
    """What becomes of a press of the button."""
    t, visitor = render.texts_of(request), visitor_of(request)
    try:
        body = await read_body(request)
    except ClientDisconnect:
        return Response()
    link = await _find(context, secret)
    if link is None:
        return not_found(request)
    if not by_a_person(request):
        await views.record(context, link, visitor, Event.SCANNED)
        return _page(t, link, t.press)
    if body is None:
        return render.too_large_page(t)
    if link.password_hash is None:
        return await _count(context, request, secret, link, visitor)
    password = await password_in(request, body)
    if not password:
        return render.password_page(t, 403, error=t.missing)
    try:
        return await _with_password(context, request, secret, link, password, visitor)
    except Throttled as error:
        return render.throttled_page(t, error.retry_after, back=True)


async def _with_password(
    context: Context, request: Request, secret: str, link: Link, password: str, visitor: Visitor
) -> Response:
    async def may_try() -> None:
        async with context.database.read() as connection:
            await throttle.check(context, connection, link, visitor)

    assert link.password_hash is not None
    if await context.passwords.verify(link.password_hash, password, may_try):
        return await _count(context, request, secret, link, visitor)
    t = render.texts_of(request)
    async with context.database.write() as connection:
        now = await links.find(context, connection, secret)
        if now is None:
            return not_found(request)
        if now.settings != link.settings:
            # The sender has just changed them: the try was against a password that is no more.
            return render.password_page(t, 403, error=t.wrong)
        wrong = await throttle.count_wrong(context, connection, link, visitor)
    if wrong.too_many:
        return render.throttled_page(t, wrong.wait, back=True)
    wait = " " + t.wait.format(wait=t.write_wait(wrong.wait)) if wrong.wait else ""
    return render.password_page(t, 403, error=t.wrong + wait)


async def _count(context: Context, request: Request, secret: str, link: Link, visitor: Visitor) -> Response:
    async with context.database.write() as connection:
        if link.password_hash is not None:
            await throttle.forgive(context, connection, link, visitor)
        grant = await links.count_download(
            context, connection, link, address=visitor.address, agent=visitor.agent
        )
    if grant is None:
        # Used up by another, or under new settings since a moment ago.
        present = await _find(context, secret)
        t = render.texts_of(request)
        return _page(t, present, t.press) if present else not_found(request)
    path = urlsplit(context.public_url).path.rstrip("/")
    return Response(status_code=303, headers={**render.ALWAYS, "Location": f"{path}/g/{grant}"})


@router.api_route("/g/{secret:path}", methods=_METHODS)
async def grant_address(request: Request, secret: str) -> Response:
    """The address of a grant."""
    if request.method not in ("GET", "HEAD"):
        return not_found(request)
    context = context_of(request)
    async with context.database.read() as connection:
        grant = await grants.find(context, connection, secret)
    if grant is None:
        return not_found(request)
    headers = _file_headers(grant)
    if unchanged(request.headers, grant.etag):
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
        reserved = await grants.reserve(context, secret, length)
    except Throttled as error:
        return render.throttled_page(render.texts_of(request), error.retry_after, back=False)
    if reserved is None:
        return not_found(request)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{grant.size}"
    return FileAnswer(
        context,
        grant,
        start,
        length,
        status=206 if part else 200,
        headers=headers,
        otherwise=failed(request, 500),
    )


def _file_headers(grant: Grant) -> dict[str, str]:
    return {
        **render.ALWAYS,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": content_type(grant.name),
        "Content-Disposition": attachment(grant.name),
        "ETag": grant.etag,
        "Accept-Ranges": "bytes",
    }
