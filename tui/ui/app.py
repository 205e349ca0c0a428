"""The app: the first screen with its dialogs, on one server."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import SystemCommand
from textual.screen import Screen
from textual.timer import Timer

from ..commands.lookup import keys_of
from ..config.error_log import keep_failures_of
from ..config.preferences import Preferences, store
from ..override import override
from ..rules.errors import Problem
from ..session import Session
from ..terminal.frame import FRAME
from ..terminal.identity import TerminalIdentity
from .app_colours import AppColours
from .base import flow_control
from .base.app_screen import AppScreen
from .base.workers import SignedOut
from .main.main import MainScreen
from .textual_patches.compositor import repaint_all
from .textual_patches.driver import driver_class, keep_copied, write_to_terminal
from .textual_patches.ending import PlainCrash
from .textual_patches.keys import KeysInOrder
from .textual_patches.memory import ForgetfulApp
from .textual_patches.sheet import lighten
from .textual_patches.timers import ensure_fires
from .theme import DARK, THEMES, no_colour

if TYPE_CHECKING:
    from textual.command import Provider

    from ..session.notices import NoticeLine
    from .base.question import Question
    from .base.screens_app import ScreenBelow, ScreensApp, SendUnderWay
    from .widgets.button import Button
else:
    # What screens see of the app is for types only.
    ScreensApp = KeysInOrder

#: The commands that work at once, even while keys are kept for something that is about to be opened.
_AT_ONCE = ("everywhere.quit", "everywhere.copy_or_quit", "everywhere.suspend", "everywhere.repaint")


def _commands() -> type[Provider]:
    # Imported late: only the palette needs it.
    from .base.found_commands import CommandsProvider

    return CommandsProvider


def _has_unseen_password(screens: Iterable[AppScreen]) -> bool:
    """Whether quitting would lose a password that no one has seen; a send under way may come to have one."""
    return any(screen.unseen_password for screen in screens)


def _with_lost_password(text: str) -> str:
    from .draft.links import PASSWORD_LOST

    return f"{text}\n{PASSWORD_LOST}".strip()


def _has_unsaved(screens: Iterable[AppScreen]) -> bool:
    """Whether something typed would be lost. A password that no one has seen isn't meant: of that more is said."""
    from .base.dialog import Dialog

    dialogs = (screen for screen in screens if isinstance(screen, Dialog))
    return any(dialog.unsaved for dialog in dialogs if not dialog.unseen_password)


