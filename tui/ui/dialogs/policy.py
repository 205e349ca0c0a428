"""The administrator's policy: the rules for sends, edited in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ...commands.lookup import spelled
from ...override import override
from ...rules.errors import InvalidValue
from ...rules.policy import LISTS, YES_OR_NO
from ..base.dialog import Dialog
from ..base.pending_changes import PendingChanges
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Column, Row, Table
from .policy_draft import PolicyDraft
from .policy_lines import PolicyLines

if TYPE_CHECKING:
    from ...rules.policy import Policy
    from ...session import Session

_COLUMNS = (Column("Rule", 24), Column("Value", 16, flex=1))
_VALUE = 1
#: Lines of the dialog that the table needs to leave free.
_OTHER_LINES = 4
#: Lines for what a rule means, and for messages; and those of a screen that is narrower than this.
_LINES, _NARROW_LINES, _NARROW = 3, 4, 80
_REQUIRED = "If on, every link needs one. {policy.toggle_rule} switches."
RULES = {
    "password_required": ("Password", _REQUIRED),
    "password_min_length": ("… minimum length", "The minimum number of characters."),
    "password_classes": ("… kinds of characters", "1 to 4 of: lower case, upper case, digits, others."),
    "password_refused": (
        "… forbidden",
        "In addition to common passwords. Press {policy.edit_rule} to open the list.",
    ),
    "expires_required": ("Expiration date", _REQUIRED),
    "expires_default": ("… default", "If none is given. A span: 90m, 36h, 7d, 2w."),
    "expires_max": ("… maximum", "The longest that a link lasts. A span: 90m, 36h, 7d, 2w."),
    "downloads_required": ("Download limit", _REQUIRED),
    "downloads_default": ("… default", "If none is given."),
    "downloads_max": ("… maximum", "The highest limit allowed."),
    "notify_default": (
        "Notify senders",
        "By e-mail when documents were delivered, unless they choose otherwise.",
    ),
    "presets": ("Presets", "Settings under a name, for everyone. Press {policy.edit_rule} to open the list."),
    "folder_name": ("Folder name", "Follows the user's name: DJONES - Secure Sent Links."),
    "grant_seconds": ("Download window", "Seconds a recipient has to finish a download."),
    "recipients_domains": (
        "Recipients' domains",
        "Recipients may be at these only, and below them: halyard.example, varga.example.",
    ),
    "recipients_others": ("… others", "warn, or refuse (as with no value)."),
    "carries_warn": ("Carried: warn", "What is asked about, like comments, hidden_text; none: nothing."),
    "carries_refuse": ("… refuse", "What isn't published. Only if the server looks into documents itself."),
    "carries_unreadable": ("… unreadable", "off, warn or refuse, for what can't be looked into."),
}
#: What messages call a rule here; the others are “the value”, the one that is being edited.
_NAMES_IN_MESSAGES = {
    "expires_default": "the default",
    "expires_max": "the maximum",
    "downloads_default": "the default",
    "downloads_max": "the maximum",
}


def _message_of(error: InvalidValue) -> str:
    """What is wrong, without the names of the rules on the command line."""
    text = error.message
    for key in RULES:
        text = text.replace(key, _NAMES_IN_MESSAGES.get(key, "the value"))
    return text[:1].upper() + text[1:]


class RuleLines(Vertical):
    """What a rule means, and what is said of it: always as high, so that a message doesn't move the buttons below."""

    @override
    def compose(self) -> ComposeResult:
        yield StatusLine(id="about", tone="dim")
        yield StatusLine(id="said", lines=2, marked=True)

    def fit(self) -> int:
        """Be as high as the screen's width needs, and return that number of lines."""
        lines = _NARROW_LINES if self.app.size.width < _NARROW else _LINES
        self.styles.height = lines
        said = self.query_one("#said", StatusLine)
        self.query_one("#about", StatusLine).limit(lines - (said.most_lines if said.text else 0))
        return lines

    def explain(self, rule: str) -> None:
        """Say what a rule means, in the lines that a message leaves free."""
        self.fit()
        self.query_one("#about", StatusLine).say(spelled(RULES[rule][1], self.app), "dim")


