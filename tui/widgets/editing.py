"""Editing a cell of a table in place: the editor takes the keys, and is drawn in the row's own line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events

from ..corners.keys import sign_of
from ..locations.rows import Row
from .editor import CellEditor
from .holding import Holding

if TYPE_CHECKING:
    from .table import Table


class InPlace(Holding):
    """A part of :class:`Table`."""

    class Editing(Holding.OfRow, namespace="table"):
        """A cell is being edited, or no longer; ``error`` says what is wrong with its present text."""

        def __init__(self, table: Table, row: Row, error: str | None) -> None:
            super().__init__(table, row)
            self.error = error

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._editor: CellEditor | None = None
        self._edited_column = 0
        self._keep: Callable[[str], None] = lambda text: None

    @property
    def editing(self) -> bool:
        """Whether a cell is being edited."""
        return self._editor is not None

    def edit(
        self,
        column: int,
        text: str,
        check: Callable[[str], str | None],
        keep: Callable[[str], None],
        *,
        selected: int = 0,
    ) -> None:
        """Begins to edit a cell of the row under the cursor. ``check`` says what is wrong with a text; ``keep`` is
        given it where it was changed, before anything else is done: the next key may send it. So many characters at
        its beginning are ``selected``."""
        row = self.current
        if row is None:
            return
        self._editor = CellEditor(text, check, selected)
        self._keep = keep
        self._edited_column = column
        self._edit_turned()
        self.post_message(self.Editing(self._self, row, self._editor.error))

    def end_edit(self) -> None:
        """Gives up what was typed."""
        if self._editor is not None:
            self._editor = None
            self._edit_turned()

    def _edit_turned(self) -> None:
        """A cell is edited from now on, or no longer."""
        self.refresh_row(self.cursor)
        self.refresh_bindings()

    def keep_edit(self) -> bool:
        """Ends the edit and keeps its text; refuses (and answers ``False``) where the text is wrong."""
        row = self.current
        if self._editor is None or row is None:
            return True
        if self._editor.error:
            self.app.bell()
            return False
        text = self._editor.text
        changed = self._editor.changed
        self.end_edit()
        if changed:
            self._keep(text)
        else:
            self.post_message(self.Editing(self._self, row, None))
        return True

    def action_keep_edit(self) -> None:
        self.keep_edit()

    def action_give_up_edit(self) -> None:
        row = self.current
        self.end_edit()
        if row is not None:
            self.post_message(self.Editing(self._self, row, None))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """While a cell is edited, letters are letters and not commands."""
        return self._editor is not None and CellEditor.takes(key, character or sign_of(key))

    def on_key(self, event: events.Key) -> None:
        editor = self._editor
        row = self.current
        if editor is None or row is None:
            return
        if CellEditor.takes(event.key, event.character):
            editor.press(event.key, event.character)
            self.refresh_row(self.cursor)
            self.post_message(self.Editing(self._self, row, editor.error))
        elif self.keep_edit():
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        if self._editor is not None and self.current is not None:
            self._editor.insert(event.text)
            self.refresh_row(self.cursor)
            self.post_message(self.Editing(self._self, self.current, self._editor.error))
            event.stop()
