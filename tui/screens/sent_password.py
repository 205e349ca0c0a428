"""The password of what was sent: masked, until the draft or the links are closed; in memory only."""

from __future__ import annotations

from dataclasses import dataclass, field
from subprocess import Popen

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Static

from ..rules.text import printable
from ..widgets.button import Button

#: As long for every password.
_MASK = "•" * 12


@dataclass(slots=True)
class SentPassword:
    """``made``: by the program, so that nobody may know it yet. ``seen``: it was shown or copied after the send, or
    its loss agreed to.
    ``clearing`` takes it off the clipboard."""

    text: str = field(repr=False)
    made: bool
    seen: bool = False
    clearing: Popen[bytes] | None = field(default=None, repr=False)

    @property
    def unseen(self) -> bool:
        """Whether it is lost, with nobody having seen it, once its screen is closed."""
        return self.made and not self.seen


class PasswordLine(Horizontal):
    """The password with its buttons, ``reveal`` and ``copy_password``."""

    DEFAULT_CSS = """
    PasswordLine { height: auto; }
    PasswordLine Label { width: 9; }
    PasswordLine #sent-password { width: 1fr; height: auto; }
    PasswordLine Button { margin-left: 1; }
    """

    def __init__(self, password: SentPassword) -> None:
        super().__init__()
        self._password = password
        self.revealed = False

    def compose(self) -> ComposeResult:
        yield Label("Password")
        yield Static(_MASK, markup=False, id="sent-password")
        yield Button("Show", id="reveal", compact=True)
        yield Button("Copy", id="copy_password", compact=True)

    def turn(self) -> None:
        """Shows it, or hides it."""
        self.revealed = not self.revealed
        self._password.seen = self._password.seen or self.revealed
        self.query_one("#sent-password", Static).update(
            printable(self._password.text) if self.revealed else _MASK
        )
        self.query_one("#reveal", Button).label = "Hide" if self.revealed else "Show"
