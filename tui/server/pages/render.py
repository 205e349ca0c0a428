"""The pages that recipients see, with their headers."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from markupsafe import Markup

from ...rules import names
from ..keys import new_id
from ..share.links import Link
from .grants import Grant
from .view import View

if TYPE_CHECKING:
    from jinja2 import Environment

    from .language import Language

_FOLDER = Path(__file__).parent / "templates"
_LONGEST_BADGE = 4
_PRODUCT = "Secure Sent Links"

#: Headers of every response to a recipient, including the file.
ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: The request headers that the response depends on.
_VARY = {"Vary": "Accept, Accept-Language"}


@cache
def _environment(t: Language) -> Environment:
    """The templates in one language."""
    # Not before the first page: it takes memory.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        # They only change with the program.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = _translated(t)
    return environment


def _translated(t: Language) -> Callable[..., Markup]:
    def translated(message: str, **values: object) -> Markup:
        # The sentence is ours; values are escaped, and isolated since they may run in the other direction.
        isolated = {name: Markup("<bdi>%s</bdi>") % value for name, value in values.items()}
        return Markup(t.gettext(message)) % isolated  # noqa: S704

    return translated


def _page(template: str, view: View, status: int, **values: Any) -> Response:
    body = (
        _environment(view.language)
        .get_template(template)
        .render(t=view.language, view=view, look=view.look, product=_PRODUCT, **values)
    )
    headers = {
        **ALWAYS,
        **_VARY,
        "Content-Security-Policy": view.look.policy,
        "X-Frame-Options": "DENY",
        "Content-Language": view.language.tag,
    }
    return HTMLResponse(body, status, headers)


def plain_response(view: View, status: int, body: str) -> Response:
    """A plain-text response for a program."""
    headers = {**ALWAYS, **_VARY, "Content-Language": view.language.tag}
    return PlainTextResponse(body, status, headers)


def see_other(location: str) -> Response:
    """The response to a press: a redirect that has ``location`` fetched next."""
    return Response(status_code=303, headers={**ALWAYS, "Location": location})


def link_page(view: View, link: Link, notice: str | None = None, status: int = 200) -> Response:
    """The page of a link without a password."""
    return _page("link.html", view, status, link=link, press=new_id(), notice=notice, **_kind(link.name))


def password_page(
    view: View, status: int = 200, *, error: str | None = None, notice: str | None = None
) -> Response:
    """The page that asks for the password and reveals nothing else."""
    return _page("password.html", view, status, press=new_id(), error=error, notice=notice)


def started_page(view: View, grant: Grant, location: str) -> Response:
    """The page that starts the download of the file at ``location``, unless one has begun, and offers it again."""
    checks = _checksum_commands(grant.name)
    values = {"grant": grant, "location": location, "starts_download": not grant.reserved, "checks": checks}
    return _page("started.html", view, 200, **values, **_kind(grant.name))


def _checksum_commands(name: str) -> tuple[str, str, str]:
    """The commands that show the checksum of a file: on Linux, on a Mac, and in Windows PowerShell."""
    name = f"./{name}" if name.startswith("-") else name
    quoted = shlex.quote(name)
    return (
        f"sha256sum {quoted}",
        f"shasum -a 256 {quoted}",
        "Get-FileHash '{}'".format(name.replace("'", "''")),
    )


def _kind(name: str) -> dict[str, str]:
    extension = names.extension(name)
    return {"extension": extension, "badge": extension.upper() if len(extension) <= _LONGEST_BADGE else ""}


def message_page(view: View, status: int, heading: str, text: str, *, back: bool = False) -> Response:
    """A page with a heading and a sentence or two; with ``back``, also a link back to the link's page."""
    return _page("message.html", view, status, heading=heading, text=text, back=back)
