"""What there is of a send that the program did not come to the end of, and what may become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ..rules.display import moment_text, size_text
from ..rules.text import printable
from ..widgets.button import Button
from .dialog import Dialog

if TYPE_CHECKING:
    from ..sending.resuming import Standing

#: Lines of the dialog besides its list.
_OTHER_LINES = 11


class InterruptedScreen(Dialog[str]):
    """Answers ``go on``, ``keep`` or ``unpublish``; ``None`` where it is left for later."""

    ABOUT = (
        "The program ended before this send was done. Go on sends what is missing: large documents from where they "
        "stopped, and nothing twice. Keep ends it with what is published; Unpublish ends it and stops those links."
    )
    heading = "Interrupted send"
    DEFAULT_CSS = """
    InterruptedScreen > .box { max-width: 84; }
    InterruptedScreen Static { width: 100%; height: auto; }
    InterruptedScreen .standing { margin: 1 0; }
    InterruptedScreen VerticalScroll { height: auto; }
    InterruptedScreen .buttons { height: 1; margin: 1 0; }
    InterruptedScreen Button { margin-right: 1; min-width: 4; }
    """

    def __init__(self, stands: Standing) -> None:
        super().__init__()
        self._stands = stands

    def body(self) -> list[Widget]:
        stands = self._stands
        count = len(stands.published)
        return [
            Static(self._sentence, classes="standing", markup=False),
            VerticalScroll(Static(self._rows(), markup=False)),
            Horizontal(
                Button("Go on", id="go_on", compact=True, variant="primary"),
                Button("Keep links" if count else "Discard", id="keep", compact=True),
                *([Button("Unpublish", id="unpublish", compact=True)] if count else []),
                Button("Later", id="later", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def _sentence(self) -> str:
        stands = self._stands
        sent, total = len(stands.documents), len(stands.contents.entries)
        begun = f" of {moment_text(stands.contents.at)}" if stands.contents.at else ""
        told = f"The send{begun} was interrupted: {sent} of {total} documents published."
        if stands.password_unknown:
            ident = stands.contents.id
            told += f" Nobody has seen its password; sentlinks send --resume {ident} makes a new one."
        elif stands.needs_password:
            told += " Its password was not kept; type it again to go on."
        elif stands.missing:
            protected = stands.contents.settings.get("has_password")
            told += f" Its settings{' and its password' if protected else ''} stay as they are."
        return told

    def _rows(self) -> Content:
        lines: list[Any] = []
        for entry in self._stands.contents.entries:
            sent = entry.key in self._stands.documents
            mark, style = ("✓ published", "$text-success") if sent else ("○ not sent ", "$text-muted")
            lines += [
                (mark, style),
                f"  {printable(entry.name)}  ",
                (size_text(entry.source["size"]), "$text-muted"),
            ]
            lines.append("\n")
        return Content.assemble(*lines[:-1])

    def on_mount(self) -> None:
        self.query_one("#go_on", Button).focus()

    def on_resize(self) -> None:
        scroll = self.query_one(VerticalScroll)
        scroll.styles.max_height = room = max(self.app.size.height - _OTHER_LINES, 2)
        scroll.can_focus = len(self._stands.contents.entries) > room

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        answer = {"go_on": "go on", "keep": "keep", "unpublish": "unpublish"}.get(event.button.id or "")
        self.dismiss(answer)


def links_text(count: int) -> str:
    return "1 link" if count == 1 else f"{count} links"
