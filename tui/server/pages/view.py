"""How a request's page is written: in which language, in the firm's look, and from which moment it is seen."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from markupsafe import Markup

from ..context import context_of
from ..firm import Firm, style
from .language import Language
from .languages import NAMES, choose

_CSS = (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")
#: The fields of an address's query: which language is wanted, and what there is to say of the last press.
LANG, NOTICE = "lang", "notice"
_LONGEST_TAG = 35


@dataclass(frozen=True, slots=True)
class Look:
    """The firm's name, or nothing; the address of its logo, or nothing; the style and what the browser may load."""

    firm: str
    contact: str
    logo: str
    css: Markup
    policy: str


@cache
def look_of(firm: Firm, prefix: str) -> Look:
    """The firm's look; ``prefix`` is the path that all addresses of the server begin with."""
    css = _CSS + style(firm)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    logo = f"{prefix}/logo?{firm.logo.version}" if firm.logo else ""
    pictures = "'self' data:" if logo else "data:"
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {pictures}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return Look(firm.name, firm.contact, logo, Markup(css), policy)  # noqa: S704 - our own


@dataclass(frozen=True, slots=True)
class View:
    """``address`` is the page's, in full and without its query; ``wanted`` is the language that the query asks for,
    as it stands there; ``notice`` is what of it the page says of the last press."""

    language: Language
    firm: Firm
    look: Look
    now: datetime
    address: str = ""
    wanted: str = ""
    notice: str = ""

    def moment(self, moment: datetime) -> str:
        """A moment in the firm's zone and in UTC."""
        return self.language.write_moment(moment, self.firm.zone)

    def others(self) -> list[tuple[str, str, str]]:
        """The languages to change to: tag, name and the address of this page in it."""
        kept = {NOTICE: self.notice} if self.notice else {}
        return [
            (tag, name, "?" + urlencode({**kept, LANG: tag}))
            for tag, name in NAMES.items()
            if tag != self.language.tag
        ]


def view_of(request: Request) -> View:
    """How the page of ``request`` is written."""
    context, query = context_of(request), request.query_params
    firm = context.settings.firm
    look = look_of(firm, context.prefix)
    wanted = query.get(LANG, "")[:_LONGEST_TAG]
    t = choose(request.headers.get("accept-language"), wanted)
    return View(t, firm, look, context.clock(), context.public_url + request.url.path, wanted)
