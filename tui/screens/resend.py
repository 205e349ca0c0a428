"""Sending again from the folder: new settings for documents that were uploaded before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from ..rules import options
from ..rules.errors import InvalidValue, NotSignedIn, Problem
from ..rules.policy import Policy, check_downloads, check_expiry, check_password
from ..rules.text import printable
from ..widgets.field import Field
from ..widgets.tick import Tick
from .base import Say
from .changing import CHANGE_ON_ITS_WAY, Changing
from .errands import errand
from .listing import moment_text
from .options import PASSWORD_NOTE

if TYPE_CHECKING:
    from ..session import Session
    from ..wire.share import Document, Resend

_NAMES = ("password", "expires", "downloads")


class ResendDialog(Changing[list[Any] | None]):
    """Each setting is kept where nothing is typed, changed where something is, removed where that is ticked.

    Answers the documents that were sent again, as they are afterwards; ``None`` where nothing was tried.
    """

    PLACES = ("resend",)
    ABOUT = (
        "New settings for what was sent before: nothing is uploaded again. An empty field keeps what there is, a tick "
        "removes it. The address stays unless a new one is asked for, and the counter starts at zero."
    )
    heading = "Secure Sent Links · send again"
    DEFAULT_CSS = """
    ResendDialog .line { height: 1; }
    ResendDialog Label { width: 20; }
    ResendDialog Field { width: 24; margin-right: 1; }
    ResendDialog Tick { margin-right: 3; }
    ResendDialog #new_address { margin-top: 1; }
    ResendDialog .what { height: auto; margin-bottom: 1; }
    ResendDialog #said { margin: 1 0; }
    ResendDialog .buttons { height: 1; }
    ResendDialog Button { margin-right: 1; }
    """

    def __init__(self, session: Session, documents: Sequence[Document], policy: Policy) -> None:
        super().__init__()
        self.session = session
        self.documents = list(documents)
        self._policy = policy
        self._done: list[Document] = []
        self._tried = False
        #: Where the cursor was when the fields were held.
        self._held: Widget | None = None

    def body(self) -> list[Widget]:
        return [
            Static(self._what(False), markup=False, classes="what"),
            self._line("password", "Password", masked=True),
            self._line("expires", "Expiration date"),
            self._line("downloads", "Downloads permitted"),
            Tick("a new address", id="new_address"),
            Say(PASSWORD_NOTE, tone="dim", lines=2),
            Say(id="said"),
            Horizontal(
                Button("Send again", id="send_again", compact=True, variant="primary"),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    def _what(self, new_address: bool) -> str:
        """What is done, and to what."""
        count = len(self.documents)
        what = printable(self.documents[0].name) if count == 1 else f"{count} documents"
        address = "the address is a new one" if new_address else "the address stays"
        return f"{what}: nothing is uploaded again, {address}, the counter starts at zero."

    def _line(self, name: str, label: str, masked: bool = False) -> Horizontal:
        return Horizontal(
            Label(label),
            Field(id=name, compact=True, password=masked, max_length=1024),
            Tick("remove", id=f"no_{name}"),
            Say(id=f"{name}-say", tone="dim"),
            classes="line",
        )

    def _kept(self, values: set[str]) -> str:
        return f"keep: {values.pop()}" if len(values) == 1 else "keep each its own"

    def _kept_password(self) -> str:
        return self._kept({"yes" if d.has_password else "none" for d in self.documents})

    def _kept_expiry(self) -> str:
        return self._kept({moment_text(d.expires_at) or "none" for d in self.documents})

    def _kept_downloads(self) -> str:
        return self._kept({str(d.downloads_permitted or "none") for d in self.documents})

    def on_mount(self) -> None:
        self.query_one("#password", Field).focus()
        self._show_kept()
        self._check()

    def why_not(self, action: str) -> str | None:
        if action == "resend_now" and self.changing_documents:
            return CHANGE_ON_ITS_WAY
        return super().why_not(action)

    def say(self, text: str, tone: str = "") -> None:
        self.query_one("#said", Say).say(text, tone)

    # ------------------------------------------------------------ values

    def _value(self, name: str) -> Any:
        """What is typed in a field, understood. Raises :class:`InvalidValue`."""
        text = self.query_one(f"#{name}", Field).value
        now = self.session.now()
        if name == "password":
            options.check_password(text)
            breach = check_password(self._policy, text)
            value: Any = text
        elif name == "expires":
            value = options.parse_expiry(text, now)
            breach = check_expiry(self._policy, value, now)
        else:
            value = options.parse_downloads(text)
            breach = check_downloads(self._policy, value)
        if breach:
            raise breach
        return value

    def _removed(self, name: str) -> bool:
        return self.query_one(f"#no_{name}", Tick).ticked

    def _changes(self) -> dict[str, Any]:
        """The fields of the request. Raises :class:`InvalidValue`."""
        keys = {"password": "password", "expires": "expires_at", "downloads": "downloads_permitted"}
        changes: dict[str, Any] = {}
        for name in _NAMES:
            if self._removed(name):
                changes[keys[name]] = None
            elif self._typed(name):
                changes[keys[name]] = self._value(name)
        return changes

    def _typed(self, name: str) -> str:
        """What is typed in a field; blanks are something in a password only."""
        text = self.query_one(f"#{name}", Field).value
        return text if name == "password" else text.strip()

    @on(Input.Changed)
    @on(Tick.Changed)
    def _check(self) -> None:
        self.query_one(".what", Static).update(self._what(self.query_one("#new_address", Tick).ticked))
        for name in _NAMES:
            field, say = self.query_one(f"#{name}", Field), self.query_one(f"#{name}-say", Say)
            field.disabled = self._removed(name) or self.changing_documents
            if self._removed(name):
                say.say("none from now on")
            elif not self._typed(name):
                say.say("kept", "dim")
            else:
                try:
                    value = self._value(name)
                except InvalidValue as error:
                    say.say(error.message, "bad")
                else:
                    say.say(
                        f"until {value.astimezone():%a %Y-%m-%d %H:%M %Z}" if name == "expires" else "changed"
                    )

    # ------------------------------------------------------------ acts

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        await self.run_action("resend_now" if event.button.id == "send_again" else "close")

    def action_reveal(self) -> None:
        field = self.query_one("#password", Field)
        field.password = not field.password

    def action_generate(self) -> None:
        field = self.query_one("#password", Field)
        # Whoever wants one does not want none.
        self.query_one("#no_password", Tick).ticked = False
        field.value = options.generate_password(max(20, self._policy.password_min_length or 0))
        field.password = False

    @errand(group="resend")
    async def action_resend_now(self) -> None:
        from ..sending.settings import zone_offset
        from ..wire.share import Resend

        changes = self._changes()
        new_address = self.query_one("#new_address", Tick).ticked
        request = Resend(
            **changes, new_address=new_address, zone_offset=zone_offset(changes.get("expires_at"))
        )
        self._tried = True
        with self.change():
            failed = await self._resend(request)
        if failed:
            self.closes = False
            self.say(failed[0] if len(failed) == 1 else f"{len(failed)} failed. {failed[0]}", "bad")
        else:
            self.dismiss(self._done)

    def held(self) -> None:
        focused = self.focused
        for widget in self.query(Tick):
            widget.disabled = self.changing_documents
        self._show_kept()
        self._check()
        if not self.changing_documents and self._held is not None:
            self._held.focus()
        self._held = focused if self.changing_documents else None

    def _show_kept(self) -> None:
        """What an empty field keeps, of the documents that are left."""
        for name, kept in (
            ("password", self._kept_password()),
            ("expires", self._kept_expiry()),
            ("downloads", self._kept_downloads()),
        ):
            self.query_one(f"#{name}", Field).placeholder = kept

    async def _resend(self, request: Resend) -> list[str]:
        """Sends what is not sent again yet, unless the dialog is to be closed; answers what failed, in words."""
        failed: list[str] = []
        for document in list(self.documents):
            if self.closes:
                break
            try:
                self._done.append(await self.session.share.resend(document.id, request))
            except NotSignedIn:
                raise
            except Problem as problem:
                failed.append(f"{printable(document.name)}: {problem.message}")
            else:
                self.documents.remove(document)
        return failed

    @property
    def closed_with(self) -> list[Document] | None:
        return self._done if self._tried else None

    @property
    def unsaved(self) -> str:
        typed = any(f.value for f in self.query(Field)) or any(tick.ticked for tick in self.query(Tick))
        return "Close without sending?" if typed else ""
