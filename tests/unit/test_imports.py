"""What may import what, checked in separate processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.imports import loaded
from tests.support.servers.server import ServerProcess

ROOT = Path(__file__).resolve().parents[2]
SERVER = ("tui.server", "sqlalchemy", "fastapi", "starlette", "uvicorn", "alembic")
SCREENS = ("textual", "tui.ui", "tui.ui.widgets", "tui.ui.app")


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
    assert {"tui.sending.job.job", "httpx"} <= loaded
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
from tui.server.installation import jobs
from tui.server.__main__ import run
from tui.server.base.settings import Settings

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
    """Otherwise ``tui.server.base.import_stubs`` could go."""
    code = """
import fastapi, sqlalchemy.ext.asyncio, uvicorn
from fastapi.openapi.models import Contact
assert Contact.__pydantic_complete__
def read(number: int) -> None: ...
fastapi.FastAPI().get("/")(read)
"""
    assert {"click", "multiprocessing", "pydantic.v1", "sqlalchemy.orm"} <= modules_after(code)


@pytest.mark.parametrize("imported", ["pydantic", "tui.wire.share"])
def test_no_plugin_of_pydantic_sees_the_messages(imported: str, tmp_path: Path) -> None:
    """One may be installed with any package: it would be shown each message, with its password."""
    (tmp_path / "watching.py").write_text(
        "def new_schema_validator(*_, **__):\n    return None, None, None\n"
    )
    information = tmp_path / "watching-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: watching\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[pydantic]\nwatching = watching\n")
    code = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
importlib.import_module(sys.argv[2])
from pydantic import BaseModel
class Sent(BaseModel):
    password: str
Sent(password="Blue-Harbour7")
"""
    assert ("watching" in modules_after(code, str(tmp_path), imported)) is (imported == "pydantic")


#: What reads documents, which only the worker's process does.
PARSERS = ("tui.inspection.boxed", "pypdf", "pypdfium2", "pypdfium2_raw", "olefile", "xml", "pyexpat")


def test_who_looks_into_documents_imports_no_parser(tmp_path: Path) -> None:
    """The process of the command only hands them over."""
    file = tmp_path / "a.txt"
    file.write_text("hello")
    code = f"""
from tui.cli import main
status = main(["inspect", {str(file)!r}])
assert status == 0, status
"""
    loaded = modules_after(code)
    assert {"tui.inspection.worker", "tui.sending.carried"} <= loaded
    assert among(loaded, PARSERS) == []
    assert among(loaded, (*SCREENS, *SERVER, "httpx", "pydantic")) == []


def test_the_help_imports_little() -> None:
    """Showing the help does not import the HTTP client, the models or anything larger."""
    loaded = modules_after("from tui.cli import main\nassert main(['--help']) == 0")
    assert "tui.cli.send.send" in loaded
    assert among(loaded, ("httpx", "pydantic", "asyncio", "email", *SCREENS, *SERVER)) == []


