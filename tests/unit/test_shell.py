"""Whether a shell could continue a stopped program."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.servers.server import ROOT


@pytest.mark.parametrize(
    ("group", "session", "expected"),
    [
        # As a shell with job control does: a group for each job.
        (0, False, True),
        # As a script does.
        (None, False, False),
        # As a service manager does.
        (None, True, False),
    ],
)
def test_only_a_shell_with_job_control_can_continue_it(
    group: int | None, session: bool, expected: bool
) -> None:
    code = f"import sys; sys.path.append({str(ROOT)!r}); from tui.terminal.shell import under_a_shell as u; print(u())"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        process_group=group,
        start_new_session=session,
    )
    assert done.stdout == f"{expected}\n"
