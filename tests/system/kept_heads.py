"""Audit heads that an administrator keeps elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.system.command import Client


def keep(client: Client, tmp_path: Path, *options: str) -> Path:
    """Saves the current heads to a file."""
    done = client("audit", "heads", *options)
    assert done.status == 0, done.err
    file = tmp_path / "heads"
    file.write_text(done.out)
    return file


def against(client: Client, file: Path) -> tuple[int, list[dict[str, Any]]]:
    done = client("audit", "--verify", "--against", str(file), "--json")
    assert done.status in (0, 1), done.err
    return done.status, done.json["broken"]
