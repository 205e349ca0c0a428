"""Running the programs that the user wants to be run when something happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from ...rules.text import printable, shortened
from ..base.output import tell

#: Seconds after which a program is killed.
HOOK_SECONDS = 60.0
#: How much is read of what a program complains of; the end is the most telling.
_COMPLAINT = 4096
_SHOWN = 300


async def run_hooks(
    programs: Sequence[Sequence[str]], event: Mapping[str, Any], seconds: float = HOOK_SECONDS
) -> None:
    """Run programs one after the other, each with the event as a line of JSON on its standard input.

    What goes wrong is told on standard error and ends nothing. A program runs without a shell, in a session of its own;
    it is killed with all that it has started if it takes too long, or if this task is cancelled.
    """
    given = json.dumps(event).encode() + b"\n"
    for program in programs:
        why = await _run(program, given, seconds)
        if why:
            tell(f"The hook {printable(program[0])} for “{event['event']}” {why}")


async def _run(program: Sequence[str], given: bytes, seconds: float) -> str:
    """Run one program. Returns what went wrong, empty for nothing."""
    # Not a pipe: what the program leaves in the background would hold it open.
    with tempfile.TemporaryFile() as complaint:
        try:
            process = await asyncio.create_subprocess_exec(
                *program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=complaint,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "invalid"
            return f"can't be started: {reason}."
        try:
            async with asyncio.timeout(seconds):
                await _hand_over(process, given)
                status = await process.wait()
        except TimeoutError:
            await _end(process)
            return f"was ended: it took longer than {seconds:g} seconds."
        except BaseException:
            await _end(process)
            raise
        return "" if status == 0 else f"failed {_how(status)}{_last_line(complaint)}"


async def _hand_over(process: asyncio.subprocess.Process, given: bytes) -> None:
    """Write to the program's standard input; one that doesn't read it needn't."""
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(given)
        await process.stdin.drain()
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.close()
        await process.stdin.wait_closed()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _how(status: int) -> str:
    return f"with the status {status}" if status > 0 else f"by the signal {-status}"


def _last_line(complaint: IO[bytes]) -> str:
    complaint.seek(0, os.SEEK_END)
    complaint.seek(max(0, complaint.tell() - _COMPLAINT))
    lines = complaint.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {printable(shortened(last, _SHOWN))}" if last else "."
