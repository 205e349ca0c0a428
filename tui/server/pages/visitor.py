"""Who asks, as far as can be told: the address and network of a recipient, and whether a person acted."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from fastapi import Request

_MAX_AGENT = 400
#: Mail scanners, link previews and crawlers, by what they call themselves.
_SCANNERS = re.compile(
    r"safelinks|barracuda|proofpoint|urldefense|mimecast|trendmicro|trend micro|symantec|messagelabs|fireeye"
    r"|trellix|cisco|ironport|sophos|fortinet|forcepoint|zscaler|checkpoint|avanan|cloudmark|spamassassin"
    r"|existence discovery|office protocol|bingpreview|skypeuripreview|slackbot|slack-imgproxy|discordbot"
    r"|telegrambot|whatsapp|facebookexternalhit|facebot|twitterbot|linkedinbot|googleimageproxy|iframely|embedly"
    r"|mattermost|applebot|crawler|spider|urlscan|virustotal|linkpreview|link preview"
    r"|[a-z]bot\b",
    re.IGNORECASE,
)
# Both say by Sec-Fetch-User whether a person acted; their iPhone editions are WebKit, and do not.
_TELLING = re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/|\bFirefox/")


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
    """Who sent ``request``. The address is the other end's, or what a trusted proxy (``server.proxies``) tells."""
    address = request.client.host if request.client else None
    agent = request.headers.get("user-agent")
    return Visitor(address or None, network_of(address), agent[:_MAX_AGENT] if agent else None)


def is_scanner(request: Request) -> bool:
    """Whether an opening looks like that of a mail scanner, a link preview or a browser's own prefetch."""
    headers = request.headers
    purpose = headers.get("sec-purpose", "") + headers.get("purpose", "") + headers.get("x-moz", "")
    return "prefetch" in purpose.lower() or bool(_SCANNERS.search(headers.get("user-agent", "")))


def by_a_person(request: Request) -> bool:
    """Whether a POST may have been made by a person on our own page, or by a program at its word.

    ``False`` where another site made it, and where a browser that would say so says that nobody pressed anything.
    """
    headers = request.headers
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    if headers.get("sec-fetch-mode") != "navigate" or headers.get("sec-fetch-user") == "?1":
        return True
    return not _TELLING.search(headers.get("user-agent", ""))
