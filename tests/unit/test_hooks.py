"""Running the user's own programs for an event: whatever they do, the watch goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tui.cli.watch.hooks import run_hooks

EVENT = {"event": "delivered", "name": "Offer\u202e.pdf"}
#: Seconds after which a hook that doesn't end is ended; the next one has no more, even on a busy machine.
LIMIT = 2.5


async def test_each_gets_the_event_on_standard_input(tmp_path: Path) -> None:
    """In their order, and without a shell."""
    out = tmp_path / "out"
    programs = [["sh", "-c", f'cat >> {out}; echo "$0" >> {out}', word] for word in ("$HOME", "; rm -r /")]
    await run_hooks(programs, EVENT)
    lines = out.read_text().splitlines()
    assert [json.loads(lines[0]), lines[1]] == [EVENT, "$HOME"]
    assert [json.loads(lines[2]), lines[3]] == [EVENT, "; rm -r /"]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (["sh", "-c", "echo first >&2; printf 'no \\033[2Jroom\\n\\n' >&2; exit 3"], "with the status 3: no ␛[2Jroom"),
        (["sh", "-c", "exit 3"], "failed with the status 3."),
        (["sh", "-c", "kill -9 $$"], "failed by the signal 9."),
        (["/nowhere/at-all"], "can't be started: No such file or directory."),
        ([os.devnull], "can't be started: Permission denied."),
        (["sh", "-c", "sleep 60 & sleep 60"], f"was ended: it took longer than {LIMIT} seconds."),
        (["sh", "-c", "trap '' TERM INT HUP; while :; do :; done"], f"was ended: it took longer than {LIMIT} seconds."),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_told_and_the_next_one_runs(
    program: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    # However busy the machine is, what ends by itself has the time to.
    seconds = LIMIT if "it took longer" in why else 60
    await run_hooks([program, ["sh", "-c", f"cat > {out}"]], EVENT, seconds=seconds)
    assert json.loads(out.read_text()) == EVENT
    told = capsys.readouterr()
    assert told.out == ""
    assert why in told.err
    assert told.err.startswith(f"sentlinks: The hook {program[0]} for “delivered” ")
    assert told.err.count("\n") == 1


async def test_what_it_prints_goes_nowhere_and_what_it_leaves_holds_nothing_up(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pid = tmp_path / "pid"
    async with asyncio.timeout(20):
        await run_hooks([["sh", "-c", f"sleep 60 & echo $! > {pid}; echo output"]], EVENT, seconds=50)
    left = int(pid.read_text())
    os.kill(left, 9)
    assert capfd.readouterr() == ("", "")


async def test_one_that_reads_nothing_is_no_problem(capsys: pytest.CaptureFixture[str]) -> None:
    event = {"event": "delivered", "name": "x" * 1_000_000}
    await run_hooks([["true"]], event)
    await run_hooks([[sys.executable, "-c", "import os; os.close(0)"]], event)
    assert capsys.readouterr().err == ""


async def test_it_ends_with_the_watch(tmp_path: Path) -> None:
    """If it isn't waited for any more."""
    began = tmp_path / "began"
    script = f"echo $$ > {began}.new; mv {began}.new {began}; sleep 60"
    running = asyncio.ensure_future(run_hooks([["sh", "-c", script]], EVENT))
    while not began.exists():
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(int(began.read_text()), 0)
