"""A message with links in place of its attachments: what is left out of its bytes and what is put in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...rules.errors import InvalidValue
from ..draft import PASSWORD_NOTE, Link, link_lines
from .choosing import Choice, texts
from .content import can_take, own_part, with_text
from .parts import Part, Raw, header_spans, line_end, walk

_STEP = 1024 * 1024
#: The header that sets the fields of one message's links, and is taken out.
SETTINGS = "X-Sentlinks"

#: From which byte to before which other one, and what stands there instead.
Change = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read, with the choice of what links stand for."""

    raw: Raw
    root: Part
    choice: Choice

    @property
    def settings(self) -> str:
        """The value of its own header; ``""`` where it has none."""
        return " ".join(str(value) for value in self.root.head.get_all(SETTINGS, []))

    def changes(self, links: Sequence[Link]) -> list[Change]:
        """What makes it the message with ``links``, which are those of its attachments in their order."""
        found = [(start, end, b"") for start, end in header_spans(self.raw, self.root, SETTINGS)]
        if links:
            found += [(part.place, part.next, b"") for part in self.choice.attachments]
            found += self._told(_block(links))
        return sorted(found)

    def _told(self, block: str) -> list[Change]:
        eol = line_end(self.raw)
        able = [part for part in texts(self.choice) if can_take(part)]
        if able:
            return [change for part in able for change in with_text(self.raw, part, block, eol)]
        return [self._in_a_part_of_its_own(block, eol)]

    def _in_a_part_of_its_own(self, block: str, eol: bytes) -> Change:
        """Before the first part of what holds the first attachment."""
        first = self.choice.attachments[0]
        holder = next(part for part in walk(self.root) if first in part.children)
        boundary = holder.head.get_boundary()
        if not boundary:
            raise InvalidValue("message.broken", "The message does not say what divides its parts.")
        place = holder.children[0].place
        return place, place, own_part(block, boundary, eol)

    def written(self, changes: Sequence[Change]) -> Iterator[bytes]:
        """The bytes of the message with ``changes``; between them they are the same."""
        at = 0
        for start, end, instead in changes:
            yield from self._copied(at, start)
            if instead:
                yield instead
            at = max(at, end)
        yield from self._copied(at, len(self.raw))

    def _copied(self, start: int, end: int) -> Iterator[bytes]:
        for place in range(start, end, _STEP):
            yield bytes(self.raw[place : min(place + _STEP, end)])


def _block(links: Sequence[Link]) -> str:
    """The text that stands for the attachments, in lines of ``\\n``."""
    what = "The attachment of this message is" if len(links) == 1 else "The attachments of this message are"
    lines = ["", f"{what} here:"]
    for link in links:
        lines += ["", *link_lines(link)]
    if any(link.has_password for link in links):
        lines += ["", PASSWORD_NOTE]
    return "\n".join(lines) + "\n"
