"""The user's settings for the app. A change applies immediately, and is saved in the configuration."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from ...config.keys import MAIL_PROGRAMS
from ...config.preferences import THEMES
from ...override import override
from ...rules.text import printable
from ...terminal.copy_format import LINKS, MARKDOWN, NAMES
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..theme import NAMES as THEME_NAMES
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table

_COLUMNS = (Column("Setting", 20), Column("Value", 28, flex=1))


@dataclass(frozen=True, slots=True)
class _Setting:
    """``name`` is the key in the configuration; ``values`` has its values, and what they are called; ``later``: it
    applies from the next start.

    ``check`` is for text that is typed: it raises :class:`InvalidValue` for what is wrong with it.
    """

    name: str
    title: str
    help: str
    later: bool = False
    check: Callable[[str], object] | None = None
    values: Mapping[str | bool, str] = field(default_factory=lambda: {True: "yes", False: "no"})

    def label(self, value: str | bool) -> str:
        """What a value is called; one that isn't among the values (a template) is shown as it is."""
        return self.values.get(value, printable(str(value)))

    def after(self, value: str | bool) -> str | bool:
        """The value after another one."""
        values = list(self.values)
        return values[(values.index(value) + 1) % len(values)] if value in values else values[0]


def _check_address(text: str) -> None:
    from ...rules.addresses import check_address

    check_address(text)


def _check_imap(text: str) -> None:
    from ...mail.account import Protocol, parse_account

    parse_account(text, Protocol.IMAP, typed=True)


def _check_smtp(text: str) -> None:
    from ...mail.account import Protocol, parse_account

    parse_account(text, Protocol.SMTP, typed=True)


_ALERTS: Mapping[str | bool, str] = {
    "off": "none",
    "bell": "bell",
    "osc9": "iTerm2, Windows (OSC 9)",
    "osc777": "foot, WezTerm (OSC 777)",
    "osc99": "kitty (OSC 99)",
}
_FORMATS: Mapping[str | bool, str] = {LINKS: "links only", NAMES: "name: link", MARKDOWN: "Markdown"}
_CARRIES: Mapping[str | bool, str] = {
    "warn": "shown",
    "off": "not looked for",
    "refuse": "shown, and not sent",
}
_SETTINGS = (
    _Setting(
        "theme", "Colours", "The colours of the app.", values={theme: THEME_NAMES[theme] for theme in THEMES}
    ),
    _Setting("live", "Update folders live", "Rows update when something changes on the server."),
    _Setting("alerts", "Alerts", "How your terminal calls you when something was delivered.", values=_ALERTS),
    _Setting("copy_format", "Copied links", "What is copied, one link a line.", values=_FORMATS),
    _Setting(
        "carries",
        "What documents carry",
        "Comments, changes and the like, before they are sent.",
        values=_CARRIES,
    ),
    _Setting("animation", "Animations", "Text scrolls smoothly; not for slow connections."),
    _Setting("mouse", "Use the mouse", "If not, your terminal selects text with it.", later=True),
    _Setting("cell_diff", "Redraw only changes", "Sends the terminal only what changed.", later=True),
    _Setting("mail_program", "Mail program", "Where a draft is opened; automatic is the first that is here."),
    _Setting("mail_from", "Your e-mail address", "The sender of drafts and e-mails.", check=_check_address),
    _Setting("mail_with_html", "HTML e-mail", "Drafts have their text in HTML, too."),
    _Setting("mail_first_person", "First person", "The e-mail says “I am sending you”; if off, your name."),
    _Setting(
        "mail_imap_url",
        "Mailbox (IMAP)",
        "Like imaps://anna@mail.example.com; for its Drafts folder.",
        check=_check_imap,
    ),
    _Setting(
        "mail_smtp_url",
        "Mail server (SMTP)",
        "Like smtp://anna@mail.example.com; sends e-mails.",
        check=_check_smtp,
    ),
    _Setting(
        "mail_copy_sent", "Copy of sent e-mails", "Goes into the mailbox; not if your server does that."
    ),
)
#: Lines of the dialog besides the list, if the texts below it need two lines each.
_OTHER_LINES = 12
#: What the values of ``mail_program`` are called; the editor is the one in ``VISUAL`` or ``EDITOR``.
_PROGRAMS = {
    "auto": "automatic",
    "desktop": "desktop's program",
    "editor": "editor",
    "thunderbird": "Thunderbird",
    "drafts": "Drafts folder",
    "smtp": "mail server",
}


