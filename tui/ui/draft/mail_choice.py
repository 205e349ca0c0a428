"""Lets the user choose where a draft goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ...override import override
from ...rules.text import printable
from ..base.dialog import Dialog
from ..widgets.choice_list import ChoiceList
from ..widgets.status_line import StatusLine

if TYPE_CHECKING:
    from ...mail.ways import MailTarget, MailTargets

#: Room for the keys in the footer.
_LEAST_WIDTH = 40


class MailChoice(Dialog["MailTarget"]):
    """Returns the chosen way."""

    heading = "Open the draft"
    ABOUT = "Where the draft goes this time: {choices.choose} chooses. The settings have what {draft.open_mail} does."
    opened_by = ("draft.choose_mail",)
    DEFAULT_CSS = """
    MailChoice > .box { width: auto; max-width: 100%; height: auto; }
    MailChoice StatusLine { height: auto; }
    """

    def __init__(self, ways: MailTargets) -> None:
        super().__init__()
        self._ways = ways

    @override
    def body(self) -> list[Widget]:
        lines = [_title(way) for way in self._ways.ways] or ["No mail program was found."]
        options = [Option(line, id=str(number)) for number, line in enumerate(lines)]
        if not self._ways.ways:
            options[0].disabled = True
        found = ChoiceList(*options, markup=False)
        # Set explicitly: the box takes its width from the list, so the list can't take it from the box.
        found.styles.width = max(_LEAST_WIDTH, *(len(line) + 4 for line in lines))
        faults = " ".join(self._ways.faults)
        return [found, *([StatusLine(faults, tone="warn", lines=4)] if faults else [])]

    @override
    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close, with the chosen way."""
        self.dismiss(self._ways.ways[int(event.option_id or 0)])


def _title(way: MailTarget) -> str:
    if way.program is not None:
        opens = f" ({way.program.handler})" if way.program.handler and way.id == "desktop" else ""
        return printable(f"Open in {way.name}{opens}")
    return printable(f"Put into {way.name}" if way.id == "drafts" else f"Send through {way.name}…")
