"""Every call that the library has, under each base path that clients use; and none of them for a user from whom the
container is hidden."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.routing import Match

from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker, add_person, error, no_absent
from tui.server.work.call import SCOPE
from tui.server.work.routes import ROUTES

BASES = ("/work/api/v2", "/api/v2", "/work/web/api/v2")
SCOPES = ("/customers/1/libraries/ACTIVE", "/customers/1")
#: Each base path and each scope. The server matches them independently of each other.
PATHS = (BASES[0] + SCOPES[0], BASES[1] + SCOPES[1], BASES[2] + SCOPES[0])
#: Lists and single records: what a call reads of the private matter that the fixture makes.
READS = """
libraries
workspaces
workspaces?name=hidden
workspaces/search?name=hidden
recent-workspaces
recent-documents
documents
documents?anywhere=hidden
documents/search?anywhere=hidden
documents/checked-out
folders?name=hidden
folders/search?name=hidden
my-favorites/children
trash-bin/documents?name=hidden
types
classes
users
users/FILLER/libraries
"""
READS_OF_THE_MATTER = """
workspaces/{space}
workspaces/{space}/children
workspaces/{space}/documents
workspaces/{space}/operations
workspaces/{space}/name-value-pairs
workspaces/{space}/security
workspaces/{space}/name-value-pairs
folders/{folder}
folders/{folder}/children
folders/{folder}/documents
folders/{folder}/operations
folders/{folder}/name-value-pairs
folders/{folder}/path
folders/{folder}/security
folders/{folder}/name-value-pairs
documents/{paper}
documents/{paper}/versions
documents/{paper}/path
documents/{paper}/operations
documents/{paper}/security
documents/{paper}/download
documents/{paper}/download/Hidden.txt
documents/{paper}/name-value-pairs
documents/{paper}/history
documents/{paper}/history/activities
documents/{paper}/history/users
documents/{paper}/history/versions
my-favorites/categories/{category}/children
users/FILLER/my-matters/children
users/FILLER/my-matters/categories/{matters}/children
"""
#: What a user who can't see the matter tries: method, path and body.
ACTS: list[tuple[str, str, Any]] = [
    ("PATCH", "workspaces/{space}", {"name": "Mine now"}),
    ("DELETE", "workspaces/{space}", None),
    ("POST", "workspaces/{space}/folders", {"name": "In"}),
    ("PATCH", "folders/{folder}", {"name": "Mine now"}),
    ("DELETE", "folders/{folder}", None),
    ("POST", "folders/{folder}/subfolders", {"name": "In"}),
    ("POST", "folders/{folder}/move", {"destination_id": "{space}"}),
    ("POST", "folders/{folder}/documents/{paper}/move", {"destination_folder_id": "{space}"}),
    ("PATCH", "documents/{paper}", {"name": "Mine now"}),
    ("DELETE", "documents/{paper}", None),
    ("POST", "documents/{paper}/lock", {}),
    ("DELETE", "documents/{paper}/lock", None),
    ("POST", "documents/{paper}/checkout", {}),
    ("POST", "documents/{paper}/history", {"activity": "VIEW"}),
    ("POST", "documents/{paper}/name-value-pairs", {"a": "b"}),
    ("PATCH", "documents/{paper}/name-value-pairs", {"a": "b"}),
    ("POST", "my-favorites/children", {"target_id": "{folder}"}),
    ("POST", "my-favorites/children", {"target_id": "{paper}"}),
    ("PATCH", "my-favorites/children/{favorite}", {"name": "Mine now"}),
    ("DELETE", "my-favorites/children/{favorite}", None),
    ("POST", "users/FILLER/my-matters/children", {"target_id": "{space}"}),
    ("POST", "users/FILLER/my-matters/categories", {"name": "Mine now"}),
    ("PATCH", "users/FILLER/my-matters/children/{matters}", {"name": "Mine now"}),
    ("DELETE", "users/FILLER/my-matters/children/{matters}", None),
    ("POST", "trash-bin/documents/{gone}/restore", {}),
    ("DELETE", "trash-bin/documents/{gone}", None),
]
UPLOADS = [
    ("POST", "folders/{folder}/documents"),
    ("POST", "documents/{paper}/versions"),
    ("PUT", "documents/{paper}/file"),
]


class Caller(Worker):
    """A caller that uses one base path, and records which calls succeeded."""

    def __init__(self, server: ServerProcess, token: str, base: str) -> None:
        super().__init__(server, token)
        self.base = base
        self.made: set[tuple[str, str]] = set()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        if not path.startswith("/"):
            path = self.base + path
        answer = super().request(method, path, **more)
        if answer.is_success:
            scope = {"type": "http", "method": method, "path": answer.request.url.path}
            self.made.update(
                (method, route.path) for route in ROUTES if route.matches(scope)[0] is Match.FULL
            )
        return answer

    def done(self, method: str, path: str, **more: Any) -> Any:
        """The data that a successful call returns, if any."""
        answer = self.request(method, path, **more)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return None
        found = answer.json()
        no_absent(found)
        return found["data"]


@pytest.fixture(scope="module")
def tokens(server: ServerProcess) -> dict[str, str]:
    return {name: add_person(server, name) for name in ("FILLER", "NOSY")}


@pytest.fixture(scope="module")
def matter(server: ServerProcess, tokens: dict[str, str]) -> Iterator[dict[str, str]]:
    """The ids of a private workspace of FILLER's, of what is in it, and of what leads to it."""
    with Worker(server, tokens["FILLER"]) as work:
        space = work.workspace("Hidden", default_security="private")
        folder = work.folder(space, "Hidden too")
        paper = work.upload(folder, "Hidden paper")
        work.request("POST", f"documents/{paper['id']}/lock").raise_for_status()
        gone = work.upload(folder, "Hidden and gone")["id"]
        work.request("DELETE", f"documents/{gone}").raise_for_status()

        def added(path: str, body: dict[str, str]) -> str:
            return str(work.request("POST", path, json=body).raise_for_status().json()["data"]["id"])

        yield {
            "space": space,
            "folder": folder,
            "paper": paper["id"],
            "gone": gone,
            "favorite": added("my-favorites/children", {"target_id": folder}),
            "category": added("my-favorites/categories", {"name": "Kind"}),
            "matters": added("users/FILLER/my-matters/categories", {"name": "Kind"}),
        }


