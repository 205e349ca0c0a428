"""A message with links in place of its attachments: what is removed from its bytes and what is inserted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header

from ...rules.address_headers import Found, read_headers
from ...rules.errors import InvalidValue
from ..draft import PASSWORD_NOTE, Link, link_lines
from .choosing import Choice, texts
from .content import can_take, own_part, with_text
from .parts import Part, Raw, header_spans, line_end, walk

_STEP = 1024 * 1024
#: The header that sets the fields of one message's links; it is removed.
SETTINGS = "X-Sentlinks"
#: The headers whose addresses are kept with the links.
_TO = ("to", "cc")

#: The start and end of a span of bytes, and what replaces it.
Change = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read, and the choice of the attachments that links replace."""

    raw: Raw
    root: Part
    choice: Choice

    @property
    def settings(self) -> str:
        """The value of that header; ``""`` if there is none."""
        return " ".join(str(value) for value in self.root.head.get_all(SETTINGS, []))

    @property
    def recipients(self) -> Found:
        """Those of ``To`` and ``Cc``. ``Bcc`` is meant to be known to no one."""
        # Read as it stands: the package refuses to read a whole header if one of its names is malformed.
        headers = [str(value) for key, value in self.root.head.raw_items() if key.lower() in _TO]
        return read_headers([" ".join(value.splitlines()) for value in headers], _decoded)

    def changes(self, links: Sequence[Link]) -> list[Change]:
        """The changes that put ``links`` in place of the attachments, which are in the same order."""
        found = [(start, end, b"") for start, end in header_spans(self.raw, self.root, SETTINGS)]
        if links:
            found += [(part.place, part.next, b"") for part in self.choice.attachments]
            found += self._text_changes(_block(links))
        return sorted(found)

    def _text_changes(self, block: str) -> list[Change]:
        eol = line_end(self.raw)
        writable = [part for part in texts(self.choice) if can_take(part)]
        if writable:
            return [change for part in writable for change in with_text(self.raw, part, block, eol)]
        return [self._separate_part(block, eol)]

    def _separate_part(self, block: str, eol: bytes) -> Change:
        """A new part, before the first part of the multipart that holds the first attachment."""
        first = self.choice.attachments[0]
        holder = next(part for part in walk(self.root) if first in part.children)
        boundary = holder.head.get_boundary()
        if not boundary:
            raise InvalidValue(
                "message.broken", "The message is malformed: one of its multiparts has no boundary."
            )
        place = holder.children[0].place
        return place, place, own_part(block, boundary, eol)

    def written(self, changes: Sequence[Change]) -> Iterator[bytes]:
        """The bytes of the message with ``changes`` applied; all others stay the same."""
        at = 0
        for start, end, replacement in changes:
            yield from self._copied(at, start)
            if replacement:
                yield replacement
            at = max(at, end)
        yield from self._copied(at, len(self.raw))

    def _copied(self, start: int, end: int) -> Iterator[bytes]:
        for place in range(start, end, _STEP):
            yield bytes(self.raw[place : min(place + _STEP, end)])


def _block(links: Sequence[Link]) -> str:
    """The text that replaces the attachments; lines end with ``\\n``."""
    what = "The attachment of this message is" if len(links) == 1 else "The attachments of this message are"
    lines = ["", f"{what} here:"]
    for link in links:
        lines += ["", *link_lines(link)]
    if any(link.has_password for link in links):
        lines += ["", PASSWORD_NOTE]
    return "\n".join(lines) + "\n"


def _decoded(name: str) -> str:
    """A name in a header as it is read: its encoded words (RFC 2047) decoded, and raw bytes taken for UTF-8."""
    try:
        return str(make_header(decode_header(name.encode("ascii", "surrogateescape").decode())))
    except (MessageError, LookupError, ValueError):
        return name
