"""Links as QR codes, for a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...override import override
from ...rules.display import counted
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..widgets.fit import wrapped
from ..widgets.status_line import StatusLine

if TYPE_CHECKING:
    from ...wire.share import Document

#: The empty modules around a code that the standard asks for. With fewer, some phones don't find the code.
QUIET = 4
#: Columns next to a code, and lines below it: margins and footer.
_BESIDE, _BELOW = 2, 1


def qr_modules(text: str, quiet: int = QUIET) -> list[list[bool]]:
    """The rows of the code with its quiet zone; ``True`` is a dark module."""
    import segno

    code = segno.make(text, error="l", micro=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(border=quiet)]


def qr_lines(text: str, quiet: int = QUIET, *, dark_ink: bool = False) -> list[str]:
    """The code in half blocks: two rows of modules per line. The blocks are the light modules, or else (``dark_ink``)
    the dark ones, where text is darker than what is behind it."""
    rows = qr_modules(text, quiet)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    blocks = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    return [
        "".join(
            blocks[upper == dark_ink, lower == dark_ink]
            for upper, lower in zip(rows[y], rows[y + 1], strict=True)
        )
        for y in range(0, len(rows), 2)
    ]


def room_around(lines: Sequence[str], size: Size) -> tuple[bool, bool]:
    """Whether there is room for a line with the name above a code, and for one with the address below it; the address
    comes first."""
    _, rows = missing(lines, size)
    return rows <= -2, rows <= -1


def missing(lines: Sequence[str], size: Size) -> tuple[int, int]:
    """How many columns and lines a terminal lacks for a code with its quiet zone; not above 0 if there is room."""
    return len(lines[0]) + _BESIDE - size.width, len(lines) + _BELOW - size.height


def too_small(columns: int, rows: int) -> str:
    """What is shown instead of a code for which the terminal lacks so many columns and lines."""
    wanted = [
        counted(count, f"more {thing}") for count, thing in ((columns, "column"), (rows, "line")) if count > 0
    ]
    return f"The terminal is too small for this QR code.\nIt needs {' and '.join(wanted)}."


class QrCodeScreen(Dialog[None]):
    """One code at a time, dark on light in every theme, since not every phone reads the reverse."""

    PLACES = ("codes",)
    ABOUT = "Scan it with a phone to open the link. {codes.next_code} and {codes.previous_code} show the other links."
    opened_by = ("folder.show_code", "draft.show_code")
    whole = True
    DEFAULT_CSS = """
    QrCodeScreen > .box.-whole { max-width: 100%; border: none; padding: 0; align: center middle; }
    /* What is said covers the margin of a code, and doesn't move it. */
    QrCodeScreen > .box { layers: default above; }
    QrCodeScreen > .box > .in-box { layer: above; }
    QrCodeScreen Static { width: auto; max-width: 100%; padding: 0 1; }
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        """``documents`` have links; there is at least one."""
        super().__init__()
        self._documents = list(documents)
        self._index = 0

    @property
    def _caption(self) -> str:
        """What is above the code: whose it is, and which of several."""
        document, count = self._documents[self._index], len(self._documents)
        which = f" · {self._index + 1:,} of {count:,}" if count > 1 else ""
        off = "" if document.published else " · Not published: no one can open it."
        return f"{printable(document.name)}{which}{off}"

    @property
    def url(self) -> str:
        """The link whose code is shown."""
        return self._documents[self._index].url or ""

    @override
    def body(self) -> list[Widget]:
        return [StatusLine(id="name"), Static("", id="code"), StatusLine(id="address")]

    @override
    def on_resize(self) -> None:
        super().on_resize()
        self._show()

    def _show(self) -> None:
        size = self.app.size
        # Without colour, the blocks have the colour of text, whatever that is.
        lines = qr_lines(self.url, dark_ink=self.app.no_color and self.app.colours.light_background)
        columns, rows = missing(lines, size)
        code, name, address = self.query_one("#code", Static), *self._around
        if columns <= 0 and rows <= 0:
            code.update(Text("\n".join(lines), style="white on black", no_wrap=True))
            name.display, address.display = room_around(lines, size)
        else:
            lines = wrapped(too_small(columns, rows), size.width - _BESIDE)
            code.update(Text("\n".join(lines)))
            name.display = address.display = True
        name.say(self._caption)
        address.say(self.url)
        # One line each, unless the terminal is narrower than the address and has room for more.
        room = size.height - len(lines) - _BELOW
        for line, lines_left in ((name, 1), (address, room - 1)):
            line.styles.width = min(cell_len(line.text), size.width - _BESIDE) + _BESIDE
            line.limit(lines_left)

    @property
    def _around(self) -> tuple[StatusLine, StatusLine]:
        """The lines with the name and with the address."""
        return self.query_one("#name", StatusLine), self.query_one("#address", StatusLine)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        def only_with_others() -> str | None:
            return None if len(self._documents) > 1 else HIDDEN

        return {
            "next_code": ScreenCommand(lambda: self._move(1), only_with_others),
            "previous_code": ScreenCommand(lambda: self._move(-1), only_with_others),
        }

    def _move(self, by: int) -> None:
        self._index = (self._index + by) % len(self._documents)
        self._show()
