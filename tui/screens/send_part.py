"""What the parts of the send dialog have in common: its widgets, its plan, and the job that sends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.widget import Widget

from ..commands import HIDDEN, spelled
from ..rules.display import size_text
from ..rules.policy import Policy
from ..widgets.button import Button
from ..widgets.field import Field
from ..widgets.table import Column, Row, Table
from .base import Dialog, Say
from .link_settings_fields import LinkSettingsFields
from .progress import cause, status_cell

if TYPE_CHECKING:
    from ..rules.link_settings import LinkSettings
    from ..sending.job import SendJob
    from ..sending.plan import Plan
    from ..wire.share import Document

_COLUMNS = (
    Column("Document", 12, flex=4, name=True),
    Column("Ver", 3, align="right"),
    Column("Rename Secure Link", 18, flex=5, name=True),
    Column("Size", 8, align="right", rank=1),
    Column("Status", 13),
)
#: The place of the link's name among them, behind the number of the row.
NAME = 3
#: Lines of the dialog besides its table; on a narrow screen the note about the password takes one more.
_OTHER_LINES = 16
#: In which order ``tab`` goes through the dialog.
_FOCUS_ORDER = (
    "rows",
    "password",
    "expires",
    "downloads",
    "send",
    "copy",
    "close",
    "again",
    "up",
    "down",
    "rename",
    "remove",
    "undo",
)
#: What each button does.
BUTTONS = {
    "up": "move_up",
    "down": "move_down",
    "rename": "rename",
    "remove": "remove",
    "undo": "undo",
    "send": "send_now",
    "copy": "copy_now",
    "close": "close",
    "again": "retry",
}


def columns(rows: int) -> tuple[Column, ...]:
    """The columns of the dialog's table, with room for the numbers of so many rows."""
    return (Column("#", max(2, len(str(rows))), align="right"), *_COLUMNS)


