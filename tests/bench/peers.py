"""Programs that the app is compared with: the simplest Textual app, and programs by others."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

#: A Textual app with nothing in it but one word.
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("READY")
Empty().run()
"""
#: Textual's own table with 200 rows, and nothing else.
TABLE = """
from textual.app import App
from textual.widgets import DataTable
class Rows(App):
    def compose(self):
        yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("Document", "Ver", "Size", "Checked out", "Author", "Edited", "Class")
        for n in range(200):
            table.add_row(f"Document {n}.docx", "1", "10.1 kB", "", "DJONES", "2026-11-25 13:05", "Letter")
Rows().run()
"""


@dataclass(frozen=True)
class Peer:
    """``ready`` is what its screen shows as soon as it can be used, ``down`` the key that moves down a list there;
    empty if it opens without one."""

    name: str
    command: list[str]
    ready: str
    down: str = "down"
    environ: dict[str, str] = field(default_factory=dict)


EMPTY_APP = Peer("an empty Textual app", [sys.executable, "-c", EMPTY], "READY")
PLAIN_TABLE = Peer("Textual's own table", [sys.executable, "-c", TABLE], "Document 0.docx")


def prepared(folder: Path) -> Path:
    """Puts the files that the programs list into ``folder``."""
    (folder / "files").mkdir()
    for number in range(200):
        (folder / "files" / f"Document {number}.txt").touch()
    repository = folder / "repository"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for number in range(60):
        (repository / f"Document {number}.txt").touch()
    return folder


def installed(folder: Path) -> list[Peer]:
    """The installed programs by others; ``folder`` is for their settings, and has files for them to list."""
    found = [
        Peer("posting", ["posting"], "Collection", ""),
        Peer("harlequin", ["harlequin"], "Data Catalog"),
        # The key as mc asks the terminal to send it.
        Peer("mc", ["mc", "-u", "-d", str(folder / "files")], "Quit", "\x1bOB"),
        Peer("lazygit", ["lazygit", "-p", str(folder / "repository")], "Status", "j"),
    ]
    home = {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "data"),
    }
    return [
        Peer(peer.name, peer.command, peer.ready, peer.down, home)
        for peer in found
        if shutil.which(peer.command[0])
    ]
