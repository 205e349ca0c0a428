"""The user's settings for the app. A change applies immediately, and is saved in the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...override import override
from ...rules.text import printable
from ..base.app_screen import refuse
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table
from .preference_values import LOOKED_FOR, PREFERENCES, Preference, after, found_values, neighbour

_COLUMNS = (Column("Setting", 20), Column("Value", 28, flex=1))
#: Lines of the dialog besides the list, if the texts below it need two lines each.
_OTHER_LINES = 12


class SettingsScreen(Dialog[None]):
    """Space or enter switches the setting under the cursor to its next value, and the arrows go on and back."""

    PLACES = ("settings",)
    ABOUT = (
        "{settings.change_setting} switches a setting to its next value, or asks for it, and saves it in the "
        "configuration file. {settings.previous_value} and {settings.next_value} take the value before and the next, "
        "as far as there is one. The guide “configuration” has all other keys of that file: templates of e-mails, "
        'commands that print passwords, and the keys of commands. In its table [keys], "folder.unpublish" = "x" gives '
        "Unpublish the key x."
    )
    heading = "Settings"
    opened_by = ("main.settings",)
    DEFAULT_CSS = """
    SettingsScreen > .box { max-width: 76; max-height: 100%; }
    SettingsScreen Static { height: auto; color: $quiet; text-style: $quiet-style; }
    SettingsScreen StatusLine { height: 1; }
    SettingsScreen .buttons { margin-top: 1; }
    SettingsScreen Button { margin-right: 1; }
    """

    @override
    def body(self) -> list[Widget]:
        return [
            Table(_COLUMNS, markers=False, id="settings"),
            StatusLine(id="about", tone="dim"),
            StatusLine(id="said", lines=2, marked=True),
            Static(self._storage_note(), markup=False),
            ButtonLine(
                Button("Change", id="change_setting", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def _storage_note(self) -> str:
        file = self.app.preferences.file
        if file is None or self.app.session.demo:
            return "Changes last until you quit: the demo saves nothing."
        return f"Saved in {printable(str(file))}; key bindings go under [keys]."

    @override
    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        # The list scrolls if there isn't room for all of it: the buttons below are always visible.
        self.table.styles.height = max(3, min(len(PREFERENCES) + 1, self.app.size.height - _OTHER_LINES))

    @property
    def table(self) -> Table:
        """The settings that can be switched here."""
        return self.query_one("#settings", Table)

    @override
    def on_mount(self) -> None:
        # Before the first layout, which would otherwise be painted as well.
        self._fit()
        self.table.show([self._row(setting) for setting in PREFERENCES])
        self.table.focus()

    def _row(self, setting: Preference) -> Row:
        value = self.app.preferences.value(setting.name)
        return Row(setting.name, (setting.title, setting.shown(value)), data=setting)

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "change_setting": ScreenCommand(self._change),
            "previous_value": ScreenCommand(lambda: self._step(-1), lambda: self._step_disabled_reason(-1)),
            "next_value": ScreenCommand(lambda: self._step(1), lambda: self._step_disabled_reason(1)),
        }

    @property
    def _current(self) -> Preference | None:
        row = self.table.current
        return None if row is None else row.data

    def _change(self) -> None:
        setting = self._current
        if setting is None:
            return
        if setting.check is not None:
            self._type(setting, setting.check)
        elif why := self._no_colours(setting):
            self.say(why, "warn")
        elif setting.name == "theme":
            self._choose_theme(setting)
        elif setting.name == "mail_program":
            self._next_program(setting)
        else:
            self._set(setting, after([*setting.values], self.app.preferences.value(setting.name)))

    def _no_colours(self, setting: Preference) -> str:
        is_none = setting.name == "theme" and self.app.no_color
        return "NO_COLOR is set, so there are no colours to choose." if is_none else ""

    # ------------------------------------------------------------ one value on, or back

    def _step_disabled_reason(self, by: int) -> str | None:
        setting = self._current
        if setting is None or self.focused is not self.table:
            # On a button, the arrows do nothing.
            return HIDDEN
        if setting.check is not None:
            return spelled("This is typed: {settings.change_setting} asks for it.", self.app)
        if why := self._no_colours(setting):
            return why
        # What there is besides has to be looked for.
        return None if setting.name in LOOKED_FOR else self._at_end(setting, [*setting.values], by)

    def _at_end(self, setting: Preference, values: Sequence[str | bool], by: int) -> str | None:
        why = setting.at_end(values, self.app.preferences.value(setting.name), by)
        return spelled(why, self.app) if why else None

    def _step(self, by: int) -> None:
        setting = self._current
        if setting is None:
            return
        if setting.name in LOOKED_FOR:
            self._step_among_found(setting, by)
            return
        following = neighbour([*setting.values], self.app.preferences.value(setting.name), by)
        if following is not None:
            self._set(setting, following)

    # Not exclusive: each of two keys that come together does its step.
    @worker_action(group="settings")
    async def _step_among_found(self, setting: Preference, by: int) -> None:
        values = await found_values(setting, self.app.preferences)
        if why := self._at_end(setting, values, by):
            refuse(self, why)
            return
        value, problem = self.app.preferences.value(setting.name), ""
        while (following := neighbour(values, value, by)) is not None:
            value = following
            # A theme of the user's own may be wrong: the one behind it is as good as the next.
            wrong = self.app.colours.preview(str(value)) if setting.name == "theme" else ""
            if not wrong:
                self._set(setting, value)
                break
            problem = wrong
        self.app.colours.preview(None)
        if problem:
            self.say(problem, "bad")

    def _set(self, setting: Preference, value: str | bool) -> None:
        self.app.prefer(setting.name, value)
        self.table.update_row(PREFERENCES.index(setting), self._row(setting))
        self.refresh_bindings()
        variable = f"SENTLINKS_{setting.name.upper()}"
        if os.environ.get(variable):
            self.say(f"{variable} in the environment overrides this at the next start.", "warn")
        else:
            self.say("Applies from the next start." if setting.later else "", "")

    @worker_action(exclusive=True, group="settings", opens=True)
    async def _choose_theme(self, setting: Preference) -> None:
        from .themes import ThemesScreen

        names = await found_values(setting, self.app.preferences)
        chosen = await self.show_dialog(ThemesScreen(names, self.app.preferences.theme))
        if chosen is not None:
            self._set(setting, chosen)

    @worker_action(exclusive=True, group="settings", opens=True)
    async def _type(self, setting: Preference, check: Callable[[str], object]) -> None:
        """Ask for the text of a setting; an empty one unsets it."""
        from ..base.prompt import Prompt

        value = self.app.preferences.value(setting.name)
        prompt = Prompt(setting.title, setting.help, value, check=check)
        prompt.may_be_empty = bool(value)
        typed = await self.show_dialog(prompt)
        if typed is not None:
            self._set(setting, typed)

    @worker_action(group="settings")
    async def _next_program(self, setting: Preference) -> None:
        values = await found_values(setting, self.app.preferences)
        self._set(setting, after(values, self.app.preferences.value(setting.name)))
        if len(values) == 1:
            self.say("No mail program was found on this machine.", "warn")

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        if event.row is not None:
            self.query_one("#about", StatusLine).say(event.row.data.help, "dim")
        self.refresh_bindings()

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        self._change()
