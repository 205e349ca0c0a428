"""What can be set for the app, and which values each setting has. No Textual."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...config.keys import MAIL_PROGRAMS
from ...config.preferences import THEMES, Preferences
from ...rules.text import printable
from ...terminal.copy_format import LINKS, MARKDOWN, NAMES
from ..theme import NAMES as THEME_NAMES


@dataclass(frozen=True, slots=True)
class Preference:
    """A setting that is offered: ``name`` is the key in the configuration; ``values`` has its values, and what they are
    called; ``later``: it applies from the next start.

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

    def shown(self, value: str | bool) -> str:
        """How a value is shown: one of several stands between arrows."""
        if self.check is not None:
            return printable(str(value)) or "not set"
        return f"‹ {self.label(value)} ›"

    def at_end(self, values: Sequence[str | bool], value: str | bool, by: int) -> str:
        """Why there is nothing ``by`` places after a value, or before it, with the names of commands in braces; empty
        if there is."""
        if neighbour(values, value, by) is not None:
            return ""
        back, on = "{settings.previous_value}", "{settings.next_value}"
        if value not in values:
            return f"This value is your own; {on} replaces it."
        shown = f"“{self.label(value)}” is the"
        if len(values) == 1:
            return f"{shown} only value here."
        return f"{shown} last value; {back} goes back." if by > 0 else f"{shown} first value; {on} goes on."


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
#: What the values of ``mail_program`` are called; the editor is the one in ``VISUAL`` or ``EDITOR``.
_PROGRAMS: Mapping[str | bool, str] = {
    "auto": "automatic",
    "desktop": "desktop's program",
    "editor": "editor",
    "thunderbird": "Thunderbird",
    "drafts": "Drafts folder",
    "smtp": "mail server",
}
PREFERENCES = (
    Preference(
        "theme", "Colours", "The colours of the app.", values={theme: THEME_NAMES[theme] for theme in THEMES}
    ),
    Preference("live", "Update folders live", "Rows update when something changes on the server."),
    Preference(
        "alerts", "Alerts", "How your terminal calls you when something was delivered.", values=_ALERTS
    ),
    Preference("copy_format", "Copied links", "What is copied, one link a line.", values=_FORMATS),
    Preference(
        "carries",
        "What documents carry",
        "Comments, changes and the like, before they are sent.",
        values=_CARRIES,
    ),
    Preference("animation", "Animations", "Text scrolls smoothly; not for slow connections."),
    Preference("mouse", "Use the mouse", "If not, your terminal selects text with it.", later=True),
    Preference("cell_diff", "Redraw only changes", "Sends the terminal only what changed.", later=True),
    Preference(
        "mail_program",
        "Mail program",
        "Where a draft is opened; automatic is the first that is here.",
        values=_PROGRAMS,
    ),
    Preference("mail_from", "Your e-mail address", "The sender of drafts and e-mails.", check=_check_address),
    Preference("mail_with_html", "HTML e-mail", "Drafts have their text in HTML, too."),
    Preference("mail_first_person", "First person", "The e-mail says “I am sending you”; if off, your name."),
    Preference(
        "mail_imap_url",
        "Mailbox (IMAP)",
        "Like imaps://anna@mail.example.com; for its Drafts folder.",
        check=_check_imap,
    ),
    Preference(
        "mail_smtp_url",
        "Mail server (SMTP)",
        "Like smtp://anna@mail.example.com; sends e-mails.",
        check=_check_smtp,
    ),
    Preference(
        "mail_copy_sent", "Copy of sent e-mails", "Goes into the mailbox; not if your server does that."
    ),
)
#: Those whose values are looked for on this machine.
LOOKED_FOR = ("theme", "mail_program")


async def found_values(preference: Preference, preferences: Preferences) -> list[str]:
    """The values of one that depends on this machine: the app's own themes, Textual's and the user's; the mail programs
    and other ways that are here, and the choice among them that is automatic."""
    if preference.name == "theme":
        from ...config.preferences import TEXTUAL_THEMES, own_themes

        return [*THEMES, *TEXTUAL_THEMES, *await asyncio.to_thread(own_themes, preferences.themes_folder)]
    from ...mail.launch import programs_here
    from ...mail.ways import find_ways

    ways = find_ways(await asyncio.to_thread(programs_here), preferences.mail)
    here = {way.id for way in ways.ways}
    return [name for name in MAIL_PROGRAMS if name == "auto" or name in here]


def after(values: Sequence[str | bool], value: str | bool) -> str | bool:
    """The value after another one; after the last comes the first."""
    following = neighbour(values, value, 1)
    return values[0] if following is None else following


def neighbour(values: Sequence[str | bool], value: str | bool, by: int) -> str | bool | None:
    """The value ``by`` places after another one, or before it; ``None`` at the end. Before the first one is whatever
    isn't among them, such as a template of the user's own."""
    index = (values.index(value) if value in values else -1) + by
    return values[index] if 0 <= index < len(values) else None