JobMaker = Callable[["Plan", "LinkSettings", Callable[[int | None], None]], "SendJob"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a send dialog ends with: the documents in order, whether a draft was asked for, the cancelled ones'
    published documents that are to be unpublished."""

    documents: list[Document] = field(default_factory=list)
    draft: bool = False
    withdraw: bool = False


class SendPart(Dialog[Sent | None]):
    """A part of the send dialog."""

    def __init__(
        self,
        plan: Plan,
        asked: Policy,
        now: Callable[[], datetime],
        make_job: JobMaker,
        on_links: Callable[..., None],
    ) -> None:
        """``make_job`` makes the job that does the work. ``on_links`` is called with the dialog, the documents and
        whether a draft is wanted whenever a run has sent something."""
        super().__init__()
        self._now = now
        self._plan = plan
        self._policy = asked
        self._make_job = make_job
        self._on_links = on_links
        self._job: SendJob | None = None
        #: Whether a run of the job is under way.
        self._sending = False
        self._amount = ""  #: What the dialog says by itself of what is to be sent.

    @property
    def focus_chain(self) -> list[Widget]:
        """What is filled in comes before the buttons, and the ones that send before the others."""
        places = {name: place for place, name in enumerate(_FOCUS_ORDER)}
        return sorted(super().focus_chain, key=lambda widget: places.get(widget.id or "", len(places)))

    def body(self) -> list[Widget]:
        return [
            Table(
                columns(len(self._plan.rows)),
                markers=False,
                id="rows",
                empty=spelled(
                    "Nothing is left to send. Press {dialogs.close} to close the dialog.", self.app
                ),
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
            LinkSettingsFields(self._policy, self._now, id="options"),
            Say(id="overall", lines=2, marked=True),
            Horizontal(
                Button("Send", id="send", compact=True, variant="primary"),
                Button("Copy to Clipboard", id="copy", compact=True),
                Button("Close", id="close", compact=True),
                Button("Try again", id="again", compact=True),
                classes="buttons -last",
            ),
        ]

    def say(self, text: str, tone: str = "") -> None:
        self.query_one("#overall", Say).say(text, tone)

    @property
    def table(self) -> Table:
        return self.query_one("#rows", Table)

    @property
    def options(self) -> LinkSettingsFields:
        return self.query_one(LinkSettingsFields)

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
        size = self.app.size
        others = _OTHER_LINES + (size.width < 76)
        self.table.styles.height = max(4, min(count + 2, size.height - others))
        self.set_class(size.height < 22, "-short")

    def _row(self, index: int) -> Row:
        job = self._job
        if job is not None:
            row = job.rows[index]
            source, name, status = row.source, row.link_name, status_cell(row)
        else:
            planned = self._plan.rows[index]
            source, name, status = planned.source, planned.link_name, ("○ pending", "dim")
        version = str(source.version_number or "–")
        cells = (str(index + 1), source.name, version, name, size_text(source.size), status)
        return Row(str(id(source)), cells, data=index)

    def _show_rows(self) -> None:
        count = len(self._job.rows) if self._job else len(self._plan.rows)
        self.table.show([self._row(i) for i in range(count)], keep=True)

    @property
    def _index(self) -> int | None:
        row = self.table.current
        return None if row is None else row.data

    def _say_cause(self, index: int | None = None) -> None:
        """The cause of the failure of a row: of the one under the cursor, unless it is another that is pointed at."""
        index = self._index if index is None else index
        told = cause(self._job.rows[index]) if self._job is not None and index is not None else ("", "")
        self.query_one("#cause", Say).say(*told)

    # ------------------------------------------------------------ state

    @property
    def busy(self) -> bool:
        """Whether something is being sent."""
        return self._sending

    @property
    def _editable(self) -> bool:
        return self._job is None and bool(self._plan.rows)

    @property
    def _unfinished(self) -> bool:
        return self._job is not None and not self._sending and bool(self._job.unfinished)

    def disabled_reason(self, action: str) -> str | None:
        if action in (
            "rename",
            "remove",
            "move_up",
            "move_down",
            "send_now",
            "copy_now",
            "reveal",
            "generate",
        ):
            return self._why_no_change(action)
        if action == "undo":
            if self._job is None and self._plan.can_undo and not self.table.editing:
                return None
            return "There is nothing to take back."
        if action in ("close", "cancel_sending"):
            # What escape does, the line of keys says.
            return None if self.busy == (action == "cancel_sending") else HIDDEN
        if action == "retry":
            if self._unfinished:
                return None
            return "It is being sent already." if self.busy else "Nothing has failed."
        return super().disabled_reason(action)

    def _why_no_change(self, action: str) -> str | None:
        if self._job is not None:
            return "It is being sent." if self.busy else "It has been sent."
        if not self._plan.rows:
            return "Nothing is left to send."
        if self.table.editing and action in ("rename", "remove", "move_up", "move_down"):
            return spelled(
                "A name is being typed: {editing.keep_edit} keeps it, {editing.give_up_edit} gives it up.",
                self.app,
            )
        return None

    def _update(self) -> None:
        """Buttons and keys after a change of state."""
        for name, action in BUTTONS.items():
            # What closes the dialog cancels a send that is under way.
            if name != "close":
                self.query_one(f"#{name}", Button).disabled = self.disabled_reason(action) is not None
        self.query_one("#close", Button).label = "Cancel sending" if self.busy else "Close"
        self.query_one("#again", Button).visible = self._unfinished
        self.options.hold(self._job is not None)
        if self._job is None:
            self._say_amount()
        self.refresh_bindings()

    def _say_amount(self) -> None:
        """What is to be sent; and, in its field, what the policy asks there."""
        count = len(self._plan.rows)
        noun = "document" if count == 1 else "documents"
        field = self.focused
        rule = self.options.rule_of(field.id or "") if isinstance(field, Field) else ""
        self._amount = rule or f"{count} {noun}, {size_text(self._plan.total)}"
        self.say(self._amount, "dim")

    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _went_on(self) -> None:
        # What was said of something else stays.
        if self._job is None and self.query_one("#overall", Say).said == self._amount:
            self._say_amount()
