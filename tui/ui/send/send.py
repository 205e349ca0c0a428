"""The send dialog: names, order, settings, and the live progress of the send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.message import Message
from textual.widget import Widget

from ...commands.lookup import spelled
from ...override import override
from ..base.dialog import Dialog
from ..base.menu import open_menu
from ..base.screen_commands import ScreenCommand
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine, more_button_lines
from ..widgets.field import Field
from ..widgets.status_line import StatusLine
from ..widgets.table import Table
from .link_names import NAME
from .link_settings_fields import SETTING_IDS, LinkSettingsFields
from .progress import say_overall
from .recipients import Recipients
from .run_results import RunResults
from .send_control import Finished, SendControl
from .send_ending import SendEnding
from .send_painter import ProgressPainter
from .send_rows import SendRows
from .send_state import SendDialogState, Sent

if TYPE_CHECKING:
    from ...sending.plan import Plan
    from ...session import Session
    from ...session.sends import SendBasis

__all__ = ["SendDialog"]

#: The order in which ``tab`` goes through the dialog.
_FOCUS_ORDER = (
    *("rows", *SETTING_IDS, "matches"),
    *("send_now", "copy_now", "close", "retry"),
    *("move_up", "move_down", "rename", "remove", "undo"),
)
#: The buttons that can't always be pressed.
_BUTTONS = ("move_up", "move_down", "rename", "remove", "undo", "send_now", "copy_now", "retry")

#: The cells of its frame and its padding.
_BESIDE = 4
#: The most lines of a message: as many as several odd recipients need.
_MOST_LINES = 4

_CSS = """
SendDialog > .box.-whole { height: auto; max-width: 116; }
SendDialog .group { width: auto; color: $quiet; text-style: $quiet-style; }
SendDialog .buttons > .group { width: 11; }
SendDialog Button { margin-right: 1; }
"""


_ABOUT = (
    "Each row becomes a link, in this order. {send_rows.rename} renames a row's link, {send_rows.remove} removes "
    "the row, {send_rows.move_up} and {send_rows.move_down} move it. Password, expiration date and limit apply to "
    "all links; downloads are counted per link. {send.presets} fills in settings that have a name, "
    "{send.save_preset} gives them one. To is kept with the links as your note, and restricts nothing. Send opens a "
    "draft e-mail with the links; Copy only puts them on the clipboard."
)


class Progressed(Message):
    """Rows of the job have changed."""

    @override
    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed)


class SendDialog(Dialog[Sent | None]):
    """Draws a :class:`SendDialogState`. What opens it shows the links of each run (``results``), until it is closed;
    then its result is what was sent, or ``None``, if nothing was tried."""

    # Repeats the place of all dialogs: a command for escape in this class would replace the inherited one.
    PLACES = ("send", "send_rows", "dialogs")
    ABOUT = _ABOUT
    heading = "Secure Sent Links"
    whole = True
    DEFAULT_CSS = _CSS

    #: The dialog's own message about what will be sent.
    _amount = ""

    def __init__(self, session: Session, plan: Plan, basis: SendBasis) -> None:
        """``basis`` is what was read for the send."""
        super().__init__()
        self.state = SendDialogState(plan)
        self.rows = SendRows(self.state, session, basis.policy, self.show_state, self._fit, self._say_more)
        self.options = LinkSettingsFields(basis.policy, session.now, flags=basis.flags, id="options")
        self.control = SendControl(self, self.rows, self.options, session.sends, basis)
        self.ending = SendEnding(self, self.state, session.sends, self.control.stop_starting)
        self.results = RunResults(lambda: self.is_covered, self.control.take_links)
        self._painter = ProgressPainter(self._paint, self.set_timer)

    @override
    def own_commands(self) -> dict[str, ScreenCommand]:
        return {
            **self.options.presets.with_undo(self.rows.commands(), lambda: self.table.editing),
            **self.options.commands(lambda: self.state.change_disabled_reason),
            **self.control.commands(),
        }

    @override
    def body(self) -> list[Widget]:
        return [
            self.rows,
            self.options,
            StatusLine(id="overall", lines=_MOST_LINES, marked=True),
            ButtonLine(
                Button("Send", id="send_now", compact=True, variant="primary"),
                Button("Copy to Clipboard", id="copy_now", compact=True),
                Button("Close", id="close", compact=True),
                Button("Try again", id="retry", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def focus_chain(self) -> list[Widget]:
        """Fields come before buttons, and the buttons that send before the others."""
        places: dict[str, float] = {name: place for place, name in enumerate(_FOCUS_ORDER)}
        if self.table.numbers.typed:
            places["expires"] = 0.5
        return sorted(super().focus_chain, key=lambda widget: places.get(widget.id or "", len(places)))

    @property
    def table(self) -> Table:
        """The table of the rows that are sent."""
        return self.rows.table

    @property
    def busy(self) -> bool:
        """Whether something is being sent."""
        return self.state.busy

    @property
    def is_covered(self) -> bool:
        """Whether another screen lies over it."""
        return self.app.screen is not self

    @property
    @override
    def send_under_way(self) -> SendEnding | None:
        return self.ending if self.busy else None

    @property
    @override
    def unseen_password(self) -> bool:
        """Whether documents are published with a password that no one has seen."""
        return self.state.unseen_password

    @override
    def on_mount(self) -> None:
        self.on_resize()
        self.rows.show_all()
        self.table.focus()
        self.show_state()

    @override
    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Leave the table the lines that nothing else needs."""
        others = self.options.more_lines(self.query_one("#overall", StatusLine).line_count)
        self.rows.fit(self.app.size, others + more_button_lines(self, self.app.size.width - _BESIDE))

    # ------------------------------------------------------------ messages

    @override
    def say(self, text: str, tone: str = "") -> None:
        if self.busy:
            self._painter.hold_line()
        self.query_one("#overall", StatusLine).say(text, tone)
        self._fit()

    def show_state(self) -> None:
        """Update buttons and keys after a change of state."""
        for ident in _BUTTONS:
            self.query_one(f"#{ident}", Button).disabled = self.disabled_reason(ident) is not None
        self.query_one("#close", Button).set_label("Cancel sending" if self.busy else "Close")
        self.query_one("#retry", Button).display = self.state.unfinished
        self.options.hold(self.state.job is not None or self.state.interrupted is not None)
        if self.state.job is None:
            self._say_amount()
        self.refresh_bindings()

    def _say_amount(self) -> None:
        """Show what will be sent or, in a field, the policy for it."""
        field = self.focused
        rule = self.options.rule_of(field.id or "") if isinstance(field, Field) else ""
        warning = spelled(self.rows.carried.summary, self.app)
        self._amount = rule or f"{self.state.amount}{warning}"
        self.say(self._amount, "warn" if warning and not rule else "dim")

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    @on(Recipients.NotesChanged)
    def _say_more(self) -> None:
        # Messages about something else stay.
        if self.state.job is None and self.query_one("#overall", StatusLine).text == self._amount:
            self._say_amount()

    @on(LinkSettingsFields.Changed)
    def _typed(self, event: LinkSettingsFields.Changed) -> None:
        """Show the full error: next to the field there may be no room for it."""
        if event.error is None:
            self._say_amount()
        else:
            self.say(event.error, "bad")

    @on(Table.MenuWanted)
    def _menu_wanted(self, event: Table.MenuWanted) -> None:
        event.stop()
        open_menu(self, event.target_text(NAME))

    # ------------------------------------------------------------ events

    def row_changed(self, index: int | None) -> None:
        """A row of the job, or the job as a whole (``None``), has changed. It is painted soon."""
        self._painter.changed(index)
        self.post_message(Progressed())

    @on(SendRows.FolderWanted)
    def _folder_wanted(self, event: SendRows.FolderWanted) -> None:
        event.stop()
        self.ask_to_close()

    @on(Progressed)
    def _progressed(self) -> None:
        self._painter.paint_soon()

    def _paint(self, indexes: set[int]) -> None:
        if self.state.job is None:
            return
        self.rows.show(indexes)
        if self._painter.line_is_free:
            say_overall(self.query_one("#overall", StatusLine), self.state.job)
        self.rows.say_cause()

    @on(Finished)
    def _finished(self, event: Finished) -> None:
        self._painter.paint_end(self.state.count)
        self.control.finished(event.end)

    @on(events.ScreenResume)
    def _uncovered(self) -> None:
        self.results.look_again()
        if self.state.interrupted is not None:
            self.call_after_refresh(self.control.resume)
        if self.state.end_waits:
            # After the answer to the question that was open has been handled: it may be to quit.
            self.app.call_next(self.control.take_up_end)

    # ------------------------------------------------------------ closing

    @property
    @override
    def unsaved(self) -> str:
        touched = self.options.touched or self.state.plan.can_undo or self.table.editing
        return "Close without sending?" if self.state.nothing_sent and touched else ""

    @property
    @override
    def stay(self) -> str:
        return super().stay if self.state.editable else "Back"

    @property
    @override
    def closed_with(self) -> Sent | None:
        return self.state.result

    @override
    def ask_to_close(self) -> None:
        if self.busy:
            # The same button closes and cancels.
            self.control.cancel()
        elif not self.state.cancelling:
            # Otherwise the user is already being asked, or cancelling is under way.
            super().ask_to_close()