class SettingsScreen(Dialog[None]):
    """Space or enter switches the setting under the cursor to its next value."""

    PLACES = ("settings",)
    ABOUT = (
        "{settings.change_setting} switches a setting to its next value, or asks for it, and saves it in the "
        "configuration file. The guide “configuration” has all other keys of that file: templates of e-mails, commands "
        'that print passwords, and the keys of commands. In its table [keys], "folder.unpublish" = "x" gives '
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
        self.table.styles.height = max(3, min(len(_SETTINGS) + 1, self.app.size.height - _OTHER_LINES))

    @property
    def table(self) -> Table:
        """The settings that can be switched here."""
        return self.query_one("#settings", Table)

    @override
    def on_mount(self) -> None:
        # Before the first layout, which would otherwise be painted as well.
        self._fit()
        self.table.show([self._row(setting) for setting in _SETTINGS])
        self.table.focus()

    def _row(self, setting: _Setting) -> Row:
        return Row(setting.name, (setting.title, self._shown(setting)), data=setting)

    def _shown(self, setting: _Setting) -> str:
        value = self.app.preferences.value(setting.name)
        if setting.check is not None:
            return printable(value) or "not set"
        label = _PROGRAMS.get(value, value) if setting.name == "mail_program" else setting.label(value)
        return f"‹ {label} ›"

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"change_setting": ScreenCommand(self._change)}

    def _change(self) -> None:
        row = self.table.current
        if row is None:
            return
        setting: _Setting = row.data
        value = self.app.preferences.value(setting.name)
        if setting.check is not None:
            self._type(setting, setting.check)
            return
        if setting.name == "mail_program":
            self._next_program(setting)
            return
        if setting.name == "theme" and self.app.no_color:
            self.say("NO_COLOR is set, so there are no colours to choose.", "warn")
            return
        if setting.name == "theme":
            self._choose_theme(setting)
            return
        self._set(setting, setting.after(value))

    def _set(self, setting: _Setting, value: str | bool) -> None:
        self.app.prefer(setting.name, value)
        self.table.update_row(_SETTINGS.index(setting), self._row(setting))
        variable = f"SENTLINKS_{setting.name.upper()}"
        if os.environ.get(variable):
            self.say(f"{variable} in the environment overrides this at the next start.", "warn")
        else:
            self.say("Applies from the next start." if setting.later else "", "")

    @worker_action(exclusive=True, group="settings", opens=True)
    async def _choose_theme(self, setting: _Setting) -> None:
        """Choose among the app's own themes, Textual's and the user's."""
        from ...config.preferences import TEXTUAL_THEMES, own_themes
        from .themes import ThemesScreen

        own = await asyncio.to_thread(own_themes, self.app.preferences.themes_folder)
        names = (*THEMES, *TEXTUAL_THEMES, *own)
        chosen = await self.show_dialog(ThemesScreen(names, self.app.preferences.theme))
        if chosen is not None:
            self._set(setting, chosen)

    @worker_action(exclusive=True, group="settings", opens=True)
    async def _type(self, setting: _Setting, check: Callable[[str], object]) -> None:
        """Ask for the text of a setting; an empty one unsets it."""
        from ..base.prompt import Prompt

        value = self.app.preferences.value(setting.name)
        prompt = Prompt(setting.title, setting.help, value, check=check)
        prompt.may_be_empty = bool(value)
        typed = await self.show_dialog(prompt)
        if typed is not None:
            self._set(setting, typed)

    @worker_action(exclusive=True, group="settings")
    async def _next_program(self, setting: _Setting) -> None:
        """Choose the next of the ways that are here."""
        from ...mail.launch import programs_here
        from ...mail.ways import find_ways

        ways = find_ways(await asyncio.to_thread(programs_here), self.app.preferences.mail)
        here = {way.id for way in ways.ways}
        values = [name for name in MAIL_PROGRAMS if name == "auto" or name in here]
        value = self.app.preferences.value(setting.name)
        following = values[(values.index(value) + 1) % len(values)] if value in values else "auto"
        self._set(setting, following)
        if len(values) == 1:
            self.say("No mail program was found on this machine.", "warn")

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        if event.row is not None:
            self.query_one("#about", StatusLine).say(event.row.data.help, "dim")

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        self._change()
