"""What may import what, checked in separate processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.imports import loaded
from tests.support.server import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
SERVER = ("tui.server", "sqlalchemy", "fastapi", "starlette", "uvicorn", "alembic")
SCREENS = ("textual", "tui.screens", "tui.widgets", "tui.app")


def modules_after(code: str, *arguments: str) -> set[str]:
    """The modules that a process has imported after ``code``."""
    # Without those whose import is prevented.
    names = "sorted(name for name, module in sys.modules.items() if module is not None)"
    printing = f"\nimport json, sys\nprint('\\n' + json.dumps({names}))"
    done = subprocess.run(
        [sys.executable, "-c", code + printing, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(json.loads(done.stdout.splitlines()[-1]))


def among(loaded: set[str], names: tuple[str, ...]) -> list[str]:
    return sorted(m for m in loaded if any(m == name or m.startswith(f"{name}.") for name in names))


def test_a_send_imports_neither_textual_nor_the_server(server: object, tmp_path: Path) -> None:
    """A whole send, from its command line to its links, in one process."""
    assert isinstance(server, ServerProcess)
    file = tmp_path / "a.txt"
    file.write_text("hello")
    code = f"""
import os
os.environ.update(SENTLINKS_SERVER={server.url!r}, SENTLINKS_TOKEN={server.token!r})
from tui.cli import main
status = main(["send", {str(file)!r}, "--json"])
assert status == 0, status
import gc
assert gc.isenabled()
"""
    loaded = modules_after(code)
    assert {"tui.sending.job", "httpx"} <= loaded
    assert among(loaded, ("rich", "pygments")) == [], "they belong to httpx's own command line"
    assert among(loaded, SCREENS) == []
    assert among(loaded, SERVER) == []


#: What only some servers need, or only for some requests; each takes a megabyte or more.
NOT_WHEN_IDLE = (
    "alembic",
    "asyncpg",
    "babel",
    "click",
    "confusable_homoglyphs",
    "cryptography",
    "email.policy",
    "httpx",
    "jinja2",
    "multiprocessing",
    "pydantic.v1",
    "smtplib",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.orm",
    "xml",
    "zxcvbn",
    *SCREENS,
)


def test_an_idle_server_has_loaded_only_what_it_needs(tmp_path: Path) -> None:
    """It has opened its data, run each of its jobs once, and accepts requests."""
    code = """
import os, signal, sys
from pathlib import Path
from tui.server import jobs
from tui.server.__main__ import run
from tui.server.settings import Settings

def ready(address):
    os.kill(os.getpid(), signal.SIGTERM)
    from fastapi.openapi.models import Contact
    assert not Contact.__pydantic_complete__, "it belongs to the description, for which no one has asked"

run(Settings(data=Path(sys.argv[1]), port=0, user="ANN"), seed=jobs.run_all, ready=ready)
"""
    # Also the first time: another process makes the database and its keys.
    for _ in range(2):
        found = modules_after(code, str(tmp_path / "data"))
        assert {"tui.server.share.links", "uvicorn", "sqlalchemy.dialects.sqlite"} <= found
        assert among(found, NOT_WHEN_IDLE) == []


def test_the_libraries_would_load_what_is_left_out() -> None:
    """Otherwise ``tui.server.unneeded`` could go."""
    code = """
