"""The fields for a link's settings: password, expiration date, downloads permitted, recipients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from ...commands.declared import spelled
from ...override import override
from ...rules import dates
from ...rules.addresses import parse_addresses
from ...rules.allowed_recipients import check_recipients, domains_sentence
from ...rules.common_passwords import common_passwords, known_by_now
from ...rules.errors import InvalidValue
from ...rules.link_settings import FLAGS, LEFT_OUT, LinkSettings
from ...rules.password_strength import strength
from ...rules.policy import Policy
from ...rules.sent_text import recipients_text
from ...rules.spoken_passwords import made_password
from ...rules.text import printable
from ...rules.typed_settings import (
    FIELD_OF,
    TYPED,
    empty_texts,
    is_missing,
    kept_none_texts,
    kept_texts,
    password_not_stored,
    short_reason,
    typed_texts,
    typed_value,
    with_strength,
)
from ..base.screen_commands import ScreenCommand
from ..base.workers import lines_that_say
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .filled_presets import FilledPresets
from .preset_history import Held
from .recipients import RECIPIENTS_NOTE, Recipients, RecipientsField, noted

if TYPE_CHECKING:
    from ...rules.odd_recipients import RecipientsNote
    from ..base.app_screen import AppScreen

PASSWORD_NOTE = "Tell the password by phone or text: it isn't in the e-mail and can't be recovered."  # noqa: S105
_SHORTER_PASSWORD_NOTES = (
    "Tell the password by phone or text: it isn't in the e-mail.",
    "Tell the password by phone.",
)
_SHORTER_RECIPIENTS_NOTES = ("For your records: anyone with the link can open it.", "for your records only")
#: The ids of the fields and checkboxes, in the order in which ``tab`` goes through them.
SETTING_IDS = (*TYPED, *FLAGS, "to")
#: On a narrower terminal the fields are shorter, to leave room for the text next to them.
_WIDE = 76


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
    LinkSettingsFields Checkbox { margin-right: 3; }
    LinkSettingsFields .flag { width: 22; margin-right: 1; }
    LinkSettingsFields.-narrow .flag { width: 13; }
    LinkSettingsFields.-again .flag { width: 24; margin-right: 1; }
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
        #: What the fields and the checkbox hold at first.
        self._first = dict.fromkeys((*TYPED, "to"), "")
        if not again:
            self._first["expires"] = dates.spelled_out(policy.expires_default or "")
            self._first["downloads"] = str(policy.downloads_default or "")
        self._first_flags = dict(flags)
        #: Whether the list of common passwords is being loaded.
        self._loading_passwords = False
        #: The password whose strength was estimated last, and the result; whether one is being estimated.
        self._estimated: tuple[str, bool] | None = None
        self._is_estimating = False
        #: The passwords that were made here.
        self._generated: set[str] = set()
        #: The passwords that the user had shown.
        self._shown: set[str] = set()
        self.presets = FilledPresets(self)
        self._keeps_none: Collection[str] = ()
        self.locked = False
        #: What is shown of the password of a send that is resumed, and whether it must be typed to send anything again.
        self._earlier_password: Sequence[str] = ()
        self._had_password = False

    def begin_with(self, settings: LinkSettings, password: Sequence[str], *, has_password: bool) -> None:
        """Hold the settings of a send that is resumed, instead of the policy's defaults. To be called before this is
        mounted. ``password``: what is true of its password, shown while the fields are locked."""
        self._earlier_password, self._had_password = password, has_password
        self._first |= typed_texts(settings)
        self._first_flags |= {name: value for name, value in settings.flags.items() if name in self._flags}
        if settings.recipients is not LEFT_OUT:
            self._first["to"] = recipients_text(settings.recipients)

    def recipients_to_confirm(self) -> str:
        """What the policy wants confirmed about the recipients; empty if it is nothing."""
        notes = [] if self.again else self.query_one(Recipients).look()
        return " ".join(note.sentence for note in notes if note.is_asked)

    def take_policy(self, policy: Policy) -> None:
        """Apply the policy as it is by now; what was typed stays."""
        self.policy = policy
        if not self.again:
            self.query_one(Recipients).take_policy(policy)
        self.check()

    @override
    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("Protection", classes="group")
            yield StatusLine(id="password-note")
        for name, setting in TYPED.items():
            with Horizontal():
                yield Label(setting.label)
                yield Field(
                    self._first[name],
                    password=name == "password",
                    compact=True,
                    id=name,
                    max_length=1024,
                    placeholder=setting.hint,
                )
                if self.again:
                    yield Checkbox("remove", id=f"no_{name}")
                yield StatusLine(id=f"{name}-say", tone="dim", marked=True)
        for name, checked in self._first_flags.items():
            with Horizontal():
                yield Label(FLAGS[name].label)
                yield Checkbox(FLAGS[name].choice, id=name, checked=checked, classes="flag")
                yield StatusLine(id=f"{name}-say", marked=True)
        if not self.again:
            with Horizontal():
                yield Static("For", classes="group")
                yield StatusLine(id="recipients-note", marked=True)
            yield Recipients(self._first["to"], "optional: name@example.com, …", self.policy)

    def on_mount(self) -> None:
        """Say what each checkbox does, and check what is filled in."""
        if not self.again:
            self.query_one(Recipients).look()
            self._say_of_recipients([])
        for name in self._flags:
            notes = FLAGS[name].notes
            self.query_one(f"#{name}-say", StatusLine).say(notes[0], "dim", shorter=notes[1:])
        self.check()

    @on(Recipients.NotesChanged)
    def _recipients_noted(self, event: Recipients.NotesChanged) -> None:
        event.stop()
        self._say_of_recipients(event.notes)

    def _say_of_recipients(self, notes: Sequence[RecipientsNote]) -> None:
        """What is odd about the recipients or, if nothing is, what naming them does."""
        texts, tone = noted(notes)
        if not texts:
            texts, tone = [RECIPIENTS_NOTE, *_SHORTER_RECIPIENTS_NOTES], "dim"
        self.query_one("#recipients-note", StatusLine).say(texts[0], tone, shorter=texts[1:])

    def on_resize(self) -> None:
        """Use narrower fields where there is little room."""
        if not self.again:
            self.set_class(self.app.size.width < _WIDE, "-narrow")

    # ------------------------------------------------------------ what was typed

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    def _removed(self, name: str) -> bool:
        return self.again and self.query_one(f"#no_{name}", Checkbox).checked

    def _empty(self, name: str) -> bool:
        return TYPED[name].is_empty(self._text(name))

    @property
    def flag_count(self) -> int:
        """How many settings are on or off, each in a line of its own."""
        return len(self._flags)

    @property
    def touched(self) -> bool:
        """Whether any field or checkbox was changed."""
        typed = any(self._text(name) != self._first[name] for name in TYPED)
        return (
            typed
            or self._recipients_text != self._first["to"]
            or any(map(self._removed, TYPED))
            or self._checked_flags != self._first_flags
        )

    @property
    def _recipients_text(self) -> str:
        return "" if self.again else self._text("to").strip()

    @property
    def _checked_flags(self) -> dict[str, bool]:
        return {name: self.query_one(f"#{name}", Checkbox).checked for name in self._flags}

    @property
    def password_made(self) -> bool:
        """Whether the password was generated here."""
        return self._text("password") in self._generated

    @property
    def password_shown(self) -> bool:
        """Whether the user had the password shown."""
        return self._text("password") in self._shown

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _typed(self, event: Message) -> None:
        event.stop()
        self._notify_changed()

    def _notify_changed(self) -> None:
        self.check()
        self.post_message(self.Changed(self._first_error()))

    @work(exclusive=True, group="common passwords")
    async def _load_common_passwords(self) -> None:
        await asyncio.to_thread(common_passwords)
        if self._first_error() is None:
            # What is said otherwise stays: nobody has typed anything.
            self.check()
        else:
            self._notify_changed()

    @work(group="password strength")
    async def _estimate(self) -> None:
        """Estimate how hard the password is to guess, in a thread: it takes up to 0.3 s."""
        try:
            while (password := self._text("password")) and self._strong(password) is None:
                found = await asyncio.to_thread(strength, password)
                self._estimated = (password, found.is_strong)
        finally:
            self._is_estimating = False
        if not password:
            self._estimated = None
        self.check()

    def _strong(self, password: str) -> bool | None:
        """Whether a password is hard to guess; ``None`` if that isn't known yet."""
        if password in self._generated:
            return True
        if self._estimated is None or self._estimated[0] != password:
            return None
        return self._estimated[1]

    def sentence_of(self, error: InvalidValue) -> str:
        """What is wrong, with the key that does something about it."""
        if error.code == "policy.password_required":
            place = "resend" if self.again else "send"
            text = f"Your firm requires a password. Type one, or {{{place}.generate}} makes one."
            return spelled(text, cast("AppScreen", self.screen).app)
        return error.message

    def settings(self) -> LinkSettings:
        """Return the settings. Raises :class:`InvalidValue` (its ``field`` is the first one that is wrong)."""
        if not self._empty("password"):
            # The password is checked against them, even if they haven't been loaded yet.
            common_passwords()
        now = self.now()
        typed = {setting.attribute: self._value_of(name, now) for name, setting in TYPED.items()}
        # Those that weren't changed are left to the server.
        flags = dict(self._checked_flags.items() - self._flags.items())
        recipients = parse_addresses(self._recipients_text)
        breach = check_recipients(self.policy, recipients)
        if breach is not None:
            raise breach
        return LinkSettings.of({**typed, **flags, "recipients": recipients}, typed["password"])

    def _value_of(self, name: str, now: datetime) -> Any:
        if self._removed(name):
            return None
        if self.again and self._empty(name):
            return LEFT_OUT
        if name == "password" and self._had_password and self._empty(name):
            raise password_not_stored()
        return typed_value(name, self._text(name), self.policy, now, known_by_now())

    def _first_error(self) -> str | None:
        """What is wrong with what was typed: first in the field that is being typed in. What is only missing is said
        next to its field."""
        now = self.now()
        for name in sorted(TYPED, key=lambda name: not self.query_one(f"#{name}", Field).has_focus):
            try:
                self._value_of(name, now)
            except InvalidValue as error:
                if not (self._empty(name) and is_missing(error)):
                    return error.message
        # While it is typed, an address is no address yet.
        if not self.again and not self.query_one(Recipients).has_focus_within:
            try:
                parse_addresses(self._recipients_text)
            except InvalidValue as error:
                return error.message
        return None

    # ------------------------------------------------------------ messages

    def check(self) -> None:
        """Show next to each field what was understood or what is wrong."""
        if not (self._empty("password") or known_by_now() or self._loading_passwords):
            self._loading_passwords = True
            self._load_common_passwords()
        password = self._text("password")
        is_stale = self._strong(password) is None if password else self._estimated is not None
        if is_stale and not self._is_estimating:
            self._is_estimating = True
            self._estimate()
        note = self.query_one("#password-note", StatusLine)
        note.say(
            PASSWORD_NOTE if password else "", "dim", shorter=_SHORTER_PASSWORD_NOTES if password else ()
        )
        now = self.now()
        for name in TYPED:
            self.query_one(f"#{name}", Field).disabled = self.locked or self._removed(name)
            self._show_status(name, self.query_one(f"#{name}-say", StatusLine), now)

    def _show_status(self, name: str, line: StatusLine, now: datetime) -> None:
        if name == "password" and self.locked and self._earlier_password:
            line.say(self._earlier_password[0], "dim", shorter=self._earlier_password[1:])
            return
        try:
            value = self._value_of(name, now)
        except InvalidValue as error:
            if self._empty(name) and is_missing(error):
                texts, tone = empty_texts(self.policy, name), "warn"
            else:
                texts = [error.message, short_reason(error, name, self._text(name), self.policy)]
                tone = "warn" if self._empty(name) else "bad"
        else:
            texts, tone = self._texts(name, value)
        line.say(texts[0], tone, shorter=texts[1:])

    def _texts(self, name: str, value: Any) -> tuple[list[str], str]:
        """The texts for a valid value, and their tone."""
        if value is LEFT_OUT:
            required = kept_none_texts(self.policy, name) if name in self._keeps_none else []
            return (required, "warn") if required else (kept_texts(self.policy, name), "dim")
        if value is None:
            if self.again:
                return ["will be removed"], ""
            return (
                ([TYPED[name].none], "") if not self._empty(name) else (empty_texts(self.policy, name), "dim")
            )
        texts, tone = TYPED[name].understood(value), ""
        if self.again:
            texts = texts[:1] if name == "expires" else ["changed"]
        if name == "password":
            tone = "" if self.again else "good"
            texts = with_strength(texts, self._strong(value))
        return texts, tone

    def rule_of(self, name: str) -> str:
        """What there is to know about a field: the policy for it, in full; empty if there is none."""
        if name == "to":
            return " ".join(filter(None, (domains_sentence(self.policy), RECIPIENTS_NOTE)))
        return TYPED[name].sentence(self.policy) if name in TYPED else ""

    def show_kept(self, kept: Mapping[str, str], none: Collection[str]) -> None:
        """Show in each field the value that it keeps while empty. For the names in ``none``, some document has none."""
        self._keeps_none = none
        for name, text in kept.items():
            self.query_one(f"#{name}", Field).placeholder = text
        self.check()

    # ------------------------------------------------------------ commands

    def commands(self, disabled_reason: Callable[[], str | None] = lambda: None) -> dict[str, ScreenCommand]:
        """The commands for the password and for presets, by their ids in ``commands/declared.py``."""

        def reveal_disabled_reason() -> str | None:
            # Over a long send, others may come to look at the screen.
            return None if self._text("password") else disabled_reason()

        return {
            "reveal": ScreenCommand(self.reveal, reveal_disabled_reason),
            "generate": ScreenCommand(self.generate, disabled_reason),
            "presets": ScreenCommand(self.presets.choose, disabled_reason),
        }

    def reveal(self) -> None:
        """Show or hide the password."""
        field = self.query_one("#password", Field)
        field.password = not field.password
        screen, text = cast("AppScreen", self.screen), f"Password: {printable(field.value)}"
        if field.password:
            for line in lines_that_say(screen, text):
                line.say("")
            return
        self._shown.add(field.value)
        if len(field.value) >= field.size.width:
            # In the field there is no room for all of it.
            screen.say(text)

    def generate(self) -> None:
        """Fill in a strong password, which stays hidden: others may see the screen."""
        if self.again:
            # A new password replaces the request to remove it.
            self.query_one("#no_password", Checkbox).checked = False
        field = self.query_one("#password", Field)
        field.value = self.made_password()
        field.password = True

    def made_password(self) -> str:
        """Make a password, which counts as one that was made here."""
        password = made_password(self.policy)
        self._generated.add(password)
        return password

    # ------------------------------------------------------------ presets

    @property
    def app_screen(self) -> AppScreen:
        """The dialog that they are in."""
        return cast("AppScreen", self.screen)

    def held(self) -> dict[str, Held]:
        """What the settings hold now, by the names that presets have for them."""
        return {
            **{name: (self._text(name), self._removed(name)) for name in TYPED},
            **{name: ("", checked) for name, checked in self._checked_flags.items()},
            **({} if self.again else {"to": (self._text("to"), False)}),
        }

    def first_held(self) -> dict[str, Held]:
        """What they held at first."""
        return {
            **{name: (text, False) for name, text in self._first.items()},
            **{name: ("", checked) for name, checked in self._first_flags.items()},
        }

    def hold_values(self, values: Mapping[str, Held]) -> None:
        """Have some settings hold something else."""
        with self.prevent(Input.Changed, Checkbox.Changed):
            for name, (text, checked) in values.items():
                if name in FLAGS:
                    self.query_one(f"#{name}", Checkbox).checked = checked
                    continue
                field = self.query_one(f"#{name}", Field)
                field.value = text
                field.password = name == "password"
                if self.again:
                    self.query_one(f"#no_{name}", Checkbox).checked = checked
        self.check()
        self.screen.refresh_bindings()

    def texts(self) -> dict[str, str]:
        """What is typed, as a preset has it, without the recipients; of a password, only that there is one."""
        from ...rules.presets import MAKE, NONE, OFF, ON

        found = {name: ON if checked else OFF for name, checked in self._checked_flags.items()}
        for name, setting in TYPED.items():
            is_none = self._empty(name) or setting.is_none(self._text(name))
            found[name] = NONE if is_none else MAKE if setting.is_secret else self._text(name).strip()
        return found

    def forget(self) -> None:
        """Clear the password field, after the send was opened with it."""
        self._generated.clear()
        self._shown.clear()
        self.presets.forget()
        with self.prevent(Input.Changed):
            self.query_one("#password", Field).value = ""

    def focus_field(self, name: str | None) -> bool:
        """Focus the field with that name. Returns ``False`` if there is none."""
        ident = "to" if name == "to" and not self.again else FIELD_OF.get(name or "")
        if ident is None:
            return False
        self.query_one(f"#{ident}", Field).focus()
        return True

    def hold(self, locked: bool) -> None:
        """Lock or unlock the fields."""
        if locked != self.locked:
            self.locked = locked
            self.check()
        for each in (*self.query(Checkbox), *self.query(RecipientsField)):
            each.disabled = locked
