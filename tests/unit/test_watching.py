"""Which events can still happen to a link after another."""

from __future__ import annotations

import pytest

from tui.rules.state import Event
from tui.rules.watching import ends, ends_with_grants


@pytest.mark.parametrize(
    ("after", "wanted", "never", "only_begun"),
    [
        ("limit reached", "downloaded", True, False),
        ("limit reached", "delivered", False, True),
        ("limit reached", "broken off", False, True),
        ("limit reached", "unpublished", False, False),
        ("unpublished", "delivered", True, False),
        ("unpublished", "downloaded", True, False),
        ("unpublished", "deleted", False, False),
        ("expired", "viewed", True, False),
        ("deleted", "taken elsewhere", True, False),
        ("purged", "deleted", True, False),
        ("downloaded", "delivered", False, False),
        ("viewed", "downloaded", False, False),
    ],
)
def test_what_can_still_happen(after: str, wanted: str, never: bool, only_begun: bool) -> None:
    """A limit lets downloads end that have begun by then; whatever else ends a link ends them, too."""
    assert (ends(after, Event(wanted)), ends_with_grants(after, Event(wanted))) == (never, only_begun)
