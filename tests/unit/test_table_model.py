"""A table's model and the editing of a cell, without Textual."""

from __future__ import annotations

from rich.style import Style

from tui.locations.rows import Column, Row
from tui.ui.widgets.table.cell_editor import CellEditor
from tui.ui.widgets.table.editing import CellEditing
from tui.ui.widgets.table.model import RowModel


def rows(*keys: str) -> list[Row]:
    return [Row(key, (key,)) for key in keys]


def model(*keys: str) -> RowModel:
    found = RowModel((Column("Name", 8),))
    found.show(rows(*keys))
    return found


def current(table: RowModel) -> str | None:
    return table.current.key if table.current is not None else None


def test_an_empty_table_has_no_row_under_the_cursor() -> None:
    table = RowModel()
    assert (current(table), table.chosen, table.partial) == (None, [], False)
    table.move_to(3)
    assert table.cursor == 0


def test_the_cursor_stays_on_its_row() -> None:
    table = model(*"abcd")
    table.move_to(2)
    table.show(rows(*"xabcd"), keep=True)
    assert current(table) == "c"
    table.show(rows(*"ab"), keep=True)
    assert current(table) == "b", "the nearest place that there is"
    table.show(rows(*"ab"))
    assert current(table) == "a"
    table.show(rows(*"ab"), at=1)
    assert current(table) == "b"


def test_what_is_shown_is_kept_unless_something_else_is() -> None:
    table = RowModel((Column("Name", 8),), "Nothing.")
    table.show(rows("a"), order="-name")
    table.show(rows("b"), more=True)
    assert (table.order, table.empty, table.more, len(table.columns)) == ("-name", "Nothing.", True, 1)


def test_other_rows_of_the_same_list_move_no_cursor_to_another_row() -> None:
    table = model(*"abcd")
    table.move_to(3)
    table.slide(rows(*"cdef"), above=2, below=0, more=True, more_above=False)
    assert (current(table), table.above, table.partial) == ("d", 2, True)
    table.slide(rows(*"yzcdef"), above=2, below=0, more=True, more_above=False, moved=2)
    assert current(table) == "d"
    table.slide(rows(*"ef"), above=6, below=0, more=False, more_above=False)
    assert current(table) == "e", "the row that is gone was before"


def test_a_row_is_replaced_where_it_is_here_and_where_it_is_selected() -> None:
    table = model(*"ab")
    table.select_only(rows("b", "gone"))
    new, gone = Row("b", ("new",)), Row("gone", ("new",))
    assert table.replace_row(new) == [1]
    assert table.replace_row(gone) == []
    assert table.chosen == [new, gone]
    table.update_row(0, Row("a", ("new",)))
    assert table.rows[0].name == "new"


class Edited:
    """An edit, and what it reported."""

    def __init__(self, text: str = "Offer.pdf") -> None:
        self.turned = 0
        self.told: list[str | None] = []
        self.kept: list[str] = []
        self.editing = CellEditing(self.turn, self.told.append)
        self.editing.begin(CellEditor(1, text, self.check, self.kept.append))

    def turn(self) -> None:
        self.turned += 1

    def check(self, text: str) -> str | None:
        return None if text else "Empty."


def test_a_text_that_was_changed_is_kept() -> None:
    edited = Edited("a")
    assert edited.editing.takes("b", "b")
    edited.editing.press("b", "b")
    assert edited.editing.insert("c")
    assert edited.editing.keep()
    assert (edited.kept, edited.told, edited.turned) == (["abc"], [None, None, None], 2)
    assert edited.editing.editor is None
    assert not edited.editing.insert("d")


def test_a_text_that_was_not_changed_is_told_of_only() -> None:
    edited = Edited()
    assert edited.editing.keep()
    assert (edited.kept, edited.told) == ([], [None, None])


def test_a_text_that_is_wrong_is_not_kept() -> None:
    edited = Edited("a")
    edited.editing.press("backspace", None)
    assert edited.told[-1] == "Empty."
    assert not edited.editing.keep()
    assert edited.editing.takes("b", "b"), "it goes on"
    edited.editing.cancel()
    assert edited.told == [None, "Empty.", None]
    assert not edited.kept
    assert not edited.editing.takes("b", "b")


def test_the_end_is_before_the_extension_first() -> None:
    """What is typed there belongs to the name, and not behind ``.pdf``."""
    for keys, then, wanted in (
        (["end"], " 2", "Offer 2.pdf"),
        (["home", "end"], " 2", "Offer 2.pdf"),
        (["end", "end"], ".gz", "Offer.pdf.gz"),
        (["end", "end", "backspace", "home", "end"], "x", "Offer.pdx"),
    ):
        editor = CellEditor(1, "Offer.pdf", lambda text: None, print, selected=5)
        for key in keys:
            editor.press(key, None)
        editor.insert(then)
        assert editor.text == wanted
    plain = CellEditor(1, "Offer", lambda text: None, print)
    plain.press("end", None)
    plain.insert(" 2")
    assert plain.text == "Offer 2"


def test_an_edited_text_is_shown_from_its_beginning_as_soon_as_there_is_room() -> None:
    """Also if it was scrolled before: it has become shorter, or its cell wider."""

    def shown(width: int) -> str:
        style = Style.null()
        return "".join(segment.text for segment in editor.render(width, style, style, style))

    editor = CellEditor(1, "Offer to buy.pdf", lambda text: None, print, selected=12)
    assert shown(16) == "ffer to buy.pdf "
    assert shown(17) == "Offer to buy.pdf "
    shown(10)
    editor.insert("Bid")
    assert shown(10) == "Bid.pdf   "


def test_without_an_edit_no_key_is_taken() -> None:
    editing = CellEditing(lambda: None, lambda error: None)
    assert not editing.takes("b", "b")
    assert editing.keep()
    editing.end()
    editing.press("b", "b")
