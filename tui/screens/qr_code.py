"""A link as a QR code, for a phone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from ..widgets.status_line import StatusLine
from .dialog import Dialog

if TYPE_CHECKING:
    from ..wire.share import Document


def qr_lines(text: str) -> list[str]:
    """Return the code in half blocks: two rows of modules per line."""
    import segno

    out = io.StringIO()
    segno.make(text, error="l", micro=False).save(out, kind="txt", border=1)
    rows = [[c == "1" for c in line] for line in out.getvalue().split()]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    blocks = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
    return [
        "".join(blocks[upper, lower] for upper, lower in zip(rows[y], rows[y + 1], strict=True))
        for y in range(0, len(rows), 2)
    ]


_WIDEST = 72


class QrCodeScreen(Dialog[None]):
    """Black on white in every theme, since cameras need that."""

    ABOUT = "Scan it with a phone to open the link."

    DEFAULT_CSS = """
    QrCodeScreen > .box { width: auto; height: auto; max-height: 100%; padding: 0; }
    QrCodeScreen Static { width: auto; margin: 0 1; }
    """

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.heading = "QR code"
        self._url = document.url or ""
        self._lines = qr_lines(self._url)

    def body(self) -> list[Widget]:
        code = Text("\n".join(self._lines), style="white on black", no_wrap=True)
        address = StatusLine(self._url)
        address.styles.width = min(len(self._url), _WIDEST)
        return [Static(code), address]

    def on_resize(self) -> None:
        # The code takes precedence if there isn't room for both, with the frame and the footer.
        self.query_one(StatusLine).limit(self.app.size.height - len(self._lines) - 3)
