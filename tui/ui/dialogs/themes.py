"""Lets the user choose the colours of the app: the theme under the cursor is shown at once."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ...override import override
from ..base.dialog import Dialog
from ..theme import NAMES
from ..widgets.choice_list import ChoiceList
from ..widgets.status_line import StatusLine

#: Seconds that the cursor rests before a theme is shown: holding a key doesn't repaint the screen for each.
_REST = 0.05


class ThemesScreen(Dialog[str]):
    """Returns the name of the chosen theme; without one, everything is as it was."""

    heading = "Colours"
    ABOUT = (
        "The theme under the cursor is shown at once. {choices.choose} keeps it; {dialogs.close} leaves everything "
        "as it was. Below the app's own themes are Textual's, and yours: files in the folder themes beside the "
        "configuration. The guide Colours says what is in them."
    )
    DEFAULT_CSS = """
    ThemesScreen > .box { width: 44; max-width: 100%; height: auto; }
    ThemesScreen ChoiceList { max-height: 12; }
    ThemesScreen StatusLine { height: 3; }
    """

    def __init__(self, names: Sequence[str], chosen: str) -> None:
        super().__init__()
        self._names = list(names)
        self._chosen = chosen

    @override
    def body(self) -> list[Widget]:
        options = [Option(NAMES.get(name, name), id=name) for name in self._names]
        return [ChoiceList(*options, markup=False), StatusLine(id="said", lines=3, marked=True)]

    @override
    def on_mount(self) -> None:
        found = self.query_one(ChoiceList)
        found.highlighted = self._names.index(self._chosen) if self._chosen in self._names else 0
        found.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the theme when the cursor rests on it."""
        name = event.option_id

        def show() -> None:
            if self.is_attached and self.query_one(OptionList).highlighted == event.option_index:
                self.say(self.app.colours.preview(name), "bad")

        self.set_timer(_REST, show)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Keep the theme, unless it can't be used."""
        if problem := self.app.colours.preview(event.option_id):
            self.say(problem, "bad")
        else:
            self.dismiss(event.option_id)

    @override
    def on_unmount(self) -> None:
        super().on_unmount()
        self.app.colours.preview(None)
