"""What the app costs beside an empty Textual app: ``python -m tests.bench.app [--runs N]``.

Each row has our figure, what it is measured against, and PASS or FAIL; the exit status is 1 where one fails. Starts of
both are taken in turn, and medians compared, since machines are noisy.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.screen import Program
from tests.support.server import ServerProcess

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("READY")
Empty().run()
"""
SCRIPT = str(Path(sys.executable).with_name("sentlinks"))
FIRST_DOCUMENT = "Dictation"
#: From the first row on, the keys that choose two more documents about which nothing has to be asked first.
CHOSEN = ["down"] * 5 + ["space", "space"]


@dataclass
class Row:
    what: str
    figure: str
    against: str
    passed: bool


class Bench:
    def __init__(self, server: ServerProcess, home: Path, runs: int) -> None:
        self.server = server
        self.environ = {
            "SENTLINKS_SERVER": server.url,
            "SENTLINKS_TOKEN": server.token,
            "SENTLINKS_HOME": str(home),
        }
        self.runs = runs
        self.rows: list[Row] = []

    def ours(self, columns: int = 120, rows: int = 40) -> Program:
        return Program([SCRIPT], self.environ, columns, rows)

    def add(self, what: str, value: float, limit: float, unit: str, against: str = "") -> None:
        self.rows.append(Row(what, f"{value:.2f} {unit}", f"≤ {limit:g} {unit} {against}", value <= limit))

    # ------------------------------------------------------------ start

    def start(self) -> None:
        floor, first, frame, documents, floor_cpu, cpu = [], [], [], [], [], []
        for _ in range(self.runs):
            with Program([sys.executable, "-c", EMPTY], {}) as program:
                floor.append(program.until("READY"))
                floor_cpu.append(program.cpu())
            with self.ours() as program:
                first.append(program.first_byte())
                frame.append(program.until("Local Files"))
                documents.append(program.until(FIRST_DOCUMENT))
                cpu.append(program.cpu())
        base = statistics.median(floor)
        told = f"(an empty app: {base * 1000:.0f} ms)"
        self.add("first text", statistics.median(first) * 1000, 60, "ms", told)
        self.add("whole frame", statistics.median(frame) / base, 1.5, "x", told)
        self.add("documents on the screen", statistics.median(documents) / base, 1.6, "x", told)
        ratio = statistics.median(cpu) / statistics.median(floor_cpu)
        self.add(
            "processor time until documents",
            ratio,
            1.8,
            "x",
            f"(empty: {statistics.median(floor_cpu):.2f} s)",
        )

    # ------------------------------------------------------------ keys

    def _each(self, program: Program, keys: list[str], quiet: float = 0.05) -> tuple[float, float]:
        """Bytes and milliseconds of processor time a key."""
        before, cpu = program.bytes, program.cpu()
        program.press(*keys, quiet=quiet)
        return (program.bytes - before) / len(keys), (program.cpu() - cpu) * 1000 / len(keys)

    def keys(self) -> None:
        with self.ours() as program:
            program.until(FIRST_DOCUMENT)
            program.quiet(1.0)
            idle_before, idle_cpu = program.bytes, program.cpu()
            program.quiet(5.0)
            self.add("idle, 5 s", program.bytes - idle_before, 0, "bytes")
            self.add("idle, processor", (program.cpu() - idle_cpu) / 5 * 100, 0.5, "%")
            self._each(program, ["down", "up"])
            size, cpu = self._each(program, ["down", "up"] * 20)
            self.add("one line down", size, 300, "bytes")
            self.add("one line down, processor", cpu, 4, "ms")
            program.press("s", quiet=0.5)
            program.press("escape", quiet=0.5)
            before = program.bytes
            program.press("s", quiet=0.6)
            program.until("Rename Secure Link")
            self.add("send dialog opened", (program.bytes - before) / 1000, 5, "KB")
            program.press("e", "ctrl+u")
            size, cpu = self._each(program, list("abcdefghijkl"))
            self.add("a letter in a rename cell", size, 120, "bytes")
            self.add("a letter in a rename cell, processor", cpu, 3, "ms")
            self.add("memory", program.memory(), 64, "MB")

    def start_and_keys(self) -> None:
        self.start()
        self.keys()

    # ------------------------------------------------------------ the main job

    def main_job(self, columns: int, rows: int, limit: float) -> None:
        with self.ours(columns, rows) as program:
            program.until(FIRST_DOCUMENT)
            program.quiet(1.0)
            program.press("space", *CHOSEN, quiet=0.1)
            program.press("s", quiet=0.6)
            program.until("Rename Secure Link")
            program.press("e", "ctrl+u", *"Offer", "enter", quiet=0.05)
            program.press("ctrl+g", "ctrl+s", quiet=0.2)
            program.until("Draft e-mail")
            program.quiet(0.5)
            self.add(f"the whole main job at {columns}x{rows}", program.bytes / 1000, limit, "KB")


def table(rows: list[Row]) -> str:
    widths = [max(len(row.what) for row in rows), max(len(row.figure) for row in rows)]
    return "\n".join(
        f"{'PASS' if r.passed else 'FAIL'}  {r.what.ljust(widths[0])}  {r.figure.rjust(widths[1])}  {r.against}"
        for r in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    steps: list[Callable[[Bench], None]] = [
        Bench.start_and_keys,
        lambda bench: bench.main_job(80, 24, 24),
        lambda bench: bench.main_job(120, 40, 32),
    ]
    rows: list[Row] = []
    for step in steps:
        # A send changes what the first screen shows: each has a server of its own.
        with (
            tempfile.TemporaryDirectory() as folder,
            ServerProcess(Path(folder) / "data", sample=True) as server,
        ):
            bench = Bench(server, Path(folder) / "home", runs)
            step(bench)
            rows += bench.rows
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
