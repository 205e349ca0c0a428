"""Presets in a dialog's fields: chosen from a list, filled in, and undone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from ...commands.lookup import spelled
from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS
from ...rules.typed_settings import TYPED
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.table import Table
from .preset_history import Held, PresetHistory

if TYPE_CHECKING:
    from ...rules.policy import Policy
    from ...rules.presets import Preset
    from ..base.app_screen import AppScreen

_LAST = "Your last settings"
#: The variable that has presets in place of the configuration file.
PRESETS_VARIABLE = "SENTLINKS_PRESETS"


class PresetFields(Protocol):
    """The fields that presets are filled into. Settings have the names that presets have for them.

    ``again``: they are for documents that were sent before, and an empty field keeps what they have; ``locked``:
    nothing can be changed now; ``now`` returns the server's time.
    """

    policy: Policy
    again: bool
    locked: bool
    now: Callable[[], datetime]

    @property
    def app_screen(self) -> AppScreen:
        """The dialog that they are in."""

    def check_typed(self) -> None:
        """Raise :class:`InvalidValue` for the first of the typed settings that is wrong."""

    def sentence_of(self, error: InvalidValue) -> str:
        """What is wrong, with the key that does something about it."""

    def focus_field(self, name: str | None) -> bool:
        """Focus the field with that name. Returns ``False`` if there is none."""

    def texts(self) -> dict[str, str]:
        """What is typed, as a preset has it, without the recipients."""

    def held(self) -> Mapping[str, Held]:
        """What the settings hold now."""

    def first_held(self) -> Mapping[str, Held]:
        """What they held at first."""

    def hold_values(self, values: Mapping[str, Held]) -> None:
        """Have some settings hold something else."""

    def made_password(self) -> str:
        """A new password."""


class FilledPresets:
    """What was done last is undone first, be it a preset or another change of the dialog."""

    def __init__(self, fields: PresetFields) -> None:
        self._fields = fields
        self._history = PresetHistory()
        self._other_changes: Callable[[], int] = lambda: 0
        self._changed: Callable[[], None] = lambda: None

    def work_with(self, other_changes: Callable[[], int], changed: Callable[[], None]) -> None:
        """``other_changes`` tells how many other changes of the dialog can be undone; ``changed`` is called when a
        preset was filled in or undone."""
        self._other_changes, self._changed = other_changes, changed

    def with_undo(
        self, commands: Mapping[str, ScreenCommand], is_editing: Callable[[], bool]
    ) -> dict[str, ScreenCommand]:
        """The commands, of which ``undo`` undoes the last preset or, if it came later, what it would undo otherwise."""
        other = commands["undo"]

        def comes_next() -> bool:
            is_last = self._history.comes_after(self._other_changes())
            return is_last and not self._fields.locked and not is_editing()

        def run() -> None:
            if comes_next():
                self.undo()
            else:
                other.run()

        undo = ScreenCommand(run, lambda: None if comes_next() else other.disabled_reason())
        return {**commands, "undo": undo}

    @property
    def screen(self) -> AppScreen:
        """The dialog that the fields are in."""
        return self._fields.app_screen

    @worker_action(exclusive=True, group="presets", opens=True)
    async def choose(self) -> None:
        """Let the user choose a preset, and fill it in, or undo the last one."""
        from ...rules.presets import united
        from .preset_choice import PresetAct, PresetChoice

        app, now = self.screen.app, self._fields.now()
        last = await asyncio.to_thread(app.session.sends.last.load, now)
        presets = united(app.preferences.presets, self._fields.policy, now)
        offered = [*([last] if last else []), *presets]
        choice = PresetChoice(offered, self._history.last, saves=not self._fields.again)
        chosen = await self.screen.show_dialog(choice)
        if chosen is None or self._fields.locked:
            return
        if chosen is PresetAct.UNDO:
            self.undo()
        elif chosen is PresetAct.SAVE:
            await self._save()
        else:
            self._fill(chosen)

    @worker_action(exclusive=True, group="presets", opens=True)
    async def save(self) -> None:
        """Ask for a name, and save the settings under it."""
        await self._save()

    async def _save(self) -> None:
        from .saved_preset import ask_for_preset, keep_preset

        fields, app = self._fields, self.screen.app
        try:
            fields.check_typed()
        except InvalidValue as error:
            self.screen.say(fields.sentence_of(error), "bad")
            fields.focus_field(error.field)
            return
        asked = await ask_for_preset(self.screen, fields.texts(), fields.policy, fields.now())
        if asked is None:
            return
        await keep_preset(app, asked)
        if os.environ.get(PRESETS_VARIABLE):
            note = f" {PRESETS_VARIABLE} in the environment overrides it at the next start."
        else:
            note = " It lasts until you quit: the demo saves nothing." if app.session.demo else ""
        says = spelled("; {send.presets} offers it.", app)
        self.screen.say(f"The preset “{asked.name}” is saved{says}{note}", "warn" if note else "good")

    def _fill(self, preset: Preset) -> None:
        """Fill in a preset. Raises :class:`InvalidValue`, with nothing changed, if links can't have its settings."""
        fields = self._fields
        preset.settings(fields.policy, fields.now())
        held = fields.held()
        wanted = {key: self._wanted(key, text) for key, text in preset.texts.items() if key in held}
        name = _LAST if preset.is_last else f"The preset “{preset.name}”"
        changed = self._history.fill(name, wanted, held, fields.first_held(), self._other_changes())
        fields.hold_values(changed)
        self._changed()
        left = [key for key in preset.texts if key not in held]
        more = f", without {' and '.join(left)}, which you can't change here" if left else ""
        more += _password_note(held, changed)
        # Elsewhere the key is a letter, or does nothing, and who sends again has nothing else that it undoes.
        if not fields.again and isinstance(self.screen.focused, Table):
            more += spelled("; {send_rows.undo} undoes that", self.screen.app)
        self.screen.say(f"{name} {_is_or_are(name)} filled in{more}.")

    def _wanted(self, key: str, text: str) -> Held:
        """What a setting holds with that text of a preset."""
        from ...rules.presets import NONE, ON

        if key in FLAGS:
            return "", text == ON
        if key not in TYPED or text != NONE:
            is_secret = key in TYPED and TYPED[key].is_secret
            return (self._fields.made_password() if is_secret else text), False
        return ("", True) if self._fields.again else (NONE if TYPED[key].none else "", False)

    def undo(self) -> None:
        """Undo the preset that was filled in last."""
        name = self._history.last
        self._fields.hold_values(self._history.undo(self._fields.held()))
        self._changed()
        self.screen.say(f"{name} {_is_or_are(name)} undone.")

    def forget(self) -> None:
        """Forget what was filled in, when the settings are in use."""
        self._history.clear()


def _password_note(held: Mapping[str, Held], changed: Mapping[str, Held]) -> str:
    """What became of a password that was there, which nothing shows: ``held`` before, ``changed`` to."""
    lost = [key for key, setting in TYPED.items() if setting.is_secret and key in changed and held[key][0]]
    if not lost:
        return ""
    return ", with another password" if changed[lost[0]][0] else ", and the password is removed"


def _is_or_are(name: str) -> str:
    return "are" if name == _LAST else "is"
