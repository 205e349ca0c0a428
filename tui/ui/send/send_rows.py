"""The rows of the send dialog: what is sent under which names, in which order, and the progress of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...override import override
from ...rules import names
from ...rules.display import size_text
from ...rules.errors import InvalidValue
from ...rules.text import printable
from ..base.app_screen import AppScreen
from ..base.screen_commands import ScreenCommand
from ..base.workers import begin_work
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.keyed import Refused
from ..widgets.status_line import StatusLine
from ..widgets.table import Cell, Column, Row, Table
from .carried_documents import CarriedDocuments
from .link_names import NAME, beside, cut_name, origin, while_typed
from .progress import cause, follow, status_cell
from .send_state import SendDialogState

if TYPE_CHECKING:
    from ...rules.policy import Policy
    from ...sending.sources import SendSource
    from ...session import Session

_COLUMNS = (
    Column("Rename Secure Link", 18, flex=1, name=True),
    Column("from", 18, rank=2, beside=28, ends=True, shifts=True),
    Column("Size", 8, align="right", rank=1, beside=24, shifts=True),
)
_STATUS = Column("Status", 13, fixed=True, grows=True, shifts=True)
#: Lines of the dialog besides its table, as far as they are always there.
_OTHER_LINES = 13


#: What the documents carry has a column of its own from this width of the screen on.
_WIDE = 110
_CARRIES = Column("Carries", 24, rank=3, shifts=True)


def columns(rows: int, *, carries: bool = False) -> tuple[Column, ...]:
    """The columns of the dialog's table, with room for the numbers of ``rows`` rows, and for what they carry."""
    number = Column("#", max(2, len(str(rows))), align="right", fixed=True)
    return (number, *_COLUMNS, *([_CARRIES] if carries else []), _STATUS)


