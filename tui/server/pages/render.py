"""The pages that recipients see, with their headers.

A template is rendered once for each language and for each selection of its parts, with marks in place of the values;
a response puts the values between the pieces. That takes a tenth of the time, and no piece has anything of a link.
"""

from __future__ import annotations

import shlex
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from markupsafe import Markup, escape
from starlette.datastructures import Headers

from ...rules import names
from ..base.keys import new_id
from ..share.links import Link
from .grants import Grant
from .languages import NAMES
from .view import LANG, NOTICE, Look, PageView

if TYPE_CHECKING:
    from jinja2 import Environment

    from .language import Language

_FOLDER = Path(__file__).parent / "templates"
_LONGEST_BADGE = 4
_PRODUCT = "Secure Sent Links"
#: A character that is in no sentence and in no template.
_MARK = "\x1f"
#: Directions of characters that move their surroundings.
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))
#: Pages that are kept in pieces, of some 5 KB each.
_KEPT = 256

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


class Place(str):
    """The place of a value in a template, which is rendered for all values and so can't look at it."""

    __slots__ = ()

    def __new__(cls, name: str) -> Place:
        """``name`` is the value's key among those that the template is filled in with."""
        return super().__new__(cls, f"{_MARK}{name}{_MARK}")

    def __bool__(self) -> bool:
        raise TypeError("A template can't decide by a value; give it a condition.")


class _Pieces(NamedTuple):
    """A page in pieces: text, the name of a value, text, and so on; whatever is the same for all links is text."""

    body: list[str]
    headers: list[tuple[bytes, bytes]]


@lru_cache(_KEPT)
def _pieces(
    template: str,
    t: Language,
    look: Look,
    notice: str,
    names: tuple[str, ...],
    conditions: tuple[tuple[str, bool], ...],
) -> _Pieces:
    query = urlencode({NOTICE: notice}) + "&" if notice else ""
    others = [(tag, name, f"?{query}{urlencode({LANG: tag})}") for tag, name in NAMES.items() if tag != t.tag]
    places = {name: Place(name) for name in names}
    body = (
        _environment(t)
        .get_template(template)
        .render(t=t, look=look, product=_PRODUCT, others=others, **places, **dict(conditions))
    )
    headers = {
        **ALWAYS,
        **_VARY,
        "Content-Security-Policy": look.policy,
        "X-Frame-Options": "DENY",
        "Content-Language": t.tag,
    }
    return _Pieces(body.split(_MARK), Headers(headers).raw)


def _page(
    template: str, view: PageView, status: int, values: Mapping[str, str], **conditions: bool
) -> Response:
    """A page with ``values`` in it. The ``conditions`` say which parts the page has; it can't look at the values."""
    pieces = _pieces(
        template, view.language, view.look, view.notice, tuple(values), tuple(conditions.items())
    )
    body = pieces.body.copy()
    body[1::2] = _escaped([values[name] for name in body[1::2]])
    response = HTMLResponse("".join(body), status)
    response.raw_headers += pieces.headers
    return response


def _escaped(values: list[str]) -> list[str]:
    # All at once, since a call takes longer than what it does; unless one of them has the character between them.
    escaped = str(escape(_MARK.join(values))).split(_MARK)
    return escaped if len(escaped) == len(values) else [escape(value) for value in values]


def plain_response(view: PageView, status: int, body: str) -> Response:
    """A plain-text response for a program."""
    headers = {**ALWAYS, **_VARY, "Content-Language": view.language.tag}
    return PlainTextResponse(body, status, headers)


def see_other(location: str) -> Response:
    """The response to a press: a redirect that has ``location`` fetched next."""
    return Response(status_code=303, headers={**ALWAYS, "Location": location})


def link_page(view: PageView, link: Link, notice: str = "", status: int = 200) -> Response:
    """The page of a link without a password."""
    t, expires_at = view.language, link.expires_at
    values = {
        **_file(t, link.name, link.size),
        **_printed(view),
        "title": isolated(link.name),
        "sender": link.sender,
        "press": new_id(),
        "notice": notice,
        "expires_iso": expires_at.isoformat() if expires_at else "",
        "expires_at": "",
        "expires_in": "",
        "left": downloads_left(t, link.downloads_left),
    }
    if expires_at:
        values["expires_at"], in_utc = view.moment_in_parts(expires_at)
        values["expires_in"] = t.join(in_utc, t.write_when(expires_at - view.now))
    conditions = {
        "has_notice": bool(notice),
        "expires": expires_at is not None,
        "is_limited": link.downloads_left is not None,
    }
    return _page("link.html", view, status, values, **conditions)


def downloads_left(t: Language, count: int | None) -> str:
    """How often a document can be downloaded, as a sentence; empty if it has no limit (``None``)."""
    if count is None:
        return ""
    return t.plural(
        "You can download it %(count)s more time.",
        "You can download it %(count)s more times.",
        count,
    )


def password_page(view: PageView, status: int = 200, *, error: str = "", notice: str = "") -> Response:
    """The page that asks for the password and reveals nothing else."""
    values = {**_printed(view), "press": new_id(), "error": error, "notice": notice}
    return _page("password.html", view, status, values, has_error=bool(error), has_notice=bool(notice))


def started_page(view: PageView, grant: Grant, location: str) -> Response:
    """The page that starts the download of the file at ``location``, unless one has begun, and offers it again."""
    values = {
        **_file(view.language, grant.name, grant.size),
        **_printed(view),
        **_checksum_commands(grant.name),
        "sha256": grant.sha256,
        "location": location,
        "until": view.moment(grant.expires_at),
        "left": downloads_left(view.language, grant.downloads_left),
    }
    has_arrived = grant.delivered_at is not None
    return _page(
        "started.html",
        view,
        200,
        values,
        starts_download=not grant.reserved,
        has_arrived=has_arrived,
        counts_down=has_arrived and grant.size > 0,
    )


def message_page(view: PageView, status: int, heading: str, text: str, *, back: bool = False) -> Response:
    """A page with a heading and a sentence or two; with ``back``, also a link back to the link's page."""
    return _page("message.html", view, status, {"heading": heading, "text": text}, back=back)


def _printed(view: PageView) -> dict[str, str]:
    """What a page says only on paper."""
    return {"address": view.address, "now": view.moment(view.now)}


def _file(t: Language, name: str, size: int) -> dict[str, str]:
    extension = names.extension(name)
    kind = t.kind_of(extension)
    badge = extension.upper() if len(extension) <= _LONGEST_BADGE else ""
    return {
        "name": name,
        "kind": kind,
        "badge": badge,
        "size": t.write_size(size),
        "short_kind": badge or kind,
        "short_size": t.write_size(size, exact=False),
    }


def isolated(name: str) -> str:
    """A name for where there is no markup: if it has letters that run from right to left, they move nothing else."""
    if name.isascii() or all(
        unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT for character in name
    ):
        return name
    return f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"


def _checksum_commands(name: str) -> dict[str, str]:
    """The commands that show the checksum of the file that a document called ``name`` was saved in."""
    name = names.local_name(name)
    name = f"./{name}" if name.startswith("-") else name
    quoted = shlex.quote(name)
    return {
        "on_linux": f"sha256sum {quoted}",
        "on_mac": f"shasum -a 256 {quoted}",
        "on_windows": "Get-FileHash '{}'".format(name.replace("'", "''")),
    }
