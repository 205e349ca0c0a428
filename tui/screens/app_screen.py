"""What all screens and dialogs share: the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.console import RenderableType
from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from ..commands import spelled
from ..rules.errors import Problem
from ..textual_patches.below import look_below
from ..textual_patches.driver import forget_screen
from ..textual_patches.ending import is_ending, leave_unanswered
from ..textual_patches.memory import let_go_of_closed
from ..textual_patches.timers import sure
from ..widgets.keyed import Keyed
from ..widgets.status_line import StatusLine
from .screen_commands import ScreenCommand, everywhere_commands
from .workers import STARTED_AT

Answer = TypeVar("Answer")


# What it is mixed into is a screen, of which Textual's style sheets know the first base only.
if TYPE_CHECKING:
    from ..app import SentlinksApp

    _Screen = Screen[Any]
else:
    _Screen = object


class AppScreen(Keyed, _Screen):
    """The actions of the keys that work everywhere. They belong to the app; a modal screen cuts it off."""

    if TYPE_CHECKING:

        @property
        def app(self) -> SentlinksApp:  # type: ignore[override]
            """The app that the screen is shown by."""

    #: What the help says of the place, above its keys; it may name commands, whose keys are then said.
    ABOUT: ClassVar[str] = ""

    #: The place that somebody takes himself to be at, where a screen shows several.
    location_key: Any = None
    #: Whether all of the screen is there.
    _there = False
    #: How often the terminal had told its size when the screen was last painted for one.
    _resizes = 0
    #: What kind of thing failed last, and how that was said. The problem itself would keep all that it went through.
    told: tuple[type[Problem], str] | None = None

    async def on_event(self, event: events.Event) -> None:
        """Keys can come before a screen has its widgets, and one can be closed, or the app end, before it ever had
        them."""
        if isinstance(event, events.Mount):
            if self not in self.app.screen_stack or is_ending(self.app) or not self.children:
                return
            self._there, self._resizes = True, self.app.resizes
        await super().on_event(event)
        if isinstance(event, events.ScreenResume):
            self.app.type_ahead_ready(self)

    def set_timer(self, *args: Any, **kwargs: Any) -> Timer:
        return sure(super().set_timer(*args, **kwargs))

    def on_resize(self) -> None:
        """Terminals differ in what they do to the screen when they change their size, so nothing is known of it. All is
        painted also where the size is that of before: it may have been another one for a moment, and the terminal have
        cut what it showed. A screen that is only laid out for the first time costs no more than what is new."""
        seen, self._resizes = self._resizes, self.app.resizes
        if seen != self.app.resizes:
            forget_screen(self.app)
            self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command":
            action, parameters = str(parameters[0]), ()
        if not self._there:
            # These need nothing of the screen: a way out there is always.
            return action in ("quit", "repaint")
        return super().check_action(action, parameters)

    @property
    def about(self) -> str:
        """What the help says of where one is."""
        return spelled(self.ABOUT, self.app)

    @property
    def has_left(self) -> bool:
        """Whether another place was gone to since the worker began that asks this."""
        screen, stood_at = STARTED_AT.get((0, None))
        return screen == id(self) and stood_at != self.location_key

    async def show_dialog(self, dialog: Screen[Answer]) -> Answer | None:
        """Shows a dialog, and waits for its answer. To be called by workers.

        ``None`` also where something else has been opened over this screen meanwhile, or another place gone to:
        dialogs that nobody waited for do not pile up over what somebody is busy with.
        """
        if self.app.screen is not self or self.has_left:
            return None
        return await self._answer_of(dialog)

    async def _answer_of(self, dialog: Screen[Answer]) -> Answer | None:
        self.type_ahead_is_over()
        self.app.attach_type_ahead(get_current_worker(), dialog)
        try:
            return await self.app.push_screen_wait(dialog)
        finally:
            self.app.type_ahead_closed(dialog)

    def begin_type_ahead(self, opener: Worker[None]) -> None:
        """A dialog is about to be opened: the keys that come until then are for that."""
        self.app.begin_type_ahead(opener)

    def cancel_type_ahead(self) -> None:
        """A dialog that is about to be opened is not to come."""
        self.app.cancel_type_ahead()

    def type_ahead_is_over(self) -> None:
        """It is there, or is not to come."""

    def open(self, dialog: Screen[Answer], answered: Callable[[Answer | None], None] | None = None) -> None:
        """Shows a dialog that nobody waits for, unless one has been opened over this screen already: of two clicks
        the second one means nothing."""
        if self.app.screen is self:
            self.app.push_screen(dialog, answered)

    async def confirm(
        self,
        question: str,
        detail: str = "",
        *,
        yes: str,
        no: str,
        yes_first: bool = False,
    ) -> bool:
        """Asks a question and waits for its answer, whatever else has been opened: what is under way hangs on it.
        One that is being asked already is answered ``False``. To be called by workers."""
        asked = self.app.question(question, detail, yes=yes, no=no, yes_first=yes_first)
        if any(type(screen) is type(asked) and screen.text == asked.text for screen in self.app.screen_stack):
            return False
        return bool(await self._answer_of(asked))

    def say(self, text: str, tone: str = "") -> None:
        """Says something in the line of the screen that is there for it."""
        for line in self.query("#said").results(StatusLine):
            line.say(text, tone)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Closes this screen, and what may have opened over it meanwhile; once, however often it is asked for.

        Textual closes whichever is on top: with a second click, one that nobody meant.
        """
        if self not in self.app.screen_stack:
            return AwaitComplete()
        self.close_others()
        closing: AwaitComplete = super().dismiss(result)
        return closing

    def close_others(self) -> bool:
        """Closes, without an answer, whatever lies over this screen; whether anything did."""
        others = self.app.screen is not self
        while self.app.screen is not self:
            leave_unanswered(self.app.screen)
            self.app.pop_screen()
        return others

    def on_unmount(self) -> None:
        let_go_of_closed(self.app)

    def render(self) -> RenderableType:
        look_below(self)
        return super().render()

    def quitting(self) -> None:
        """Somebody quits, and has seen what is shown here."""

    def disabled_reason(self, action: str) -> str | None:
        command = self.register.get(action)
        return command.disabled_reason() if command is not None else super().disabled_reason(action)

    @cached_property
    def register(self) -> dict[str, ScreenCommand]:
        """What can be done here, by the ids of ``commands.py``."""
        return {**self.common_commands(), **self.own_commands()}

    def common_commands(self) -> Mapping[str, ScreenCommand]:
        """Those that it has in common with all screens of its kind."""
        return everywhere_commands(self)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        """Those that are particular to this screen."""
        return {}

    async def action_command(self, ident: str) -> None:
        """Does what a command of the register does."""
        done = self.register[ident].run()
        if iscoroutine(done):
            await done

    async def run_command(self, ident: str) -> None:
        """Does a command of this screen, unless it cannot be done now; for a button, say."""
        await self.run_action(f"command({ident!r})" if ident in self.register else ident)

    def target_snapshot(self) -> object:
        """What a command that is about something here would be for now."""
        return None


class Page(AppScreen, Screen[None]):
    """A screen of its own."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields")
