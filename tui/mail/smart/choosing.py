"""Which parts of a message are attachments that links can replace, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from ...rules.errors import InvalidValue
from ...rules.text import printable
from .content import decoded_size, pieces
from .parts import Part, Raw
from .uuencoded import encoded_file

_SEALED = {
    "multipart/signed": "is signed",
    "multipart/encrypted": "is encrypted",
    "application/pkcs7-mime": "is signed or encrypted",
    "application/x-pkcs7-mime": "is signed or encrypted",
}
_LEFT = {
    "text/calendar": "is an invitation",
    "application/ics": "is an invitation",
    "application/ms-tnef": "is in Outlook's own format",
    "application/vnd.ms-tnef": "is in Outlook's own format",
    "message/delivery-status": "is a delivery report",
    "message/disposition-notification": "is a delivery report",
    "message/rfc822": "is an attached message",
    "message/global": "is an attached message",
    "message/partial": "is a part of a message",
    "message/external-body": "is stored elsewhere",
}


#: In these, a part without a name is another form of the text, or belongs to it.
_OF_THE_TEXT = ("multipart/alternative", "multipart/related")
#: What mail programs show as text; others, such as text/csv, are files also without a name.
_TEXTS = ("text/plain", "text/html", "text/enriched", "text/richtext")
#: The most characters of a name in a sentence.
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class AttachmentChoice:
    """What happens to the parts of a message.

    ``text`` and ``html`` are the first parts that people read, if there are any; ``attachments`` are replaced, in
    order; ``left`` has a sentence for each of the others, which says that it stays and why.
    """

    attachments: list[Part]
    text: Part | None
    html: Part | None
    left: list[str]


def choose(raw: Raw, message: Part, over: int = 0, nested: bool = False) -> AttachmentChoice:
    """Choose the attachments larger than ``over`` bytes; with ``nested``, attached messages too.

    Raises :class:`InvalidValue` if a text has a file encoded within it.
    """
    found = _Choosing(raw, over, nested)
    found.look(message, inside=None)
    return AttachmentChoice(found.attachments, found.text, found.html, found.left)


class _Choosing:
    def __init__(self, raw: Raw, over: int, nested: bool) -> None:
        self._raw = raw
        self._over = over
        self._nested = nested
        self.attachments: list[Part] = []
        self.text: Part | None = None
        self.html: Part | None = None
        self.left: list[str] = []

    def look(self, part: Part, inside: Part | None) -> None:
        if part.media_type in _SEALED:
            self.left.append(f"{self._called(part, inside)} {_SEALED[part.media_type]}: it stays as it is.")
            return
        if part.media_type == "multipart/report":
            self.left.append(f"{self._called(part, inside)} is a delivery report: it stays as it is.")
            return
        if part.children:
            for child in part.children:
                self.look(child, part)
        elif part.main_type != "multipart":
            self._leaf(part, inside)

    def _called(self, part: Part, inside: Part | None) -> str:
        if not part.name:
            return "The message" if inside is None else "A part of the message"
        return printable(part.name if len(part.name) <= _SHOWN else f"{part.name[:_SHOWN]}…")

    def _leaf(self, part: Part, inside: Part | None) -> None:
        if self._is_read(part):
            self._look_within(part)
            if part.media_type == "text/plain":
                self.text = self.text or part
            else:
                self.html = self.html or part
            return
        why = self._why_left(part, inside)
        if why is None:
            self.attachments.append(part)
        elif why:
            self.left.append(f"{self._called(part, inside)} {why}: it stays attached.")

    def _look_within(self, part: Part) -> None:
        """Refuse a text that has a file within it."""
        found = None
        with suppress(InvalidValue):
            found = encoded_file(b"".join(pieces(self._raw, part)), self._over)
        if found is None:
            return
        name, is_large = printable(found[0][:_SHOWN]), found[1]
        if is_large:
            raise InvalidValue(
                "message.uuencoded",
                f"{name} is in the text itself (uuencoded), where no link can replace it; attach it instead. Nothing "
                "was sent.",
            )
        self.left.append(f"{name}, which is uuencoded in the text, is small enough: it stays there.")

    def _is_read(self, part: Part) -> bool:
        """Whether the part is the message's own text."""
        if part.media_type not in ("text/plain", "text/html") or part.disposition == "attachment":
            return False
        first = self.text if part.media_type == "text/plain" else self.html
        return not part.name or first is None

    def _why_left(self, part: Part, inside: Part | None) -> str | None:
        """Why the part stays; ``None`` if it is replaced, ``""`` if it stays without a sentence."""
        if part.media_type in _LEFT and not (
            self._nested and part.media_type in ("message/rfc822", "message/global")
        ):
            return _LEFT[part.media_type]
        if inside is not None and part.main_type == "image" and self._is_picture(part):
            return "is a picture in the text"
        if inside is None and part.is_open:
            # A header, and nothing that it would be about.
            return ""
        if part.disposition != "attachment" and not part.name and self._belongs_to_text(part, inside):
            return ""
        if self._over and decoded_size(self._raw, part) <= self._over:
            return "is small enough"
        return None

    @staticmethod
    def _is_picture(part: Part) -> bool:
        return part.head.first("content-id") is not None or part.disposition == "inline"

    @staticmethod
    def _belongs_to_text(part: Part, inside: Part | None) -> bool:
        return part.media_type in _TEXTS or (inside is not None and inside.media_type in _OF_THE_TEXT)


def texts(choice: AttachmentChoice) -> Iterator[Part]:
    """The parts that people read."""
    for part in (choice.text, choice.html):
        if part is not None:
            yield part
