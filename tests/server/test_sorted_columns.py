"""The columns of a Secure Sent Links folder that can be sorted: the server sorts by each, in both directions."""

from __future__ import annotations

from typing import get_args

from tui.locations.share_kinds import SENT
from tui.server.share.paging import _ORDERS, Sort


def test_the_server_sorts_by_each_column_that_says_so() -> None:
    asked = {column.sort.removeprefix("-") for column in SENT.columns if column.sort}
    assert asked
    assert asked <= set(_ORDERS)
    assert {direction + name for name in asked for direction in ("", "-")} <= set(get_args(Sort))
