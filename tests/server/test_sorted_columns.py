"""The columns of a Secure Sent Links folder that can be sorted: the server sorts by each, in both directions."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.support.servers.databases import both
from tests.support.users.share import Sender
from tui.locations.share_kinds import SENT
from tui.server.share.paging import _ORDERS, Sort


def test_the_server_sorts_by_each_column_that_says_so() -> None:
    asked = {column.sort.removeprefix("-") for column in SENT.columns if column.sort}
    assert asked
    assert asked <= set(_ORDERS)
    assert {direction + name for name in asked for direction in ("", "-")} <= set(get_args(Sort))


@both
@pytest.mark.parametrize("sort", ["downloads", "-downloads", "expires_at", "-expires_at"])
def test_of_those_that_are_alike_the_last_sent_is_first(me: Sender, sort: str) -> None:
    """In both directions, and over all pages."""
    sent = [me.send(f"{number}.txt")["id"] for number in range(7)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = me.get("/documents", sort=sort, limit=2, **cursor)
        found += [each["id"] for each in page["documents"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert [each for each in found if each in sent] == sent[::-1]
    assert len(found) == len(set(found))
