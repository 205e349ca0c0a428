"""The text that is being written in a draft, kept so that it isn't lost with the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...mail.message import DraftText
    from ...wire.share import Document

#: Seconds between looks at the text.
LOOK_SECONDS = 0.5


class UnfinishedText:
    """Keeps what is written in the draft for ``documents`` until that is closed, or kept elsewhere (``is_kept``).

    Without a folder ``state``, nothing is kept.
    """

    def __init__(
        self,
        state: Path | None,
        documents: Sequence[Document],
        text: Callable[[], DraftText],
        is_kept: Callable[[DraftText], bool],
    ) -> None:
        from ...mail.kept_drafts import KeptDraft

        urls, names = [document.url or "" for document in documents], [d.name for d in documents]
        self._file = None if state is None else KeptDraft(state, urls, names)
        self._text, self._is_kept = text, is_kept

    def before(self) -> DraftText | None:
        """What was written when the program ended; ``None`` if the draft was closed then, or as it was composed."""
        return None if self._file is None else self._file.take_over()

    def look(self) -> None:
        """Keep the text if it has changed."""
        if self._file is None:
            return
        text = self._text()
        if self._is_kept(text):
            self._file.forget()
        else:
            self._file.keep(text)

    def close(self) -> None:
        """The user closes the draft, or quits from it, and knows what is lost."""
        if self._file is not None:
            self._file.forget()
            self._file = None
