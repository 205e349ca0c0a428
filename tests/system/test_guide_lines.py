"""What README and the guides show to be typed, where it is marked to be run."""

from __future__ import annotations

import os
import re
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.system.command import ROOT, SCRIPT, Client
from tui import guides

PATHS = [*map(guides.path, guides.TOPICS), ROOT / "README.md"]
MARKED = re.compile(r"^<!-- run -->\n\n((?: {4}.*\n|\n(?= {4}))+)", re.MULTILINE)
BLOCKS = [(path, block) for path in PATHS for block in MARKED.findall(path.read_text())]


def test_all_marks_are_before_code() -> None:
    assert sum(path.read_text().count("<!--") for path in PATHS) == len(BLOCKS)
    assert {path.name for path, _ in BLOCKS} >= {
        "README.md",
        "first-send.md",
        "folder.md",
        "people.md",
        "proof.md",
    }


@few(1)
@pytest.mark.parametrize(
    ("path", "block"), BLOCKS, ids=[f"{path.stem}-{n}" for n, (path, _) in enumerate(BLOCKS)]
)
def test_it_can_be_typed(path: Path, block: str, fresh_server: ServerProcess, tmp_path: Path) -> None:
    """In a shell that ends at the first failure; ``ID`` is that of a document that was sent."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("offer.pdf", "an offer")
    message = EmailMessage()
    message["To"] = "anna@example.com"
    message.set_content("Here it is.")
    message.add_attachment(bytes(6_000_000), maintype="application", subtype="pdf", filename="large.pdf")
    client.file("message.eml", bytes(message))
    ident = client("send", client.file("earlier.pdf"), "--json").documents[0]["id"]
    places = f"{Path(SCRIPT[0]).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", re.sub(r"\bID\b", ident, block)],
        cwd=tmp_path, env={**os.environ, **client.environ, "PATH": places}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"{path.name}: {done.stderr}"
