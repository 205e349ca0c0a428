"""The widgets that show and hold a link's settings, by the names of the settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.query import DOMQuery
from textual.widgets import Input, Label, Static

from ...rules.link_settings import FLAGS
from ...rules.typed_settings import TYPED
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .first_settings import FirstSettings
from .preset_history import Held
from .setting_notes import Note


class SettingRows:
    """The rows of ``group``: a field, or a checkbox, with what is said of it beside it. With ``again``, a field has a
    checkbox that removes the setting."""

    def __init__(self, group: Vertical, *, again: bool) -> None:
        self._group = group
        self._again = again

    def compose(self, first: FirstSettings) -> ComposeResult:
        """The heading and the rows, which hold what is there at first."""
        with Horizontal():
            yield Static("Protection", classes="group")
            yield StatusLine(id="password-note")
        for name, setting in TYPED.items():
            with Horizontal(classes="setting"):
                yield Label(setting.label)
                yield Field(
                    first.texts[name],
                    password=name == "password",
                    compact=True,
                    id=name,
                    max_length=1024,
                    placeholder=setting.hint,
                )
                if self._again:
                    yield Checkbox("remove", id=f"no_{name}")
                yield StatusLine(id=f"{name}-say", tone="dim", marked=True)
        for name, checked in first.flags.items():
            with Horizontal(classes="setting flag-setting"):
                yield Label(FLAGS[name].label)
                yield Checkbox(FLAGS[name].choice, id=name, checked=checked, classes="flag")
                yield StatusLine(id=f"{name}-say", marked=True)

    def field(self, name: str) -> Field:
        """The field of a setting that is typed, or of the recipients."""
        return self._group.query_one(f"#{name}", Field)

    def flag(self, name: str) -> Checkbox:
        """The checkbox of a setting that is on or off."""
        return self._group.query_one(f"#{name}", Checkbox)

    def removal(self, name: str) -> Checkbox:
        """The checkbox that removes a setting."""
        return self._group.query_one(f"#no_{name}", Checkbox)

    def text(self, name: str) -> str:
        """What a field holds."""
        return self.field(name).value

    def removed(self) -> frozenset[str]:
        """The names of the settings that are to be removed."""
        return frozenset(name for name in TYPED if self.removal(name).checked) if self._again else frozenset()

    def focused(self) -> Iterator[str]:
        """The name of the setting whose field has the focus, if it is one of them."""
        return (name for name in TYPED if self.field(name).has_focus)

    def is_on_removal(self, name: str) -> bool:
        """Whether the checkbox that removes the setting has the focus."""
        return self._again and self.removal(name).has_focus

    def say(self, name: str, note: Note) -> None:
        """Show a note beside a setting."""
        self._say(f"{name}-say", note)

    def say_of_password(self, texts: tuple[str, ...]) -> None:
        """Show a note above the settings."""
        self._say("password-note", (texts, "dim"))

    def _say(self, ident: str, note: Note) -> None:
        texts, tone = note
        self._group.query_one(f"#{ident}", StatusLine).say(texts[0], tone, shorter=texts[1:])

    def show_kept(self, present: Mapping[str, Collection[Any]], now: datetime) -> None:
        """Say in an empty field what it keeps, in as many words as it has room for: what each document has."""
        for name, values in present.items():
            field = self.field(name)
            words = {TYPED[name].kept_shorter(value, now) for value in values}
            kept = words.pop() if len(words) == 1 else ("they differ",)
            unchanged, now_kept = (f"unchanged ({each})" for each in kept), (f"now {each}" for each in kept)
            field.show_hint(*unchanged, *now_kept, *kept)

    def hold(self, values: Mapping[str, Held]) -> None:
        """Have some settings hold something else, without a message that they were changed."""
        with self._group.prevent(Input.Changed, Checkbox.Changed):
            for name, (text, checked) in values.items():
                if name in FLAGS:
                    self.flag(name).checked = checked
                    continue
                field = self.field(name)
                field.value = text
                field.password = name == "password"
                if self._again:
                    self.removal(name).checked = checked

    def forget_password(self) -> None:
        """Clear the password field, without a message that it was changed."""
        with self._group.prevent(Input.Changed):
            self.field("password").value = ""

    def checkboxes(self) -> DOMQuery[Checkbox]:
        """All of them."""
        return self._group.query(Checkbox)