def test_next_to_nothing_is_imported_before_the_first_frame() -> None:
    loaded = modules_after("import tui.cli, tui.cli.server.open_app")
    unwanted = (
        "tui.config",
        "tui.ui.start",
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
tui.cli.base tui.cli.server tui.commands tui.files tui.local_server tui.ui tui.ui.actions tui.ui.base tui.ui.draft
tui.ui.main tui.ui.send
tui tui.__main__ tui.ui.app_colours
tui.ui.app tui.ui.browser tui.ui.browser.browser tui.ui.browser.selection tui.ui.browser.live_events
tui.ui.browser.list_jobs tui.ui.browser.list_state tui.ui.browser.loading tui.ui.browser.navigator
tui.ui.browser.browser_state tui.ui.browser.more_rows tui.ui.browser.matches
tui.ui.browser.windows
tui.cli tui.cli.base.exit_status tui.cli.server.open_app tui.cli.base.output tui.clients tui.clients.target
tui.commands.command tui.commands.declared tui.commands.lookup tui.override tui.config
tui.config.keyrings tui.config.preferences tui.config.keys tui.config.private tui.config.sign_ins
tui.config.error_log tui.clients.first_page tui.local_server.local_server tui.locations tui.locations.kind
tui.locations.kinds tui.locations.local_files
tui.locations.location tui.locations.page_window tui.locations.rows tui.locations.share_kinds
tui.locations.steps tui.locations.work_kinds tui.locations.work_sources tui.rules tui.rules.display
tui.rules.errors tui.rules.names tui.rules.text tui.ui tui.ui.actions.app tui.ui.base.app_screen
tui.ui.main.tree_loader tui.ui.actions.chosen_documents tui.ui.draft.copying tui.ui.actions.document_changes
tui.ui.actions.undo_order tui.ui.actions.documents tui.ui.base.flow_control
tui.ui.actions.sent_documents tui.ui.base.hints tui.ui.actions.lists tui.ui.main.list_pane tui.ui.main.live
tui.ui.main.live_feed tui.ui.main.main tui.ui.actions.send tui.ui.actions.folders tui.ui.send.progress
tui.ui.base.screen_commands tui.ui.main.start_up tui.ui.actions.trash tui.ui.actions.unpublish_and_delete
tui.ui.actions.last_acts tui.ui.actions.places
tui.ui.base.command_group tui.ui.base.worker_start tui.ui.base.workers
tui.session
tui.session.favorites tui.session.journals tui.session.session tui.ui.start tui.terminal
tui.terminal.ascii tui.terminal.background tui.terminal.brush tui.terminal.capabilities tui.terminal.celldiff
tui.terminal.frame
tui.terminal.identity tui.terminal.input_filter tui.terminal.questions tui.terminal.scrolling tui.terminal.sgr
tui.terminal.shell tui.ui.textual_patches
tui.ui.textual_patches.below tui.ui.textual_patches.callbacks tui.ui.textual_patches.compositor
tui.ui.textual_patches.driver tui.ui.textual_patches.ending tui.ui.textual_patches.handlers
tui.ui.textual_patches.keys tui.ui.textual_patches.sequences
tui.ui.textual_patches.linux_driver tui.ui.textual_patches.own_driver
tui.ui.textual_patches.memory tui.ui.textual_patches.sheet
tui.ui.textual_patches.timers tui.ui.textual_patches.tooltips tui.ui.textual_patches.until_next_key
tui.ui.theme tui.ui.theme_256 tui.ui.tokens tui.files.trusted_paths
tui.ui.widgets tui.ui.widgets.breadcrumbs tui.ui.widgets.connection_line tui.ui.widgets.fit tui.ui.widgets.footer
tui.ui.widgets.heading tui.ui.widgets.held tui.ui.widgets.keyed tui.ui.widgets.pane_heading
tui.ui.main.main_look tui.ui.main.pane_widths
tui.ui.main.details_pane tui.ui.main.details_tab tui.ui.main.details_text tui.ui.main.typed_early
tui.ui.widgets.row_line tui.ui.widgets.status_line tui.ui.widgets.table
tui.ui.widgets.table.cell_editor tui.ui.widgets.table.editing tui.ui.widgets.table.messages tui.ui.widgets.table.model
tui.ui.widgets.table.motions
tui.ui.widgets.table.renderer tui.ui.widgets.table.rows_view tui.ui.widgets.table.table tui.ui.widgets.thin_scroll_bar
tui.ui.widgets.tree
"""
#: Parts of the standard library that aren't needed yet and are slow to import.
NOT_YET = (
    "markdown_it",
    "textual.widgets._markdown",
    "http",
    "email",
    "tomllib",
    "urllib.request",
    "xml",
    "sqlite3",
    "hmac",
    "encodings.idna",
)
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
    assert "importlib.metadata" not in later, "a search for pydantic's plugins"


def test_the_app_never_imports_the_server() -> None:
    """Nor do any of its screens and widgets."""
    code = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), name + "."):
        # Protocols are for types only.
        if found.name != "tui.ui.browser.protocols":
            importlib.import_module(found.name)
"""
    modules = {"tui.ui", "tui.commands"}
    loaded = modules_after(code, *modules)
    assert modules <= loaded
    assert among(loaded, SERVER) == []
