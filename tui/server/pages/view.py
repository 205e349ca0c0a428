"""How the page for a request is rendered: its language, the firm's look, and the current time."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request
from markupsafe import Markup

from ..base.firm import Firm, style
from ..context import context_of
from .contact import linked
from .languages import choose

if TYPE_CHECKING:
    from .language import Language

_CSS = (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")
#: Query parameters: the language that is wanted, and the notice about the last press.
LANG, NOTICE = "lang", "notice"
_MAX_TAG_LENGTH = 35


@dataclass(frozen=True, slots=True)
class Look:
    """The firm's name and contact, the address of its logo (each may be empty), the style sheet and the CSP."""

    firm: str
    contact: Markup
    logo: str
    css: Markup
    policy: str


@cache
def look_of(firm: Firm, prefix: str) -> Look:
    """The firm's look; ``prefix`` is the path that all of the server's addresses begin with."""
    css = _CSS + style(firm)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    logo = f"{prefix}/logo?{firm.logo.version}" if firm.logo else ""
    image_sources = "'self' data:" if logo else "data:"
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src {image_sources}; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return Look(firm.name, linked(firm.contact), logo, Markup(css), policy)  # noqa: S704 - our own


@dataclass(frozen=True, slots=True)
class PageView:
    """``address`` is the page's, in full and without its query; ``wanted`` is the language that the query asks for, as
    it is written there; ``notice`` is the notice that the page shows, as the query names it."""

    language: Language
    firm: Firm
    look: Look
    now: datetime
    address: str = ""
    wanted: str = ""
    notice: str = ""

    def moment(self, moment: datetime) -> str:
        """A time in the firm's time zone and in UTC."""
        return self.language.write_moment(moment, self.firm.zone)

    def moment_in_parts(self, moment: datetime) -> tuple[str, str]:
        """The same in two parts, of which the second may be empty."""
        return self.language.write_moment_in_parts(moment, self.firm.zone)


def view_of(request: Request) -> PageView:
    """How to render the page for ``request``."""
    context, query = context_of(request), request.query_params
    firm = context.settings.firm
    look = look_of(firm, context.prefix)
    wanted = query.get(LANG, "")[:_MAX_TAG_LENGTH]
    t = choose(request.headers.get("accept-language"), wanted)
    return PageView(t, firm, look, context.clock(), context.public_url + request.scope["path"], wanted)
