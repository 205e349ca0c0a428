"""What ``sentlinks help GUIDE`` costs, beside ``sentlinks --help``: ``python -m tests.bench.helps [--pairs N]``.

Each of a pair runs right after the other; the median of a pair's ratio counts. Times are those of the processor, since
other programs on the machine would lengthen all others.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
from collections.abc import Sequence

from tests.bench.figures import Row, table
from tests.system.command import SCRIPT

#: A guide takes at most so many times what the help takes.
MOST = 1.5
#: One with tables, and the longest.
GUIDES = ("sending", "proof", "configuration")


def processor_ms(command: Sequence[str]) -> float:
    """The milliseconds that a command takes of a processor."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return (used.ru_utime + used.ru_stime) * 1000


def measured(guide: str, pairs: int) -> Row:
    plain, shown, ratios = [], [], []
    for _ in range(pairs + 1):
        plain.append(processor_ms([*SCRIPT, "--help"]))
        shown.append(processor_ms([*SCRIPT, "help", guide]))
        ratios.append(shown[-1] / plain[-1])
    # The first ones fill the caches.
    floor = statistics.median(plain[1:])
    return Row(f"help {guide}", statistics.median(ratios[1:]) * floor, MOST * floor, "ms", floor, "--help")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=20)
    pairs = parser.parse_args().pairs
    print(table([measured(guide, pairs) for guide in GUIDES]))


if __name__ == "__main__":
    main()
