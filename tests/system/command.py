"""Running the installed command, as scripts do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "tui"]
SCRIPT = [str(Path(sys.executable).with_name("sentlinks"))]
SECONDS = 60


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def documents(self) -> list[dict[str, Any]]:
        return list(self.json["documents"])

    @property
    def error(self) -> str:
        """The code of a command that failed as a whole; it must have told its sentence too."""
        error = self.json["error"]
        assert set(error) == {"code", "message"}
        assert error["message"] in self.err
        return str(error["code"])


def run(
    *arguments: str | Path,
    given: str | bytes = b"",
    cwd: Path | None = None,
    program: list[str] | None = None,
    **environ: str,
) -> Done:
    """Runs the command to its end; ``given`` is its standard input, ``environ`` are variables of their own."""
    done = subprocess.run(
        [*(program or SCRIPT), *map(str, arguments)],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        cwd=cwd,
        env=os.environ | environ,
        timeout=SECONDS,
        check=False,
    )
    result = Done(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in result.out + result.err, result.err
    return result


class Client:
    """Runs commands against one server with one token."""

    def __init__(self, url: str, token: str | None, cwd: Path) -> None:
        self.cwd = cwd
        self.environ: Mapping[str, str] = {"SENTLINKS_SERVER": url, "SENTLINKS_TOKEN": token or ""}

    def __call__(self, *arguments: str | Path, given: str | bytes = b"", **environ: str) -> Done:
        return run(*arguments, given=given, cwd=self.cwd, **{**self.environ, **environ})

    def file(self, name: str, content: bytes | str = b"content") -> Path:
        """Makes a file in the folder that commands run in."""
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
