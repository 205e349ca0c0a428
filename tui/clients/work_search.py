"""What a search for documents in Work asks for, and which results are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from ..rules.ids import number_of
from ..wire.work import Document


@dataclass(frozen=True, slots=True)
class Search:
    """A search for ``text``: by number if it is a single word and a document's id.

    The copies in Secure Sent Links are left out unless ``copies`` are asked for, or the text names one.
    """

    text: str
    copies: bool = False

    @property
    def number(self) -> int | None:
        """The document's number if the text is a single word and an id, else ``None``."""
        return number_of(self.text) if len(self.text.split()) == 1 else None

    @property
    def params(self) -> dict[str, str]:
        """The parameters of the request. ``sent_copies`` is one of ours, which other servers ignore."""
        words = {"anywhere": self.text} if self.number is None else {"document_number": str(self.number)}
        return {**words, "sent_copies": "true" if self._with_copies else "false"}

    @property
    def _with_copies(self) -> bool:
        return self.copies or self.number is not None

    def finds(self, document: Document | None) -> bool:
        """Whether a result is wanted: also of servers that don't leave copies out themselves."""
        return document is not None and (self._with_copies or not document.is_sent_copy)
