"""Changing documents of Work over HTTP, and what there is afterwards."""

from __future__ import annotations

import json
from typing import Any

import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker


def patch(work: Worker, path: str, **body: Any) -> dict[str, Any]:
    """Changes something, and returns what it is then."""
    response = work.request("PATCH", path, json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()["data"]
    return found


def replace(work: Worker, document: str, content: bytes, **profile: Any) -> httpx.Response:
    """Replaces the content of a document's version."""
    files = {"profile": (None, json.dumps(profile), "application/json"), "file": ("f", content)}
    return work.request("PUT", f"documents/{document}/file", files=files)


def children(work: Worker, container: str) -> list[str]:
    """The names of what is in a folder."""
    return [item["name"] for item in work.items(f"folders/{container}/children")]


def blobs_of(server: ServerProcess) -> int:
    """The number of files in which the server keeps bytes."""
    return sum(path.is_file() for path in (server.data / "blobs").rglob("*"))
