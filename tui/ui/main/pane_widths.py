"""How wide the panes of the first screen are beside each other."""

from __future__ import annotations

from typing import NamedTuple

#: The width from which on there is room for the details, and the least and the most of their own.
WITH_DETAILS, DETAILS_WIDTHS = 110, (28, 38)
#: The width of the tree: its share of the screen in per cent, alone and beside the details, and the least and the most.
_TREE_SHARES, _TREE_WIDTHS = (27, 22), (24, 44)
#: The width below which a tree would leave any list's names less than they need to be told apart.
_LEAST_WITH_TREE = 54
#: What a list has on a screen of 80 columns, beside the tree; and sent documents there, without it. Panes beside it
#: leave it as much, and the details ten cells more for its names.
_LIST, _SENT, _MORE = 56, 80, 10
#: The width from which on a list of sent documents says whom each was sent to.
_WITH_RECIPIENTS = 96


class PaneWidths(NamedTuple):
    """The widths of the tree and the details, in cells with their frames; ``gives_way``: the tree is only shown while
    it has the focus."""

    tree: int
    details: int
    gives_way: bool


def pane_widths(width: int, *, framed: bool, detailed: bool, sent: bool) -> PaneWidths:
    """Return how wide the panes are on a screen of ``width`` cells. First the list gets what its columns need, then the
    details, then the tree. ``detailed``: the details are shown. ``sent``: the list is one of sent documents, for which
    the tree gives way if they don't have room for their recipients beside it."""
    least, most = _TREE_WIDTHS
    narrow, wide, more = (*DETAILS_WIDTHS, _MORE) if detailed else (0, 0, 0)
    room = width - (2 if framed else 0)
    if sent:
        gives_way = room - least - narrow < _WITH_RECIPIENTS
        needs = _WITH_RECIPIENTS if room - narrow >= _WITH_RECIPIENTS else _SENT + more
    else:
        gives_way, needs = width < _LEAST_WITH_TREE, _LIST + more
    room -= needs
    beside = 0 if gives_way else least
    details = min(max(room - beside, narrow), wide)
    share = width * _TREE_SHARES[detailed] // 100
    tree = max(min(share, most, room - details), least)
    return PaneWidths(tree, details, gives_way)
