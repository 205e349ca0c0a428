"""The send dialog: names, order, settings, and the live progress of the send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Button

from ..rules.errors import InvalidValue, Problem
from ..rules.policy import Policy
from ..widgets.table import Column, Row, Table
from .base import Dialog, Say
from .menu import Menu, offered
from .options import OptionFields
from .progress import overall, size_text, status_cell
from .question import Question

if TYPE_CHECKING:
    from ..sending.job import SendJob
    from ..sending.plan import Plan
    from ..sending.settings import SendSettings
    from ..wire.share import Document

_COLUMNS = (
    Column("#", 2, align="right"),
    Column("Document", 12, flex=4, name=True),
    Column("Rename Secure Link", 16, flex=5, name=True),
    Column("Size", 8, align="right"),
    Column("Status", 13),
)
_NAME = 2
#: Lines of the dialog beside its table.
_OTHER_LINES = 16
#: Seconds between two paintings of the rows.
_PAINT = 0.1

JobMaker = Callable[["Plan", "SendSettings", Callable[[int | None], None]], "SendJob"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send dialog ends with: the documents in order, whether a draft was asked for, the cancelled ones'
    published documents that are to be unpublished."""

    documents: list[Document] = field(default_factory=list)
    draft: bool = False
    withdraw: bool = False


