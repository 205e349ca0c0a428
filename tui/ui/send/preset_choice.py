"""Lets the user choose settings that have a name, or those of the last send."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from textual import events
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from ...commands.lookup import keys_of, spelled
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


class PresetAct(Enum):
    """What can be done besides choosing a preset."""

    UNDO = auto()
    SAVE = auto()


class PresetChoice(Dialog[Preset | PresetAct]):
    """Returns the chosen preset, or what else is to be done."""

    heading = "Presets"
    ABOUT = (
        "Settings by their name: {choices.choose} chooses some. They are filled in, and you can still change them. "
        "What is filled in keeps to your firm's policy."
    )
    opened_by = ("send.presets", "resend.presets")
    DEFAULT_CSS = """
    PresetChoice > .box { width: auto; max-width: 100%; height: auto; }
    """

    def __init__(self, presets: Sequence[Preset], undo: str, *, saves: bool = False) -> None:
        """``undo`` is the name of the preset that can be undone. ``saves``: the settings can be saved as one."""
        super().__init__()
        self._presets = list(presets)
        self._undo = undo
        self._saves = saves

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
            options.append(Option(lines[-1], id=PresetAct.UNDO.name))
        if self._saves:
            lines.append(spelled("Save these settings as a preset… ({send.save_preset})", self.app))
            options.append(Option(lines[-1], id=PresetAct.SAVE.name))
        found = ChoiceList(*options, markup=False)
        # Set explicitly: the box takes its width from the list, so the list can't take it from the box.
        found.styles.width = max(_LEAST_WIDTH, *(len(line) + 4 for line in lines))
        return [found]

    @override
    def on_mount(self) -> None:
        self.query_one(ChoiceList).focus()

    def on_key(self, event: events.Key) -> None:
        """Save by the key that is named here for it."""
        if self._saves and event.key in keys_of("send.save_preset", self.app):
            event.stop()
            self.dismiss(PresetAct.SAVE)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Close, with the chosen preset."""
        ident = event.option_id or ""
        self.dismiss(self._presets[int(ident)] if ident.isdecimal() else PresetAct[ident])


def _name(preset: Preset) -> str:
    return _LAST if preset.is_last else printable(preset.name)
