"""Imports a folder from the command line, and reads what is in the library afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tests.system.command import Client


def imported(client: Client, tree: Path, workspace: str, *more: str, status: int = 0) -> dict[str, Any]:
    """Imports the tree into the workspace; returns what the command says of it."""
    done = client("import", tree, "--workspace", workspace, *more, "--json")
    assert done.status == status, done.err
    found: dict[str, Any] = done.json
    assert set(found) == {"workspace", "added", "versions", "unchanged", "failed"}
    assert set(found["workspace"]) == {"id", "name"}
    for failure in found["failed"]:
        assert set(failure) == {"path", "code", "message"}
        assert f"{failure['path']}: {failure['message']}" in done.err
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    """How many documents were added, got a version, were unchanged, and failed."""
    return found["added"], found["versions"], found["unchanged"], len(found["failed"])


def listed(server: ServerProcess, container: str) -> dict[str, Any]:
    """The contents of a container, recursively: names with extensions, versions and bytes."""
    with Worker(server) as work:

        def walk(ident: str) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for item in work.items(f"folders/{ident}/children", limit=9999):
                if item["wstype"] == "document":
                    name = f"{item['name']}.{item['extension']}" if item["extension"] else item["name"]
                    found[name] = (item["version"], work.download(item["id"]).content)
                else:
                    found[item["name"]] = walk(item["id"])
            return found

        return walk(container)
