"""The links alone: one a line, without a border, to be selected by hand with the terminal's own mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from ..terminal.copy_format import copied_links, formatted
from ..textual_patches.driver import leave_mouse_alone
from ..widgets.hyperlink import with_hyperlinks
from .dialog import Dialog

if TYPE_CHECKING:
    from ..wire.share import Document


class PlainLinks(Dialog[None]):
    """As they would be copied. While it is shown, the app doesn't use the mouse, so the terminal does."""

    ABOUT = (
        "The links alone, to be selected with the mouse as in any terminal program: while they are shown, the app "
        "doesn't use the mouse. Many terminals open a link on ctrl and a click."
    )
    whole = True
    DEFAULT_CSS = """
    PlainLinks { background: $surface; }
    PlainLinks > .box.-whole { max-width: 100%; border: none; padding: 0; }
    PlainLinks VerticalScroll { height: 1fr; scrollbar-size-vertical: 0; }
    PlainLinks Static { width: 100%; height: auto; }
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        super().__init__()
        self._documents = documents

    def body(self) -> list[Widget]:
        text = formatted(copied_links(self._documents), self.app.preferences.copy_format)
        urls = [document.url for document in self._documents if document.url]
        return [VerticalScroll(Static(with_hyperlinks(Text(text, overflow="fold"), urls), id="plain"))]

    def on_mount(self) -> None:
        leave_mouse_alone(self.app, True)

    def on_unmount(self) -> None:
        leave_mouse_alone(self.app, False)
