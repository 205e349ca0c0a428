"""A box over the screen below, in which something is asked or shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen
from textual.widget import Widget

from ...override import override
from ..widgets.dialog_box import DialogBox
from ..widgets.footer import Footer
from .app_screen import AppScreen
from .pending_changes import CHANGE_PENDING, PendingChanges
from .screen_commands import ScreenCommand

if TYPE_CHECKING:
    from ...session.notices import NoticeLine
    from ..widgets.button import Button

Answer = TypeVar("Answer")


class Dialog(AppScreen, ModalScreen[Answer]):
    """A box over the screen below, with its own footer. Subclasses override :meth:`body`."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields", "dialogs")
    BUTTON_PLACES: ClassVar[tuple[str, ...]] = ("outside_fields",)
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%; background: $ground; overflow-y: auto;
        border: round $text; border-title-color: $text; border-title-style: bold; padding: 0 1; }
    Dialog > .box.-whole { width: 100%; max-width: 140; height: 100%; max-height: 100%; }
    """
    heading = ""
    #: Whether the dialog takes the whole screen.
    whole = False

    def __init__(self) -> None:
        super().__init__()
        #: Changes requested from the server that are still pending.
        self.changes = PendingChanges()

    @override
    def compose(self) -> ComposeResult:
        classes = "box -whole" if self.whole else "box"
        yield DialogBox(*self.body(), heading=self.heading, footer=Footer(), classes=classes)

    @override
    def show_notice(self, notice: NoticeLine | None) -> None:
        for box in self.query(DialogBox):
            box.show_notice(notice)

    def body(self) -> list[Widget]:
        """The widgets of the dialog, above its footer."""
        return []

    @property
    @override
    def is_changing(self) -> bool:
        return self.changes.under_way

    @property
    def unsaved(self) -> str:
        """The question to ask before closing; empty if nothing would be lost."""
        return ""

    @property
    def lost(self) -> str:
        """The text below that question."""
        return "Your changes will be lost."

    @property
    def stay(self) -> str:
        """The answer to that question with which the dialog stays open."""
        return "Keep editing"

    @property
    def closed_with(self) -> Answer | None:
        """The result if the dialog is closed."""
        return None

    @override
    def common_commands(self) -> Mapping[str, ScreenCommand]:
        return {**super().common_commands(), "close": ScreenCommand(self.ask_to_close)}

    def ask_to_close(self) -> None:
        """Close the dialog; asks first if something would be lost."""
        if self.changes.close_later():
            self.say(f"{CHANGE_PENDING} This closes when the server replies.", "dim")
            return
        question = self.unsaved
        if not question:
            self.dismiss(self.closed_with)
            return

        def on_answer(yes: bool | None) -> None:
            if yes:
                self.dismiss(self.closed_with)

        self.open(self.app.question(question, self.lost, yes="Close", no=self.stay), on_answer)

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run the command with the button's id. The Close button works even if its key does something else."""
        event.stop()
        ident = event.button.id or "close"
        if ident == "close":
            self.ask_to_close()
        elif why := self.disabled_reason(ident):
            self.say(why, "warn")
        else:
            await self.run_command(ident)

    async def on_click(self, event: events.Click) -> None:
        """Show the commands on a right click that nothing else has handled."""
        if event.button == 3:
            event.stop()
            self.app.open_palette(self)