@pytest.fixture(params=PATHS)
def callers(
    request: pytest.FixtureRequest, server: ServerProcess, tokens: dict[str, str]
) -> Iterator[tuple[Caller, Caller]]:
    base = f"{request.param}/"
    with Caller(server, tokens["FILLER"], base) as filler, Caller(server, tokens["NOSY"], base) as nosy:
        yield filler, nosy


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, ids) for key, inner in value.items()}
    return value.format(**ids) if isinstance(value, str) else value


def _entries(data: Any) -> list[Any]:
    found: list[Any] = data["results"] if isinstance(data, dict) else data
    return found


def _tells(answer: Any, ident: str) -> bool:
    """Whether that id is in it: as a whole, not as the beginning of another one."""
    return re.search(rf"{re.escape(ident)}(?![\d.])", json.dumps(answer)) is not None


def test_every_call_is_answered(callers: tuple[Caller, Caller], matter: dict[str, str]) -> None:
    filler, nosy = callers
    read_all(filler, nosy, matter)
    change_all(filler)
    there = {
        (method, route.path) for route in ROUTES for method in route.methods or () if "scope" in route.path
    }
    # There is no group whose members could be listed, and no library that a path without one could describe.
    nobodys = {("GET", f"{SCOPE}/groups/{{group}}/members")}
    if "libraries" not in filler.base:
        nobodys.add(("GET", SCOPE))
    assert there - filler.made - nobodys == set(), "the tables above say nothing of these"


def read_all(filler: Caller, nosy: Caller, matter: dict[str, str]) -> None:
    for line in READS.split():
        assert _entries(filler.done("GET", line)), line
        theirs = nosy.request("GET", line, params={"total": "true", "limit": 9999}).raise_for_status().json()
        assert not any(_tells(theirs, ident) for ident in matter.values()), line
        assert theirs.get("total_count", 0) == len(_entries(theirs["data"])), line
    for line in READS_OF_THE_MATTER.split():
        path = line.format(**matter)
        filler.done("GET", path)
        error(nosy.request("GET", path), 404, "NRC_NO_RECORD")
    for path in ("documents/{paper}/download", "documents/{paper}/download/Hidden.txt"):
        assert filler.request("HEAD", path.format(**matter)).status_code == 200
        assert nosy.request("HEAD", path.format(**matter)).status_code == 404
    assert filler.done("GET", "users/FILLER")["id"] == "FILLER"
    assert filler.done("GET", "operations")["m1_bits"]["checkout"] is True
    assert filler.done("GET", "ping") == {}
    assert set(filler.done("GET", "features").values()) <= {True, False}
    itself = filler.request("GET", filler.base.removesuffix("/"))
    assert itself.status_code == (200 if "libraries" in filler.base else 404)
    assert filler.done("GET", "groups") == filler.done("GET", "classes/DOC/subclasses") == []
    for path in ("groups/NONE/members", "classes/NONE/subclasses", "users/NOBODY"):
        error(filler.request("GET", path), 404, "NRC_NO_RECORD")
    for path, name in (("workspaces", "Hidden"), ("folders", "Hidden too"), ("documents", "Hidden paper")):
        body = {"limit": 5, "filters": {"name": "hidden"}}
        assert name in [item["name"] for item in filler.done("POST", f"{path}/search", json=body)]
        assert nosy.done("POST", f"{path}/search", json=body) == []
    assert filler.done("POST", "recent-workspaces")["results"]
    assert nosy.done("POST", "recent-workspaces")["results"] == []


