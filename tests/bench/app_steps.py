"""What is measured of the app on one server: its start, memory, keys, and the main job."""

from __future__ import annotations

import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench import peers
from tests.bench.figures import Row
from tests.bench.peers import EMPTY_APP, PLAIN_TABLE, Peer
from tests.bench.screen import Program
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import fetch

SCRIPT = str(Path(sys.executable).with_name("sentlinks"))
#: From the first row on, the keys that select two more documents that are sent without a question.
CHOSEN = ["down"] * 6 + ["space", "space"]
IDLE_SECONDS = 10.0
#: Pages to go through before memory is measured again.
PAGES = 200
#: How often our list and Textual's own table are measured, alternately.
TURNS = 5
#: Milliseconds until an empty Textual app is up, on a machine for which the limits hold as written.
USUAL_START = 180.0
#: Milliseconds of processor time for a page of Textual's own table, on a machine for which the limits hold as written.
USUAL_PAGE = 8.0


#: Bytes and milliseconds of processor time.
Cost = tuple[float, float]


def _middle(costs: Sequence[Cost]) -> Cost:
    return statistics.median(size for size, _ in costs), statistics.median(cpu for _, cpu in costs)


def slowness(page: Cost) -> float:
    """How much slower than usual the machine is at the moment, judged by a page of Textual's own table."""
    return max(1.0, page[1] / USUAL_PAGE)


