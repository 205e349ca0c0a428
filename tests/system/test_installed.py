"""The wheel and the source distribution: what is in them, and that they work where nothing else is installed.

What takes longer, such as pipx, is in ``.ci/long``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.checks.long import IS_LONG
from tests.support.real_parts import lacks
from tests.system.command import ROOT
from tui import __version__

BUILT = f"sentlinks-{__version__}"
#: What isn't needed to run it, in the folder of the package.
LEFT_OUT = {"__pycache__"}


def uv() -> str:
    """The program that builds and installs; it is among the packages of CI."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        lacks("uv")
    return found


def execute(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environ,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def install(*words: str | Path, **environ: str) -> None:
    """Runs uv with the packages that are on this machine, as CI has installed them; else with those of the index."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    environ = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(home / ".cache" / "uv"))} | environ
    command = [uv(), *map(str, words)]
    done = subprocess.run(
        [*command, "--offline"], capture_output=True, check=False, env=os.environ | environ, timeout=300
    )
    if done.returncode:
        execute(*command, "--system-certs", **environ)


def build(folder: Path, *words: str | Path) -> None:
    """Builds with the packages that are installed, as CI has no others."""
    execute(
        uv(), "build", "--offline", "--no-build-isolation", "--python", sys.executable, "-o", folder, *words
    )


def files_of(wheel: Path) -> dict[str, bytes]:
    """The files of the package in a wheel."""
    with zipfile.ZipFile(wheel) as packed:
        return {
            name: packed.read(name)
            for name in packed.namelist()
            if not name.startswith(f"{BUILT}.dist-info/")
        }


def own_files() -> dict[str, bytes]:
    """The files of the package here."""
    found = [path for path in (ROOT / "tui").rglob("*") if path.is_file()]
    return {
        str(path.relative_to(ROOT)): path.read_bytes() for path in found if not LEFT_OUT & set(path.parts)
    }


@pytest.mark.long
def test_they_have_everything_and_work_by_themselves(tmp_path: Path) -> None:
    """Built from this folder; from the source distribution, the same is built again."""
    build(tmp_path / "dist", ROOT)
    wheel, source = tmp_path / "dist" / f"{BUILT}-py3-none-any.whl", tmp_path / "dist" / f"{BUILT}.tar.gz"
    assert files_of(wheel) == own_files()
    with tarfile.open(source) as packed:
        assert {f"{BUILT}/README.md", f"{BUILT}/LICENSE", f"{BUILT}/pyproject.toml"} <= set(packed.getnames())
    build(tmp_path / "again", "--wheel", source)
    assert (tmp_path / "again" / wheel.name).read_bytes() == wheel.read_bytes()
    works_in_a_bare_environment(wheel, tmp_path)
    if IS_LONG:
        is_installed_and_removed_as_a_tool(wheel, tmp_path)


def works_in_a_bare_environment(wheel: Path, tmp_path: Path) -> None:
    """All of it, up to a link that opens: templates, migrations and languages are in the wheel, too."""
    bare = tmp_path / "bare"
    install("venv", "-q", "--python", sys.executable, bare)
    install("pip", "install", "-q", "--python", bare / "bin" / "python", wheel)
    program, home = bare / "bin" / "sentlinks", {"SENTLINKS_HOME": str(tmp_path / "used"), "PATH": "/nowhere"}
    assert execute(program, "--version", **home) == f"sentlinks {__version__}\n"
    assert "Guides (sentlinks help GUIDE):" in execute(program, "help", **home)
    assert execute(program, "help", "first-send", **home).startswith("Your first send\n")
    (tmp_path / "offer.txt").write_text("an offer")
    try:
        link = execute(program, "send", tmp_path / "offer.txt", **home).strip()
        with urlopen(link) as page:
            assert "offer.txt" in page.read().decode()
    finally:
        execute(program, "server", "stop", **home)


def is_installed_and_removed_as_a_tool(wheel: Path, tmp_path: Path) -> None:
    """What the user has stays when the program is removed."""
    places = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    program = tmp_path / "bin" / "sentlinks"
    for again in ((), ("--force",)):
        install("tool", "install", "-q", "--python", sys.executable, *again, wheel, **places)
        home = {"SENTLINKS_HOME": str(tmp_path / "used")}
        assert execute(program, "--version", **home) == f"sentlinks {__version__}\n"
        assert execute(program, "help", "sending", **home).startswith("Sending\n")
    kept = sorted((tmp_path / "used").rglob("*"))
    execute(uv(), "tool", "uninstall", "-q", "sentlinks", **places)
    assert not program.exists()
    assert sorted((tmp_path / "used").rglob("*")) == kept != []
