"""Who asks, as far as can be told: the address and network of a recipient, and whether a person acted."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from ..context import context_of

#: So many characters of what a client calls itself are kept.
MOST_AGENT = 400
#: Mail scanners, link previews, crawlers and browsers without a screen, by what they call themselves.
_SCANNERS = re.compile(
    r"safelinks|barracuda|proofpoint|urldefense|mimecast|trendmicro|trend micro|symantec|messagelabs|fireeye"
    r"|trellix|cisco|ironport|sophos|fortinet|forcepoint|zscaler|checkpoint|avanan|cloudmark|spamassassin"
    r"|existence discovery|office protocol|bingpreview|skypeuripreview|slackbot|slack-imgproxy|discordbot"
    r"|telegrambot|whatsapp|facebookexternalhit|facebot|twitterbot|linkedinbot|googleimageproxy|iframely|embedly"
    r"|mattermost-bot|applebot|crawler|spider|urlscan|virustotal|linkpreview|link preview|ms-office|google-safety"
    r"|viber|kakaotalk-scrap|facebookcatalog|headlesschrome|phantomjs|python-requests|go-http-client"
    # Cubot makes telephones.
    r"|[a-z](?<!\bcu)bot\b",
    re.IGNORECASE,
)
# Both say by Sec-Fetch-User whether a person acted; their iPhone editions are WebKit, and do not.
_TELLING = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/|\bFirefox/")
_PORTS = {"http": 80, "https": 443}
# Hosts that are looked at of those that proxies tell of, and the longest address of one.
_MOST_PROXIES, _LONGEST_SITE = 8, 300


@dataclass(frozen=True, slots=True)
class Visitor:
    """``address`` is the other end's (``None`` over a Unix socket), ``network`` what is throttled together."""

    address: str | None
    network: str
    agent: str | None


def network_of(address: str | None) -> str:
    """The network that shares a throttle: an IPv4 address, the /64 of an IPv6 address, or ``local``."""
    if not address:
        return "local"
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "local"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        ip = ip.ipv4_mapped
    return f"{ip}/32"


def visitor_of(request: Request) -> Visitor:
    """Who sent ``request``. The address is the other end's, or what a trusted proxy (``proxies``) tells."""
    address = request.client.host if request.client else None
    agent = request.headers.get("user-agent")
    return Visitor(address or None, network_of(address), agent[:MOST_AGENT] if agent else None)


def is_scanner(request: Request) -> bool:
    """Whether an opening looks like that of a mail scanner, a link preview or a browser's own prefetch."""
    headers = request.headers
    purpose = headers.get("sec-purpose", "") + headers.get("purpose", "") + headers.get("x-moz", "")
    return "prefetch" in purpose.lower() or bool(_SCANNERS.search(headers.get("user-agent", "")))


def by_a_person(request: Request, *, gesture: bool = True) -> bool:
    """Whether a POST may have been made by a person on our own page, or by a program at its word.

    ``False`` for what calls itself a scanner, and for what did not come from our own page (:func:`from_own_page`).
    """
    return not is_scanner(request) and from_own_page(request, gesture=gesture)


def from_own_page(request: Request, *, gesture: bool = True) -> bool:
    """Whether a POST may have been pressed on our own page, whatever the browser calls itself.

    ``False`` for what a script, a frame or another site sent, and where a browser that would say so says that nobody
    pressed anything; the last is left out without ``gesture``.
    """
    headers = request.headers
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    if headers.get("sec-fetch-mode", "navigate") != "navigate":
        return False
    if headers.get("sec-fetch-dest", "document") != "document" or _from_elsewhere(request):
        return False
    if not gesture or "sec-fetch-mode" not in headers or headers.get("sec-fetch-user") == "?1":
        return True
    return not _TELLING.search(headers.get("user-agent", ""))


def _from_elsewhere(request: Request) -> bool:
    """Whether ``Origin`` names another site than the one that the request was sent to."""
    headers = request.headers
    origin = headers.get("origin", "null")
    if origin == "null":
        # As browsers say it of our own pages, whose address is told to nobody.
        return False
    sent_from = _site(origin)
    public = _site(context_of(request).public_url)
    # No form can set these two: what proxies forward is believed here from anybody.
    named = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",", _MOST_PROXIES)]
    asked = [_site(f"{scheme}://{name.strip()}") for name in named for scheme in _PORTS]
    if sent_from is not None and sent_from in (public, *asked):
        return False
    # A proxy that puts in a Host of its own hides by which name a recipient came, and only the browser knows it.
    return public in asked or headers.get("sec-fetch-site") != "same-origin"


def _site(address: str) -> tuple[str, int] | None:
    """The host and port of an ``http`` or ``https`` address; ``None`` where it has none."""
    if len(address) > _LONGEST_SITE:
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        return (host.rstrip(".").encode("idna").decode(), port) if host else None
    except (ValueError, KeyError):
        return None