@pytest.mark.parametrize("callers", PATHS[:1], indirect=True)
def test_what_others_do_not_see_they_do_not_change(
    callers: tuple[Caller, Caller], matter: dict[str, str]
) -> None:
    filler, nosy = callers
    before = filler.history(matter["paper"])
    for method, path, body in ACTS:
        path = path.format(**matter)
        answer = nosy.request(method, path, json=_filled(body, matter) if body is not None else None)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
    for method, path in UPLOADS:
        files = {
            "profile": (None, '{"doc_profile": {"name": "x"}}', "application/json"),
            "file": ("x.txt", b"x"),
        }
        error(nosy.request(method, path.format(**matter), files=files), 404, "NRC_NO_RECORD")
    assert filler.history(matter["paper"]) == before
    assert filler.done("GET", f"workspaces/{matter['space']}")["name"] == "Hidden"
    paper = filler.done("GET", f"documents/{matter['paper']}")
    assert (paper["name"], paper["version"], paper["in_use_by"]) == ("Hidden paper", 1, "FILLER")
    assert [item["name"] for item in filler.done("GET", "my-favorites/children")] == ["Hidden too", "Kind"]


def change_all(work: Caller) -> None:
    space = work.workspace("Acts")
    folder = work.done("POST", f"workspaces/{space}/folders", json={"name": "One"})["id"]
    inner = work.folder(folder, "Two")
    paper = work.upload(folder, "Paper", b"one")
    second = work.new_version(paper["id"], "Paper", b"two")
    ident = second["id"]
    assert work.done("POST", f"documents/{ident}/lock", json={"comments": "Mine"})["in_use"] is True
    assert ident in [item["id"] for item in work.done("GET", "documents/checked-out")]
    work.done("DELETE", f"documents/{ident}/lock")
    assert ident not in [item["id"] for item in work.done("GET", "documents/checked-out")]
    assert work.request("POST", f"documents/{ident}/checkout", json={}).content == b"two"
    files = {"profile": (None, '{"keep_locked": false}', "application/json"), "file": ("x.txt", b"three")}
    assert work.done("PUT", f"documents/{ident}/file", files=files)["size"] == 5
    assert work.done("PATCH", f"documents/{ident}", json={"name": "Renamed"})["name"] == "Renamed"
    work.done("POST", f"documents/{ident}/history", json={"activity": "PRINT"})
    assert work.history(ident)[0] == "PRINT"
    for method in ("POST", "PATCH"):
        work.done(method, f"documents/{ident}/name-value-pairs", json={method: "said"})
    assert work.done("PATCH", f"workspaces/{space}", json={"name": "Acted"})["name"] == "Acted"
    assert work.done("PATCH", f"folders/{folder}", json={"name": "First"})["name"] == "First"
    work.done("POST", f"folders/{folder}/documents/{ident}/move", json={"destination_folder_id": inner})
    assert work.done("POST", f"folders/{inner}/move", json={"destination_id": space}) is not False
    assert [item["name"] for item in work.done("GET", f"folders/{inner}/children")] == ["Renamed"]
    for root, target in (("my-favorites", folder), ("users/FILLER/my-matters", space)):
        category = work.done("POST", f"{root}/categories", json={"name": "Z"})["id"]
        body = {"target_id": target, "parent_id": category}
        shortcut = work.done("POST", f"{root}/children", json=body)["id"]
        within = work.done("GET", f"{root}/categories/{category}/children")
        assert [item["target"]["id"] for item in within] == [target]
        work.done("PATCH", f"{root}/children/{shortcut}", json={"name": "Y"})
        work.done("DELETE", f"{root}/children/{shortcut}")
        assert work.done("GET", f"{root}/categories/{category}/children") == []
        work.done("DELETE", f"{root}/children/{category}")
    work.done("DELETE", f"documents/{ident}")
    assert ident in [item["id"] for item in work.done("GET", "trash-bin/documents")]
    work.done("POST", f"trash-bin/documents/{ident}/restore", json={})
    work.done("DELETE", f"documents/{ident}")
    work.done("DELETE", f"trash-bin/documents/{ident}")
    work.done("DELETE", f"folders/{inner}")
    work.done("DELETE", f"workspaces/{space}")
    error(work.request("GET", f"workspaces/{space}"), 404, "NRC_NO_RECORD")
