"""Typed expirations in tests: the moments that texts mean, and what is said of those that are refused."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import pytest

from tests.support.zones import NOW
from tui.rules import typed_dates
from tui.rules.errors import InvalidValue
from tui.rules.text import printable


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def refused(text: str, now: datetime = NOW, zone: tzinfo | None = UTC) -> InvalidValue:
    with pytest.raises(InvalidValue) as caught:
        typed_dates.parse_expiry(text, now, zone)
    error = caught.value
    assert error.exit_status == 2
    assert error.field == "expires"
    assert error.message.endswith(".")
    assert printable(error.message) == error.message
    assert len(error.message) < 300
    return error
