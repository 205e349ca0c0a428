"""Values beside their labels: nothing is lost, and addresses are divided at their own places."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tui.rules.text import printable
from tui.ui.widgets.fit import wrapped_to_cells
from tui.ui.widgets.labelled_lines import LabelledLines

MANY = "Anna Arp <anna@halyard.example>, Bob <bob@varga-and-sons.example>"


def drawn(pairs: list[tuple[str, str]], width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, legacy_windows=False).print(LabelledLines(pairs))
    return out.getvalue().splitlines()


def test_addresses_are_divided_where_the_pane_divides_them() -> None:
    assert [line.rstrip() for line in drawn([("To", MANY), ("Sent", "today")], 30)] == [
        "To    " + wrapped_to_cells(MANY, 24)[0],
        *("      " + line for line in wrapped_to_cells(MANY, 24)[1:]),
        "Sent  today",
    ]
    assert [line.rstrip() for line in drawn([("To", "anna.arp@halyard.example")], 20)] == [
        "To  anna.arp@",
        "    halyard.example",
    ]


@pytest.mark.parametrize("width", [1, 9, 14, 40, 80])
@given(label=st.text(max_size=20), value=st.text(max_size=90))
def test_no_line_is_wider_than_there_is_room(width: int, label: str, value: str) -> None:
    lines = drawn([(label, value)], width)
    if width >= 14 and not any(cell_len(each) > 1 for each in label + value):
        assert all(cell_len(line) <= width for line in lines)
        shown = "".join("".join(lines).split())
        assert "".join(printable(value).split()) in shown or len(printable(label)) > width - 10
