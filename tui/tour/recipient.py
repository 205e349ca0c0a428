"""The recipient's side of a tour: opens a link as a browser does, and says what its page shows."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from ..override import override
from ..rules.display import size_text
from .bar import PART
from .script import DOWNLOAD, Visit

_BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "en",
}
_PRESS = re.compile(r'<input type="hidden" name="press" value="([^"]*)"')
_STARTS = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]*)"')
#: The order of elements and of classes of paragraphs; others aren't shown.
_FORM, _LEAD = 2, 3
_RANKS = {"h1": 0, "notice": 1, "error": 1, "label": _FORM, "button": _FORM, "lead": _LEAD}
#: Elements without an end.
_EMPTY = ("br", "hr", "img", "meta", "link")
_SECONDS = 30.0
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")
#: So many characters of a link's secret are shown.
_SHOWN = 8


async def visit(wanted: Visit, url: str, server: str) -> list[str]:
    """Do what a recipient does at ``url``, and return what they see, as lines. ``server`` is the base URL at which the
    server is reached from here. Raises :class:`httpx.HTTPError`."""
    there, here = urlsplit(url), urlsplit(server)
    address = urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
    async with httpx.AsyncClient(headers=_BROWSER, timeout=_SECONDS, trust_env=False) as browser:
        page = await browser.get(address)
        if wanted.act != DOWNLOAD or page.is_error:
            return _seen("opens", url, page)
        form = {"press": press[1] if (press := _PRESS.search(page.text)) else ""}
        if wanted.password:
            form["password"] = wanted.password
        page = await browser.post(address, data=form)
        if not page.is_redirect:
            return _seen("presses Download at", url, page)
        page = await browser.get(urljoin(address, page.headers["location"]))
        lines = _seen("presses Download at", url, page)
        if starts := _STARTS.search(page.text):
            file = await browser.get(urljoin(address, starts[1]))
            lines[-1] += f"{PART}{size_text(len(file.content))} arrived"
        return lines


def _seen(does: str, url: str, page: httpx.Response) -> list[str]:
    texts = _Words()
    if "html" in page.headers.get("content-type", ""):
        texts.feed(page.text)
    return [f"Recipient {does} {_shortened(url)}", f"{page.status_code}: {PART.join(texts.shown)}"]


def _shortened(url: str) -> str:
    """A link as it is shown beside the app: it is known by its first characters."""
    before, slash, secret = url.rpartition("/")
    return url if len(secret) <= _SHOWN else f"{before}{slash}{secret[:_SHOWN]}…"


class _Words(HTMLParser):
    """Collects what the main part of a page says, as far as it is seen at a glance: its heading, what is wrong, what
    can be filled in and pressed, and its first sentence, in this order."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[tuple[int, str]] = []
        #: The elements that are open, each with whether what is in it is seen.
        self._open: list[tuple[str, bool]] = [("", False)]
        self._text: list[str] | None = None
        self._rank = 0

    @property
    def shown(self) -> list[str]:
        """What it says."""
        found = sorted(self._found, key=lambda each: each[0])
        leads = [_SENTENCE_END.split(text)[0] for rank, text in found if rank == _LEAD]
        return [text for rank, text in found if rank != _LEAD] + leads[:1]

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            if ("type", "password") in attrs:
                self._found.append((_FORM, "[          ]"))
            return
        if tag in _EMPTY:
            return
        hidden = tag == "details" or ("class", "hidden") in attrs or ("aria-hidden", "true") in attrs
        is_seen = tag == "main" or (self._open[-1][1] and not hidden)
        self._open.append((tag, is_seen))
        kind = dict(attrs).get("class") or ""
        rank = _RANKS.get(kind if tag == "p" else tag)
        if is_seen and rank is not None:
            self._text, self._rank = [], rank

    @override
    def handle_endtag(self, tag: str) -> None:
        if self._open[-1][0] == tag:
            self._open.pop()
        if self._text is not None and tag in (*_RANKS, "p"):
            text = " ".join("".join(self._text).split())
            self._text = None
            if text:
                self._found.append((self._rank, f"[{text}]" if tag == "button" else text))

    @override
    def handle_data(self, data: str) -> None:
        if self._text is not None and self._open[-1][1]:
            self._text.append(data)
