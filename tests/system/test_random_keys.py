"""Random keys for the real app in a pseudo-terminal; ``python -m tests.bench.monkey`` plays more of them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support.checks.long import cases
from tests.support.servers.server import ROOT


@pytest.mark.long
def test_any_keys_at_all() -> None:
    """Seconds of one seed, in which the server restarts at least once: no failure, and the app keeps responding."""
    seconds = str(cases(3, 60))
    command = [sys.executable, "-m", "tests.bench.monkey", "--seed", "5", "--seconds", seconds]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    acts = re.search(r"seed 5: (\d+) acts, (\d+) checks, \d+ starts, (\d+) restarts", ended.stdout)
    assert acts
    assert all(int(number) > 0 for number in acts.groups())
