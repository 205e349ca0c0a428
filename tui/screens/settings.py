"""The user's settings for the app. A change applies immediately, and is saved in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from ..config.preferences import THEMES
from ..rules.text import printable
from ..theme import NAMES
from ..widgets.button import Button
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table
from .dialog import Dialog
from .screen_commands import ScreenCommand

_COLUMNS = (Column("Setting", 20), Column("Value", 28, flex=1))


@dataclass(frozen=True, slots=True)
class _Setting:
    """``name`` is the key in the configuration; ``later``: it applies from the next start."""

    name: str
    title: str
    help: str
    later: bool = False


_SETTINGS = (
    _Setting("theme", "Colours", "The colours of the app."),
    _Setting("live", "Live folders", "Rows update when something changes on the server."),
    _Setting("animation", "Smooth scrolling", "Text scrolls smoothly; not for slow connections."),
    _Setting("cell_diff", "Write changes only", "Sends the terminal only what changed.", later=True),
)


class SettingsScreen(Dialog[None]):
    """Space or enter switches the setting under the cursor to its next value."""

    PLACES = ("settings",)
    ABOUT = (
        "{settings.change_setting} switches a setting to its next value and saves it in the configuration file. The "
        'keys of all commands can be changed there too: in its table [keys], "folder.unpublish" = "g" gives Unpublish '
        "the key g."
    )
    heading = "Settings"
    DEFAULT_CSS = """
    SettingsScreen > .box { max-width: 76; }
    SettingsScreen Table { height: 6; }
    SettingsScreen Static { height: auto; color: $text-muted; text-style: $muted-style; }
    SettingsScreen StatusLine { height: 1; }
    SettingsScreen .buttons { height: 1; margin-top: 1; }
    SettingsScreen Button { margin-right: 1; }
    """

    def body(self) -> list[Widget]:
        return [
            Table(_COLUMNS, markers=False, id="settings"),
            StatusLine(id="about", tone="dim"),
            StatusLine(id="said", lines=2, marked=True),
            Static(self._storage_note(), markup=False),
            Horizontal(
                Button("Change", id="change_setting", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def _storage_note(self) -> str:
        file = self.app.preferences.file
        if file is None or self.app.session.demo:
            return "Changes last until you quit: the demo saves nothing."
        return f"Saved in {printable(str(file))}. You can change the keys of commands there too, in its table [keys]."

    @property
    def table(self) -> Table:
        return self.query_one("#settings", Table)

    def on_mount(self) -> None:
        self.table.show([self._row(setting) for setting in _SETTINGS])
        self.table.focus()

    def _row(self, setting: _Setting) -> Row:
        value = getattr(self.app.preferences, setting.name)
        shown = NAMES[value] if setting.name == "theme" else "yes" if value else "no"
        return Row(setting.name, (setting.title, f"‹ {shown} ›"), data=setting)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"change_setting": ScreenCommand(self._change)}

    def _change(self) -> None:
        row = self.table.current
        if row is None:
            return
        setting: _Setting = row.data
        value = getattr(self.app.preferences, setting.name)
        if setting.name == "theme":
            if self.app.no_color:
                self.say("NO_COLOR is set, so there are no colours to choose.", "warn")
                return
            value = THEMES[(THEMES.index(value) + 1) % len(THEMES)]
        else:
            value = not value
        self.app.prefer(setting.name, value)
        self.table.update_row(self.table.cursor, self._row(setting))
        self.say("Applies from the next start." if setting.later else "", "")

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        if event.row is not None:
            self.query_one("#about", StatusLine).say(event.row.data.help, "dim")

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        self._change()
