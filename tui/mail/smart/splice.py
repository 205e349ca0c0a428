"""A message with links in place of its attachments: what is removed from its bytes and what is inserted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...rules.address_headers import FoundAddresses, read_headers
from ...rules.message_headers import decoded_words
from ..draft import DraftLink, lines_of_links, password_note
from .choosing import AttachmentChoice, texts
from .insertion import Change, with_text
from .own_part import in_own_part, instead_of_all
from .parts import Part, Raw, header_spans, line_end

_STEP = 1024 * 1024
#: The header that sets the fields of one message's links; it is removed.
SETTINGS = "x-sentlinks"
#: The headers whose addresses are kept with the links.
_TO = ("to", "cc")
_HIDDEN = ("bcc",)


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message that was read, and the choice of the attachments that links replace."""

    raw: Raw
    root: Part
    choice: AttachmentChoice

    @property
    def settings(self) -> str:
        """The value of that header; ``""`` if there is none."""
        return " ".join(self.root.head.texts(SETTINGS))

    @property
    def recipients(self) -> FoundAddresses:
        """Those of ``To`` and ``Cc``. ``Bcc`` is meant to be known to no one."""
        return self._addresses(_TO)

    @property
    def hidden_recipients(self) -> tuple[str, ...]:
        """Those of ``Bcc``, who get the message as well."""
        return self._addresses(_HIDDEN).addresses

    def _addresses(self, names: Sequence[str]) -> FoundAddresses:
        texts = (text for name in names for text in self.root.head.texts(name))
        return read_headers(texts, decoded_words)

    def changes(self, links: Sequence[DraftLink]) -> list[Change]:
        """The changes that put ``links`` in place of the attachments, which are in the same order."""
        found = [(start, end, b"") for start, end in header_spans(self.root, SETTINGS)]
        if links:
            found += self._link_changes(_block(links))
        return sorted(found)

    def _link_changes(self, block: str) -> list[Change]:
        eol = line_end(self.raw)
        if any(part is self.root for part in self.choice.attachments):
            return instead_of_all(self.raw, self.root, block.lstrip("\n"), eol)
        removed = [(part.place, part.next, b"") for part in self.choice.attachments]
        inserted = [with_text(self.raw, part, block, eol) for part in texts(self.choice)]
        found = [changes for changes in inserted if changes is not None]
        if found and len(found) == len(inserted):
            return removed + [change for changes in found for change in changes]
        # Who reads the text that can't take them would see no links.
        return removed + in_own_part(self.raw, self.root, block, eol)

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


def _block(links: Sequence[DraftLink]) -> str:
    """The text that replaces the attachments; lines end with ``\\n``."""
    what = "The attachment of this message is" if len(links) == 1 else "The attachments of this message are"
    lines = ["", f"{what} here:"]
    for each in lines_of_links(links):
        lines += ["", *each]
    if note := password_note(links):
        lines += ["", note]
    return "\n".join(lines) + "\n"
