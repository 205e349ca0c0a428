"""What screens know of the app. For types only: the app itself is composed of screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.widget import Widget

    from ...config.preferences import Preferences
    from ...session import Session
    from ...session.notices import NoticeLine
    from ...terminal.identity import TerminalIdentity
    from ..app_colours import AppColours
    from ..textual_patches.keys import KeysInOrder


class ScreenBelow(Protocol):
    """The screen that a dialog of the app is opened over."""

    @property
    def about(self) -> str:
        """The help text, with the keys filled in."""

    def open(self, dialog: Screen[Any]) -> None:
        """Show a dialog without waiting for it."""

    def target_snapshot(self) -> object:
        """What a command would act on now, to be compared later."""


class AnyScreen(ScreenBelow, Protocol):
    """A screen, as the commands that all screens have see it."""

    @property
    def app(self) -> ScreensApp:
        """The app that shows it."""

    @property
    def focused(self) -> Widget | None:
        """What has the focus."""

    @property
    def is_modal(self) -> bool:
        """Whether it is a dialog."""

    def get_selected_text(self) -> str | None:
        """The text that is selected with the mouse."""


class SendUnderWay(Protocol):
    """A send that must be ended before the app can end."""

    @property
    def can_leave(self) -> bool:
        """Whether it can go on in a process of its own."""

    @property
    def lost_by_quitting(self) -> str:
        """What quitting means for it, as sentences."""

    @property
    def unnoted_password(self) -> str:
        """The generated password that the user has to note before it is left to go on; empty if there is none."""

    def password_noted(self) -> None:
        """The user has noted the password."""

    async def leave(self) -> str:
        """Leave it to a process of its own. Returns what is said of it when the app has ended."""

    async def stop(self) -> str:
        """Stop it. Returns what is said of it when the app has ended."""


class AppOfScreens(Protocol):
    """What the app has for its screens, besides what every app of Textual has."""

    session: Session
    preferences: Preferences
    #: What the terminal has said about itself.
    terminal: TerminalIdentity
    #: How often the terminal has reported its size.
    resizes: int
    #: Whether the send under way is being stopped because the program ends.
    stopping: bool
    #: The notice that each screen shows.
    notice: NoticeLine | None
    #: Which theme is shown.
    colours: AppColours

    def prefer(self, name: str, value: str | bool) -> None:
        """Apply a preference and save it."""

    def question(
        self, question: str, detail: str = "", *, yes: str, no: str, yes_first: bool = False
    ) -> Screen[bool]:
        """Return a dialog with a question: its class is based on those of the screens."""

    def is_asked(self, question: Screen[bool]) -> bool:
        """Whether a question with the same text is shown already."""

    def ask_to_quit(self, why: str = "") -> None:
        """End the app; ask first if something would be lost, or if ``why`` has a reason to."""

    def action_repaint(self) -> None:
        """Repaint everything, as after another program wrote over the screen."""

    def open_palette(self, screen: ScreenBelow) -> None:
        """Show all commands over a screen."""

    def open_guides(self, screen: ScreenBelow) -> None:
        """Show the guides over a screen."""

    def open_help(self, screen: ScreenBelow) -> None:
        """Show what can be done on a screen, and what can't."""


if TYPE_CHECKING:

    class ScreensApp(KeysInOrder, AppOfScreens):
        """The app, as its screens see it."""
