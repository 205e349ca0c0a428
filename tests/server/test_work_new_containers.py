"""Making workspaces and folders of Work, and profiles that make none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import DOCUMENT_ID, LIBRARY, Worker, error


def test_workspaces_and_folders_are_made(server: ServerProcess) -> None:
    with Worker(server) as work:
        before = work.get("workspaces", total="true")["total_count"]
        space = work.workspace("Árbol – 事件", description="Odd names are names")
        made = work.data(f"workspaces/{space}")
        assert made["name"] == "Árbol – 事件"
        assert made["owner"] == "DJONES"
        assert made["has_subfolders"] is False
        assert work.get("workspaces", total="true")["total_count"] == before + 1
        response = work.request("POST", f"workspaces/{space}/folders", json={"name": "In"})
        assert response.status_code == 201
        folder = response.json()["data"]
        inner = work.folder(folder["id"], 'a\\b:*?"<>|/../\u202e')
        assert work.data(f"folders/{inner}")["name"] == 'a\\b:*?"<>|/../\u202e'
        assert work.data(f"folders/{inner}")["parent_id"] == folder["id"]
        assert work.data(f"workspaces/{space}")["has_subfolders"] is True
        assert [f["id"] for f in work.items(f"workspaces/{space}/children")] == [folder["id"]]
        assert [c["id"] for c in work.data(f"folders/{inner}/path")] == [space, folder["id"]]
        paper = work.upload(space, "straight in")
        assert DOCUMENT_ID.fullmatch(paper["id"])
        assert [i["wstype"] for i in work.items(f"folders/{space}/children")] == ["folder", "document"]


@few(3)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "NRC_INVALID_PROFILE"),
        ({"name": ""}, "NRC_INVALID_PROFILE"),
        ({"name": "  "}, "NRC_INVALID_PROFILE"),
        ({"name": 5}, "NRC_INVALID_PROFILE"),
        ({"name": "x" * 1025}, "NRC_INVALID_PROFILE"),
        ({"name": "a\x00b"}, "NRC_INVALID_PROFILE"),
        ({"name": "x", "default_security": "secret"}, "NRC_INVALID_PROFILE"),
        ({"name": "x", "user_trustees": [{"id": "NOBODY"}]}, "NRC_INVALID_PROFILE"),
        ({"name": "x", "user_trustees": [5]}, "NRC_INVALID_PROFILE"),
        ([], "NRC_INVALID_PARAM"),
    ],
)
def test_wrong_profiles_make_nothing(server: ServerProcess, body: Any, code: str) -> None:
    with Worker(server) as work:
        before = work.get("workspaces", total="true")["total_count"]
        error(work.request("POST", "workspaces", json=body), 400, code)
        assert work.get("workspaces", total="true")["total_count"] == before


@pytest.mark.parametrize("raw", [b"{", b'{"name": "\\ud800"}', b"\xff", b"[" * 100_000])
def test_broken_bodies_are_refused(server: ServerProcess, raw: bytes) -> None:
    with Worker(server) as work:
        assert work.request("POST", "workspaces", content=raw).status_code == 400
        assert work.request("GET", f"{LIBRARY}/workspaces").status_code == 200
