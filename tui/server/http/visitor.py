"""Who sent a request, as far as that can be known: address and network, and whether a person acted."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import Request

from ..context import context_of

#: Number of characters kept of a client's ``User-Agent``.
MOST_AGENT = 400
#: Mail scanners, link previews, crawlers and headless browsers, by their ``User-Agent``.
_SCANNERS = re.compile(
    r"safelinks|barracuda|proofpoint|urldefense|mimecast|trendmicro|trend micro|symantec|messagelabs|fireeye"
    r"|trellix|cisco|ironport|sophos|fortinet|forcepoint|zscaler|checkpoint|avanan|cloudmark|spamassassin"
    r"|existence discovery|office protocol|bingpreview|skypeuripreview|slackbot|slack-imgproxy|discordbot"
    r"|telegrambot|whatsapp|facebookexternalhit|facebot|twitterbot|linkedinbot|googleimageproxy|iframely|embedly"
    r"|mattermost-bot|applebot|crawler|spider|urlscan|virustotal|linkpreview|link preview|ms-office|google-safety"
    r"|viber|kakaotalk-scrap|facebookcatalog|headlesschrome|phantomjs|python-requests|go-http-client"
    # Cubot is a brand of phones.
    r"|[a-z](?<!\bcu)bot\b",
    re.IGNORECASE,
)
#: Addresses and agents of which it is remembered what they are.
_KEPT = 512
# Browsers that report in Sec-Fetch-User whether a person acted; on iPhones they are WebKit, and don't.
_REPORTS_GESTURES = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/|\bFirefox/")
#: The headers that say why a browser requests a page.
_PURPOSES = (b"sec-purpose", b"purpose", b"x-moz")
#: Headers that proxies add to a request. A client that adds them itself gains nothing: see :mod:`..pages.grants`.
_ADDED_BY_PROXIES = frozenset((b"via", b"forwarded", b"x-forwarded-for", b"x-real-ip"))
_PORTS = {"http": 80, "https": 443}
# Maximum number of forwarded hosts to consider, and the maximum length of an address.
_MAX_FORWARDED_HOSTS, _MAX_ADDRESS_LENGTH = 8, 300


@dataclass(frozen=True, slots=True)
class Visitor:
    """``address`` is the client's (``None`` over a Unix socket); all visitors from a ``network`` share a throttle.

    ``relayed``: a proxy seems to be in between, trusted or not, so that the connection tells nothing of the client.
    """

    address: str | None
    network: str
    agent: str | None
    relayed: bool = False


@lru_cache(_KEPT)
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
    """Who sent ``request``. The address is the client's, or the one that a trusted proxy (``proxies``) reports."""
    address = request.client.host if request.client else None
    agent = request.headers.get("user-agent")
    # nginx speaks HTTP/1.0 to the server unless told otherwise; clients no longer do.
    relayed = request.scope.get("http_version") == "1.0" or any(
        name in _ADDED_BY_PROXIES for name, _ in request.headers.raw
    )
    return Visitor(address or None, network_of(address), agent[:MOST_AGENT] if agent else None, relayed)


def is_scanner(request: Request) -> bool:
    """Whether a request looks like that of a mail scanner, a link preview or a browser's own prefetch."""
    purposes = (value for name, value in request.headers.raw if name in _PURPOSES)
    return any(b"prefetch" in value.lower() for value in purposes) or _names_scanner(
        request.headers.get("user-agent", "")
    )


def _names_scanner(agent: str) -> bool:
    # What is longer is not remembered, so that clients can't fill the memory.
    return _search_scanner(agent) if len(agent) <= MOST_AGENT else bool(_SCANNERS.search(agent))


@lru_cache(_KEPT)
def _search_scanner(agent: str) -> bool:
    return bool(_SCANNERS.search(agent))


def by_a_person(request: Request, *, gesture: bool = True) -> bool:
    """Whether a POST may have been made by a person on our own page, or by a program such as curl.

    ``False`` if the client calls itself a scanner, or the request came from another page (:func:`from_own_page`).
    """
    return not is_scanner(request) and from_own_page(request, gesture=gesture)


def from_own_page(request: Request, *, gesture: bool = True) -> bool:
    """Whether a POST may come from a button on our own page, whatever the browser calls itself.

    ``False`` if a script, a frame or another site sent it, or (with ``gesture``) if a browser that reports user
    gestures reports none.
    """
    headers = request.headers
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    if headers.get("sec-fetch-mode", "navigate") != "navigate":
        return False
    if headers.get("sec-fetch-dest", "document") != "document" or _is_foreign_origin(request):
        return False
    if not gesture or "sec-fetch-mode" not in headers or headers.get("sec-fetch-user") == "?1":
        return True
    return not _REPORTS_GESTURES.search(headers.get("user-agent", ""))


def _is_foreign_origin(request: Request) -> bool:
    """Whether ``Origin`` names a different site from the one that the request was sent to."""
    headers = request.headers
    origin = headers.get("origin", "null")
    if origin == "null":
        # What browsers send from our own pages, whose referrer policy hides their address.
        return False
    sent_from = _site(origin)
    public = _site(context_of(request).public_url)
    # A form can't set either of these headers, so forwarded hosts are trusted here from any client.
    hosts = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",", _MAX_FORWARDED_HOSTS)]
    own_sites = [_site(f"{scheme}://{name.strip()}") for name in hosts for scheme in _PORTS]
    if sent_from is not None and sent_from in (public, *own_sites):
        return False
    # A proxy that sets its own Host hides the name that the recipient used, which only the browser knows.
    return public in own_sites or headers.get("sec-fetch-site") != "same-origin"


def _site(address: str) -> tuple[str, int] | None:
    """The host and port of an ``http`` or ``https`` address; ``None`` if it has none."""
    if len(address) > _MAX_ADDRESS_LENGTH:
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
        return (host.rstrip(".").encode("idna").decode(), port) if host else None
    except (ValueError, KeyError):
        return None
