"""What all screens and dialogs share: the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from ..commands import ELSEWHERE, spelled
from ..corners.below import look_below
from ..corners.driver import can_suspend
from ..corners.ending import is_ending, leave_unanswered
from ..corners.memory import let_go_of_closed
from ..corners.timers import SureTimers
from ..rules.errors import Problem
from ..rules.text import printable
from ..widgets.keybar import KeyBar
from ..widgets.keyed import Keyed
from ..widgets.say import Say
from .errands import BEGUN_AT

__all__ = ["Dialog", "Everywhere", "Page", "Say"]

Answer = TypeVar("Answer")


class Everywhere(Keyed):
    """The actions of the keys that work everywhere. They belong to the app; a modal screen cuts it off."""

    #: What the help says of the place, above its keys; it may name commands, whose keys are then said.
    ABOUT: ClassVar[str] = ""

    #: The place that somebody takes himself to be at, where a screen shows several.
    stands_at: Any = None
    #: Whether all of the screen is there.
    _there = False
    #: What kind of thing failed last, and how that was said. The problem itself would keep all that it went through.
    _told: tuple[type[Problem], str] | None = None

    async def on_event(self: Any, event: events.Event) -> None:
        """Keys can come before a screen has its widgets, and one can be closed, or the app end, before it ever had
        them."""
        if isinstance(event, events.Mount):
            if self not in self.app.screen_stack or is_ending(self.app) or not self.children:
                return
            self._there = True
        await super().on_event(event)  # type: ignore[misc]
        if isinstance(event, events.ScreenResume):
            self.app.there(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self._there:
            # These need nothing of the screen: a way out there is always.
            return action in ("quit", "repaint")
        return super().check_action(action, parameters)

    @property
    def about(self) -> str:
        """What the help says of where one is."""
        return spelled(self.ABOUT, self.app)  # type: ignore[attr-defined]

    @property
    def gone_elsewhere(self) -> bool:
        """Whether another place was gone to since the errand began that asks this."""
        screen, stood_at = BEGUN_AT.get((0, None))
        return screen == id(self) and stood_at != self.stands_at

    async def answer_to(self: Any, dialog: Screen[Answer]) -> Answer | None:
        """Shows a dialog, and waits for its answer. To be called by workers.

        ``None`` also where something else has been opened over this screen meanwhile, or another place gone to:
        dialogs that nobody waited for do not pile up over what somebody is busy with.
        """
        if self.app.screen is not self or self.gone_elsewhere:
            return None
        return cast("Answer | None", await self._answer_of(dialog))

    async def _answer_of(self: Any, dialog: Screen[Any]) -> Any:
        self.waits_no_longer()
        self.app.comes(get_current_worker(), dialog)
        try:
            return await self.app.push_screen_wait(dialog)
        finally:
            self.app.gone(dialog)

    def waits_for(self: Any, opener: Worker[None]) -> None:
        """A dialog is about to be opened: the keys that come until then are for that."""
        self.app.keep_keys_for(opener)

    def give_up_waiting(self: Any) -> None:
        """A dialog that is about to be opened is not to come."""
        self.app.give_up()

    def waits_no_longer(self) -> None:
        """It is there, or is not to come."""

    def open(
        self: Any, dialog: Screen[Answer], answered: Callable[[Answer | None], None] | None = None
    ) -> None:
        """Shows a dialog that nobody waits for, unless one has been opened over this screen already: of two clicks
        the second one means nothing."""
        if self.app.screen is self:
            self.app.push_screen(dialog, answered)

    async def agreed(
        self: Any,
        question: str,
        detail: str = "",
        *,
        yes: str = "Yes",
        no: str = "No",
        yes_first: bool = False,
    ) -> bool:
        """Asks a question and waits for its answer, whatever else has been opened: what is under way hangs on it.
        One that is being asked already is answered ``False``. To be called by workers."""
        from .question import Question

        asked = Question(question, detail, yes=yes, no=no, yes_first=yes_first)
        if any(
            isinstance(screen, Question) and screen.text == asked.text for screen in self.app.screen_stack
        ):
            return False
        return bool(await self._answer_of(asked))

    def tell(self: Any, problem: Problem, sentence: str = "") -> None:
        """Says what has failed, by the screen's own ``say``; in other words with ``sentence``."""
        told = sentence or problem.message
        self.say(told, "bad")
        self._told = (type(problem), told)

    def is_over(self: Any, *kinds: type[Problem]) -> None:
        """Takes back what the screens that are open say of failures of these kinds: they last no longer."""
        for screen in self.app.screen_stack:
            if isinstance(screen, Everywhere):
                screen._take_back(kinds)

    def _take_back(self: Any, kinds: tuple[type[Problem], ...]) -> None:
        if self._told is not None and issubclass(self._told[0], kinds):
            sentence, self._told = self._told[1], None
            for line in self.query(Say):
                if line.said == sentence:
                    line.say("")

    def dismiss(self: Any, result: Any = None) -> AwaitComplete:
        """Closes this screen, and what may have opened over it meanwhile; once, however often it is asked for.

        Textual closes whichever is on top: with a second click, one that nobody meant.
        """
        if self not in self.app.screen_stack:
            return AwaitComplete()
        self.close_others()
        closing: AwaitComplete = super().dismiss(result)  # type: ignore[misc]
        return closing

    def close_others(self: Any) -> bool:
        """Closes, without an answer, whatever lies over this screen; whether anything did."""
        others = self.app.screen is not self
        while self.app.screen is not self:
            leave_unanswered(self.app.screen)
            self.app.pop_screen()
        return others

    def on_unmount(self: Any) -> None:
        let_go_of_closed(self.app)

    def render(self: Any) -> Any:
        look_below(self)
        return super().render()  # type: ignore[misc]

    async def action_quit(self: Any) -> None:
        await self.app.action_quit()

    def why_not(self: Any, action: str) -> str | None:
        if action == "suspend" and not can_suspend(self.app):
            return ELSEWHERE
        return super().why_not(action)

    def meant(self) -> object:
        """What a command that is about something here would be for now."""
        return None

    async def run_meant(self: Any, action: str, meant: object, node: Any = None) -> None:
        """Runs a command that was chosen while ``meant`` was what it would be for, unless something else is by now."""
        if meant == self.meant():
            await self.app.run_action(action, node or self)
        else:
            self.say("The list has changed meanwhile: nothing was done.", "warn")

    def action_suspend(self: Any) -> None:
        self.app.action_suspend_process()

    def action_repaint(self: Any) -> None:
        self.app.action_repaint()

    def action_command_palette(self: Any) -> None:
        from .palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.app.screen_stack):
            self.open(Palette(self.meant()))

    async def action_copy_or_quit(self: Any) -> None:
        """Copies what is selected with the mouse; where nothing is, quits (and asks where it must)."""
        if self.get_selected_text():
            self.app.copy_to_clipboard(self.get_selected_text())
        else:
            await self.app.action_quit()

    def action_help(self: Any) -> None:
        from .help import Help
        from .menu import offered, refused

        if not isinstance(self, Help):
            self.open(Help(self.about, offered(self), refused(self)))


