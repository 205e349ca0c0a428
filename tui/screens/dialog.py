"""A box over the screen below, in which something is asked or shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from ..rules.text import printable
from ..widgets.footer import Footer
from .app_screen import AppScreen
from .changing import CHANGE_ON_ITS_WAY, PendingChanges
from .screen_commands import ScreenCommand

if TYPE_CHECKING:
    from ..widgets.button import Button

Answer = TypeVar("Answer")


class Dialog(AppScreen, ModalScreen[Answer]):
    """A box over the screen below, with its own line of keys. Subclasses compose :meth:`body`."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields", "dialogs")
    #: The places whose letters and signs hold on a button too.
    BUTTON_PLACES: ClassVar[tuple[str, ...]] = ("outside_fields",)
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%; background: $surface; overflow-y: auto;
        border: round $border; border-title-color: $text; border-title-style: bold; padding: 0 1; }
    Dialog > .box.-whole { width: 100%; max-width: 140; height: 100%; max-height: 100%; }
    """
    heading = ""
    #: Whether the dialog takes the whole screen.
    whole = False

    def __init__(self) -> None:
        super().__init__()
        #: What the server was asked to change, and has not answered yet.
        self.changes = PendingChanges()

    def compose(self) -> ComposeResult:
        box = Vertical(*self.body(), Footer(), classes="box -whole" if self.whole else "box")
        # As it is: a name may hold what would be markup.
        box.border_title = Content(printable(self.heading))
        yield box

    def body(self) -> list[Widget]:
        """The widgets of the dialog, above its line of keys."""
        return []

    @property
    def unsaved(self) -> str:
        """The question that is asked before it is closed; empty where nothing would be lost."""
        return ""

    @property
    def lost(self) -> str:
        """What stands below that question."""
        return "What you typed or changed here would be lost."

    @property
    def closed_with(self) -> Answer | None:
        """What it answers where it is closed."""
        return None

    def common_commands(self) -> Mapping[str, ScreenCommand]:
        return {**super().common_commands(), "close": ScreenCommand(self.ask_to_close)}

    def ask_to_close(self) -> None:
        """Closes it, unless something would be lost: then that is asked first."""
        if self.changes.close_later():
            self.say(f"{CHANGE_ON_ITS_WAY} The dialog closes when it is answered.", "dim")
            return
        question = self.unsaved
        if not question:
            self.dismiss(self.closed_with)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(self.closed_with)

        self.open(self.app.question(question, self.lost, yes="Close", no="Keep editing"), answered)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """A button does the command of its id. Closing has a button also where its key does something else."""
        event.stop()
        ident = event.button.id or "close"
        if ident == "close":
            self.ask_to_close()
        elif why := self.disabled_reason(ident):
            self.say(why, "warn")
        else:
            await self.run_command(ident)

    async def on_click(self, event: events.Click) -> None:
        """The right button shows what can be done here, wherever nothing else has taken it."""
        if event.button == 3:
            event.stop()
            self.app.open_palette(self)
