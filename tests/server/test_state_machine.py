"""A sent document through all its states, against the real server and a model of it written from the rules."""

from __future__ import annotations

import pytest

from tests.support.checks.long import cases
from tests.support.checks.machine import drive
from tests.support.servers.server import ServerProcess


@pytest.mark.long
def test_any_order_of_acts(fresh_server: ServerProcess) -> None:
    """L3-L8, F5-F10, S6, S15, S19, S21, P3: publishing, downloading, wrong passwords, sending again with every mix of
    changed, kept and removed settings, deleting, restoring, purging, expiry and limit, in any order: the folder, the
    links, the grants and the audit match the model at every step."""
    examples = cases(3, 40)
    assert drive(fresh_server, examples=examples, steps=50) >= 30 * examples
