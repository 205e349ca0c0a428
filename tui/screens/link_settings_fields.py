"""The fields of a link's settings: password, expiration date, downloads permitted. Checked as they are typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ..rules import options
from ..rules.common_passwords import common_passwords, known_by_now
from ..rules.errors import InvalidValue
from ..rules.link_settings import LEFT_OUT, LinkSettings
from ..rules.policy import Policy
from ..rules.typed_settings import (
    FIELD_OF,
    LABELS,
    NAMES,
    empty_texts,
    is_missing,
    kept_texts,
    rule_sentence,
    short_reason,
    typed_value,
    understood_texts,
)
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .screen_commands import ScreenCommand

PASSWORD_NOTE = "Tell the password separately: it is never e-mailed and cannot be recovered."  # noqa: S105
_HINTS = {"password": "", "expires": "7d or 2026-12-31", "downloads": "no limit"}
#: On a narrower terminal the fields are shorter, so that there is room beside them.
_WIDE = 76


class LinkSettingsFields(Vertical):
    """The fields with what was understood, or what is wrong, beside each.

    For a new send an empty field says *none*, and the policy's defaults are typed in. ``again``, for what was sent
    before, an empty field keeps what there is, and a tick beside it removes that.
    """

    DEFAULT_CSS = """
    LinkSettingsFields { height: auto; }
    LinkSettingsFields Horizontal { height: 1; }
    LinkSettingsFields Label { width: 20; }
    LinkSettingsFields Field { width: 22; margin-right: 1; }
    LinkSettingsFields.-narrow Field { width: 13; }
    LinkSettingsFields.-again Field { width: 24; }
    LinkSettingsFields Checkbox { margin-right: 3; }
    """

    class Changed(Message):
        """Something was typed or ticked; ``error`` is the whole sentence about the first field that is wrong."""

        def __init__(self, error: str | None) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self, asked: Policy, now: Callable[[], datetime], *, again: bool = False, id: str | None = None
    ) -> None:
        """``now`` is the server's clock."""
        super().__init__(id=id, classes="-again" if again else None)
        self._now = now
        self._policy = asked
        self._again = again
        self._initial: list[str] = []
        #: Whether the list of common passwords is being read.
        self._learning = False
        self._made: str | None = None
        self._held = False

    def compose(self) -> ComposeResult:
        asked = self._policy
        defaults = {"expires": asked.expires_default or "", "downloads": str(asked.downloads_default or "")}
        for name in NAMES:
            with Horizontal():
                yield Label(LABELS[name])
                yield Field(
                    "" if self._again else defaults.get(name, ""),
                    password=name == "password",
                    compact=True,
                    id=name,
                    max_length=1024,
                    placeholder=_HINTS[name],
                )
                if self._again:
                    yield Checkbox("remove", id=f"no_{name}")
                yield StatusLine(id=f"{name}-say", tone="dim", marked=True)
        if not self._again:
            yield StatusLine(PASSWORD_NOTE, id="password-note", tone="dim")

    def on_mount(self) -> None:
        self._initial = [self._text(name) for name in NAMES]
        self.check()

    def on_resize(self) -> None:
        if not self._again:
            narrow = self.app.size.width < _WIDE
            self.set_class(narrow, "-narrow")
            self.query_one("#password-note", StatusLine).limit(2 if narrow else 1)

    # ------------------------------------------------------------ what was typed

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    def _removed(self, name: str) -> bool:
        return self._again and self.query_one(f"#no_{name}", Checkbox).checked

    def _empty(self, name: str) -> bool:
        """Whether nothing is typed; blanks are something in a password only."""
        text = self._text(name)
        return not (text if name == "password" else text.strip())

    @property
    def touched(self) -> bool:
        """Whether something was typed, changed or ticked."""
        return [self._text(name) for name in NAMES] != self._initial or any(map(self._removed, NAMES))

    @property
    def password_made(self) -> bool:
        """Whether the password is one that was made here."""
        return self._made is not None and self._text("password") == self._made

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _typed(self, event: Message) -> None:
        event.stop()
        self._say_changed()

    def _say_changed(self) -> None:
        self.check()
        self.post_message(self.Changed(self._first_wrong()))

    @work(exclusive=True, group="common passwords")
    async def _learn_common_passwords(self) -> None:
        await asyncio.to_thread(common_passwords)
        self._say_changed()

    def settings(self) -> LinkSettings:
        """What is asked for. Raises :class:`InvalidValue` (``field`` names the first one that is wrong)."""
        if not self._empty("password"):
            # What is sent is held against them, though they may not have been read before.
            common_passwords()
        now = self._now()
        password, expires, downloads = (self._asked(name, now) for name in NAMES)
        return LinkSettings(password, expires, downloads)

    def _asked(self, name: str, now: datetime) -> Any:
        if self._removed(name):
            return None
        if self._again and self._empty(name):
            return LEFT_OUT
        return typed_value(name, self._text(name), self._policy, now, known_by_now())

    def _first_wrong(self) -> str | None:
        now = self._now()
        try:
            for name in NAMES:
                self._asked(name, now)
        except InvalidValue as error:
            return error.message
        return None

    # ------------------------------------------------------------ what is said

    def check(self) -> None:
        """Says beside each field what was understood or what is wrong."""
        if not (self._empty("password") or known_by_now() or self._learning):
            self._learning = True
            self._learn_common_passwords()
        now = self._now()
        for name in NAMES:
            self.query_one(f"#{name}", Field).disabled = self._held or self._removed(name)
            self._say(name, self.query_one(f"#{name}-say", StatusLine), now)

    def _say(self, name: str, say: StatusLine, now: datetime) -> None:
        try:
            value = self._asked(name, now)
        except InvalidValue as error:
            if self._empty(name) and is_missing(error):
                texts, tone = empty_texts(self._policy, name), "warn"
            else:
                texts, tone = [error.message, short_reason(error, self._text(name), self._policy)], "bad"
        else:
            texts, tone = self._texts(name, value)
        say.say(texts[0], tone, shorter=texts[1:])

    def _texts(self, name: str, value: Any) -> tuple[list[str], str]:
        """What is said of a value that is good, with its tone."""
        if value is LEFT_OUT:
            return kept_texts(self._policy, name), "dim"
        if value is None:
            return (["none from now on"], "") if self._again else (empty_texts(self._policy, name), "dim")
        if self._again:
            return understood_texts(name, value)[:1] if name == "expires" else ["changed"], ""
        return understood_texts(name, value), "good" if name == "password" else ""

    def rule_of(self, name: str) -> str:
        """What is asked of a field, in full; empty where that is nothing."""
        return rule_sentence(self._policy, name)

    def show_kept(self, kept: Mapping[str, str]) -> None:
        """Shows in each field what it keeps while it is empty."""
        for name, text in kept.items():
            self.query_one(f"#{name}", Field).placeholder = text

    # ------------------------------------------------------------ commands

    def commands(self, disabled_reason: Callable[[], str | None] = lambda: None) -> dict[str, ScreenCommand]:
        """What can be done with the password, by the ids of ``commands.py``."""
        return {
            "reveal": ScreenCommand(self.reveal, disabled_reason),
            "generate": ScreenCommand(self.generate, disabled_reason),
        }

    def reveal(self) -> None:
        """Shows the password, or hides it."""
        field = self.query_one("#password", Field)
        field.password = not field.password

    def generate(self) -> None:
        """Fills in a strong password and shows it."""
        if self._again:
            # Whoever wants one does not want none.
            self.query_one("#no_password", Checkbox).checked = False
        field = self.query_one("#password", Field)
        self._made = field.value = options.generate_password(max(20, self._policy.password_min_length or 0))
        field.password = False

    def forget(self) -> None:
        """Empties the password, once the send has been opened with it."""
        self._made = None
        with self.prevent(Input.Changed):
            self.query_one("#password", Field).value = ""

    def focus_field(self, name: str | None) -> bool:
        """Puts the focus on the field of that name; ``False`` where there is none."""
        if name not in FIELD_OF:
            return False
        self.query_one(f"#{FIELD_OF[name]}", Field).focus()
        return True

    def hold(self, held: bool) -> None:
        """Whether the fields cannot be changed."""
        self._held = held
        for name in NAMES:
            self.query_one(f"#{name}", Field).disabled = held or self._removed(name)
        for tick in self.query(Checkbox):
            tick.disabled = held
