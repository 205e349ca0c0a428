"""Hypothesis settings shared by the unit tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A time limit per example would only measure how busy the machine is. HYPOTHESIS_EXAMPLES=5000 searches harder.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("unit")