class SentlinksApp(ScreensApp, PlainCrash, ForgetfulApp):
    """``session`` is the connection that all screens share."""

    TITLE = "Secure Sent Links"
    CSS_PATH = "app.tcss"
    # All keys are declared in commands.py and bound by the screens.
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (120, "-roomy")]  # noqa: RUF012

    def __init__(self, session: Session, preferences: Preferences | None = None) -> None:
        if not no_colour(os.environ):
            os.environ.pop("NO_COLOR", None)
        # Without colour, the theme consists of text styles only; Textual would turn colours into greys.
        super().__init__(driver_class=driver_class(), ansi_color=True if no_colour(os.environ) else None)
        self.use_command_palette = True
        self.session = session
        self.preferences = preferences or Preferences()
        self.crash_folder = session.state
        #: Whether the send under way is being stopped because the program ends.
        self.stopping = False
        #: The notice that is shown; screens that open, or are shown again, show it too.
        self.notice: NoticeLine | None = None
        #: Preferences are saved one after the other, so that the latest value of each stays.
        self._preferences_file = asyncio.Lock()
        #: How often the terminal has reported its size.
        self.resizes = 0
        self.terminal = TerminalIdentity()
        self.colours = AppColours(self, lambda: self.preferences)
        others = list(self.available_themes)
        for theme in THEMES.values():
            self.register_theme(theme)
        self._apply_preferences()
        for name in others:
            self.unregister_theme(name)
        lighten(self)

    @property
    def keys(self) -> Mapping[str, str]:
        """The user's own keys of commands."""
        return self.preferences.keys

    @override
    def at_once(self, key: str) -> bool:
        return any(key in keys_of(name, self) for name in _AT_ONCE)

    @override
    def set_timer(self, *args: Any, **kwargs: Any) -> Timer:
        return ensure_fires(super().set_timer(*args, **kwargs))

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DARK.variables

    def on_mount(self) -> None:
        """Watch for signals and failures from now on; end at once if a signal has arrived while the app started."""
        keep_failures_of(asyncio.get_running_loop(), self.session.state)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._end_on(number)
        if FRAME.ended:
            self.exit(128 + FRAME.ended)
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())
        self.theme_changed_signal.subscribe(self, lambda _: repaint_all(self))
        flow_control.hold(self)

    @override
    def get_default_screen(self) -> Screen[Any]:
        # The first screen is the one that is seen: another one below it would be styled and laid out for nothing.
        return MainScreen(self.session)

    def on_resize(self) -> None:
        """Count resizes: screens compare the count with that of their last layout."""
        self.resizes += 1

    def on_key(self, event: events.Key | Button.Ignored) -> None:
        """Close what the key has opened, or say why it does nothing: no widget has used it."""
        from .base.unavailable import close_or_say_why

        close_or_say_why(self.screen, event)

    on_button_ignored = on_key

    def _end_on(self, number: signal.Signals) -> None:
        loop = asyncio.get_running_loop()
        try:
            # This wakes asyncio, and does nothing else: the signal's number is lost (and a warning printed) if hundreds
            # of keys have woken it already.
            loop.add_signal_handler(number, lambda: None)
        except (NotImplementedError, RuntimeError, ValueError):
            return  # not the main thread: the caller ends the app
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._end, 128 + number))

    def _end(self, status: int, *, leave: bool = False) -> None:
        """End the app after stopping the send under way; if called a second time, without waiting for that.

        ``leave``: the send continues in a process of its own.
        """
        sending = self.sending
        if self.leaving:
            # What ends the program now must not end the hand-over.
            return
        if sending is None or self.stopping:
            self.exit(status)
            return
        self.stopping, self.leaving = True, leave
        self.run_worker(self._end_after(sending, status, leave), group="end")

    async def _end_after(self, sending: SendUnderWay, status: int, leave: bool) -> None:
        text = await (sending.leave() if leave else sending.stop())
        self.exit(status, message=Text(f"sentlinks: {text}") if text and not self.session.demo else None)

    async def on_unmount(self) -> None:
        """Let go of the terminal's flow control and of the server."""
        flow_control.release(self)
        await self.session.close()

    # ------------------------------------------------------------ commands

    @property
    def sending(self) -> SendUnderWay | None:
        """What can end the send under way; ``None`` if there is none."""
        return next((screen.send_under_way for screen in self._screens if screen.send_under_way), None)

    @property
    def _screens(self) -> list[AppScreen]:
        """The screens that are shown over one another."""
        return [screen for screen in self.screen_stack if isinstance(screen, AppScreen)]

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "quit" and isinstance(self.screen, AppScreen))

    async def action_quit(self) -> None:
        """End the app; ask first if something is being sent or changed, or something typed or a password would be
        lost."""
        self.ask_to_quit()

    def ask_to_quit(self, why: str = "") -> None:
        """Do that; ``why``, if given, is a reason to ask in any case."""
        if self.leaving:
            return
        can_leave, no, unseen = False, "Stay", _has_unseen_password(self._screens)
        if (sending := self.sending) is not None:
            can_leave = sending.can_leave
            texts = ("Quit while documents are being sent?", sending.lost_by_quitting)
            no = "Keep sending"
        elif any(screen.is_changing for screen in self._screens):
            texts = ("Quit while something is being changed?", "Changes not made yet won't be made.")
        elif _has_unsaved(self._screens):
            texts, no = ("Quit without saving?", "Your changes will be lost."), "Keep editing"
        elif why and not unseen:
            texts = ("Quit?", why)
        else:
            texts = ("Quit without the password?", "")
        if unseen:
            texts = (texts[0], _with_lost_password(texts[1]))
        elif not texts[1]:
            self._quit()
            return
        from .base.question import Question

        if isinstance(self.screen, Question):
            return
        question = Question(*texts, yes="Quit", no=no, can_leave=can_leave)

        def on_answer(yes: bool | None) -> None:
            if yes and question.in_background and sending is not None and sending.unnoted_password:
                self._leave_noted(sending)
            elif yes and not unseen and _has_unseen_password(self._screens):
                self.call_later(self.ask_to_quit)
            elif yes:
                self._quit(leave=question.in_background)

        self.push_screen(question, on_answer)

    def _leave_noted(self, sending: SendUnderWay) -> None:
        """Leave the send under way when the user has noted its generated password, which nothing else will know."""

        def on_answer(noted: bool | None) -> None:
            if noted:
                sending.password_noted()
                self._quit(leave=True)

        self.push_screen(
            self.question(
                "Have you noted the generated password?",
                # It comes first, so that it is in sight on a small terminal, too.
                f"{sending.unnoted_password}\nIt isn't stored, and the links won't show it.",
                yes="Noted, go on in background",
                no="Keep sending",
            ),
            on_answer,
        )

    def _quit(self, *, leave: bool = False) -> None:
        for screen in self._screens:
            screen.quitting()
        self._end(0, leave=leave)

    @on(SignedOut)
    def _signed_out(self, message: SignedOut) -> None:
        """Ask the user to sign in (again): nothing else can be done before that."""
        if message.problem is not None and self.session.has_signed_in_since(message.problem):
            return
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.sign_in()

    def action_repaint(self) -> None:
        """Repaint everything, as after another program wrote over the screen."""
        self.refresh(repaint=True, layout=True)
        write_to_terminal(self, "\x1b[2J")
        self.screen.refresh(repaint=True, layout=True)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text selected on the screen the same way as links."""
        self._copy(text)

    @work(exclusive=True, group="copy")
    async def _copy(self, text: str) -> None:
        from .draft.copying import copy_text

        keep_copied(self, text)
        result = await copy_text(self, text)
        self._show_message(result.sentence, "good" if result.sure else "")

    def _show_message(self, sentence: str, tone: str) -> None:
        if isinstance(self.screen, AppScreen):
            self.screen.say(sentence, tone)

    def question(
        self, question: str, detail: str = "", *, yes: str, no: str, yes_first: bool = False
    ) -> Question:
        """Return a dialog with a question. Screens can't create one themselves: it is based on their classes."""
        from .base.question import Question

        return Question(question, detail, yes=yes, no=no, yes_first=yes_first)

    def is_asked(self, question: Screen[bool]) -> bool:
        """Whether a question with the same text is shown already."""
        from .base.question import Question

        return isinstance(question, Question) and any(
            isinstance(each, Question) and each.text == question.text for each in self.screen_stack
        )

    def open_palette(self, screen: ScreenBelow) -> None:
        """Show all commands over a screen."""
        from .base.palette import Palette

        if not any(isinstance(shown, Palette) for shown in self.screen_stack):
            screen.open(Palette(screen.target_snapshot()))

    def open_guides(self, screen: ScreenBelow) -> None:
        """Show the guides over a screen, unless it shows them."""
        from .base.guides import Guides

        if not isinstance(screen, Guides):
            screen.open(Guides())

    def open_help(self, screen: ScreenBelow) -> None:
        """Show what can be done on a screen, and what can't. Only of the screen on top can it be asked."""
        from .base.help import Help
        from .base.menu import offered, refused

        if not isinstance(screen, Help):
            screen.open(Help(screen.about, offered(self.screen), refused(self.screen)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield the palette's entries: what can be done on the screen now, and the themes."""
        from .base.found_commands import found_commands

        return (found.entry for found in found_commands(self, screen))

    # ------------------------------------------------------------ preferences

    def _apply_preferences(self) -> None:
        self.colours.apply()
        self.animation_level = "full" if self.preferences.animation else "none"

    def terminal_replied(self, reply: str) -> None:
        """Note what the terminal has replied to a question."""
        if question := self.terminal.note(reply):
            write_to_terminal(self, question)
        self.colours.terminal_replied(reply)

    def prefer(self, name: str, value: str | bool) -> None:
        """Apply a preference and save it; in the demo, it isn't saved."""
        self.preferences = self.preferences.with_value(name, value)
        self._apply_preferences()
        if self.preferences.file is not None and not self.session.demo:
            self._keep_preference(name, value)

    @work(group="preferences")
    async def _keep_preference(self, name: str, value: str | bool) -> None:
        file = self.preferences.file
        assert file is not None
        try:
            async with self._preferences_file:
                await asyncio.to_thread(store, file, name, value)
        except Problem as problem:
            self._show_message(problem.message, "bad")
