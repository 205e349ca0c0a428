"""The text beside the list: ``python -m tests.bench.previews [here|line|held|left|kinds ...]``.

The app runs in a terminal of its own, and everything is measured from outside: from the byte of a key until the bytes
of what it brings are on the terminal. So a figure has all of it: the 100 ms for which the cursor rests, what the app
does, its worker, and the painting. Prints medians and the 95th percentiles with their limits, and how busy the machine
was; the exit status is 1 if a row fails.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.documents import LARGE, MB, docx_with_picture, large_docx, large_pdf
from tests.bench.figures import Row, table
from tests.bench.peers import PLAIN_TABLE
from tests.bench.repeated import ECHO, Held, hold, hold_in_echo, hold_in_plain_table, row_under_cursor
from tests.bench.screen import Program
from tests.support.carried.hostile import HOSTILE
from tests.support.network.line import Line
from tests.support.servers.server import ServerProcess
from tests.support.terminal.screens import no_hints
from tests.support.terminal.terminal import SECONDS
from tests.support.users.work import Worker

SCRIPT = str(Path(sys.executable).with_name("sentlinks"))
RUNS, LEFT = 50, 40
ROWS, TURNS = 200, 3
#: What is beside the list while a key is held, and the keys that show it.
_SHOWN = {"nothing": "I", "details": "", "text": "T"}
#: Each way, so that a round trip takes 30 ms; and bytes a second.
DELAY, RATE = 0.015, 4_000_000
#: The most milliseconds until a text is there, for a key besides the slowest echo of one, and until a worker has ended
#: that is left; kilobytes a text.
HERE, LARGE_HERE, ON_THE_LINE, LARGE_ON_THE_LINE, A_KEY, ENDED, KILOBYTES = 300, 600, 450, 500, 50, 50, 400
_NAME = re.compile(r"\b(\d{3})\.docx")
_COMMAND = b"tui.inspection.boxed"


class App(Program):
    """The app, with the text beside the list, and the processes that it starts."""

    def __init__(self, environ: dict[str, str], folder: Path) -> None:
        #: When the last bytes were read.
        self.written_at = 0.0
        os.chdir(folder)
        super().__init__([SCRIPT], environ)
        self.until("▾ Share")
        self.quiet(1.0)

    def _keep(self, data: bytes) -> None:
        self.written_at = time.perf_counter()
        super()._keep(data)

    def shows(self, text: str) -> float:
        """Waits until the screen shows ``text``; returns when the terminal got it."""
        self.until(text)
        return self.written_at

    def read_until(self, moment: float) -> bool:
        """Reads until something was read, or the moment has come; returns whether something was."""
        return self._take(max(moment - time.perf_counter(), 0.0))

    # ------------------------------------------------------------ its workers

    def workers(self) -> dict[int, bool]:
        """The workers, each with whether it has a document open."""
        found = {}
        for path in Path(f"/proc/{self.process.pid}/task/{self.process.pid}").glob("children"):
            for number in map(int, path.read_text().split()):
                try:
                    command = Path(f"/proc/{number}/cmdline").read_bytes()
                    handles = [os.readlink(each) for each in Path(f"/proc/{number}/fd").iterdir()]
                except OSError:
                    continue
                if _COMMAND in command:
                    found[number] = any(path.endswith(".docx") for path in handles)
        return found

    def at_work(self) -> int:
        """Waits until a worker has a document open; returns its process."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for number, has_document in self.workers().items():
                if has_document:
                    return number
            self.read_until(time.perf_counter() + 0.002)
        raise AssertionError(f"no document is read:\n{self.text}")

    def ended(self, handle: int) -> float:
        """Waits until the process of a handle has ended; returns when."""
        while True:
            ready, _, _ = select.select([handle, self._ours], [], [], SECONDS)
            assert ready, "it doesn't end"
            if handle in ready:
                return time.perf_counter()
            self._read()


