"""Signing in by name and password, if the access token is missing or no longer valid, or as another user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from ..rules.text import printable
from ..widgets.button import Button
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from .dialog import Dialog
from .screen_commands import ScreenCommand
from .workers import worker_action

if TYPE_CHECKING:
    from ..session import Session


class SignInScreen(Dialog[bool]):
    """Returns whether a user was signed in. The access token is kept for the next start."""

    PLACES = ("sign_in",)
    ABOUT = (
        "Sign in with the name and password that an administrator gave you. The password itself is not stored: the "
        "server gives an access token, which is stored on this machine and sent to this server only."
    )
    heading = "Sign in"
    DEFAULT_CSS = """
    SignInScreen > .box { max-width: 76; }
    SignInScreen Static { height: auto; margin-bottom: 1; }
    SignInScreen .line { height: 1; }
    SignInScreen Label { width: 10; }
    SignInScreen Field { width: 1fr; }
    SignInScreen .buttons { height: 1; margin-top: 1; }
    SignInScreen Button { margin-right: 1; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def body(self) -> list[Widget]:
        where = "the demo" if self.session.demo else printable(self.session.target.url)
        known = self.session.me.user if self.session.opened else ""
        return [
            Static(f"Sign in to {where}.", markup=False),
            Horizontal(Label("Name"), Field(known, id="name", compact=True, max_length=255), classes="line"),
            Horizontal(
                Label("Password"),
                Field(id="password", compact=True, password=True, max_length=4096),
                classes="line",
            ),
            StatusLine(id="said", lines=3, marked=True),
            Horizontal(
                Button("Sign in", id="sign_in_now", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    def on_mount(self) -> None:
        self.query_one("#password" if self._text("name") else "#name", Field).focus()

    @on(Input.Submitted, "#name")
    def _named(self) -> None:
        self.query_one("#password", Field).focus()

    @on(Input.Submitted, "#password")
    def _typed(self) -> None:
        self._sign_in()

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {"sign_in_now": ScreenCommand(self._sign_in)}

    @worker_action(exclusive=True, group="sign in")
    async def _sign_in(self) -> None:
        name, password = self._text("name").strip(), self._text("password")
        if not name or not password:
            self.say("Type name and password.", "warn")
            self.query_one("#password" if name else "#name", Field).focus()
            return
        self.say("Signing in…")
        await self.session.sign_in(name, password)
        self.dismiss(True)

    @property
    def unsaved(self) -> str:
        return "Close without signing in?" if self._text("password") else ""