import fastapi, sqlalchemy.ext.asyncio, uvicorn
from fastapi.openapi.models import Contact
assert Contact.__pydantic_complete__
def read(number: int) -> None: ...
fastapi.FastAPI().get("/")(read)
"""
    assert {"click", "multiprocessing", "pydantic.v1", "sqlalchemy.orm"} <= modules_after(code)


def test_the_help_imports_little() -> None:
    """Showing the help does not import the HTTP client, the models or anything larger."""
    loaded = modules_after("from tui.cli import main\nassert main(['--help']) == 0")
    assert "tui.cli.send" in loaded
    assert among(loaded, ("httpx", "pydantic", "asyncio", "email", *SCREENS, *SERVER)) == []


def test_next_to_nothing_is_imported_before_the_first_frame() -> None:
    loaded = modules_after("import tui.cli, tui.cli.opening")
    unwanted = (
        "tui.config",
        "tui.start",
        "dataclasses",
        "inspect",
        "traceback",
        "subprocess",
        "asyncio",
        "httpx",
        "click",
    )
    assert "tui.terminal.frame" in loaded
    assert among(loaded, (*unwanted, *SCREENS, *SERVER)) == []


#: What may have been imported when the first documents are painted, besides the standard library and what an empty
#: Textual app imports: of the app's own modules, only those listed here.
EARLY = """
tui tui.__main__ tui.app tui.browser tui.browser.browser tui.browser.choosing tui.browser.following
tui.browser.list_jobs tui.browser.list_state tui.browser.loading tui.browser.navigator tui.browser.paging
tui.browser.windows
tui.cli tui.cli.ending tui.cli.opening tui.cli.output tui.clients tui.clients.target tui.commands tui.config
tui.config.keyrings tui.config.preferences tui.config.private tui.config.sign_ins tui.config.work_server
tui.error_log tui.first tui.local tui.locations tui.locations.kind tui.locations.kinds tui.locations.local_files
tui.locations.location tui.locations.page_window tui.locations.rows tui.locations.share_kinds
tui.locations.steps tui.locations.work_kinds tui.locations.work_sources tui.rules tui.rules.display
tui.rules.errors tui.rules.names tui.rules.text tui.screens tui.screens.admin tui.screens.app_screen
tui.screens.branches tui.screens.chosen_documents tui.screens.copying tui.screens.document_changes
tui.screens.document_commands tui.screens.flow_control
tui.screens.folder tui.screens.hints tui.screens.list_commands tui.screens.list_pane tui.screens.live
tui.screens.live_feed tui.screens.main tui.screens.picker tui.screens.places tui.screens.progress
tui.screens.screen_commands tui.screens.start_up tui.screens.trash tui.screens.unpublish tui.screens.workers
tui.session
tui.session.favorites tui.session.journals tui.session.session tui.start tui.terminal
tui.terminal.ascii tui.terminal.background tui.terminal.brush tui.terminal.capabilities tui.terminal.celldiff
tui.terminal.frame
tui.terminal.identity tui.terminal.input_filter tui.terminal.questions tui.terminal.scrolling tui.terminal.sgr
tui.terminal.shell tui.textual_patches
tui.textual_patches.below tui.textual_patches.callbacks tui.textual_patches.compositor
tui.textual_patches.driver tui.textual_patches.ending tui.textual_patches.handlers tui.textual_patches.keys
tui.textual_patches.linux_driver tui.textual_patches.memory tui.textual_patches.sheet tui.textual_patches.timers
tui.theme tui.theme_256 tui.trusted_paths
tui.widgets tui.widgets.breadcrumbs tui.widgets.connection_line tui.widgets.fit tui.widgets.footer
tui.widgets.heading tui.widgets.keyed tui.widgets.row_line tui.widgets.status_line tui.widgets.table
tui.widgets.table.cell_editor tui.widgets.table.editing tui.widgets.table.messages tui.widgets.table.model
tui.widgets.table.renderer tui.widgets.table.rows_view tui.widgets.table.table tui.widgets.thin_scroll_bar
tui.widgets.tree
"""
#: Parts of the standard library that aren't needed yet and are slow to import.
NOT_YET = ("http", "email", "tomllib", "urllib.request", "xml", "sqlite3", "hmac", "encodings.idna")
#: What Textual itself imports, and the app.
OTHERS = {"textual", "rich", "platformdirs", "typing_extensions", "distutils_hack", "tui"}


@pytest.mark.parametrize("way", [["-m", "tui"], ["sentlinks"]], ids=["module", "command"])
def test_what_may_be_imported_before_the_first_documents(
    way: list[str], sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The same whichever way the app is started. ``tests.bench.imports`` shows what each import costs."""
    early, later = loaded(tmp_path, sample_server, way)
    own = {name for name in early if name.split(".")[0] == "tui"}
    assert own - set(EARLY.split()) == set(), "more of the app is imported before the first painting"
    assert among(set(early), NOT_YET) == []
    foreign = {name.split(".")[0].lstrip("_") for name in early} - OTHERS
    standard = {name.lstrip("_") for name in sys.stdlib_module_names}
    assert foreign - standard == set(), "a library is imported before the first painting"
    assert {"httpx", "pydantic"} <= set(later), "nothing was looked at"
    assert "httpx._main" not in later, "its command line, with a highlighter"


def test_the_app_never_imports_the_server() -> None:
    """Nor do any of its screens and widgets."""
    code = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        importlib.import_module(found.name)
"""
    modules = {"tui.app", "tui.screens", "tui.widgets", "tui.commands", "tui.theme"}
    loaded = modules_after(code, *modules)
    assert modules <= loaded
    assert among(loaded, SERVER) == []
