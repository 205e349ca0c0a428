"""What all screens and dialogs share: the keys that work everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from inspect import iscoroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from weakref import WeakKeyDictionary, ref

from rich.console import RenderableType
from textual import events, messages
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from ...commands.lookup import keys_of, spelled
from ...override import override
from ...rules.errors import Problem
from ..textual_patches.below import look_below
from ..textual_patches.compositor import prepare, style_once
from ..textual_patches.driver import forget_screen
from ..textual_patches.ending import is_ending, leave_unanswered
from ..textual_patches.keys import bind_sequence
from ..textual_patches.memory import let_go_of_closed
from ..textual_patches.sequences import BETWEEN
from ..textual_patches.timers import ensure_fires
from ..textual_patches.until_next_key import before_next_key
from ..widgets.keyed import Keyed, NumberRefused, Refused
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine, say_on
from .screen_commands import ScreenCommand, everywhere_commands, number_refused
from .worker_start import STARTED_AT

Answer = TypeVar("Answer")
#: Seconds for which it is said what a key has come to.
FOR_A_WHILE = 10.0
#: When a screen was shown last, by the clock of the events.
SHOWN_AT: WeakKeyDictionary[Screen[Any], float] = WeakKeyDictionary()


# A mixin for screens, but no screen itself at runtime: Textual's style sheets follow only the first base class.
if TYPE_CHECKING:
    from ...session.notices import NoticeLine
    from .screens_app import ScreensApp, SendUnderWay

    _Screen = Screen[Any]
else:
    _Screen = object


class AppScreen(Keyed, _Screen):
    """The actions of the keys that work everywhere. They are the app's, but modal screens cut off its bindings."""

    if TYPE_CHECKING:

        @property
        def app(self) -> ScreensApp:  # type: ignore[override]
            """The app that shows the screen."""

        @property
        def screen(self) -> Self:
            """The screen itself."""

    #: Help text, shown above the keys. Command names in braces are replaced with their keys.
    ABOUT: ClassVar[str] = ""
    #: The commands that open it, if their keys close it again. To a question, a second press isn't meant as an answer.
    opened_by: tuple[str, ...] = ()
    #: The key of the location that the user has gone to, on a screen that shows several.
    location_key: Any = None
    #: Whether the screen is mounted, with all of its widgets.
    _is_complete = False
    #: The app's count of resizes when the screen was last painted for one.
    _resizes = 0
    #: The type of the last failure, and the text shown for it. The exception itself would keep its stack frames alive.
    last_failure: tuple[type[Problem], str] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prepare(self)

    async def on_event(self, event: events.Event) -> None:
        """Handle an event. Keys can arrive before the screen has its widgets, and it can be closed, or the app can end,
        before it ever has them."""
        if isinstance(event, events.Mount):
            if self not in self.app.screen_stack or is_ending(self.app) or not self.children:
                return
            self._is_complete, self._resizes = True, self.app.resizes
        style_once(self, event)
        await super().on_event(event)
        if isinstance(event, events.ScreenResume):
            _on_top(self)

    def set_timer(self, *args: Any, **kwargs: Any) -> Timer:
        """Textual's, which skips a timer that is late when it starts: on a busy machine it would never fire."""
        return ensure_fires(super().set_timer(*args, **kwargs))

    def on_resize(self) -> None:
        """Repaint everything after a resize, even to the same size: terminals differ in what they do to their contents,
        and may have cropped them meanwhile. A screen's first layout isn't a resize, and paints only what is new."""
        seen, self._resizes = self._resizes, self.app.resizes
        if seen != self.app.resizes:
            forget_screen(self.app)
            self.refresh()

    def on_update(self, message: messages.Update) -> None:
        """Leave a row line as it is for as long as it waits for the cursor."""
        if isinstance(message.widget, RowLine) and message.widget.is_waiting:
            message.stop().prevent_default()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command":
            action, parameters = str(parameters[0]), ()
        if not self._is_complete:
            return action in ("quit", "repaint")
        return super().check_action(action, parameters)

    @property
    def about(self) -> str:
        """The help text, with the keys filled in."""
        return spelled(" ".join((self.ABOUT, *_about_closing(self))).strip(), self.app)

    @property
    def has_left(self) -> bool:
        """Whether the user has gone to another location since the current worker started."""
        screen, started_at = STARTED_AT.get((0, None))
        return screen == id(self) and started_at != self.location_key

    async def show_dialog(self, dialog: Screen[Answer]) -> Answer | None:
        """Show a dialog and wait for its result. Call this from a worker.

        Returns ``None`` without showing it if another screen was opened over this one in the meantime, or the user has
        gone to another location: unexpected dialogs must not pile up over what the user is doing.
        """
        if self.app.screen is not self or self.has_left:
            return None
        return await self._wait_for_result(dialog)

    async def _wait_for_result(self, dialog: Screen[Answer]) -> Answer | None:
        self.type_ahead_is_over()
        self.app.attach_type_ahead(get_current_worker(), dialog)
        try:
            return await self.app.push_screen_wait(dialog)
        finally:
            self.app.type_ahead_closed(dialog)

    def begin_type_ahead(self, opener: Worker[None]) -> None:
        """Keep the keys typed from now on for the dialog that ``opener`` is about to open."""
        self.app.begin_type_ahead(opener)

    def cancel_type_ahead(self) -> None:
        """Cancel the dialog that is about to open."""
        self.app.cancel_type_ahead()

    def type_ahead_is_over(self) -> None:
        """Called when the dialog has opened, or won't open."""

    def open(self, dialog: Screen[Answer], on_result: Callable[[Answer | None], None] | None = None) -> None:
        """Show a dialog without waiting for it, unless one is already open over this screen: the second of two clicks
        is ignored."""
        if self.app.screen is self:
            self.app.push_screen(dialog, on_result)

    async def confirm(
        self, question: str, detail: str = "", *, yes: str, no: str, yes_first: bool = False
    ) -> bool:
        """Ask a yes/no question and wait for the answer, even over other dialogs: work in progress depends on it.
        Returns ``False`` if the same question is already shown, or the screen has been closed. Call this from a
        worker."""
        dialog = self.app.question(question, detail, yes=yes, no=no, yes_first=yes_first)
        if self not in self.app.screen_stack or self.app.is_asked(dialog):
            return False
        return await self._wait_for_result(dialog) is True

    def say(self, text: str, tone: str = "") -> None:
        """Show text in the screen's status line, or at the lower edge of a box without one."""
        say_on(self, text, tone)

    def show_notice(self, notice: NoticeLine | None) -> None:
        """Show a notice, or none any more; what is said here stays to be read."""

    def on_number_refused(self, event: NumberRefused) -> None:
        """Say why there is no row of the number that was typed."""
        refuse(self, number_refused(self.app, event.typed, event.numbers.field))

    def on_refused(self, event: Refused) -> None:
        """Say why a key, or what was pasted, did less than usual."""
        refuse(self, event.reason)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close this screen and all screens over it; does nothing if it is already closed.

        Textual closes whichever screen is on top, which after a second click is the wrong one.
        """
        if self not in self.app.screen_stack:
            return AwaitComplete()
        self.close_others()
        closing: AwaitComplete = super().dismiss(result)
        return closing

    def close_others(self) -> bool:
        """Close all screens over this one, without a result. Returns whether there were any."""
        others = self.app.screen is not self
        while self.app.screen is not self:
            leave_unanswered(self.app.screen)
            self.app.pop_screen()
        return others

    def on_unmount(self) -> None:
        """Have Textual let go of closed screens, which it would keep in memory."""
        let_go_of_closed(self.app)

    def render(self) -> RenderableType:
        """Textual's, told which screen is below this one."""
        look_below(self)
        return super().render()

    @property
    def unseen_password(self) -> bool:
        """Whether there is a generated password here that no one has seen, and that nothing else will show."""
        return False

    @property
    def is_changing(self) -> bool:
        """Whether the server has been asked for changes, and quitting would leave something half done."""
        return False

    @property
    def send_under_way(self) -> SendUnderWay | None:
        """What can end the send that is under way here; ``None`` if there is none."""
        return None

    @override
    def label_of(self, ident: str) -> str:
        command = self.register.get(ident)
        return command.label if command is not None else ""

    def quitting(self) -> None:
        """Called when the user quits, having seen what is shown here."""

    @override
    def disabled_reason(self, action: str) -> str | None:
        command = self.register.get(action)
        return command.disabled_reason() if command is not None else super().disabled_reason(action)

    @cached_property
    def register(self) -> dict[str, ScreenCommand]:
        """The commands of this screen, by their ids in ``commands/declared.py``."""
        return {**self.common_commands(), **self.own_commands()}

    def common_commands(self) -> Mapping[str, ScreenCommand]:
        """The commands that all screens of this kind share."""
        return everywhere_commands(self)

    def own_commands(self) -> Mapping[str, ScreenCommand]:
        """The commands that only this screen has."""
        return {}

    async def action_command(self, ident: str) -> None:
        """Run a command of the register."""
        done = self.register[ident].run()
        if iscoroutine(done):
            await done

    async def run_command(self, ident: str) -> None:
        """Run a command or action of this screen, unless it is disabled. Used by buttons."""
        await self.run_action(f"command({ident!r})" if ident in self.register else ident)

    def target_snapshot(self) -> object:
        """What a command would act on now, to be compared later."""
        return None