class Bench:
    """Measures on one server."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.rows: list[Row] = []
        self._count = 0

    def _add(self, what: str, seconds: Sequence[float], limit: float | None, *, worst: bool = False) -> None:
        shown = sorted(1000 * second for second in seconds)
        late = shown[-1] if worst else shown[min(len(shown) - 1, int(len(shown) * 0.95))]
        self.rows.append(Row(what, late, limit, "ms", median(shown), f"median of {len(shown)}"))

    @contextmanager
    def _app(self, folder: Path, url: str = "") -> Iterator[App]:
        self._count += 1
        home = self._folder / f"home-{self._count}"
        home.mkdir()
        no_hints(home)
        environ = {
            "SENTLINKS_SERVER": url or self._server.url,
            "SENTLINKS_TOKEN": self._server.token,
            "SENTLINKS_HOME": str(home),
            "PYTHONPYCACHEPREFIX": str(self._folder / "bytecode"),
        }
        with App(environ, folder) as app:
            yield app

    def _files(self, name: str, files: dict[str, bytes]) -> Path:
        here = self._folder / name
        here.mkdir()
        for each, content in files.items():
            (here / each).write_bytes(content)
        return here

    def _by_turns(self, app: App, runs: int) -> list[float]:
        """From the key that brings the cursor to a document until its text is there; down and up by turns."""
        app.type("T")
        app.shows("Words of one")
        app.quiet(0.5)
        took = []
        for number in range(runs + 2):
            wanted = "Words of one" if number % 2 else "Words of two"
            began = time.perf_counter()
            app.type("k" if number % 2 else "j")
            took.append(app.shows(wanted) - began)
            app.quiet(0.1)
        # The first ones warm caches, and connections.
        return took[2:]

    def warm_up(self) -> None:
        """Start the app once, and read a text: what is imported is compiled."""
        files = {f"{name}.docx": large_docx(0, f"Words of {name}") for name in ("one", "two")}
        with self._app(self._files("warm", files)) as app:
            app.type("gl")
            app.shows("two.docx")
            app.quiet(0.5)
            self._by_turns(app, 2)

    # ------------------------------------------------------------ on this machine

    def here(self) -> None:
        for what, make, size, limit in (
            ("1 MB.docx", large_docx, MB, HERE),
            ("20 MB.docx", large_docx, 20 * MB, LARGE_HERE),
            ("1 MB.pdf", large_pdf, MB, HERE),
            ("20 MB.pdf", large_pdf, 20 * MB, LARGE_HERE),
        ):
            ending = what.rpartition(".")[2]
            files = {f"{name}.{ending}": make(size, f"Words of {name}") for name in ("one", "two")}
            with self._app(self._files(what, files)) as app:
                app.type("gl")
                app.shows(f"two.{ending}")
                app.quiet(0.5)
                self._add(
                    f"{what} ({len(files[f'one.{ending}']) / MB:.1f} MB)", self._by_turns(app, RUNS), limit
                )

    # ------------------------------------------------------------ keys

    def held(self) -> None:
        """A key that is held over many rows, whatever the screen shows; each is timed until its row has the cursor. By
        turns with a program that only echoes it, for what the terminal and a busy machine take, and with Textual's own
        table."""
        content = large_docx(MB)
        folder = self._files("many", {f"{number:03}.docx": content for number in range(ROWS)})
        bytecode = {"PYTHONPYCACHEPREFIX": str(self._folder / "bytecode")}
        found: dict[str, list[Held]] = {what: [] for what in (*_SHOWN, ECHO.name, PLAIN_TABLE.name)}
        most = jobs = 0
        for _ in range(TURNS):
            found[ECHO.name].append(hold_in_echo(bytecode, ROWS - 1))
            found[PLAIN_TABLE.name].append(hold_in_plain_table(bytecode, ROWS - 1))
            for what, keys in _SHOWN.items():
                with self._app(folder) as app:
                    app.type("gl")
                    app.shows("000.docx")
                    app.quiet(0.5)
                    app.type(keys)
                    app.quiet(0.5)
                    held, at_once, read = _hold(app)
                    found[what].append(held)
                    if what == "text":
                        most, jobs = max(most, at_once), jobs + read
        took = {what: sorted(each for held in turns for each in held.took) for what, turns in found.items()}
        used = {what: sorted(each for held in turns for each in held.used) for what, turns in found.items()}
        # Where a byte comes back late, nothing can be on the terminal before.
        late = 1000 * took[ECHO.name][-1]
        for what in (ECHO.name, PLAIN_TABLE.name, *_SHOWN):
            ours = what in _SHOWN
            self._add(
                f"j held over {ROWS} rows, {what}: a key",
                took[what], A_KEY + late if ours else None, worst=True,
            )  # fmt: skip
            if what != ECHO.name:
                for which, value, plain in (
                    ("a key", median(used[what]), median(used[PLAIN_TABLE.name])),
                    ("the dearest", used[what][-1], used[PLAIN_TABLE.name][-1]),
                ):
                    self.rows.append(
                        Row(f"  processor time, {which}", 1000 * value, A_KEY if ours else None, "ms",
                            1000 * plain, PLAIN_TABLE.name)
                    )  # fmt: skip
        self.rows.append(Row("jobs at once meanwhile", most, 1, ""))
        self.rows.append(Row("documents read meanwhile", jobs, None, ""))

    def left(self) -> None:
        """From the key until the worker's process is gone, which reads an endless document."""
        endless = HOSTILE["runs.docx"](1)
        with self._app(self._files("endless", {"000.docx": endless, "001.docx": endless})) as app:
            app.type("gl")
            app.shows("001.docx")
            app.quiet(0.5)
            app.type("T")
            took = []
            for number in range(LEFT):
                worker = app.at_work()
                handle = os.pidfd_open(worker)
                began = time.perf_counter()
                app.type("k" if number % 2 else "j")
                took.append(app.ended(handle) - began)
                os.close(handle)
            self._add("a document that is left: its worker is gone", took, ENDED)

    # ------------------------------------------------------------ over a slow line

    def line(self) -> None:
        for what, make, size, limit, kilobytes in (
            ("1 MB.docx", large_docx, MB, ON_THE_LINE, None),
            ("21 MB.docx with a picture", docx_with_picture, 21 * MB, LARGE_ON_THE_LINE, KILOBYTES),
            ("20 MB.pdf", large_pdf, 20 * MB, None, None),
        ):
            self._on_the_line(what, what.partition(".")[2].partition(" ")[0], make, size, (limit, kilobytes))

    def kinds(self) -> None:
        """One of each kind over the line."""
        for ending, make in LARGE.items():
            self._on_the_line(f"1 MB.{ending}", ending, make, MB, (ON_THE_LINE, None))

    def _on_the_line(
        self,
        what: str,
        ending: str,
        make: Callable[[int, str], bytes],
        size: int,
        limits: tuple[float | None, float | None],
    ) -> None:
        with Worker(self._server) as work:
            space = work.workspace(what)
            for name in ("two", "one"):
                work.upload(
                    space, f"{what.partition(' with')[0]} {name}", make(size, f"Words of {name}"), ending
                )
        with Line(self._server.url, delay=DELAY, rate=RATE) as line, self._app(self._folder, line.url) as app:
            app.type("gw")
            app.shows(f"{what.partition(' with')[0]} two")
            app.quiet(1.0)
            before = line.received
            took = self._by_turns(app, 20)
            carried = (line.received - before) / 23 / 1000
        self._add(f"{what}, 30 ms, 4 MB/s", took, limits[0])
        self.rows.append(Row("  it carries", carried, limits[1], "kB"))


def _hold(app: App) -> tuple[Held, int, int]:
    """Holds ``j`` from the first row to the last. Returns what the keys took, and how many documents were read at once
    and altogether."""
    read: Counter[int] = Counter()
    most = 0

    def look() -> None:
        nonlocal most
        at_work = [number for number, has_document in app.workers().items() if has_document]
        most = max(most, len(at_work))
        read.update(at_work)

    held = hold(app, "j", ROWS - 1, lambda: row_under_cursor(app, _NAME), look)
    return held, most, len(read)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help="which of them; all without any")
    chosen = parser.parse_args().parts
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, ServerProcess(Path(folder) / "data") as server:
        bench = Bench(server, Path(folder))
        bench.warm_up()
        for part in (bench.here, bench.held, bench.left, bench.line, bench.kinds):
            if not chosen or part.__name__ in chosen:
                part()
    print(table(bench.rows))
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors")
    return 0 if all(row.passed is not False for row in bench.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
