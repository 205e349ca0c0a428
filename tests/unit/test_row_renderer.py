"""How much of a text a row shows: all there is room for, also that of empty cells beside it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from tui.clients.target import Target
from tui.locations.rows import Column, Row
from tui.locations.share_kinds import SentLinksKind
from tui.session.session import Session
from tui.ui.dialogs.timeline_rows import TimelineRows
from tui.ui.send.send_rows import columns as send_columns
from tui.ui.widgets.table.cell_editor import CellEditor
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


@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(0, 60)), min_size=1, max_size=6),
    st.integers(56, 130),
)
def test_an_event_and_its_document_share_the_room_of_their_row(
    lengths: list[tuple[int, int]], width: int
) -> None:
    """Neither is cut while the other leaves cells empty, whatever other rows need."""
    columns = TimelineRows(Session(Target("http://127.0.0.1:1")), one=False).columns
    model = RowModel(columns)
    model.rows = [
        Row(str(i), ("16:08:00", "e" * event, "d" * name)) for i, (event, name) in enumerate(lengths)
    ]
    model.unmeasured = [*model.rows]
    renderer = RowRenderer(model, Style.null, lambda _: Style.null(), markers=False)
    *_, document = renderer.widths(width)
    for index, (event, name) in enumerate(lengths):
        line = renderer.row(index, width, focused=False, editor=None).text
        is_cut = "…" in line
        # A blank at either end, and one behind the time.
        room = width - len(" 16:08:00 ") - 1
        needed = event + 1 + name if document and name else event
        assert is_cut == (needed > room)
        if is_cut:
            assert "  " not in line.strip(), line


@given(
    st.lists(
        st.tuples(st.integers(1, 90), st.integers(0, 40), st.integers(3, 8), st.integers(0, 13)),
        min_size=1,
        max_size=5,
    ),
    st.integers(36, 200),
)
def test_no_name_is_cut_beside_empty_cells_of_its_row(
    lengths: list[tuple[int, int, int, int]], width: int
) -> None:
    """What stands behind it in the send dialog begins later than its column then."""
    model = RowModel(send_columns(len(lengths)))
    model.rows = [
        Row(str(i), (str(i), "n" * name, "f" * source, "k" * size, "s" * status))
        for i, (name, source, size, status) in enumerate(lengths)
    ]
    model.unmeasured = [*model.rows]
    renderer = RowRenderer(model, Style.null, lambda _: Style.null(), markers=False)
    for index in range(len(lengths)):
        line = renderer.row(index, width, focused=False, editor=None).text
        assert len(line) == width
        if "…" in line.partition(" n")[2].partition(" ")[0]:
            assert "  " not in line[4:-1].rstrip("s"), line
            assert line[-2] != " ", line


@given(
    st.integers(1, 90),
    st.integers(0, 40),
    st.integers(3, 8),
    st.integers(1, 13),
    st.integers(36, 200),
    st.booleans(),
)
def test_a_name_is_whole_while_it_is_typed_if_its_row_has_room(
    typed: int, source: int, size: int, status: int, width: int, is_renamed: bool
) -> None:
    """What it comes from is shown below meanwhile, and gives it its room."""
    model = RowModel(send_columns(2))
    model.rows = [
        Row("1", ("1", "o", "f" * source, "k" * size, "s" * status)),
        Row("2", ("2", "n" * typed, "", "k" * size, "s" * status)),
    ]
    model.unmeasured = [*model.rows]
    renderer = RowRenderer(model, Style.null, lambda _: Style.null(), markers=False)
    model.cursor = 0 if is_renamed else 1
    editor = CellEditor(1, "n" * typed, lambda _: None, print, selected=typed // 2)
    line = renderer.row(model.cursor, width, focused=True, editor=editor).text
    assert len(line) == width
    # The number, the blanks between them, the caret and the status.
    if 1 + 2 + 1 + typed + 1 + 1 + status < width:
        assert "n" * typed in line, line
        assert "s" * status in line, line


def test_recipients_begin_earlier_where_a_short_name_leaves_room() -> None:
    name, to, external = SentLinksKind.columns[:3]
    long = ", ".join(f"person{number}@example.com" for number in range(3))
    rows = [("Offer.pdf", long, "● On"), ("n" * 40, "anna@example.com", "● On")]
    model = RowModel((name, to, external))
    model.rows = [Row(str(number), cells) for number, cells in enumerate(rows)]
    model.unmeasured = [*model.rows]
    renderer = RowRenderer(model, Style.null, lambda _: Style.null(), markers=False)
    width = 1 + 40 + 1 + len(long) - 5 + 1 + 10
    lines = [renderer.row(index, width, focused=False, editor=None).text for index in (0, 1)]
    assert long in lines[0]
    assert "n" * 40 + " anna@example.com" in lines[1]
    assert lines[0].index("● On") == lines[1].index("● On")


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
