"""The notices: what recipients did with what the user sent, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget

from ...locations.rows import moment_column
from ...override import override
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.fit import cells, shorten_name
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine, mark_of
from ..widgets.table import Column, Row, Table

if TYPE_CHECKING:
    from ...session import Session
    from ...session.notices import DocumentNotice, NoticeLine
    from ..main.notice_board import NoticeBoard

#: A name isn't cut to less than that.
_NAME = 24
_EMPTY = "No notices yet. What recipients do with your links is listed here."


class NoticesScreen(Dialog[None]):
    """What comes in while it is open is added. All that was in it counts as looked at."""

    PLACES = ("notices",)
    ABOUT = (
        "What recipients did with what you sent, and what stopped without you. {lists.open} shows all activity of the "
        "document. The count in the terminal's title is of notices that you haven't seen here yet."
    )
    heading = "Notices"
    whole = True
    opened_by = ("main.show_notices",)
    DEFAULT_CSS = """
    NoticesScreen > .box.-whole { max-width: 100%; }
    NoticesScreen .buttons { margin-top: 1; }
    NoticesScreen Button { margin-right: 1; }
    """

    def __init__(self, session: Session, board: NoticeBoard) -> None:
        super().__init__()
        self._session = session
        self._board = board
        #: The notices that are listed, by their text.
        self._by_text: dict[str, DocumentNotice] = {}

    @override
    def body(self) -> list[Widget]:
        return [
            Table(self._columns, markers=False, id="notices", empty=_EMPTY),
            RowLine(id="row"),
            StatusLine(id="said", lines=2, marked=True),
            ButtonLine(
                Button("Activity", id="show_activity", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def _columns(self) -> tuple[Column, ...]:
        return (moment_column("When", rank=0), Column("What", 30, flex=1, label="", fitted=self._fitted))

    def _fitted(self, text: str, width: int) -> str:
        """The text of a notice with a shorter name: by whom and how often is at its end."""
        notice = self._by_text.get(text)
        if notice is None:
            return text
        left = width - cells(_text(notice, ""))
        return _text(notice, shorten_name(printable(notice.name), max(left, _NAME)))

    @property
    def table(self) -> Table:
        """The rows; each has its notice."""
        return self.query_one("#notices", Table)

    @override
    def on_mount(self) -> None:
        self.table.renderer.now, self.table.row_line = self._session.now, self.query_one(RowLine)
        self._fill()
        self.table.focus()
        self._board.looked_at()

    @override
    def show_notice(self, notice: NoticeLine | None) -> None:
        super().show_notice(notice)
        if notice is not None and self._is_complete:
            self._fill()

    def _fill(self) -> None:
        kept = self._board.notices.kept
        self._by_text = {_text(notice): notice for notice in kept}
        self.table.show([_row(notice) for notice in kept], keep=True)

    @override
    def on_unmount(self) -> None:
        super().on_unmount()
        self._board.looked_at()

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        self._show_activity()

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "show_activity": ScreenCommand(
                self._show_activity, lambda: None if self.table.current is not None else "The list is empty."
            )
        }

    def _show_activity(self) -> None:
        row = self.table.current
        if row is None:
            return
        from ...clients.timeline import timeline
        from .timeline import TimelineScreen

        notice: DocumentNotice = row.data
        session = self._session
        self.open(
            TimelineScreen(
                session,
                f"Activity of {notice.name}",
                lambda: timeline(session.share, session.work, document=notice.document),
                one=True,
            )
        )


def _text(notice: DocumentNotice, name: str | None = None) -> str:
    return mark_of(notice.tone) + notice.text(name)


def _row(notice: DocumentNotice) -> Row:
    text = _text(notice)
    return Row(notice.ident, (notice.at, (text, notice.tone) if notice.tone else text), data=notice)
