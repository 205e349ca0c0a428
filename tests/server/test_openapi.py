"""Share does what its OpenAPI document says: schemathesis requests everything in it, correctly and incorrectly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checks.long import IS_LONG, cases
from tests.support.servers.server import ROOT, ServerProcess

SECONDS = 900

# A document that fits the description may still be refused: the policy, a past date, an unknown id. And a request
# without Tus-Resumable is answered as tus specifies.
CONFIGURATION = """
seed = 20310504
hooks = "tests.support.users.openapi_hooks"
continue-on-failure = true

[cache]
enabled = false

[generation]
max-examples = {examples}

[auth.openapi.HTTPBearer]
bearer = "{token}"

[checks]
positive_data_acceptance.expected-statuses = ["2xx", 304, 400, 403, 404, 409, 412, 413, 415, 416, 422, 423, 460]
missing_required_header.expected-statuses = [400, 401, 404, 412, 415, 422]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429]

# Those of a route are what the description says: it is made from them. All others are refused in one place.
[phases.coverage]
enabled = {coverage}
unexpected-methods = ["delete"]

[phases.stateful]
enabled = false

# Whoever removes the person that it is would be told that its token is no longer good.
[[operations]]
include-path = "/share/v1/users/{{name}}"
parameters = {{ "path.name" = "NOBODY" }}

# Made-up names and passwords are wrong, and after some of them one has to wait.
[[operations]]
include-path = "/share/v1/login"
checks.positive_data_acceptance.expected-statuses = [200, 401, 422, 429]
"""


@pytest.mark.long
def test_nothing_is_found(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """P2, S20, S24: no 500, no undocumented answer or error, no way past the token."""
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(
        CONFIGURATION.format(token=fresh_server.token, examples=cases(2, 20), coverage=str(IS_LONG).lower())
    )
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", configuration),
            *("run", f"{fresh_server.url}/share/v1/openapi.json", "--no-color", "--warnings", "off"),
            # Signing out would end the run, and so would exchanging the token; the events never end.
            *("--exclude-path-regex", "/(logout|exchange|events)$"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert "No issues found" in done.stdout, done.stdout[-2000:]
    assert fresh_server.process.poll() is None