class PolicyScreen(Dialog[bool]):
    """Returns whether the policy was changed. Changes apply only when saved."""

    PLACES = ("policy",)
    ABOUT = (
        "The rules that the server applies to every send, from any program. {policy.edit_rule} edits a value in place; "
        "an empty value means no rule. {policy.toggle_rule} toggles yes and no. Changes apply when you save them with "
        "{policy.save_policy}."
    )
    heading = "Policy"
    DEFAULT_CSS = """
    PolicyScreen > .box { max-width: 76; max-height: 100%; }
    PolicyScreen Button { margin-right: 1; }
    """

    def __init__(self, session: Session, policy: Policy) -> None:
        super().__init__()
        self.changes = PendingChanges(self.refresh_bindings)
        self.session = session
        self.draft = PolicyDraft(policy)

    @override
    def body(self) -> list[Widget]:
        return [
            Table(_COLUMNS, markers=False, id="rules"),
            RuleLines(),
            ButtonLine(
                Button("Save", id="save_policy", compact=True, variant="primary"),
                Button("Change", id="edit_rule", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def table(self) -> Table:
        """The rules of the policy, in the order of ``RULES``."""
        return self.query_one("#rules", Table)

    @override
    def on_mount(self) -> None:
        # Before the first layout, which would otherwise be painted as well.
        self._fit()
        self._show()
        self.table.focus()

    @override
    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        lines = self.query_one(RuleLines).fit()
        self.table.styles.height = max(3, min(len(RULES) + 1, self.app.size.height - _OTHER_LINES - lines))

    @override
    def say(self, text: str, tone: str = "") -> None:
        super().say(text, tone)
        self.query_one(RuleLines).fit()

    def _show(self) -> None:
        self.table.show([self._row(key) for key in RULES], keep=True)

    def _row(self, key: str) -> Row:
        title = RULES[key][0]
        shown = self.draft.shown(key)
        return Row(key, (title, (shown, "selected") if self.draft.is_changed(key) else shown), data=key)

    def _take(self, key: str, text: str) -> None:
        try:
            self.draft.set(key, text)
        except InvalidValue as error:
            self.say(_message_of(error), "bad")
        else:
            text = "Unsaved – {policy.save_policy} to apply." if self.draft.changes else ""
            self.say(spelled(text, self.app))
        index = list(RULES).index(key)
        self.table.update_row(index, self._row(key))
        self.refresh_bindings()

    # ------------------------------------------------------------ commands

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "edit_rule": ScreenCommand(self._edit, self._edit_disabled_reason),
            "toggle_rule": ScreenCommand(self._toggle, self._toggle_disabled_reason),
            "save_policy": ScreenCommand(self._save, self._save_disabled_reason),
        }

    def _edit_disabled_reason(self) -> str | None:
        if not self.changes.under_way and self.table.editing:
            return spelled(
                "A value is being edited: {editing.keep_edit} keeps it, {editing.give_up_edit} cancels.",
                self.app,
            )
        return self.changes.disabled_reason

    def _toggle_disabled_reason(self) -> str | None:
        row = self.table.current
        is_none = row is None or row.data not in YES_OR_NO
        return self._edit_disabled_reason() or ("This is not a yes/no rule." if is_none else None)

    def _save_disabled_reason(self) -> str | None:
        return self.changes.disabled_reason or (None if self.unsaved else "Nothing was changed.")

    def _edit(self) -> None:
        row = self.table.current
        if row is None or self._edit_disabled_reason() is not None:
            return
        key: str = row.data
        if key in YES_OR_NO:
            self._toggle()
        elif key in LISTS:
            self._edit_lines(key)
        else:
            self.table.focus()
            self.table.edit(
                _VALUE,
                self.draft.text(key),
                lambda text: self._wrong(key, text),
                lambda text: self._take(key, text),
            )

    def _wrong(self, key: str, text: str) -> str | None:
        try:
            self.draft.check(key, text)
        except InvalidValue as error:
            return _message_of(error)
        return None

    def _toggle(self) -> None:
        row = self.table.current
        if row is not None and row.data in YES_OR_NO:
            self._take(row.data, "" if self.draft.is_on(row.data) else "true")

    @worker_action(exclusive=True, group="lines", opens=True)
    async def _edit_lines(self, key: str) -> None:
        text = await self.show_dialog(PolicyLines(key, self.draft.text(key)))
        if text is not None:
            self._take(key, text)

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        self._edit()

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        if event.row is not None:
            self.query_one(RuleLines).explain(event.row.data)
        self.refresh_bindings()

    @on(Table.Editing)
    def _editing(self, event: Table.Editing) -> None:
        event.stop()
        self.say(event.error or "", "bad" if event.error else "")

    def _save(self) -> None:
        if self.table.keep_edit():
            self._save_changes()

    @worker_action(exclusive=True, group="save")
    async def _save_changes(self) -> None:
        changes = self.draft.changes
        if not changes:
            self.say("Nothing was changed.")
            return
        try:
            with self.changes.change():
                await self.session.share.change_policy(changes)
        except InvalidValue as error:
            # It may be about rules that another administrator has changed in the meantime: show them along with it.
            self.draft.take_over(await self.session.share.policy(), changes)
            self._show()
            self.say(_message_of(error), "bad")
        else:
            self.dismiss(True)

    @property
    @override
    def unsaved(self) -> str:
        return "Close without saving?" if self.draft.changes or self.table.editing else ""
