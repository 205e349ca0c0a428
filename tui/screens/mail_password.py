"""Asks for the password of a mail server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ..widgets.button import Button
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .dialog import Dialog
from .screen_commands import ScreenCommand

if TYPE_CHECKING:
    from ..mail.account import Account


class MailPassword(Dialog[tuple[str, bool]]):
    """Returns the password, and whether to keep it in the system's keyring; ``None`` if it was closed."""

    PLACES = ("ask",)
    ABOUT = (
        "Type your password for the mail server, and press enter or {ask.keep}. It is sent to that server only, over "
        "an encrypted connection. It is forgotten when the draft is closed, unless you keep it in the system's keyring."
    )
    heading = "Password"
    DEFAULT_CSS = """
    MailPassword > .box { max-width: 76; }
    MailPassword Static { height: auto; margin-bottom: 1; }
    MailPassword .line { height: 1; }
    MailPassword Label { width: 10; }
    MailPassword Field { width: 1fr; }
    MailPassword Checkbox { margin-top: 1; }
    MailPassword .buttons { height: 1; margin-top: 1; }
    MailPassword Button { margin-right: 1; }
    """

    def __init__(self, account: Account, refusal: str = "", *, can_keep: bool) -> None:
        """``refusal``: what the server said about the last one."""
        super().__init__()
        self._account = account
        self._refusal = refusal
        self._can_keep = can_keep

    def body(self) -> list[Widget]:
        keep = [Checkbox("keep it in the system's keyring", id="remember")] if self._can_keep else []
        return [
            Static(f"Sign in to {self._account.shown}.", markup=False),
            Horizontal(
                Label("Password"),
                Field(id="typed", compact=True, password=True, max_length=4096),
                classes="line",
            ),
            *keep,
            StatusLine(id="said", lines=4, marked=True),
            Horizontal(
                Button("Sign in", id="keep", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def on_mount(self) -> None:
        self.query_one("#typed", Field).focus()
        if self._refusal:
            self.say(self._refusal, "bad")

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"keep": ScreenCommand(self._sign_in)}

    @on(Input.Submitted)
    def _sign_in(self) -> None:
        typed = self.query_one("#typed", Field).value
        if not typed:
            self.say("Type the password.", "warn")
            return
        self.dismiss((typed, self._can_keep and self.query_one("#remember", Checkbox).checked))
