"""The links alone: one a line, without a border, to be selected by hand with the terminal's own mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from rich.text import Text
from textual.widget import Widget

from ...override import override
from ...terminal.copy_format import copied_links, formatted
from ..base.dialog import Dialog
from ..textual_patches.driver import leave_mouse_alone
from ..widgets.hyperlink import with_hyperlinks
from ..widgets.plain_lines import PlainLines

if TYPE_CHECKING:
    from ...wire.share import Document


class PlainLinks(Dialog[None]):
    """As they would be copied. While it is shown, the app doesn't use the mouse, so the terminal does."""

    ABOUT = (
        "The links alone, to be selected with the mouse as in any terminal program: while they are shown, the app "
        "doesn't use the mouse. Many terminals open a link on ctrl and a click."
    )
    opened_by = ("folder.plain_links", "draft.plain_links")
    whole = True
    DEFAULT_CSS = """
    PlainLinks { background: $ground; }
    PlainLinks > .box.-whole { max-width: 100%; border: none; padding: 0; }
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        super().__init__()
        self._documents = documents

    @override
    def body(self) -> list[Widget]:
        form = self.app.preferences.copy_format
        links = copied_links(self._documents)
        return [PlainLines([with_hyperlinks(Text(formatted([link], form)), [link.url]) for link in links])]

    @override
    def on_mount(self) -> None:
        leave_mouse_alone(self.app, True)

    def refresh(self, *args: Any, **kwargs: Any) -> Self:
        """Every painting takes the rows of a link for lines of their own."""
        found = super().refresh(*args, **kwargs)
        for lines in self.query(PlainLines):
            lines.call_after_refresh(lines.join_rows)
        return found

    @override
    def on_unmount(self) -> None:
        leave_mouse_alone(self.app, False)
