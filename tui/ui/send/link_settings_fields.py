"""The fields for a link's settings: password, expiration date, downloads permitted, recipients."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from ...commands.lookup import spelled
from ...override import override
from ...rules.allowed_recipients import domains_sentence
from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS, LinkSettings
from ...rules.policy import Policy
from ...rules.typed_settings import FIELD_OF, TYPED
from ..base.screen_commands import ScreenCommand
from ..widgets.checkbox import Checkbox
from .entered_settings import EnteredSettings
from .filled_presets import FilledPresets
from .first_settings import FirstSettings
from .preset_history import Held
from .recipients import RecipientsField
from .recipients_group import RecipientsGroup
from .setting_notes import PASSWORD_NOTES, Note, changes_in_full, note_of, shared_limit
from .setting_rows import SettingRows
from .typed_password import TypedPassword

if TYPE_CHECKING:
    from ..base.app_screen import AppScreen

#: The ids of the fields and checkboxes, in the order in which ``tab`` goes through them.
SETTING_IDS = (*TYPED, *FLAGS, "to")
#: On a narrower terminal the fields are shorter, to leave room for the text next to them; with ``again``, there is a
#: checkbox as well.
_WIDE, _WIDE_AGAIN = 76, 90
#: On a terminal narrower than this, what is said of a setting stands below it.
_BESIDE, _BESIDE_AGAIN = 60, 80


class LinkSettingsFields(Vertical):
    """The fields, each with what was understood, or what is wrong, next to it.

    For a new send an empty field means *none*, and the policy's defaults are filled in. With ``again``, for documents
    that were sent before, an empty field keeps the current value, and a checkbox next to it removes that.
    """

    DEFAULT_CSS = """
    LinkSettingsFields { height: auto; }
    LinkSettingsFields Horizontal { height: 1; }
    LinkSettingsFields Label { width: 22; padding-left: 2; }
    LinkSettingsFields .group { width: 22; color: $quiet; text-style: $quiet-style; }
    LinkSettingsFields Field { width: 22; margin-right: 1; }
    LinkSettingsFields.-narrow Field { width: 13; }
    LinkSettingsFields.-again Label { width: 20; padding-left: 0; }
    LinkSettingsFields.-again Field { width: 24; }
    LinkSettingsFields.-again.-narrow Field { width: 20; }
    LinkSettingsFields Checkbox { margin-right: 3; }
    LinkSettingsFields.-again.-narrow Checkbox { margin-right: 1; }
    LinkSettingsFields .flag { width: 22; margin-right: 1; }
    LinkSettingsFields.-narrow .flag { width: 13; }
    LinkSettingsFields.-again .flag { width: 24; margin-right: 1; }
    LinkSettingsFields.-again.-narrow .flag { width: 20; }
    LinkSettingsFields.-slim .group { width: 13; }
    LinkSettingsFields.-folded .setting { layout: grid; grid-size: 2 2; grid-columns: 22 1fr; height: 2; }
    LinkSettingsFields.-folded.-again .setting { grid-columns: 20 1fr; }
    LinkSettingsFields.-folded .setting Field { width: 1fr; margin-right: 0; }
    LinkSettingsFields.-folded .setting .flag { width: 1fr; margin-right: 0; }
    LinkSettingsFields.-folded .setting StatusLine { column-span: 2; padding-left: 2; }
    LinkSettingsFields.-folded.-again .setting StatusLine { column-span: 1; padding-left: 0; }
    LinkSettingsFields.-folded.-again .flag-setting StatusLine { column-span: 2; }
    LinkSettingsFields.-slim.-again .setting { grid-size: 2 3; height: 3; }
    LinkSettingsFields.-slim.-again .flag-setting { grid-size: 2 2; height: 2; }
    LinkSettingsFields.-slim.-again .setting Checkbox { column-span: 2; }
    LinkSettingsFields.-slim.-again .flag-setting .flag { column-span: 1; }
    LinkSettingsFields.-slim.-again .setting StatusLine { column-span: 2; padding-left: 2; }
    LinkSettingsFields Recipients #to { width: 1fr; margin-right: 0; }
    """

    class Changed(Message):
        """A field or checkbox was changed; ``error`` is the full message about the first field that is wrong."""

        def __init__(self, error: str | None) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        policy: Policy,
        now: Callable[[], datetime],
        *,
        flags: Mapping[str, bool],
        again: bool = False,
        id: str | None = None,
    ) -> None:
        """``now`` returns the server's time. ``flags``: the settings that are on or off and that the user can have, as
        they are unless the checkbox is changed."""
        super().__init__(id=id, classes="-again" if again else None)
        self.now = now
        self.policy = policy
        self.again = again
        self._flags = dict(flags)
        self._first = FirstSettings(policy, flags, again=again)
        self._rows = SettingRows(self, again=again)
        self.password = TypedPassword(self, self.check, self._password_judged)
        #: Made when this is mounted; of documents that were sent before, those stay.
        self._recipients: RecipientsGroup | None = None
        self.presets = FilledPresets(self)
        #: What each document has that is sent again, by the names of the settings.
        self._present: Mapping[str, Collection[Any]] = {}
        self.locked = False

    def begin_with(self, settings: LinkSettings, password: Sequence[str], *, has_password: bool) -> None:
        """Hold the settings of a send that is resumed, instead of the policy's defaults. To be called before this is
        mounted. ``password``: what is true of its password, shown while the fields are locked."""
        self._first.resume(settings, password, has_password=has_password)

    def recipients_to_confirm(self) -> str:
        """What the policy wants confirmed about the recipients; empty if it is nothing."""
        return "" if self._recipients is None else self._recipients.to_confirm()

    def take_policy(self, policy: Policy) -> None:
        """Apply the policy as it is by now; what was typed stays."""
        self.policy = policy
        if self._recipients is not None:
            self._recipients.recipients.take_policy(policy)
        self.check()

    @override
    def compose(self) -> ComposeResult:
        yield from self._rows.compose(self._first)
        if not self.again:
            self._recipients = RecipientsGroup(self._first.texts["to"], self.policy)
            yield self._recipients

    def on_mount(self) -> None:
        """Say what each checkbox does, and check what is filled in."""
        for name in self._flags:
            notes = FLAGS[name].notes
            self._rows.say(name, (notes, "dim"))
        self.check()

    def on_resize(self) -> None:
        """Use narrower fields where there is little room, and two lines for each where there is hardly any."""
        width = self.app.size.width
        self.set_class(width < (_WIDE_AGAIN if self.again else _WIDE), "-narrow")
        self.set_class(self._is_folded, "-folded")
        self.set_class(width < _BESIDE, "-slim")
        if self.screen.focused is not None:
            self._show_note_of(self.screen.focused)

    # ------------------------------------------------------------ what was typed

    def _entered(self) -> EnteredSettings:
        """What the fields hold now."""
        return EnteredSettings(
            self.policy,
            {name: self._rows.text(name) for name in TYPED},
            self._rows.removed(),
            {name: self._rows.flag(name).checked for name in self._flags},
            "" if self.again else self._rows.text("to"),
            again=self.again,
            had_password=self._first.had_password,
        )

    @property
    def _is_folded(self) -> bool:
        return self.app.size.width < (_BESIDE_AGAIN if self.again else _BESIDE)

    def more_lines(self, said: int) -> int:
        """How many lines they need besides one for each setting that is always there, and one for what is said below
        them. That has ``said`` lines, which the addresses that are offered leave free."""
        if self._recipients is not None:
            self._recipients.recipients.leave_free(said)
        lines = len(self._flags)
        return lines + (len(TYPED) + lines if self._is_folded else 0) + said - 1

    @on(events.DescendantFocus)
    def _show_note(self, event: events.DescendantFocus) -> None:
        """Scroll so that what is said below a field can be read."""
        self._show_note_of(event.widget)

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _removal_moved(self, event: events.DescendantFocus | events.DescendantBlur) -> None:
        """Say what a checkbox does that removes a setting, as long as it has the focus."""
        if (event.widget.id or "").startswith("no_"):
            self.check()

    def _show_note_of(self, field: Widget) -> None:
        setting = field.parent
        if self._is_folded and isinstance(setting, Horizontal) and setting in self.children:
            self.call_after_refresh(setting.scroll_visible, animate=False)

    @property
    def touched(self) -> bool:
        """Whether any field or checkbox was changed."""
        return self._entered().differs_from(self._first.texts, self._first.flags)

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _typed(self, event: Message) -> None:
        event.stop()
        self._notify_changed()

    def _notify_changed(self) -> None:
        self.check()
        self.post_message(self.Changed(self._first_error()))

    def _password_judged(self) -> None:
        if self._first_error() is None:
            # What is said otherwise stays: nobody has typed anything.
            self.check()
        else:
            self._notify_changed()

    def sentence_of(self, error: InvalidValue) -> str:
        """What is wrong, with the key that does something about it."""
        if error.code == "policy.password_required":
            place = "resend" if self.again else "send"
            text = f"Your firm requires a password. Type one, or {{{place}.generate}} makes one."
            return spelled(text, cast("AppScreen", self.screen).app)
        return error.message

    def settings(self) -> LinkSettings:
        """Return the settings. Raises :class:`InvalidValue` (its ``field`` is the first one that is wrong)."""
        # Those that weren't changed are left to the server.
        return self._entered().settings(self.now(), self._flags)

    def _first_error(self) -> str | None:
        focused = list(self._rows.focused())
        if self._recipients is not None and self._recipients.has_focus_within:
            focused.append("to")
        return self._entered().error(self.now(), focused[0] if focused else "")

    # ------------------------------------------------------------ messages

    def check(self) -> None:
        """Show next to each field what was understood or what is wrong."""
        entered = self._entered()
        self.password.learn(is_empty=entered.is_empty("password"))
        self.password.fit()
        self._rows.say_of_password(PASSWORD_NOTES if entered.texts["password"] else ("",))
        now, is_strong = self.now(), self.password.is_strong()
        for name in TYPED:
            self._rows.field(name).disabled = self.locked or name in entered.removed
            if name == "password" and self.locked and self._first.earlier_password:
                note: Note = (self._first.earlier_password, "dim")
            elif self._rows.is_on_removal(name) and name not in entered.removed:
                note = (("a tick removes it", "a tick removes", "removes it"), "")
            else:
                note = note_of(entered, name, now, self._present.get(name, ()), is_strong=is_strong)
            self._rows.say(name, note)

    def understood(self) -> tuple[str, str]:
        """The expiration date that is typed, in full, and what will be less than it is now; empty if there is nothing
        to say. Returns the text and its tone."""
        return changes_in_full(self._entered(), self.now(), self._present)

    def rule_of(self, name: str) -> str:
        """What there is to know about a field that isn't said beside it: the policy for it, in full, or what has no
        room there; empty if there is nothing."""
        if name == "to":
            cut = self._recipients.cut_note() if self._recipients is not None else ""
            return cut or domains_sentence(self.policy)
        if name == "downloads" and (shared := shared_limit(self._entered(), self.now())):
            return shared[0]
        return TYPED[name].sentence(self.policy) if name in TYPED else ""

    def show_present(self, present: Mapping[str, Collection[Any]]) -> None:
        """Show in each field the value that it keeps while empty: what each document has, by the names of the
        settings."""
        self._present = present
        self._rows.show_kept(present, self.now())
        self.check()

    # ------------------------------------------------------------ commands

    def commands(self, disabled_reason: Callable[[], str | None] = lambda: None) -> dict[str, ScreenCommand]:
        """The commands for the password and for presets, by their ids in ``commands/declared.py``."""

        def reveal_disabled_reason() -> str | None:
            # Over a long send, others may come to look at the screen.
            return None if self._rows.text("password") else disabled_reason()

        found = {
            "reveal": ScreenCommand(lambda: self.password.reveal(self.app_screen), reveal_disabled_reason),
            "generate": ScreenCommand(self.generate, disabled_reason),
            "presets": ScreenCommand(self.presets.choose, disabled_reason),
        }
        # Where an empty field keeps what the documents have, it says nothing that a preset could.
        save = {} if self.again else {"save_preset": ScreenCommand(self.presets.save, disabled_reason)}
        return {**found, **save}

    def generate(self) -> None:
        """Fill in a strong password."""
        if self.again:
            # A new password replaces the request to remove it.
            self._rows.removal("password").checked = False
        self.password.generate(self.policy)

    # ------------------------------------------------------------ presets

    @property
    def app_screen(self) -> AppScreen:
        """The dialog that they are in."""
        return cast("AppScreen", self.screen)

    def made_password(self) -> str:
        """A new password, which counts as made here."""
        return self.password.make(self.policy)

    def held(self) -> dict[str, Held]:
        """What the settings hold now, by the names that presets have for them."""
        return self._entered().held()

    def first_held(self) -> dict[str, Held]:
        """What they held at first."""
        return self._first.held()

    def hold_values(self, values: Mapping[str, Held]) -> None:
        """Have some settings hold something else."""
        self._rows.hold(values)
        self.check()
        self.screen.refresh_bindings()

    def check_typed(self) -> None:
        """Raise :class:`InvalidValue` for the first of the typed settings that is wrong."""
        self._entered().check_typed(self.now())

    def texts(self) -> dict[str, str]:
        """What is typed, as a preset has it, without the recipients; of a password, only that there is one."""
        return self._entered().for_preset()

    def forget(self) -> None:
        """Clear the password field, after the send was opened with it."""
        self.password.forget()
        self.presets.forget()
        self._rows.forget_password()

    def focus_field(self, name: str | None) -> bool:
        """Focus the field with that name. Returns ``False`` if there is none."""
        ident = "to" if name == "to" and not self.again else FIELD_OF.get(name or "")
        if ident is None:
            return False
        self._rows.field(ident).focus()
        if self._recipients is not None:
            # They would cover why the field has the focus.
            self._recipients.recipients.hide()
        return True

    def hold(self, locked: bool) -> None:
        """Lock or unlock the fields."""
        if locked != self.locked:
            self.locked = locked
            self.check()
        for each in (*self._rows.checkboxes(), *self.query(RecipientsField)):
            each.disabled = locked
