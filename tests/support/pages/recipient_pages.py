"""The recipients' pages in all their states, as the server writes them, but without a running server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from fastapi.responses import Response

from tui.server.base.firm import Firm
from tui.server.base.logo import Logo
from tui.server.pages import messages, notices, render
from tui.server.pages.grants import Grant
from tui.server.pages.language import Language
from tui.server.pages.languages import language
from tui.server.pages.notices import Notice
from tui.server.pages.view import PageView, look_of
from tui.server.share.links import Link

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LINK = Link(
    "1", "offer.pdf", 3_000_000, "Dana Jones", 1, None, NOW + timedelta(days=7), None, "b", None, SHA256
)
LIMITED = replace(LINK, downloads_left=2)
GUARDED = replace(LINK, password_hash="$argon2id$")
LONG = replace(
    LINK,
    name="Aktienkaufvertrag_Entwurf_überarbeitet_2026-11-27_endgültige-Fassung (mit Anlagen 1–14).docx",
    sender="Rechtsanwaltsgesellschaft Schmidt-Müller-Lüdenscheidt & Partner mbB",
)
HOSTILE = replace(
    LINK, name='"><img src=x onerror=alert(1)>‏عقد.pdf', sender="</bdi><script>alert(1)</script>"
)
GRANT = Grant(
    *(b"h", "1", LINK.name, LINK.size, SHA256, "b", 0, 0, None, NOW, NOW + timedelta(hours=1), 1, None, None),
    timedelta(hours=1),
)
#: Of three more downloads one is left.
ARRIVED = replace(
    GRANT,
    given=3 * LINK.size,
    reserved=3 * LINK.size,
    permitted=4 * LINK.size,
    delivered_at=NOW,
)
LOGO = Logo(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" rx="2" fill="#8a1538"/>'
    b'<path d="M2.500 2v5M6.500 2v5M2.500 4.500h4" stroke="#fff"/></svg>',
    "image/svg+xml",
)
FIRM = Firm(
    "Halyard & Stone LLP",
    "Questions? +44 20 7946 0000 · law@halyard.example",
    LOGO,
    "#8a1538",
    "#ffb3c7",
    ZoneInfo("Europe/Berlin"),
)
#: A right-to-left language, with English texts: only the layout of the page differs.
MIRRORED = Language("ar", Locale("ar"), {})


def view(tag: str | Language = "en", firm: Firm = FIRM) -> PageView:
    t = tag if isinstance(tag, Language) else language(tag)
    return PageView(t, firm, look_of(firm, ""), NOW, "https://links.example.com/s/" + "0123456789abcdef" * 3)


def _said(link: Link, notice: Notice, wait: int = 0) -> Callable[[PageView], Response]:
    return lambda v: notices.page_with(v, link, notice, 429 if wait else 403, wait)


#: The states by what they show.
STATES: dict[str, Callable[[PageView], Response]] = {
    "link": lambda v: render.link_page(v, LINK),
    "link with a limit": lambda v: render.link_page(v, LIMITED),
    "link without a date": lambda v: render.link_page(v, replace(LINK, expires_at=None)),
    "link with a long name": lambda v: render.link_page(v, LONG),
    "link with a hostile name": lambda v: render.link_page(v, HOSTILE),
    "nobody pressed": _said(LINK, Notice.PRESS),
    "too often": _said(LINK, Notice.OFTEN, 720),
    "too often with a password": _said(GUARDED, Notice.OFTEN, 720),
    "password": lambda v: render.password_page(v),
    "nobody pressed there": _said(GUARDED, Notice.PRESS),
    "no password": _said(GUARDED, Notice.MISSING),
    "wrong password": _said(GUARDED, Notice.WRONG),
    "wrong password and a wait": _said(GUARDED, Notice.WRONG, 3600),
    "too early": _said(GUARDED, Notice.EARLY, 2),
    "busy": _said(GUARDED, Notice.BUSY, 2),
    "started": lambda v: render.started_page(v, GRANT, "/g/0123/offer.pdf"),
    "started before": lambda v: render.started_page(v, replace(GRANT, reserved=1), "/g/0123/offer.pdf"),
    "has arrived": lambda v: render.started_page(v, ARRIVED, "/g/0123/offer.pdf"),
    "downloaded": lambda v: messages.downloaded(v),
    "not found": lambda v: messages.not_found(v, html=True),
    "being downloaded by others": lambda v: messages.throttled(v, 2, html=True),
    "too long": lambda v: messages.too_large(v, html=True),
    "failed": lambda v: messages.failed(v, 503, html=True),
}
