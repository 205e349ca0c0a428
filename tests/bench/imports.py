"""What each import of the app costs: ``python -m tests.bench.imports [--top N] [--later]``.

Prints the modules that are loaded when the first documents are painted (``--later``: those that are loaded afterwards),
each with the milliseconds that it takes alone, those that it takes with all its imports, and its name; the most
expensive last.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.servers.server import ROOT, ServerProcess
from tests.support.terminal.terminal import Terminal

DOCUMENT = "Dictation"
#: Runs the app through one of its entry points, and records the modules that are loaded when the first documents are
#: painted, and at the end.
WATCH = """
import json, runpy, sys
log, *sys.argv = sys.argv[1:]
LOADED = {}

def loaded():
    # Without those whose import is prevented.
    return [name for name, module in sys.modules.items() if module is not None]

class Watch:
    def find_spec(self, name, path=None, target=None):
        # Late enough to be no reason for anything that is imported.
        if name == "tui.ui.textual_patches.linux_driver":
            import tui.ui.main.start_up as first
            before = first.collect_from_now_on
            def painted():
                LOADED["painted"] = loaded()
                before()
            first.collect_from_now_on = painted

sys.meta_path.insert(0, Watch())
before = loaded()
try:
    if sys.argv[0] == "-m":
        sys.argv.pop(0)
        runpy.run_module("tui", run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    LOADED["ended"] = loaded()
    LOADED["before"] = before
    open(log, "w").write(json.dumps(LOADED))
"""


def loaded(folder: Path, server: ServerProcess, way: list[str]) -> tuple[list[str], list[str]]:
    """The modules at the first painting, and those loaded later, in the order of their import."""
    log = folder / "loaded"
    environ = {
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
        "SENTLINKS_HOME": str(folder / "home"),
        "PYTHONPATH": str(ROOT),
    }
    if way[0] != "-m":
        way = [str(Path(sys.executable).with_name(way[0]))]
    with Terminal([sys.executable, "-c", WATCH, str(log), *way], environ, 120, 40) as terminal:
        terminal.wait_for(DOCUMENT)
        terminal.wait_for("▾ Share")
        terminal.type("q")
        assert terminal.wait() == 0, terminal.text
    found = json.loads(log.read_text())
    early = set(found["painted"])
    # What this script itself needed isn't the app's.
    own = set(found["before"])
    return (
        [name for name in found["painted"] if name not in own],
        [name for name in found["ended"] if name not in early],
    )


def costs(modules: list[str], bytecode: Path) -> dict[str, tuple[float, float]]:
    """Milliseconds of each module alone and with its imports; all are imported in that order in a separate process."""
    code = (
        f"for name in {modules!r}:\n"
        "    try:\n"
        "        __import__(name)\n"
        "    except ImportError:\n"
        "        pass\n"
    )
    command = [sys.executable, "-X", "importtime", "-c", code]
    environ = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(bytecode)}
    # The first run compiles.
    for _ in range(2):
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    found: dict[str, tuple[float, float]] = {}
    for line in done.stderr.splitlines():
        alone, total, name = line.removeprefix("import time:").split("|")
        if alone.strip().isdigit():
            found[name.strip()] = (int(alone) / 1000, int(total) / 1000)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--top", type=int, default=40, help="so many of the dearest; 0: all")
    parser.add_argument("--later", action="store_true", help="what is imported after the first painting")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with ServerProcess(folder / "data", sample=True) as server:
            early, late = loaded(folder, server, ["-m", "tui"])
        took = costs([*early, *late], folder / "bytecode")
    names = [name for name in (late if options.later else early) if name in took]
    rows = sorted((took[name], name) for name in names)
    for (alone, total), name in rows[-options.top :]:
        print(f"{alone:8.2f} {total:8.2f}  {name}")
    print(f"{sum(took[name][0] for name in names):8.2f} ms in all, {len(names)} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
