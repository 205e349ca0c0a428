"""Asks for the password of a mail server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from ...override import override
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..dialogs.sign_in_fields import SignInFields

if TYPE_CHECKING:
    from ...mail.account import Account


class MailPassword(Dialog[tuple[str, bool]]):
    """Returns the password, and whether to keep it in the system's keyring; ``None`` if it was closed."""

    PLACES = ("ask",)
    ABOUT = (
        "Type your password for the mail server, and press enter or {ask.keep}. It is sent to that server only, over "
        "an encrypted connection. It is forgotten when the draft is closed, unless you keep it in the system's keyring."
    )
    heading = "Password"
    DEFAULT_CSS = "MailPassword > .box { max-width: 76; }"

    def __init__(self, account: Account, refusal: str = "", *, can_keep: bool) -> None:
        """``refusal``: what the server said about the last one."""
        super().__init__()
        self._refusal = refusal
        self._fields = SignInFields(account.shown, button="keep", can_keep=can_keep)

    @override
    def body(self) -> list[Widget]:
        return [self._fields]

    @override
    def on_mount(self) -> None:
        if self._refusal:
            self.say(self._refusal, "bad")

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"keep": ScreenCommand(self._sign_in, label="Sign in")}

    @on(Input.Submitted)
    def _sign_in(self) -> None:
        typed = self._fields.typed_password
        if not typed:
            self.say("Type the password.", "warn")
            return
        self.dismiss((typed, self._fields.keeps))