class Bench:
    """Measures on one server; ``bytecode`` is a folder for compiled Python code, which an installed program has too."""

    def __init__(self, server: ServerProcess, home: Path, bytecode: Path, token: str, first: str) -> None:
        self.environ = {"SENTLINKS_SERVER": server.url, "SENTLINKS_TOKEN": token, "SENTLINKS_HOME": str(home)}
        self.server = server
        self.bytecode = {"PYTHONPYCACHEPREFIX": str(bytecode)}
        self.first = first
        self.rows: list[Row] = []

    def ours(self, columns: int = 120, rows: int = 40) -> Program:
        return Program([SCRIPT], {**self.environ, **self.bytecode}, columns, rows)

    def peer(self, peer: Peer) -> Program:
        return Program(peer.command, {**peer.environ, **self.bytecode})

    def ready(self, program: Program) -> None:
        """Waits until the program is up and has nothing left to do."""
        program.until(self.first)
        program.quiet(1.5)

    def add(
        self,
        what: str,
        value: float,
        limit: float | None,
        unit: str,
        floor: float | None = None,
        of: str = "",
    ) -> None:
        self.rows.append(Row(what, value, limit, unit, floor, of))

    # ------------------------------------------------------------ start

    def starts(self, runs: int, what: str) -> None:
        """``what`` names the library. The first run of each program warms caches and is not counted."""
        found: dict[str, list[float]] = {name: [] for name in ("floor", "first", "frame", "shown", "key")}
        cpu: dict[str, list[float]] = {"floor": [], "ours": []}
        for run in range(runs + 1):
            with self.peer(EMPTY_APP) as program:
                floor, floor_cpu = program.until(EMPTY_APP.ready), program.cpu()
            with self.ours() as program:
                first, frame = program.first_byte(), program.until("Local Files")
                shown, used = program.until(self.first), program.cpu()
            with self.ours() as program:
                # A key that is sent at once is handled as soon as the app is up: here it opens the help.
                program.type("?")
                key = program.until("─ Help ─")
            if run:
                for name, value in zip(found, (floor, first, frame, shown, key), strict=True):
                    found[name].append(value)
                cpu["floor"].append(floor_cpu)
                cpu["ours"].append(used)
        middle = {name: statistics.median(values) for name, values in found.items()}
        floor, of = middle["floor"] * 1000, EMPTY_APP.name
        slow = max(1.0, floor / USUAL_START)
        self.add("first text", middle["first"] * 1000, 30 * slow, "ms", floor, of)
        self.add("whole frame", middle["frame"] * 1000, 1.42 * floor, "ms", floor, of)
        self.add(f"documents on the screen, {what}", middle["shown"] * 1000, 1.42 * floor, "ms", floor, of)
        self.add("a key sent at the start is answered", middle["key"] * 1000, None, "ms", floor, of)
        least = statistics.median(cpu["floor"]) * 1000
        self.add(
            "processor time until documents", statistics.median(cpu["ours"]) * 1000, None, "ms", least, of
        )

    def memory(self) -> None:
        with self.peer(EMPTY_APP) as program:
            program.until(EMPTY_APP.ready)
            program.quiet(1.0)
            floor = program.memory()
        # The first run compiles what is imported after the documents are shown.
        for _ in range(2):
            with self.ours() as program:
                self.ready(program)
                memory = program.memory()
        self.add("memory, documents on the screen", memory, 62, "MB", floor, EMPTY_APP.name)

    # ------------------------------------------------------------ keys

    def each(self, program: Program, keys: list[str], quiet: float = 0.05) -> Cost:
        """Bytes and milliseconds of processor time per key."""
        before, cpu = program.bytes, program.cpu()
        program.press(*keys, quiet=quiet)
        return (program.bytes - before) / len(keys), (program.cpu() - cpu) * 1000 / len(keys)

    def held(self, program: Program, keys: list[str]) -> Cost:
        """The same, with the bytes of the median key: on a busy machine, the next key may come so late that the line
        below the list is painted in between."""
        sizes, cpu = [], program.cpu()
        for key in keys:
            before = program.bytes
            program.press(key)
            sizes.append(program.bytes - before)
        return statistics.median(sizes), (program.cpu() - cpu) * 1000 / len(keys)

    def plain(self) -> tuple[Cost, Cost]:
        """What a line and a page cost in Textual's own table."""
        with self.peer(PLAIN_TABLE) as program:
            program.until(PLAIN_TABLE.ready)
            program.quiet(0.5)
            self.each(program, ["down", "up"])
            line = self.each(program, ["down", "up"] * 20)
            return line, self.each(program, ["pagedown", "pageup"] * 10, 0.15)

    def idle(self) -> None:
        with self.ours() as program:
            self.ready(program)
            before, cpu = program.bytes, program.cpu()
            program.quiet(IDLE_SECONDS)
            self.add("idle, bytes a second", (program.bytes - before) / IDLE_SECONDS, 0, "B/s")
            self.add("idle, processor", (program.cpu() - cpu) / IDLE_SECONDS * 100, 0.1, "%")

    def moves(self, what: str) -> None:
        """Lines and pages in the list that the app opens with, alternating with Textual's own table."""
        found: list[tuple[Cost, ...]] = []
        for _ in range(TURNS):
            plain = self.plain()
            with self.ours() as program:
                self.ready(program)
                self.each(program, ["down", "up"])
                line = self.held(program, ["down", "up"] * 20)
                rested = self.each(program, ["down", "up"] * 5, 0.3)
                self.each(program, ["pagedown"] * 2, 0.3)
                page = self.each(program, ["pagedown"] * 10, 0.3)
                # The cursor is in the last line.
                found.append((*plain, line, rested, page, self.held(program, ["down"] * 10)))
        floor, floor_page, line, rested, page, scrolled = map(_middle, zip(*found, strict=True))
        slow, of = slowness(floor_page), PLAIN_TABLE.name
        self.add(f"one line down, {what}", line[0], 200, "B", floor[0], of)
        self.add(f"one line down, {what}, and the row line", rested[0], 350, "B", floor[0], of)
        self.add(f"one line down, {what}, scrolled", scrolled[0], 700, "B", floor[0], of)
        self.add(f"one line down, {what}, processor", line[1], 4 * slow, "ms", floor[1], of)
        self.add(f"page down, {what}", page[0] / 1000, 3, "KB", floor_page[0] / 1000, of)
        self.add(f"page down, {what}, processor", page[1], 10 * slow, "ms", floor_page[1], of)

    def long_way(self) -> None:
        """Memory after a jump to the end of a long list, and after many of its pages."""
        with self.ours() as program:
            self.ready(program)
            before = program.memory()
            program.press("end", quiet=1.0)
            program.press("home", quiet=1.0)
            # After some pages, everything that is cached of them is in memory.
            program.press(*["pagedown"] * 30, quiet=0.1)
            program.quiet(1.0)
            kept = program.memory()
            self.add("memory, a few pages on", kept, None, "MB", before, "the first page")
            program.press(*["pagedown"] * PAGES, quiet=0.1)
            program.quiet(1.0)
            self.add(f"memory, {PAGES} pages on", program.memory(), kept + 2.0, "MB", kept, "a few pages on")

    def dialog(self) -> None:
        slow = slowness(self.plain()[1])
        with self.ours() as program:
            self.ready(program)
            # The first time a dialog opens, it has to be imported.
            program.press("s", quiet=0.8)
            program.press("escape", quiet=0.8)
            before = program.bytes
            program.press("s", quiet=0.8)
            program.until("Rename Secure Link")
            self.add("send dialog opened", (program.bytes - before) / 1000, 5, "KB")
            program.press("e", "ctrl+u")
            size, cpu = self.each(program, list("abcdefghijkl"))
            self.add("a letter in a rename cell", size, 120, "B")
            self.add("a letter in a rename cell, processor", cpu, 3 * slow, "ms")

    def told(self) -> None:
        """Lines while the user is told of deliveries, several a second."""
        slow = slowness(self.plain()[1])
        url = publish(self.server, b"content", "Offer.pdf")["url"]
        with self.ours() as program:
            self.ready(program)
            self.each(program, ["down", "up"])
            with _delivering(self.server, url):
                program.until("Offer.pdf delivered to")
                _, cpu = self.held(program, ["down", "up"] * 100)
            self.add("one line down while deliveries are told, processor", cpu, 4 * slow, "ms")

    def samples(self, runs: int) -> None:
        """Everything that the sample matters are enough for."""
        self.starts(runs, "the samples")
        self.memory()
        self.idle()
        self.dialog()

    # ------------------------------------------------------------ the main job

    def main_job(self, columns: int, rows: int, limit: float) -> None:
        with self.ours(columns, rows) as program:
            self.ready(program)
            # Slowly enough for the line below the list to be painted each time.
            program.press("space", *CHOSEN, quiet=0.3)
            program.press("s", quiet=0.6)
            program.until("Rename Secure Link")
            program.press("e", "ctrl+u", *"Offer", "enter", quiet=0.05)
            program.press("ctrl+g", "ctrl+s", quiet=0.2)
            program.until("Draft e-mail")
            program.quiet(0.5)
            self.add(f"the whole main job at {columns}x{rows}", program.bytes / 1000, limit, "KB")

    # ------------------------------------------------------------ other programs

    def others(self, runs: int, folder: Path) -> None:
        """What other programs take to start and to move down a line, if they are installed."""
        for peer in peers.installed(folder):
            try:
                self._other(peer, runs)
            except AssertionError:
                print(f"{peer.name} does not show {peer.ready!r}, and is left out", file=sys.stderr)

    def _other(self, peer: Peer, runs: int) -> None:
        times = []
        for run in range(runs + 1):
            with self.peer(peer) as program:
                taken = program.until(peer.ready)
                # A blinking caret is never quiet for long.
                program.during(2.0)
                size, _ = self.each(program, [peer.down] * 4, 0.2) if peer.down else (None, None)
                times += [taken] if run else []
                memory = program.memory()
        self.add(f"{peer.name}: start", statistics.median(times) * 1000, None, "ms")
        if size is not None:
            self.add(f"{peer.name}: one line down", size, None, "B")
        self.add(f"{peer.name}: memory", memory, None, "MB")


@contextmanager
def _delivering(server: ServerProcess, url: str) -> Iterator[None]:
    """Within it, a document is delivered several times a second."""
    is_over = threading.Event()

    def deliver() -> None:
        while not is_over.wait(0.1):
            fetch(server, url)

    thread = threading.Thread(target=deliver)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
