"""Signing in by name and password, if the access token is missing or no longer valid, or as another user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from ...override import override
from ...rules.errors import Problem
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.field import Field
from .sign_in_fields import SignInFields

if TYPE_CHECKING:
    from ...session import Session


class SignInScreen(Dialog[bool]):
    """Returns whether a user was signed in. The access token is kept for the next start."""

    PLACES = ("sign_in",)
    ABOUT = (
        "Sign in with the name and password that an administrator gave you. The password itself is not stored: the "
        "server gives an access token, which is stored on this machine and sent to this server only."
    )
    heading = "Sign in"
    DEFAULT_CSS = "SignInScreen > .box { max-width: 76; }"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        where = "the demo" if session.demo else printable(session.target.url)
        known = session.me.user if session.opened else ""
        self._fields = SignInFields(where, button="sign_in_now", name=known)

    @override
    def body(self) -> list[Widget]:
        return [self._fields]

    @on(Input.Submitted, "#name")
    def _named(self) -> None:
        self.query_one("#password", Field).focus()

    @on(Input.Submitted, "#password")
    def _typed(self) -> None:
        self._sign_in()

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"sign_in_now": ScreenCommand(self._sign_in)}

    @worker_action(exclusive=True, group="sign in")
    async def _sign_in(self) -> None:
        name, password = self._fields.typed_name, self._fields.typed_password
        if not name or not password:
            self.say("Type name and password.", "warn")
            self._fields.focus_empty()
            return
        self.say("Signing in…")
        try:
            await self.session.sign_in(name, password)
        except Problem:
            self._fields.focus_password()
            raise
        self.dismiss(True)

    @property
    @override
    def unsaved(self) -> str:
        return "Close without signing in?" if self._fields.typed_password else ""
