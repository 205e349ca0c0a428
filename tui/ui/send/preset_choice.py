"""Lets the user choose settings that have a name, or those of the last send."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ...override import override
from ...rules.presets import Preset
from ...rules.text import printable
from ..base.dialog import Dialog
from ..widgets.choice_list import ChoiceList
from ..widgets.fit import shorten

#: Room for the keys in the footer, and for the longest line.
_LEAST_WIDTH, _WIDEST = 40, 68
_LONGEST_NAME = 24
_NO_PRESETS = "No presets yet. The guide Presets says how to make one."
_LAST = "Last settings"


class PresetChoice(Dialog[Preset | str]):
    """Returns the chosen preset, or ``undo``: the name of the one that is to be taken back."""

    heading = "Presets"
    ABOUT = (
        "Settings by their name: {choices.choose} chooses some. They are filled in, and you can still change them. "
        "What is filled in keeps to your firm's policy."
    )
    DEFAULT_CSS = """
    PresetChoice > .box { width: auto; max-width: 100%; height: auto; }
    """

    def __init__(self, presets: Sequence[Preset], undo: str) -> None:
        super().__init__()
        self._presets = list(presets)
        self._undo = undo

    @override
    def body(self) -> list[Widget]:
        names = [_name(preset) for preset in self._presets]
        width = min(max(map(len, names), default=0), _LONGEST_NAME)
        lines = [
            shorten(f"{shorten(name, width).ljust(width)}  {preset.summary()}", _WIDEST)
            for name, preset in zip(names, self._presets, strict=True)
        ]
        options: list[Option] = [Option(line, id=str(number)) for number, line in enumerate(lines)]
        if not options:
            lines.append(_NO_PRESETS)
            options.append(Option(_NO_PRESETS, disabled=True))
        if self._undo:
            lines.append(f"Undo {self._undo}")
            options.append(Option(lines[-1], id="undo"))
        found = ChoiceList(*options, opened_by=("send.presets", "resend.presets"), markup=False)
        # Set explicitly: the box takes its width from the list, so the list can't take it from the box.
        found.styles.width = max(_LEAST_WIDTH, *(len(line) + 4 for line in lines))
        return [found]

    @override
    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close, with the chosen preset."""
        ident = event.option_id or ""
        self.dismiss(self._undo if ident == "undo" else self._presets[int(ident)])


def _name(preset: Preset) -> str:
    return _LAST if preset.is_last else printable(preset.name)
