"""Moving through the rows of a table, and selecting those on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....commands.lookup import spelled
from ..keyed import Refused
from . import messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from .rows_view import RowsView

_NOT_LOADED = "Only rows {:,} to {:,} are loaded so far; {{lists.last}} goes to the last one."
_RANGE_NOT_LOADED = "Only the loaded rows can be in a range; more are loaded as you go."
_RANGE_ENDED = "The range has ended: its first row isn't loaded any more. Its rows stay selected."


class Motions:
    """What the keys do that move the cursor of ``view``. Each takes the number typed before it: how often it is done,
    or for the first and the last row, to which one to go."""

    def __init__(self, view: RowsView, *, jump: Callable[[bool], object] | None, selects: bool) -> None:
        """``jump`` is called for the last row (or else the first one) if that isn't loaded; ``selects``: rows can be
        selected."""
        self._view = view
        self._model = view.model
        self._jump = jump
        self._selects = selects

    def _go(self, index: int) -> None:
        """Move the cursor, and with it the end of a range that stays."""
        if self._model.range is not None and self._model.range.stays:
            self._extend_to(index)
        else:
            self.end_range()
            self._view.move_to(index)

    def down(self, count: int = 1) -> None:
        """Move to the next loaded row."""
        self._go(self._model.cursor + count)

    def up(self, count: int = 1) -> None:
        """Move to the previous loaded row."""
        self._go(self._model.cursor - count)

    def first(self, number: int = 0) -> None:
        """Move to the first row of all, or to that of the number: if the first isn't loaded, its owner is asked for
        it."""
        if number:
            self._go_to_number(number)
        elif self._jump and (self._model.above or self._model.more_above) and not self._keeps_range():
            self._jump(False)
        else:
            self._go(0)

    def last(self, number: int = 0) -> None:
        """Move to the last row of all, or to that of the number: if the last isn't loaded, its owner is asked for
        it."""
        if number:
            self._go_to_number(number)
        elif self._jump and self._model.more and not self._keeps_range():
            self._jump(True)
        else:
            self._go(len(self._model.rows) - 1)

    def _go_to_number(self, number: int) -> None:
        """Move to the row of that number, or to the nearest one that is loaded."""
        above, loaded = self._model.above, len(self._model.rows)
        index = number - 1 - above
        if (index >= loaded and self._model.more) or index < 0:
            self._refuse(spelled(_NOT_LOADED.format(above + 1, above + loaded), self._view.app))
        self._go(index)

    def _keeps_range(self) -> bool:
        """Whether rows are being selected: those that aren't loaded can't be, which is said then."""
        if self._model.range is None or not self._model.range.stays:
            return False
        self._refuse(_RANGE_NOT_LOADED)
        return True

    def _refuse(self, reason: str) -> None:
        self._view.post_message(Refused(reason))

    def next_page(self, count: int = 1) -> None:
        """Move down by what is visible, less one row."""
        self._go(self._model.cursor + count * max(self._view.size.height - 2, 1))

    def previous_page(self, count: int = 1) -> None:
        """Move up by what is visible, less one row."""
        self._go(self._model.cursor - count * max(self._view.size.height - 2, 1))

    def half_down(self, count: int = 1) -> None:
        """Move down by half of what is visible."""
        self._go(self._model.cursor + count * self._half)

    def half_up(self, count: int = 1) -> None:
        """Move up by half of what is visible."""
        self._go(self._model.cursor - count * self._half)

    @property
    def _half(self) -> int:
        return max((self._view.size.height - 1) // 2, 1)

    # ------------------------------------------------------------ selecting

    def toggle(self, index: int) -> None:
        """Toggle the selection of a row."""
        self._model.toggle(self._model.rows[index])
        self._view.selection_changed()
        self._view.refresh_row(index)

    def select(self) -> None:
        """Toggle the selection of the row under the cursor, and move on."""
        row = self._model.current
        if row is None or not row.selectable:
            # Whoever goes on with what seems to be selected would get its neighbour.
            return
        if self._selects:
            was_selected = row.key in self._model.selected
            self.toggle(self._model.cursor)
            if was_selected:
                self._view.post_message(messages.Deselected(self._view, [row]))
        self.down()

    def select_all(self) -> None:
        """Select all loaded rows, and ask the owner for the others; or select none if all are."""
        if not self._selects:
            return
        chosen = self._model.chosen
        before = self._model.toggle_all()
        self._view.selection_changed()
        if before is not None:
            self._view.post_message(messages.AllWanted(self._view, self._model, before))
        else:
            self._view.post_message(messages.Deselected(self._view, chosen))
        self._view.refresh()

    # ------------------------------------------------------------ ranges

    def range(self) -> None:
        """Begin to select rows from the cursor on, or end that: they stay selected."""
        if self._model.range is not None and self._model.range.stays:
            self.end_range()
        elif self._selects and self._model.current is not None:
            self._model.begin_range(stays=True)
            self._changed()

    def drop_range(self) -> None:
        """Give up the range: what was selected before it is selected again."""
        if (given_up := self._model.range) is not None:
            dropped = [row for row in self._model.chosen if row.key not in given_up.before]
            self._model.pick(given_up.before)
            self._changed()
            if dropped:
                self._view.post_message(messages.Deselected(self._view, dropped))

    def extend_down(self, count: int = 1) -> None:
        """Select the row under the cursor, and go down with the end of what is selected."""
        self._begin_to_extend()
        self._extend_to(self._model.cursor + count)

    def extend_up(self, count: int = 1) -> None:
        """Select the row under the cursor, and go up with the end of what is selected."""
        self._begin_to_extend()
        self._extend_to(self._model.cursor - count)

    def _begin_to_extend(self) -> None:
        if self._selects and self._model.range is None:
            self._model.begin_range(stays=False)

    def _extend_to(self, index: int) -> None:
        """Move the cursor with the end of the range."""
        self._view.move_to(index)
        if self._model.range is not None:
            if not self._model.extend_range():
                self._refuse(_RANGE_ENDED)
            self._changed()

    def end_range(self) -> None:
        """End a range; its rows stay selected."""
        if self._model.range is not None:
            self._model.range = None
            self._changed()

    def _changed(self) -> None:
        self._view.selection_changed()
        self._view.refresh()
