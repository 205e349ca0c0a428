"""The fields and buttons of a dialog in which the user signs in."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Label, Static

from ...override import override
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.checkbox import Checkbox
from ..widgets.field import Field
from ..widgets.status_line import StatusLine


class SignInFields(Vertical):
    """Password and, if it isn't known, name, for the server called ``where``; ``#said`` is the line for messages. The
    button that signs in has the id ``button``. ``can_keep``: there is a checkbox for keeping the password."""

    DEFAULT_CSS = """
    SignInFields { height: auto; }
    SignInFields Static { height: auto; margin-bottom: 1; }
    SignInFields .line { height: 1; }
    SignInFields Label { width: 10; }
    SignInFields Field { width: 1fr; }
    SignInFields Checkbox { margin-top: 1; }
    SignInFields .buttons { margin-top: 1; }
    SignInFields Button { margin-right: 1; }
    """

    def __init__(self, where: str, *, button: str, name: str | None = None, can_keep: bool = False) -> None:
        """``name`` is what the field for the name holds at first; without it there is none."""
        super().__init__()
        self._where = where
        self._button = button
        self._name_field = None if name is None else Field(name, id="name", compact=True, max_length=255)
        self._password = Field(id="password", compact=True, password=True, max_length=4096)
        self._keep = Checkbox("keep it in the system's keyring", id="remember") if can_keep else None

    @override
    def compose(self) -> ComposeResult:
        yield Static(f"Sign in to {self._where}.", markup=False)
        if self._name_field is not None:
            yield Horizontal(Label("Name"), self._name_field, classes="line")
        yield Horizontal(Label("Password"), self._password, classes="line")
        if self._keep is not None:
            yield self._keep
        yield StatusLine(id="said", lines=4, marked=True)
        yield ButtonLine(
            Button("Sign in", id=self._button, compact=True, variant="primary"),
            Button("Close", id="close", compact=True),
            classes="buttons",
        )

    def on_mount(self) -> None:
        """Start where something has to be typed."""
        self.focus_empty()

    def focus_empty(self) -> None:
        """Focus the first field in which something has to be typed."""
        (self._password if self._name_field is None or self.typed_name else self._name_field).focus()

    def focus_password(self) -> None:
        """Focus the password with its text selected, so that the next one replaces it."""
        self._password.focus()
        self._password.action_select_all()

    @property
    def typed_name(self) -> str:
        """Without blanks around it; empty where the name is known already."""
        return "" if self._name_field is None else self._name_field.value.strip()

    @property
    def typed_password(self) -> str:
        """To the letter: blanks belong to a password."""
        return self._password.value

    @property
    def keeps(self) -> bool:
        """Whether the password is to be kept in the system's keyring."""
        return self._keep is not None and self._keep.checked
