"""What the tests of the rules share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A time limit per example tells only how busy the machine is. HYPOTHESIS_EXAMPLES=5000 looks harder.
settings.register_profile(
    "unit",
    deadline=None,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "150")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("unit")
