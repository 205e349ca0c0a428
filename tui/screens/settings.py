"""The user's settings for the app. A change applies immediately, and is saved in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from ..config.preferences import THEMES
from ..rules.text import printable
from ..terminal.copy_format import LINKS, MARKDOWN, NAMES
from ..theme import NAMES as THEME_NAMES
from ..widgets.button import Button
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table
from .dialog import Dialog
from .screen_commands import ScreenCommand

_COLUMNS = (Column("Setting", 20), Column("Value", 28, flex=1))


@dataclass(frozen=True, slots=True)
class _Setting:
    """``name`` is the key in the configuration; ``values`` has its values, and what they are called; ``later``: it
    applies from the next start."""

    name: str
    title: str
    help: str
    later: bool = False
    values: Mapping[str | bool, str] = field(default_factory=lambda: {True: "yes", False: "no"})

    def label(self, value: str | bool) -> str:
        """What a value is called; one that isn't among the values (a template) is shown as it is."""
        return self.values.get(value, printable(str(value)))

    def after(self, value: str | bool) -> str | bool:
        """The value after another one."""
        values = list(self.values)
        return values[(values.index(value) + 1) % len(values)] if value in values else values[0]


_FORMATS: Mapping[str | bool, str] = {LINKS: "links only", NAMES: "name: link", MARKDOWN: "Markdown"}
_SETTINGS = (
    _Setting(
        "theme", "Colours", "The colours of the app.", values={theme: THEME_NAMES[theme] for theme in THEMES}
    ),
    _Setting("live", "Live folders", "Rows update when something changes on the server."),
    _Setting("copy_format", "Copied links", "What is copied, one link a line.", values=_FORMATS),
    _Setting("animation", "Smooth scrolling", "Text scrolls smoothly; not for slow connections."),
    _Setting("mouse", "Use the mouse", "If not, your terminal selects text with it.", later=True),
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
    SettingsScreen Table { height: 8; }
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
        return Row(setting.name, (setting.title, f"‹ {setting.label(value)} ›"), data=setting)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"change_setting": ScreenCommand(self._change)}

    def _change(self) -> None:
        row = self.table.current
        if row is None:
            return
        setting: _Setting = row.data
        value = getattr(self.app.preferences, setting.name)
        if setting.name == "theme" and self.app.no_color:
            self.say("NO_COLOR is set, so there are no colours to choose.", "warn")
            return
        self.app.prefer(setting.name, setting.after(value))
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
