"""The rows of the send dialog: renaming links in place, their order, and taking rows off."""

from __future__ import annotations

from textual import on, work

from ..locations.rows import cell_text
from ..rules import names
from ..rules.errors import InvalidValue
from ..widgets.table import Table
from .base import Say
from .menu import Menu, offered
from .send_part import NAME, SendPart


class SendRows(SendPart):
    """A part of the send dialog."""

    @on(Table.Moved)
    def _moved(self, event: Table.Moved) -> None:
        event.stop()
        self._say_cause()
        self.refresh_bindings()

    @on(Table.Hovered)
    def _hovered(self, event: Table.Hovered) -> None:
        event.stop()
        if not self.table.editing:
            self._say_cause(event.row.data if event.row else None)

    @on(Table.Editing)
    def _editing(self, event: Table.Editing) -> None:
        event.stop()
        self.query_one("#cause", Say).say(event.error or "", "bad" if event.error else "")

    def _keep_name(self, index: int, text: str) -> None:
        try:
            self._plan.rename(index, text)
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
        name = cell_text(event.row.cells[NAME]) if event.row else ""
        self._open_menu(name if isinstance(name, str) else name[0])

    @work
    async def _open_menu(self, name: str) -> None:
        chosen = await self.answer_to(Menu(name, offered(self, menu_only=True)))
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
        row = self._plan.rows[index]
        self.table.edit(
            NAME,
            row.link_name,
            check,
            lambda text: self._keep_name(index, text),
            selected=len(names.stem(row.link_name, row.source.extension)),
        )

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