class Page(Everywhere, SureTimers, Screen[None]):
    """A screen of its own."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields")


class Dialog(Everywhere, SureTimers, ModalScreen[Answer]):
    """A box over the screen below, with its own line of keys. Subclasses compose :meth:`body`."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields", "dialogs")
    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%; background: $surface; overflow-y: auto;
        border: round $border; border-title-color: $text; border-title-style: bold; padding: 0 1; }
    Dialog > .box.-whole { width: 100%; max-width: 140; height: 100%; max-height: 100%; }
    """
    heading = ""
    #: Whether the dialog takes the whole screen.
    whole = False

    def compose(self) -> ComposeResult:
        box = Vertical(*self.body(), KeyBar(), classes="box -whole" if self.whole else "box")
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
    def closed_with(self) -> Any:
        """What it answers where it is closed."""
        return None

    def action_close(self) -> Any:
        question = self.unsaved
        if not question:
            self.dismiss(self.closed_with)
            return
        from .question import Question

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(self.closed_with)

        self.open(Question(question, "What you typed or changed here would be lost.", yes="Close"), answered)

    async def on_click(self, event: events.Click) -> None:
        """The right button shows what can be done here, wherever nothing else has taken it."""
        if event.button == 3:
            event.stop()
            self.action_command_palette()
