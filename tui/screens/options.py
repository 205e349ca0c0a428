"""The three fields of a send: password, expiration date, downloads permitted. Checked as they are typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label

from ..rules import options, policy
from ..rules.errors import InvalidValue
from ..widgets.field import Field
from .base import Say

PASSWORD_NOTE = "Tell the password separately: it is never e-mailed and cannot be recovered."  # noqa: S105


@dataclass(frozen=True, slots=True)
class Values:
    """What the fields say; ``None``: none."""

    password: str | None
    expires_at: datetime | None
    downloads_permitted: int | None


class OptionFields(Vertical):
    """The fields with what was understood, or what is wrong, beside each."""

    DEFAULT_CSS = """
    OptionFields { height: 4; }
    OptionFields Horizontal { height: 1; }
    OptionFields Label { width: 20; }
    OptionFields Field { width: 22; margin-right: 1; }
    OptionFields .note { color: $text-muted; }
    """

    class Changed(Message):
        """Something was typed; ``error`` is the whole sentence about the first field that is wrong."""

        def __init__(self, error: str | None) -> None:
            super().__init__()
            self.error = error

    def __init__(self, asked: policy.Policy, now: Callable[[], datetime], *, id: str | None = None) -> None:
        """``now`` is the server's clock."""
        super().__init__(id=id)
        self._now = now
        self._policy = asked
        self._initial: tuple[str, str, str] = ("", "", "")

    def compose(self) -> ComposeResult:
        asked = self._policy
        with Horizontal():
            yield Label("Password")
            yield Field(password=True, compact=True, id="password", max_length=1024)
            yield Say(id="password-say", tone="dim")
        with Horizontal():
            yield Label("Expiration date")
            yield Field(
                asked.expires_default or "", compact=True, id="expires", placeholder="7d or 2026-12-31"
            )
            yield Say(id="expires-say", tone="dim")
        with Horizontal():
            yield Label("Downloads permitted")
            default = str(asked.downloads_default or "")
            yield Field(default, compact=True, id="downloads", placeholder="no limit")
            yield Say(id="downloads-say", tone="dim")
        yield Say(PASSWORD_NOTE, id="password-note", tone="dim")

    def on_mount(self) -> None:
        self._initial = self._texts()
        self.check()

    # ------------------------------------------------------------ what was typed

    def _texts(self) -> tuple[str, str, str]:
        return (self._text("password"), self._text("expires"), self._text("downloads"))

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    @property
    def touched(self) -> bool:
        """Whether something was typed or changed."""
        return self._texts() != self._initial

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.check()
        try:
            self.values()
        except InvalidValue as error:
            self.post_message(self.Changed(error.message))
        else:
            self.post_message(self.Changed(None))

    def _password(self) -> str | None:
        text = self._text("password")
        if text:
            options.check_password(text)
        if breach := policy.check_password(self._policy, text or None):
            raise breach
        return text or None

    def _expires(self, now: datetime) -> datetime | None:
        text = self._text("expires").strip()
        moment = options.parse_expiry(text, now) if text else None
        if breach := policy.check_expiry(self._policy, moment, now):
            raise breach
        return moment

    def _downloads(self) -> int | None:
        text = self._text("downloads").strip()
        number = options.parse_downloads(text) if text else None
        if breach := policy.check_downloads(self._policy, number):
            raise breach
        return number

    def values(self) -> Values:
        """The values. Raises :class:`InvalidValue` (``field`` names the first one that is wrong)."""
        return Values(self._password(), self._expires(self._now()), self._downloads())

    # ------------------------------------------------------------ what is said

    def check(self) -> bool:
        """Says beside each field what was understood or what is wrong; whether all are right."""
        now = self._now()
        right = True
        for name, read, hint in (
            ("password", self._say_password, self._password_hint()),
            ("expires", lambda: self._say_expiry(now), self._expiry_hint()),
            ("downloads", self._say_downloads, self._downloads_hint()),
        ):
            say = self.query_one(f"#{name}-say", Say)
            try:
                understood = read()
            except InvalidValue as error:
                right = False
                empty = not self._text(name)
                say.say(error.message, "warn" if empty else "bad")
            else:
                say.say(understood or hint, "" if understood else "dim")
        return right

    def _say_password(self) -> str:
        return "" if self._password() is None else "the recipient is asked for it"

    def _say_expiry(self, now: datetime) -> str:
        moment = self._expires(now)
        return f"until {moment.astimezone():%a %Y-%m-%d %H:%M %Z}" if moment else ""

    def _say_downloads(self) -> str:
        number = self._downloads()
        if number is None:
            return ""
        return "1 download of each document" if number == 1 else f"{number:,} downloads of each document"

    def _password_hint(self) -> str:
        asked = self._policy
        parts = []
        if asked.password_min_length:
            parts.append(f"at least {asked.password_min_length} characters")
        if asked.password_classes:
            parts.append(f"{asked.password_classes} kinds of characters")
        return "optional" + (f"; policy: {', '.join(parts)}" if parts else "")

    def _expiry_hint(self) -> str:
        return "optional" + (
            f"; policy: {self._policy.expires_max} at most" if self._policy.expires_max else ""
        )

    def _downloads_hint(self) -> str:
        most = self._policy.downloads_max
        return "optional, 1 to 1,000,000" if not most else f"optional; policy: {most:,} at most"

    # ------------------------------------------------------------ commands

    def reveal(self) -> None:
        """Shows the password, or hides it."""
        field = self.query_one("#password", Field)
        field.password = not field.password

    def generate(self) -> None:
        """Fills in a strong password and shows it."""
        field = self.query_one("#password", Field)
        field.value = options.generate_password(max(20, self._policy.password_min_length or 0))
        field.password = False

    def forget(self) -> None:
        """Empties the password, once the send has been opened with it."""
        with self.prevent(Input.Changed):
            self.query_one("#password", Field).value = ""

    def focus_first_wrong(self) -> None:
        """Puts the focus on the field that :meth:`values` complains about."""
        try:
            self.values()
        except InvalidValue as error:
            if error.field in ("password", "expires", "downloads"):
                self.query_one(f"#{error.field}", Field).focus()

    def hold(self, locked: bool) -> None:
        """Whether the fields can be changed."""
        for field in self.query(Field):
            field.disabled = locked
