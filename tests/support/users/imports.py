"""Folder trees to import into the library, and what comes of it."""

from __future__ import annotations

from pathlib import Path

from tests.support.network.spoiling import Say
from tests.support.users.work import Worker
from tui.clients.library import LibraryClient
from tui.clients.tree import Tree
from tui.sending.importing import Import, ImportOutcome

JSON = "application/json"
REFUSED = Say(403, b'{"error": {"code": "NRC_FORBIDDEN", "message": "You may not."}}', JSON)
#: The names and contents of a tree's files.
TREE = {
    "Offer.docx": "offer",
    "Letters/First.txt": "first",
    "Letters/Old/Second.PDF": "second",
    "README": "read me",
}


def made(root: Path, contents: dict[str, str]) -> Path:
    """Makes files with these contents in a folder, and returns it."""
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


async def imported(
    library: LibraryClient, root: Path, workspace: str, security: str | None = None
) -> ImportOutcome:
    """Imports a folder into a workspace."""
    with Tree(root) as tree:
        return await Import(library, tree, workspace, security).run()


def counts(outcome: ImportOutcome) -> tuple[int, int, int]:
    """How many documents and versions were added, and how many were there already."""
    return outcome.added, outcome.versions, outcome.unchanged


def failures(outcome: ImportOutcome) -> dict[str, str]:
    """The codes of what failed, by path. Each has a sentence."""
    assert all(failure.message.endswith(".") for failure in outcome.failed), outcome.failed
    return {failure.path: failure.code for failure in outcome.failed}


def listed(worker: Worker, outcome: ImportOutcome) -> dict[str, tuple[int, bytes]]:
    """Versions and bytes of all documents of the workspace, by path."""
    found: dict[str, tuple[int, bytes]] = {}

    def walk(container: str, path: str) -> None:
        for item in worker.items(f"folders/{container}/children", limit=9999):
            if item["wstype"] == "document":
                name = ".".join(part for part in (item["name"], item["extension"]) if part)
                found[path + name] = item["version"], worker.download(item["id"]).content
            else:
                walk(item["id"], f"{path}{item['name']}/")

    assert outcome.workspace is not None
    walk(outcome.workspace.id, "")
    return found
