"""The table: rows to move through, select, open and edit by key and mouse.

Rows that aren't loaded yet are requested with :class:`Table.Wanted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from textual import events

from ....commands.command import HIDDEN
from ....locations.rows import Column, Row
from ....override import override
from ...textual_patches.keys import sign_of
from ..held import HeldActions
from ..keyed import Keyed, Numbers
from .cell_editor import CellEditor
from .motions import Motions
from .rows_view import RowsView

#: The commands that take a number: it repeats them, or is that of the row to go to.
_MOTIONS = frozenset(
    f"lists.{motion}"
    for motion in (
        *("down", "up", "first", "last", "next_page", "previous_page"),
        *("half_down", "half_up", "extend_down", "extend_up"),
    )
)
#: The commands that select rows.
_SELECTING = ("select", "select_all", "range", "extend_down", "extend_up")


class Table(Keyed, RowsView, can_focus=True):
    """Adds the commands for the rows that it shows."""

    PLACES = ("lists", "editing")

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        id: str | None = None,
        markers: bool = True,
        empty: str = "",
        jump: Callable[[bool], object] | None = None,
        awaits: Callable[[], bool] = lambda: False,
    ) -> None:
        """``jump`` is called for the last row (or else the first one) if that isn't loaded; ``awaits`` tells whether
        what keys do has to wait for other rows."""
        super().__init__(columns, id=id, markers=markers, empty=empty)
        self._hovered_index = -1
        self.numbers = Numbers(self, _MOTIONS)
        self._motions = motions = Motions(self, jump=jump, selects=markers)
        self.held = held = HeldActions(awaits)
        self.action_down, self.action_up = held.of(motions.down), held.of(motions.up)
        self.action_first, self.action_last = held.of(motions.first), held.of(motions.last)
        self.action_next_page, self.action_previous_page = (
            held.of(motions.next_page),
            held.of(motions.previous_page),
        )
        self.action_half_down, self.action_half_up = held.of(motions.half_down), held.of(motions.half_up)
        self.action_extend_down, self.action_extend_up = (
            held.of(motions.extend_down),
            held.of(motions.extend_up),
        )
        self.action_range, self.action_drop_range = held.of(motions.range), held.of(motions.drop_range)
        self.action_select, self.action_select_all = held.of(motions.select), held.of(motions.select_all)
        self.action_open, self.action_menu = held.of(self._open), held.of(self._menu)

    @override
    def on_blur(self) -> None:
        self.numbers.forget()

    # ------------------------------------------------------------ choosing

    @override
    def disabled_reason(self, action: str) -> str | None:
        if action in ("keep_edit", "give_up_edit"):
            return None if self.editing else HIDDEN
        if action == "drop_range":
            return HIDDEN if self.model.range is None else None
        if action in _SELECTING:
            if not self._markers:
                return HIDDEN
            if self.held.awaits():
                return None
            if not (self.model.partial or any(row.selectable for row in self.rows)):
                return "There is nothing to select in this list."
            if action == "select" and self.current is not None and not self.current.selectable:
                return self.current.unusable or "Only documents can be selected."
        if action == "open" and self.current is None and not self.held.awaits():
            return "The list is empty."
        return None

    def select_only(self, rows: Iterable[Row]) -> None:
        """Select these rows, in this order, and no others; they needn't be loaded."""
        self.model.select_only(rows)
        self.selection_changed()
        self.refresh()

    def forget(self, keys: set[str]) -> None:
        """Remove rows that no longer exist from the selection."""
        if self.model.forget(keys):
            self.selection_changed()

    def clear_selection(self) -> None:
        """Select no row, loaded or not."""
        self.model.pick({})
        self.selection_changed()
        self.refresh()

    def deselect(self) -> None:
        """Do that for the user, who may want the rows selected again."""
        before = self.chosen if self.selected else []
        self.clear_selection()
        if before:
            self.post_message(self.Deselected(self, before))

    def _open(self) -> None:
        """Post :class:`Opened` for the row under the cursor."""
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def _menu(self) -> None:
        """Ask for the context menu of the row under the cursor or those selected, or of the list if it is empty."""
        self.post_message(self.MenuWanted(self, self.current, self.model))

    # ------------------------------------------------------------ the mouse

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light up the row below the pointer; the titles are no row."""
        self._set_hovered(self._row_at(event.y) if event.y > 0 else -1)

    def on_leave(self) -> None:
        """Light up no row."""
        self._set_hovered(-1)

    def _set_hovered(self, index: int) -> None:
        index = index if 0 <= index < len(self.rows) else -1
        if index != self._hovered_index:
            self._hovered_index = index
            self.post_message(self.Hovered(self, self.rows[index] if index >= 0 else None))

    def on_click(self, event: events.Click) -> None:
        """On a title, sort by it; on a row, move there, select, open, or show its menu, as button and modifiers say."""
        event.stop()
        self.numbers.forget()
        index = self._row_at(event.y)
        if event.y == 0 or not 0 <= index < len(self.rows):
            column = self.renderer.column_at(event.x, self.size.width) if event.y == 0 else None
            if event.button == 3:
                self._menu()
            elif column is not None:
                self.post_message(self.TitlePressed(self, column))
            return
        if index != self.cursor and not self.keep_edit():
            return
        self._motions.end_range()
        self.move_to(index)
        if event.button == 3 or event.ctrl:
            self._menu()
        elif self._markers and event.x < 2 and self.rows[index].selectable:
            self._motions.toggle(index)
        elif event.chain == 2:
            self._open()

    # ------------------------------------------------------------ editing

    def edit(
        self,
        column: int,
        text: str,
        check: Callable[[str], str | None],
        keep: Callable[[str], None],
        *,
        selected: int = 0,
    ) -> None:
        """Start editing a cell of the row under the cursor; see :class:`CellEditor`. ``keep`` is called before anything
        else happens: the next key may already send what was typed."""
        if self.current is not None:
            self._edit.begin(CellEditor(column, text, check, keep, selected))

    def keep_edit(self) -> bool:
        """Stop editing and save the text; if the text is wrong, ring the bell and return ``False``."""
        kept = self._edit.keep()
        if not kept:
            self.app.bell()
        return kept

    def action_keep_edit(self) -> None:
        """End the editing of a cell with its text, unless that can't be."""
        self.keep_edit()

    def action_give_up_edit(self) -> None:
        """End the editing of a cell, with its text as before."""
        self._edit.cancel()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Treat letters as text, not as commands, while a cell is edited."""
        return self._edit.takes(key, character or sign_of(key)) or self.numbers.holds(key)

    def on_key(self, event: events.Key) -> None:
        """Type into the cell that is edited, or else a row's number; what the cell doesn't take ends its editing."""
        if not self.editing:
            self.numbers.press(event)
            return
        if self._edit.takes(event.key, event.character):
            self._edit.press(event.key, event.character)
        elif self.keep_edit():
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the cell that is edited."""
        if self._edit.insert(event.text):
            event.stop()
