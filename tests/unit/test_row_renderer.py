"""How much of a text a row shows: all there is room for, also that of empty cells beside it."""

from __future__ import annotations

from rich.style import Style

from tui.locations.rows import Column, Row
from tui.ui.send.send_rows import columns as send_columns
from tui.ui.widgets.table.model import RowModel
from tui.ui.widgets.table.renderer import RowRenderer

WORDS = "Limits of liability, round three"


def shown(columns: tuple[Column, ...], cells: tuple[str, ...], width: int) -> str:
    model = RowModel(columns)
    model.rows = model.unmeasured = [Row("1", cells)]
    renderer = RowRenderer(model, Style.null, lambda _: Style.null(), markers=False)
    return renderer.row(0, width, focused=False, editor=None).text.rstrip()


def test_a_text_takes_the_room_of_an_empty_cell_beside_it() -> None:
    columns = (Column("Ver", 3, align="right", fixed=True), Column("Comment", 12, flex=1, fixed=True))
    out = Column("Checked out", 11, fixed=True)
    for others, cells in (((out,), ("",)), ((out, Column("By", 8, fixed=True)), ("", ""))):
        width = 5 + 33 + 4
        assert shown((*columns, *others), ("2", WORDS, *cells), width).endswith(WORDS)
        # Not that of a cell with something in it, nor of one behind that.
        full = shown((*columns, *others), ("2", WORDS, "MKELLER", *cells[1:]), width)
        assert "MKELLER" in full
        assert WORDS not in full


def test_a_number_stays_below_its_title() -> None:
    columns = (Column("Size", 4, align="right", fixed=True), Column("By", 20, fixed=True))
    assert shown(columns, ("123456", ""), 40) == " 123…"


def test_the_origin_of_a_link_keeps_its_version() -> None:
    """However long the document's name is, at 80 columns."""
    for version in ("v1", "v12 of 14"):
        cells = ("1", "Offer.txt", f"Call Notes - Castellan and others.txt {version}", "835 B", "○ pending")
        line = shown(send_columns(1), cells, 76)
        assert f"{version} " in line
        assert "Call No" in line
