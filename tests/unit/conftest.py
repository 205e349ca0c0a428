"""Hypothesis settings and fixtures shared by the unit tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.browsing import LOCATIONS, Desk

# A time limit per example would only measure how busy the machine is. HYPOTHESIS_EXAMPLES=5000 searches harder.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("unit")


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A list that shows the first three of a shelf's eleven documents."""
    desk = Desk()
    desk.opened(LOCATIONS[0])
    yield desk
    desk.close()