class Page(AppScreen, Screen[None]):
    """A full screen, as opposed to a dialog."""

    PLACES: ClassVar[tuple[str, ...]] = ("everywhere", "outside_fields")


def closing_keys(screen: AppScreen) -> list[str]:
    """Return the keys that close a screen since they open it."""
    return [key for name in screen.opened_by for key in keys_of(name, screen.app)]


def _about_closing(screen: AppScreen) -> list[str]:
    return [f"{{{name}}} closes this again." for name in screen.opened_by[:1]]


def _on_top(screen: AppScreen) -> None:
    screen.app.call_later(_shown, screen)
    screen.show_notice(screen.app.notice)


def _shown(screen: AppScreen) -> None:
    SHOWN_AT[screen] = monotonic()
    for key in closing_keys(screen):
        if BETWEEN in key:
            bind_sequence(screen, key)
    screen.app.type_ahead_ready(screen)


def refuse(screen: AppScreen, why: str) -> None:
    """Say for a while why a key does nothing."""
    say_for_a_while(screen, why, "warn")


def say_for_a_while(screen: AppScreen, text: str, tone: str = "") -> None:
    """Say what a key has come to, until another key or a click: later, it would seem to be about what was done since.
    Then what was said before is said again, unless that was some time ago."""
    for line in screen.query(StatusLine):
        line.forget_read()
    before = {line: line.lasting for line in screen.query(StatusLine)}
    screen.say(text, tone)
    for line in screen.query(StatusLine):
        if line.text == text and line in before:
            line.stand_for(before[line])
    # The app is told of it, and would keep a closed screen until the next key.
    end = partial(_no_longer, ref(screen), text)
    before_next_key(screen.app, end)
    screen.set_timer(FOR_A_WHILE, end)


def _no_longer(said_on: ref[AppScreen], text: str) -> None:
    screen = said_on()
    if screen is None:
        return
    for line in screen.query(StatusLine):
        if line.text == text:
            # As the screen says it: its dialog may become lower by that.
            screen.say(line.lasting_text, line.lasting_tone)