class SendDialog(Dialog[Sent | None]):
    """``make_job`` makes the job that does the work; the dialog draws it.

    ``finished`` is called with the documents and whether a draft is wanted whenever a run has sent something.
    """

    PLACES = ("send", "send_rows")
    heading = "Secure Sent Links"
    whole = True
    DEFAULT_CSS = """
    SendDialog > .box.-whole { height: auto; max-width: 116; }
    SendDialog Table { min-height: 4; }
    SendDialog .buttons { height: 1; margin: 0 0 1 0; }
    SendDialog .buttons.-last { margin: 0; }
    SendDialog Button { margin-right: 1; min-width: 4; }
    """

    class Progressed(Message):
        """Rows of the job have changed."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, SendDialog.Progressed)

    class Finished(Message):
        """A run of the job has ended; ``error`` is what ended the whole of it."""

        def __init__(self, error: Problem | None) -> None:
            super().__init__()
            self.error = error

    class LinksReady(Message):
        """Documents were sent: here they are in order. ``draft``: an e-mail is wanted."""

        def __init__(self, documents: list[Document], draft: bool) -> None:
            super().__init__()
            self.documents = documents
            self.draft = draft

    def __init__(
        self,
        plan: Plan,
        asked: Policy,
        now: Callable[[], datetime],
        make_job: JobMaker,
        on_links: Callable[..., None],
    ) -> None:
        super().__init__()
        self._now = now
        self._plan = plan
        self._policy = asked
        self._make_job = make_job
        self._on_links = on_links
        self._job: SendJob | None = None
        self._draft = False
        self._dirty: set[int] = set()
        self._painted = 0.0
        self._paint_timer: Timer | None = None
        self._removed_all = False

    def body(self) -> list[Widget]:
        return [
            Table(
                _COLUMNS, markers=False, id="rows", empty="Nothing is left to send. Escape closes the dialog."
            ),
            Say(id="cause", lines=2),
            Horizontal(
                Button("▲ Up", id="up", compact=True),
                Button("▼ Down", id="down", compact=True),
                Button("Rename", id="rename", compact=True),
                Button("Remove", id="remove", compact=True),
                Button("Undo", id="undo", compact=True),
                classes="buttons",
            ),
            OptionFields(self._policy, self._now, id="options"),
            Say(id="overall", lines=2),
            Horizontal(
                Button("Send", id="send", compact=True, variant="primary"),
                Button("Copy to Clipboard", id="copy", compact=True),
                Button("Send failed again", id="again", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons -last",
            ),
        ]

    @property
    def table(self) -> Table:
        return self.query_one("#rows", Table)

    @property
    def options(self) -> OptionFields:
        return self.query_one(OptionFields)

    def on_mount(self) -> None:
        self._fit_table()
        self._show_rows()
        self.table.focus()
        self._update()

    def on_resize(self) -> None:
        self._fit_table()

    def _fit_table(self) -> None:
        """As high as its rows want, and as the screen has room for: a smaller dialog is painted sooner."""
        count = len(self._job.rows) if self._job else len(self._plan.rows)
        self.table.styles.height = max(4, min(count + 2, self.app.size.height - _OTHER_LINES))

    # ------------------------------------------------------------ rows

    def _row(self, index: int) -> Row:
        job = self._job
        if job is not None:
            row = job.rows[index]
            source, name, status = row.source, row.link_name, status_cell(row)
        else:
            planned = self._plan.rows[index]
            source, name, status = planned.source, planned.link_name, ("○ pending", "dim")
        cells = (str(index + 1), source.name, name, size_text(source.size), status)
        return Row(str(id(source)), cells, data=index)

    def _show_rows(self) -> None:
        count = len(self._job.rows) if self._job else len(self._plan.rows)
        self.table.show([self._row(i) for i in range(count)], keep=True)

    @property
    def _index(self) -> int | None:
        row = self.table.current
        return None if row is None else row.data

    def _say_cause(self) -> None:
        """The cause of the failure of the row under the cursor."""
        index = self._index
        say = self.query_one("#cause", Say)
        error = self._job.rows[index].error if self._job is not None and index is not None else None
        say.say(error.message if error else "", "bad" if error else "")

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self._say_cause()
        self.refresh_bindings()

    @on(Table.Editing)
    def _editing(self, event: Table.Editing) -> None:
        event.stop()
        self.query_one("#cause", Say).say(event.error or "", "bad" if event.error else "")
        self.refresh_bindings()

    @on(Table.Edited)
    def _edited(self, event: Table.Edited) -> None:
        event.stop()
        index = event.row.data if event.row else 0
        try:
            self._plan.rename(index, event.text)
        except InvalidValue as error:
            self.query_one("#cause", Say).say(error.message, "bad")
        else:
            self.query_one("#cause", Say).say("")
        self.table.update_row(index, self._row(index))
        self._update()

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        if self._editable:
            self.action_rename()

    @on(Table.MenuWanted)
    def _menu(self, event: Table.MenuWanted) -> None:
        event.stop()
        name = event.row.cells[_NAME] if event.row else ""
        self._open_menu(name if isinstance(name, str) else name[0])

    @work
    async def _open_menu(self, name: str) -> None:
        chosen = await self.app.push_screen_wait(Menu(name, offered(self, menu_only=True)))
        if chosen:
            await self.run_action(chosen)

    def action_rename(self) -> None:
        index = self._index
        if index is None:
            return

        def check(typed: str) -> str | None:
            try:
                self._plan.check_name(index, typed)
            except InvalidValue as error:
                return error.message
            return None

        self.table.focus()
        self.table.edit(_NAME, self._plan.rows[index].link_name, check)

    def action_remove(self) -> None:
        if self._index is not None:
            self._plan.remove(self._index)
            self._changed_order()

    def _move(self, by: int) -> None:
        if self._index is not None:
            self._plan.move(self._index, by)
            self._changed_order()

    def action_move_up(self) -> None:
        self._move(-1)

    def action_move_down(self) -> None:
        self._move(1)

    def action_undo(self) -> None:
        self._plan.undo()
        self._changed_order()

    def _changed_order(self) -> None:
        self._show_rows()
        self._update()

    # ------------------------------------------------------------ state

    @property
    def busy(self) -> bool:
        """Whether something is being sent."""
        return self._job is not None and self._job.running

    @property
    def _editable(self) -> bool:
        return self._job is None and bool(self._plan.rows)

    @property
    def _unfinished(self) -> bool:
        return self._job is not None and not self._job.running and bool(self._job.unfinished)

    def why_not(self, action: str) -> str | None:
        if action in ("rename", "remove", "move_up", "move_down", "send_now", "copy_now", "reveal", "generate"):
            return self._why_no_change(action)
        if action == "undo":
            if self._job is None and self._plan.can_undo and not self.table.editing:
                return None
            return "There is nothing to take back."
        if action == "retry":
            if self._unfinished:
                return None
            return "It is being sent already." if self.busy else "Nothing has failed."
        return super().why_not(action)

    def _why_no_change(self, action: str) -> str | None:
        if self._job is not None:
            return "It is being sent." if self.busy else "It has been sent."
        if not self._plan.rows:
            return "Nothing is left to send."
        if self.table.editing and action in ("rename", "remove", "move_up", "move_down"):
            return "A name is being typed: enter keeps it, escape gives it up."
        return None

    def _update(self) -> None:
        """Buttons and keys after a change of state."""
        for name, action in (
            ("up", "move_up"),
            ("down", "move_down"),
            ("rename", "rename"),
            ("remove", "remove"),
            ("undo", "undo"),
            ("send", "send_now"),
            ("copy", "copy_now"),
            ("again", "retry"),
        ):
            self.query_one(f"#{name}", Button).disabled = self.why_not(action) is not None
        self.query_one("#close", Button).label = "Cancel sending" if self.busy else "Close"
        self.options.hold(self._job is not None)
        if self._job is None:
            self._say_amount()
        self.refresh_bindings()

    def _say_amount(self) -> None:
        count = len(self._plan.rows)
        noun = "document" if count == 1 else "documents"
        self.query_one("#overall", Say).say(f"{count} {noun}, {size_text(self._plan.total)}", "dim")

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        action = {
            "up": "move_up",
            "down": "move_down",
            "send": "send_now",
            "copy": "copy_now",
            "again": "retry",
        }.get(event.button.id or "", event.button.id or "")
        await self.run_action(action)

    # ------------------------------------------------------------ fields

    @on(OptionFields.Changed)
    def _typed(self, event: OptionFields.Changed) -> None:
        """Beside the field there may be no room for all of what is wrong."""
        if event.error is None:
            self._say_amount()
        else:
            self.query_one("#overall", Say).say(event.error, "bad")

    def action_reveal(self) -> None:
        self.options.reveal()

    def action_generate(self) -> None:
        self.options.generate()

    # ------------------------------------------------------------ sending

    def action_send_now(self) -> None:
        self._begin(draft=True)

    def action_copy_now(self) -> None:
        self._begin(draft=False)

    def _begin(self, draft: bool) -> None:
        if not self.table.keep_edit():
            return
        # A name that was being typed is kept by a message that comes after this one.
        self.call_later(self._begin_checked, draft)

    def _begin_checked(self, draft: bool) -> None:
        overall_say = self.query_one("#overall", Say)
        try:
            values = self.options.values()
        except InvalidValue as error:
            overall_say.say(error.message, "bad")
            self.options.focus_first_wrong()
            return
        from ..sending.settings import SendSettings

        settings = SendSettings(
            password=values.password,
            expires_at=values.expires_at,
            downloads_permitted=values.downloads_permitted,
        )
        self._draft = draft
        self._job = self._make_job(self._plan, settings, self._row_changed)
        self._dirty = set()
        self._show_rows()
        self.table.focus()
        self._run()

    def action_retry(self) -> None:
        self._run()

    def _row_changed(self, index: int | None) -> None:
        if index is not None:
            self._dirty.add(index)
        self.post_message(self.Progressed())

    @work(exclusive=True, group="send")
    async def _run(self) -> None:
        assert self._job is not None
        error: Problem | None = None
        try:
            await self._job.run()
        except Problem as problem:
            error = problem
        self.post_message(self.Finished(error))

    @on(Progressed)
    def _progressed(self) -> None:
        if self._paint_timer is not None:
            return
        wait = self._painted + _PAINT - monotonic()
        if wait <= 0:
            self._paint()
        else:
            self._paint_timer = self.set_timer(wait, self._paint)

    def _paint(self) -> None:
        self._paint_timer = None
        self._painted = monotonic()
        job = self._job
        if job is None:
            return
        dirty, self._dirty = self._dirty, set()
        for index in dirty:
            self.table.update_row(index, self._row(index))
        text, tone = overall(job)
        self.query_one("#overall", Say).say(text, tone)
        self._say_cause()

    @on(Finished)
    def _finished(self, event: Finished) -> None:
        job = self._job
        assert job is not None
        self._dirty = set(range(len(job.rows)))
        self._paint()
        if event.error is not None:
            # Nothing was sent: everything can be changed and sent anew.
            if not job.documents:
                self._job = None
                self._show_rows()
            self._update()
            self.query_one("#overall", Say).say(event.error.message, "bad")
            return
        self._update()
        if job.documents:
            self.options.forget()
            self._on_links(self, list(job.documents), self._draft)

    def links_shown(self) -> None:
        """The draft, or the list of links, was closed: nothing is left to do where all was sent."""
        if self._job is not None and not self._job.unfinished:
            self.dismiss(Sent(list(self._job.documents), self._draft))

    # ------------------------------------------------------------ the end

    @property
    def _touched(self) -> bool:
        return self._job is None and (self.options.touched or self._plan.can_undo) and bool(self._plan.rows)

    @work
    async def action_close(self) -> None:
        if self.busy:
            await self._cancel()
        elif self._job is not None:
            self.dismiss(Sent(list(self._job.documents), self._draft))
        elif not self._touched or await self.app.push_screen_wait(
            Question("Close without sending?", "What you typed and changed here would be lost.", yes="Close")
        ):
            self.dismiss(None)

    async def _cancel(self) -> None:
        job = self._job
        if job is None or not await self.app.push_screen_wait(
            Question("Cancel the sending?", "What is not sent yet stays unsent.", yes="Cancel it", no="Go on")
        ):
            return
        job.cancel()
        # What is being published at this moment is published, and has to be named.
        await job.ended()
        done = list(job.documents)
        if not done:
            self.dismiss(Sent())
            return
        names = "\n".join(document.name for document in done[:8]) + ("\n…" if len(done) > 8 else "")
        withdraw = await self.app.push_screen_wait(
            Question(
                f"{len(done)} of {len(job.rows)} documents are already published. Unpublish them?",
                names,
                yes="Unpublish",
                no="Leave them",
            )
        )
        self.dismiss(Sent(done, withdraw=bool(withdraw)))
