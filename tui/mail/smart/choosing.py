"""Which parts of a message are attachments that links can replace, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...rules.text import printable
from .content import decoded_size
from .parts import Part, Raw

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


@dataclass(frozen=True, slots=True)
class Choice:
    """What happens to the parts of a message.

    ``text`` and ``html`` are the first parts that people read, if there are any; ``attachments`` are replaced, in
    order; ``left`` has a sentence for each of the others, which says that it stays and why.
    """

    attachments: list[Part]
    text: Part | None
    html: Part | None
    left: list[str]


def choose(raw: Raw, message: Part, over: int = 0, nested: bool = False) -> Choice:
    """Choose the attachments larger than ``over`` bytes; with ``nested``, attached messages too."""
    found = _Choosing(raw, over, nested)
    found.look(message, inside=None)
    return Choice(found.attachments, found.text, found.html, found.left)


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
        elif part.head.get_content_maintype() != "multipart":
            self._leaf(part, inside)

    def _called(self, part: Part, inside: Part | None) -> str:
        return printable(part.name) or ("The message" if inside is None else "A part of the message")

    def _leaf(self, part: Part, inside: Part | None) -> None:
        if self._is_read(part):
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
        if part.head.get_content_maintype() == "image" and (
            part.head.get("Content-ID") or part.disposition == "inline"
        ):
            return "is a picture in the text"
        if part.disposition != "attachment" and not part.name:
            return ""
        if inside is None:
            return "is the whole message"
        if self._over and decoded_size(self._raw, part) <= self._over:
            return "is small enough"
        return None


def texts(choice: Choice) -> Iterator[Part]:
    """The parts that people read."""
    for part in (choice.text, choice.html):
        if part is not None:
            yield part
