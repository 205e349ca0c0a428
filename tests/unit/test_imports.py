"""What may be imported by what, looked at in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = ("tui.server", "sqlalchemy", "fastapi", "starlette", "uvicorn", "alembic")
SCREENS = ("textual", "tui.screens", "tui.widgets", "tui.app")


def modules_after(code: str, *arguments: str) -> set[str]:
    """The modules that a process has imported after ``code``."""
    printing = "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code + printing, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(json.loads(done.stdout.splitlines()[-1]))


def among(loaded: set[str], names: tuple[str, ...]) -> list[str]:
    return sorted(m for m in loaded if any(m == name or m.startswith(f"{name}.") for name in names))


def test_a_send_imports_neither_textual_nor_the_server(server: object, tmp_path: Path) -> None:
    """A whole send, from its command line to its links, in one process."""
    from tests.support.server import ServerProcess

    assert isinstance(server, ServerProcess)
    file = tmp_path / "a.txt"
    file.write_text("hello")
    code = f"""
import os
os.environ.update(SENTLINKS_SERVER={server.url!r}, SENTLINKS_TOKEN={server.token!r})
from tui.cli import main
status = main(["send", {str(file)!r}, "--json"])
assert status == 0, status
"""
    loaded = modules_after(code)
    assert "tui.sending.job" in loaded
    assert among(loaded, SCREENS) == []
    assert among(loaded, SERVER) == []


def test_the_help_imports_little() -> None:
    """Nothing of it waits for the HTTP client, the models or anything larger."""
    loaded = modules_after("from tui.cli import main\nassert main(['--help']) == 0")
    assert "tui.cli.send" in loaded
    assert among(loaded, ("httpx", "pydantic", "asyncio", "email", *SCREENS, *SERVER)) == []


@pytest.mark.parametrize("module", ["tui.app", "tui.screens", "tui.widgets", "tui.commands", "tui.theme"])
def test_the_app_never_imports_the_server(module: str) -> None:
    """Nor does any of its screens and widgets."""
    code = f"""
import importlib, pkgutil
module = importlib.import_module({module!r})
for found in pkgutil.walk_packages(getattr(module, "__path__", ()), {module!r} + "."):
    importlib.import_module(found.name)
"""
    loaded = modules_after(code)
    assert module in loaded
    assert among(loaded, SERVER) == []


@pytest.mark.parametrize(
    "command",
    [["lint-imports", "--no-cache"], ["ruff", "check", "--no-cache", "."], ["mypy"]],
    ids=lambda command: command[0],
)
def test_the_checkers_find_nothing(command: list[str]) -> None:
    """The rules of import, the linter's and the types."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
