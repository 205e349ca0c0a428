"""What a command prints while it waits for a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tui.cli.send.server_wait import Awaited


def test_an_outage_is_told_once_a_minute_however_often_the_server_is_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As by a server that answers, but can't reach what it stores: between two tries, nothing waits."""
    now = [5.0]
    session: Any = SimpleNamespace()
    awaits = Awaited(session, None, lambda: now[0])
    job: Any = SimpleNamespace(waiting=None)
    for second in range(125):
        now[0] = 5.0 + second
        job.waiting = None if second % 5 == 0 else 5 - second % 5
        awaits.tell_of(job)
    assert capsys.readouterr().err.splitlines() == [
        "sentlinks: Waiting for the server; trying again in 4 s.",
        "sentlinks: Waiting for the server; trying again in 4 s.",
        "sentlinks: Waiting for the server; trying again in 4 s.",
    ]
