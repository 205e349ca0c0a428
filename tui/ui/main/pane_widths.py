"""How wide the panes of the first screen are beside each other."""

from __future__ import annotations

from typing import NamedTuple

#: The width from which on there is room for the details, and the least and the most of their own.
WITH_DETAILS, DETAILS_WIDTHS = 110, (28, 38)
#: The most that they get of what the list and the tree don't need: longer lines are no easier to read.
_MOST_DETAILS = 64
#: The width of the tree: its share of the screen in per cent, alone and beside the details, and the least and the most.
_TREE_SHARES, _TREE_WIDTHS = (27, 22), (24, 44)
#: The width below which a tree would leave any list's names less than they need to be told apart.
_LEAST_WITH_TREE = 54
#: What a list has on a screen of 80 columns, beside the tree; and sent documents there, without it. Panes beside it
#: leave it as much, and the details some cells more for its names: not those that the frame of the tree takes.
_LIST, _SENT, _MORE, _MORE_SENT = 56, 80, 8, 10
#: What an empty list needs: what it says is read with ease on lines of that length.
EMPTY_LIST = 40
#: The width from which on a list of sent documents says whom each was sent to.
_WITH_RECIPIENTS = 96


class PaneWidths(NamedTuple):
    """The widths of the tree and the details, in cells with their frames; ``gives_way``: the tree is only shown while
    it has the focus."""

    tree: int
    details: int
    gives_way: bool


class PaneNeeds(NamedTuple):
    """What the tree and the list need to cut nothing, in cells without their frames; ``is_empty``: there is no row, and
    so nothing in the details, which leave what is over to the headings of the list."""

    tree: int
    list: int
    is_empty: bool = False


def pane_widths(
    width: int, *, framed: bool, detailed: bool, sent: bool, needs: PaneNeeds | None = None
) -> PaneWidths:
    """Return how wide the panes are on a screen of ``width`` cells. First the list gets what its columns need, then the
    details, then the tree. ``detailed``: the details are shown. ``sent``: the list is one of sent documents, for which
    the tree gives way if they don't have room for their recipients beside it. With ``needs``, the tree gets no more
    than it needs, and more than its share of what the list doesn't need; the details get what is left of that."""
    usual = _usual_widths(width, framed=framed, detailed=detailed, sent=sent)
    if needs is None:
        return usual
    frame = 2 if framed else 0
    listed, tree = needs.list + frame, usual.tree
    if not usual.gives_way:
        least, most = _TREE_WIDTHS
        wanted = min(max(needs.tree + frame, least + frame), most)
        tree = min(wanted, tree + max(width - tree - usual.details - listed, 0))
    spare = max(width - usual.details - listed - (0 if usual.gives_way else tree), 0)
    if not detailed or needs.is_empty:
        return usual._replace(tree=tree)
    return usual._replace(tree=tree, details=max(usual.details, min(usual.details + spare, _MOST_DETAILS)))


def _usual_widths(width: int, *, framed: bool, detailed: bool, sent: bool) -> PaneWidths:
    """How wide they are whatever they show."""
    least, most = _TREE_WIDTHS
    more = _MORE_SENT if sent else _MORE
    narrow, wide, more = (*DETAILS_WIDTHS, more) if detailed else (0, 0, 0)
    room = width - (2 if framed else 0)
    if sent:
        gives_way = room - least - narrow < _WITH_RECIPIENTS
        needs = _WITH_RECIPIENTS if room - narrow >= _WITH_RECIPIENTS else _SENT + more
    else:
        gives_way, needs = width < _LEAST_WITH_TREE, _LIST + more
    room -= needs
    beside = 0 if gives_way else least + (2 if framed else 0)
    details = min(max(room - beside, narrow), wide)
    share = width * _TREE_SHARES[detailed] // 100
    tree = max(min(share, most, room - details), least)
    return PaneWidths(tree, details, gives_way)
