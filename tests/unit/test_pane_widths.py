"""How wide the panes of the first screen are."""

from __future__ import annotations

import pytest

from tui.ui.main.pane_widths import DETAILS_WIDTHS, WITH_DETAILS, PaneNeeds, pane_widths


def _list(width: int, *, detailed: bool, sent: bool, height: int = 40) -> tuple[int, bool]:
    """The width of the list, and whether the tree is beside it."""
    framed = width >= 100 and height >= 30
    tree, details, gives_way = pane_widths(width, framed=framed, detailed=detailed, sent=sent)
    return width - details - 2 * framed - (0 if gives_way else tree), not gives_way


@pytest.mark.parametrize("height", [24, 40])
@pytest.mark.parametrize("sent", [False, True])
def test_a_wide_screen_never_leaves_a_list_less_than_a_narrow_one(height: int, sent: bool) -> None:
    """With the details beside it, as with none."""
    usual, _ = _list(80, detailed=False, sent=sent, height=24)
    for width in [*range(WITH_DETAILS, 210), 300]:
        for detailed in (False, True):
            assert _list(width, detailed=detailed, sent=sent, height=height)[0] >= usual, (width, detailed)


@pytest.mark.parametrize(
    ("width", "expected"),
    [(110, (80, False)), (120, (90, False)), (126, (96, False)), (149, (109, False)), (150, (96, True))],
)
def test_the_details_leave_room_for_recipients_and_then_for_the_tree(
    width: int, expected: tuple[int, bool]
) -> None:
    assert _list(width, detailed=True, sent=True) == expected


@pytest.mark.parametrize(("width", "expected"), [(110, 56), (120, 64), (130, 64), (140, 70)])
def test_a_list_shows_more_of_a_name_beside_the_details_than_on_a_narrow_screen(
    width: int, expected: int
) -> None:
    assert _list(width, detailed=True, sent=False) == (expected, True)


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("tree_needs", [10, 24, 32, 60])
@pytest.mark.parametrize("list_needs", [30, 60, 100, 200])
def test_no_pane_has_blank_cells_while_the_other_cuts(
    detailed: bool, sent: bool, tree_needs: int, list_needs: int
) -> None:
    """Nor is the tree narrower on a wider screen that has room for the same panes."""
    before = 0
    for width in range(80, 301):
        framed = width >= 100
        frame = 2 if framed else 0
        needs = PaneNeeds(tree_needs, list_needs)
        detailed_now = detailed and width >= WITH_DETAILS
        usual = pane_widths(width, framed=framed, detailed=detailed_now, sent=sent)
        tree, details, gives_way = pane_widths(
            width, framed=framed, detailed=detailed_now, sent=sent, needs=needs
        )
        assert gives_way == usual.gives_way
        assert details >= usual.details
        # The details come last: what they get beyond their share, no one else needs.
        listed = width - details - frame - (0 if gives_way else tree)
        if details > usual.details:
            assert listed >= list_needs, width
            assert gives_way or tree - frame >= min(tree_needs, 44 - frame), width
        if detailed_now and details < 64:
            assert listed <= max(list_needs, width - usual.tree - usual.details - frame, 24), width
        if gives_way:
            continue
        if tree - frame < min(tree_needs, 44 - frame):
            assert listed <= max(list_needs, width - usual.tree - usual.details - frame), width
            assert tree >= usual.tree
        if tree > max(24 + frame, usual.tree):
            assert listed >= list_needs, "the list comes first"
        if listed < list_needs:
            assert tree <= max(tree_needs, 24) + frame, "nothing is blank in the tree"
        if width > WITH_DETAILS:
            assert tree >= before, width
        before = tree


@pytest.mark.parametrize("width", [150, 170, 200, 300])
@pytest.mark.parametrize("sent", [False, True])
def test_all_three_have_room_on_a_wide_screen(width: int, sent: bool) -> None:
    tree, details, gives_way = pane_widths(width, framed=True, detailed=True, sent=sent)
    least, most = DETAILS_WIDTHS
    assert not gives_way
    assert tree >= 24
    assert least <= details <= most
    assert _list(width, detailed=True, sent=sent)[0] >= (96 if sent else 56)


@pytest.mark.parametrize("sent", [False, True])
def test_the_details_of_an_empty_list_take_nothing_from_its_headings(sent: bool) -> None:
    for width in range(WITH_DETAILS, 240):
        needs = PaneNeeds(40, 40, is_empty=True)
        usual = pane_widths(width, framed=True, detailed=True, sent=sent)
        assert pane_widths(width, framed=True, detailed=True, sent=sent, needs=needs).details == usual.details
