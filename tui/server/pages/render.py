"""The pages that recipients see, with the headers that each of them carries."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...rules import names
from ..keys import new_id
from ..share.links import Link
from .grants import Grant
from .texts import Texts, choose

_FOLDER = Path(__file__).parent / "templates"
_CSS = (_FOLDER / "style.css").read_text("utf-8")
_CSS_HASH = base64.b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()
_LONGEST_BADGE = 4
#: So many seconds are asked for where a document is unavailable: somebody has to put its file back.
_RETRY_SECONDS = 60

#: What every answer to a recipient carries, the file included.
ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PAGE = {
    **ALWAYS,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_CSS_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}

_templates = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["css"] = Markup(_CSS)  # noqa: S704 - our own file


def texts_of(request: Request) -> Texts:
    """The texts in the language of whoever asks."""
    return choose(request.headers.get("accept-language"))


def _page(template: str, t: Texts, status: int, **values: Any) -> Response:
    body = _templates.get_template(template).render(t=t, **values)
    return HTMLResponse(body, status, {**_PAGE, "Content-Language": t.lang})


def see_other(place: str) -> Response:
    """What a press is answered with: ``place`` is fetched next."""
    return Response(status_code=303, headers={**ALWAYS, "Location": place})


def command_page(t: Texts, place: str, command: str, until: datetime) -> Response:
    """As :func:`see_other`, for a program: the body says the command that fetches the file."""
    body = f"{t.command.format(moment=t.write_moment(until))}\n\n{command}\n"
    headers = {**ALWAYS, "Location": place, "Content-Language": t.lang}
    return PlainTextResponse(body, 303, headers)


def link_page(t: Texts, link: Link, notice: str | None = None, status: int = 200) -> Response:
    """The page of a link without a password."""
    return _page("link.html", t, status, link=link, press=new_id(), notice=notice, **_kind(link.name))


def password_page(
    t: Texts, status: int = 200, *, error: str | None = None, notice: str | None = None
) -> Response:
    """The page that asks for a password and tells nothing else."""
    return _page("password.html", t, status, press=new_id(), error=error, notice=notice)


def started_page(t: Texts, grant: Grant, place: str) -> Response:
    """Starts the download of the file at ``place`` unless one has begun, and offers it again."""
    begins = not grant.reserved
    return _page("started.html", t, 200, grant=grant, place=place, begins=begins, **_kind(grant.name))


def _kind(name: str) -> dict[str, str]:
    extension = names.extension(name)
    return {"extension": extension, "badge": extension.upper() if len(extension) <= _LONGEST_BADGE else ""}


def _message(t: Texts, status: int, heading: str, text: str, *, back: bool = False) -> Response:
    return _page("message.html", t, status, heading=heading, text=text, back=back)


def not_found_page(t: Texts) -> Response:
    """The one answer for every link or grant that is not, or no longer, good."""
    return _message(t, 404, t.not_found, t.could_not_find)


def throttled_page(t: Texts, seconds: int) -> Response:
    """Says when a file can be had that others are fetching."""
    page = _message(t, 429, t.throttled, t.come_again.format(wait=t.write_wait(seconds)))
    page.headers["Retry-After"] = str(seconds)
    return page


def too_large_page(t: Texts) -> Response:
    """For a form that is larger than any password."""
    return _message(t, 413, t.too_large, t.too_large_why, back=True)


def failed_page(t: Texts, status: int = 500) -> Response:
    """For what the server cannot do just now; its log says why."""
    page = _message(t, status, t.failed, t.failed_why)
    if status == 503:
        page.headers["Retry-After"] = str(_RETRY_SECONDS)
    return page