class SendRows(Vertical):
    """The table, the message about a row, and the buttons for its commands. It changes only the plan."""

    DEFAULT_CSS = """
    SendRows { height: auto; }
    SendRows Table { min-height: 4; }
    """

    class FolderWanted(Message):
        """A document that was sent is to be shown in its folder."""

    def __init__(
        self,
        state: SendDialogState,
        session: Session,
        policy: Policy,
        changed: Callable[[], None],
        resized: Callable[[], None],
        looked: Callable[[], None],
    ) -> None:
        """``changed`` is called when a link was renamed, or rows were removed or moved: immediately, since the next key
        may send them; ``resized`` when something needs more or fewer lines than before; ``looked`` when more is known
        of what the documents carry."""
        super().__init__()
        self.state = state
        #: What the documents carry.
        self.carried = CarriedDocuments(state, session)
        #: Whether there is a column for what they carry.
        self._has_column = False
        self._policy = policy
        self._changed = changed
        self._resized = resized
        self._looked = looked
        #: The height of the table.
        self._height = 0
        #: The row that the cursor follows while sending.
        self._followed = 0
        #: What is said as long as no row has failed: what was just removed.
        self._removed = ""
        #: The name that is being typed.
        self._typed = ""
        #: What the link will be called whose name is being edited, if that isn't what its cell shows.
        self._outcome = ""
        #: What is said below the table of the row as it is: what it carries, and the names that are cut in it.
        self._noted = ""

    @override
    def compose(self) -> ComposeResult:
        screen = self.screen
        assert isinstance(screen, AppScreen)
        self.carried.use(screen.app.preferences.carries, self._policy)
        self._has_column = self.carried.on and self.app.size.width >= _WIDE
        table = Table(
            columns(self.state.count, carries=self._has_column),
            markers=False,
            id="rows",
            empty=spelled("Nothing is left to send. Press {dialogs.close} to close the dialog.", self.app),
        )
        table.numbers.field = "Expiration Date"
        # The buttons are words in a line that is there anyway: they leave the rows to the documents.
        yield ButtonLine(
            Static("Documents", classes="group"),
            Button("▲ Up", id="move_up", compact=True),
            Button("▼ Down", id="move_down", compact=True),
            Button("Rename", id="rename", compact=True),
            Button("Remove", id="remove", compact=True),
            Button("Undo", id="undo", compact=True),
            classes="buttons",
        )
        yield table
        yield StatusLine(id="cause", lines=3)

    def on_mount(self) -> None:
        """Begin to look into the documents."""
        begin_work(self, partial(self.carried.look, self.carried_changed), group="carries")

    def on_resize(self) -> None:
        """Show the marks where there is room now."""
        if self.carried.on:
            self.show(range(self.state.count))
        self.call_after_refresh(self._say_name)

    @property
    def table(self) -> Table:
        """The rows of the plan, with the progress of each once they are sent."""
        return self.query_one("#rows", Table)

    def fit(self, screen: Size, others: int) -> None:
        """Make the table as high as its rows need and the screen allows: a smaller dialog paints faster. ``others`` is
        how many lines the dialog needs now besides those that are always there."""
        others += self.query_one("#cause", StatusLine).line_count - 1
        room = screen.height - _OTHER_LINES - others
        height = max(4, min(self.state.count + 1, room))
        if height != self._height:
            self._height = self.table.styles.height = height

    # ------------------------------------------------------------ what is shown

    def _row(self, index: int) -> Row:
        job = self.state.job
        status: Cell
        if job is not None:
            row = job.rows[index]
            source, name, size, status = row.source, row.link_name, row.size, status_cell(row)
        else:
            planned = self.state.plan.rows[index]
            source, name, status = planned.source, planned.link_name, ("○ pending", "dim")
            size = source.size
            if self.app.size.width < _WIDE:
                # The column, if there is one, has no room.
                status = self.carried.mark(source) or status
        carries = [self.carried.cell(source)] if self._has_column else []
        cells = (str(index + 1), name, (origin(source, name), "dim"), size_text(size), *carries, status)
        return Row(str(id(source)), cells, data=index)

    def show_all(self) -> None:
        """Show the rows of the job, or of the plan."""
        self.table.show([self._row(index) for index in range(self.state.count)], keep=True)

    def carried_changed(self) -> None:
        """Show what a document carries, as long as nothing is being sent."""
        if self.is_mounted and self.state.job is None:
            self.show(range(self.state.count))
            self.say_cause()
            self._looked()

    def show(self, indexes: Iterable[int]) -> None:
        """Show rows as they are now."""
        for index in indexes:
            # What a document carries may be known before the rows are shown for the first time.
            if index < len(self.table.rows):
                self.table.update_row(index, self._row(index))
        if self.state.job is not None:
            self._followed = follow(self.table, self.state.job, self._followed)

    @property
    def _index(self) -> int | None:
        row = self.table.current
        return None if row is None else row.data

    def say_cause(self, index: int | None = None) -> None:
        """Show why a row failed: the one at ``index`` (under the mouse), else the one under the cursor."""
        job, index = self.state.job, self._index if index is None else index
        if job is not None and index is not None:
            self._say_below(*cause(job.rows[index]))
        else:
            warning = self._warning(index)
            self._noted = "" if self._removed else beside(warning, self._cut_name(index))
            self._say_below(
                self._removed or self._noted, "" if self._removed else "warn" if warning else "dim"
            )

    def _warning(self, index: int | None) -> str:
        """What the document of a row carries, as far as it is warned of."""
        rows = self.state.plan.rows
        if self.state.job is not None or index is None or index >= len(rows):
            return ""
        return self.carried.sentence(rows[index].source)

    def _say_name(self) -> None:
        """Show again whether a name is cut, unless something else is said."""
        if not self.table.editing and self.query_one("#cause", StatusLine).text == self._noted:
            self.say_cause()

    def _cut_name(self, index: int | None) -> str:
        """The name of a row's link, and what that comes from, if they have no room in their columns."""
        table = self.table
        if index is None or index >= len(table.rows) or not table.size.width:
            return ""
        return cut_name(table, table.rows[index], self._source(index))

    def _say(self, error: str | None) -> None:
        if error:
            self._say_below(error, "bad")
        else:
            self.say_cause()

    def _say_below(self, text: str, tone: str) -> None:
        """Show a message about a row below the table."""
        self.query_one("#cause", StatusLine).say(text, tone)
        self._resized()

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self.say_cause()
        self.screen.refresh_bindings()

    @on(Table.Hovered)
    def _hovered(self, event: Table.Hovered) -> None:
        event.stop()
        if not self.table.editing:
            self.say_cause(event.row.data if event.row else None)

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        if self.state.editable:
            self._rename()
        elif self.state.show_in_folder(self._index):
            self.post_message(self.FolderWanted())
        elif why := self.state.change_disabled_reason:
            self.post_message(Refused(why))

    # ------------------------------------------------------------ commands

    def commands(self) -> dict[str, ScreenCommand]:
        """The commands for the row under the cursor, by their ids in ``commands/declared.py``."""
        runs: dict[str, Callable[[], None]] = {
            "rename": self._rename,
            "remove": self._remove,
            "move_up": partial(self._move, -1),
            "move_down": partial(self._move, 1),
        }
        return {
            **{ident: ScreenCommand(run, self._row_disabled_reason) for ident, run in runs.items()},
            "carries": ScreenCommand(self._show_carried, self._carried_disabled_reason),
            "undo": ScreenCommand(self._undo, self._undo_disabled_reason),
        }

    def _row_disabled_reason(self) -> str | None:
        if (why := self.state.change_disabled_reason) is not None or not self.table.editing:
            return why
        return spelled(
            "A name is being edited: {editing.keep_edit} keeps it, {editing.give_up_edit} cancels.",
            self.app,
        )

    def _carried_disabled_reason(self) -> str | None:
        if not self.carried.on:
            return HIDDEN
        index = self._index
        if index is None:
            return "There is no document."
        if self.carried.report(self._source(index)) is None:
            return "This document hasn't been looked into yet."
        return None

    def _source(self, index: int) -> SendSource:
        job = self.state.job
        return job.rows[index].source if job is not None else self.state.plan.rows[index].source

    def _show_carried(self) -> None:
        index = self._index
        if index is not None and (dialog := self.carried.details(self._source(index))) is not None:
            self.app.push_screen(dialog)

    def _undo_disabled_reason(self) -> str | None:
        if self.state.job is None and self.state.plan.can_undo and not self.table.editing:
            return None
        return "Nothing to undo."

    def _rename(self) -> None:
        index = self._index
        if index is None:
            return

        def check(typed: str) -> str | None:
            self._typed, self._outcome = typed, ""
            try:
                name = self.state.plan.check_name(index, typed)
            except InvalidValue as error:
                return error.message
            self._outcome = name if name != typed.strip() else ""
            return None

        self.table.focus()
        row = self.state.plan.rows[index]
        self._typed, self._outcome = row.link_name, ""
        stem = names.stem(row.link_name, row.source.extension)
        self.table.edit(NAME, row.link_name, check, partial(self._keep_name, index), selected=len(stem))

    @on(Table.Editing)
    def _editing(self, event: Table.Editing) -> None:
        event.stop()
        said = event.error or ""
        if self.table.editing and self._index is not None:
            said = said or (f"It will be called {printable(self._outcome)}." if self._outcome else "")
            room = self.query_one("#cause", StatusLine).content_size.width
            said = while_typed(said, self._source(self._index), self._typed, room)
        if said:
            self._say_below(said, "bad" if event.error else "dim")
        else:
            self.say_cause()

    def _keep_name(self, index: int, text: str) -> None:
        wrong = None
        try:
            self.state.plan.rename(index, text)
        except InvalidValue as error:
            wrong = error.message
        self._removed = ""
        self._say(wrong)
        self.show([index])
        self._changed()

    def _remove(self) -> None:
        if self._index is not None:
            name = printable(self.state.plan.remove(self._index).link_name)
            self._order_changed(spelled(f"Removed “{name}”; {{send_rows.undo}} brings it back.", self.app))

    def _move(self, by: int) -> None:
        if self._index is not None:
            self.state.plan.move(self._index, by)
            self._order_changed()

    def _undo(self) -> None:
        before = {id(row.source) for row in self.state.plan.rows}
        self.state.plan.undo()
        self._order_changed()
        back = [index for index, row in enumerate(self.state.plan.rows) if id(row.source) not in before]
        if back:
            self.table.move_to(back[0])

    def _order_changed(self, removed: str = "") -> None:
        self._removed = removed
        self.show_all()
        self.say_cause()
        self._changed()
