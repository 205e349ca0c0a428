"""Changing a document: profile, content, folder and security."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.checks.derived_data import check_kept
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.edits import blobs_of, children, patch, replace
from tests.support.users.work import Worker, error


@pytest.fixture(scope="module")
def work(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker
    check_kept(server)


# ---------------------------------------------------------------- profile


@pytest.mark.parametrize("inside", [True, False])
def test_a_profile_is_changed_and_what_is_left_out_stays(work: Worker, folder: str, inside: bool) -> None:
    paper = work.upload(folder, "Draft", b"x", "docx", comment="first", **{"class": "DEED"})
    body = {"name": "Final", "author": "bsmith"}
    changed = patch(work, f"documents/{paper['id']}", **({"doc_profile": body} if inside else body))
    assert (changed["name"], changed["author"], changed["id"]) == ("Final", "BSMITH", paper["id"])
    kept = ("extension", "type", "class", "comment", "size", "checksum", "edit_date", "version", "operator")
    assert [changed[key] for key in kept] == [paper[key] for key in kept]
    assert children(work, folder) == ["Final"]
    assert work.history(paper["id"]) == ["PROFILEEDIT", "NEWDOCUMENT"]
    assert patch(work, f"documents/{paper['id']}", comment="")["name"] == "Final"
    assert "comment" not in work.data(f"documents/{paper['id']}")
    assert patch(work, f"documents/{paper['id']}", name="Final", custom1="x", comment=None)
    assert work.history(paper["id"])[0] == "PROFILEEDIT"
    assert len(work.history(paper["id"])) == 3, "what changes nothing leaves no trace"


def test_an_old_version_is_renamed_by_itself(work: Worker, folder: str) -> None:
    first = work.upload(folder, "One")
    second = work.new_version(first["id"], "Two")
    patch(work, f"documents/{first['id']}", name="Uno", extension="MD")
    assert children(work, folder) == ["Two"]
    versions = work.items(f"documents/{second['id']}/versions")
    assert [(v["name"], v["extension"]) for v in versions] == [("Two", "txt"), ("Uno", "md")]


@few(3)
@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": None},
        {"name": 5},
        {"name": "x" * 1025},
        {"class": "x" * 65},
        {"default_security": "open"},
        {"user_trustees": [{"id": "NOBODY"}]},
        {"group_trustees": [{"id": "PARTNERS", "access_level": "read"}]},
    ],
)
def test_wrong_profiles_change_nothing(work: Worker, folder: str, body: dict[str, Any]) -> None:
    paper = work.upload(folder, "Stays")
    answer = work.request("PATCH", f"documents/{paper['id']}", json={"author": "X", **body})
    error(answer, 400, "NRC_INVALID_PROFILE")
    assert work.data(f"documents/{paper['id']}")["author"] == "DJONES"


# ---------------------------------------------------------------- content


def test_content_is_replaced_in_its_version(server: ServerProcess, work: Worker, folder: str) -> None:
    paper = work.upload(folder, "Deed", b"one", "docx")
    before = blobs_of(server)
    digest = hashlib.sha256(b"two!").hexdigest()
    answer = replace(work, paper["id"], b"two!", doc_profile={"checksum": f"SHA256:{digest}"})
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    assert (data["id"], data["size"], data["name"], data["extension"]) == (paper["id"], 4, "Deed", "docx")
    assert data["checksum"] == f"SHA256:{digest.upper()}"
    assert data["create_date"] == paper["create_date"]
    assert data["edit_date"] > paper["edit_date"]
    assert work.download(paper["id"]).content == b"two!"
    assert work.history(paper["id"])[1:] == ["MODIFY", "NEWDOCUMENT"]
    assert len(work.items(f"documents/{paper['id']}/versions")) == 1
    assert work.items("documents", anywhere="deed", container_id=folder)[0]["size"] == 4
    # The old bytes are removed by a background job of the server.
    assert blobs_of(server) <= before + 1
    wrong = replace(work, paper["id"], b"three", doc_profile={"checksum": f"SHA256:{digest}"})
    error(wrong, 400, "NRC_INVALID_PROFILE")
    assert work.download(paper["id"]).content == b"two!"


def test_replacing_ends_the_check_out_unless_it_is_kept(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "Held", b"1")
    document = paper["id"]
    work.request("POST", f"documents/{document}/lock").raise_for_status()
    error(replace(other, document, b"2"), 409, "NRC_CHECKED_OUT")
    assert replace(work, document, b"2", keep_locked=True).json()["data"]["in_use_by"] == "DJONES"
    assert "in_use_by" not in replace(work, document, b"3").json()["data"]
    assert replace(work, document, b"4", keep_locked=True).json()["data"]["in_use_by"] == "DJONES"


# ---------------------------------------------------------------- rights


FILES = {"profile": (None, "{}"), "file": ("x.txt", b"x")}


@few(3)
@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("PATCH", "documents/{}", {"json": {"name": "x"}}),
        ("PUT", "documents/{}/file", {"files": FILES}),
        ("DELETE", "documents/{}", {}),
        ("POST", "folders/{folder}/documents/{}/move", {"json": {"destination_id": "{elsewhere}"}}),
        ("POST", "documents/{}/name-value-pairs", {"json": {"a": "b"}}),
    ],
)
def test_who_may_only_read_changes_nothing(
    work: Worker, other: Worker, folder: str, method: str, path: str, more: dict[str, Any]
) -> None:
    elsewhere = work.workspace("Elsewhere")
    if "json" in more:
        more = {"json": {k: v.format(elsewhere=elsewhere) for k, v in more["json"].items()}}
    for security, status, code in (
        ("view", 403, "NRC_ACCESS_DENIED"),
        ("private", 404, "NRC_NO_RECORD"),
    ):
        paper = work.upload(folder, "Guarded", default_security=security)
        before = work.data(f"documents/{paper['id']}")
        error(other.request(method, path.format(paper["id"], folder=folder), **more), status, code)
        assert work.data(f"documents/{paper['id']}") == before
    held = work.upload(folder, "Held")
    work.request("POST", f"documents/{held['id']}/lock").raise_for_status()
    error(other.request(method, path.format(held["id"], folder=folder), **more), 409, "NRC_CHECKED_OUT")


def test_security_of_a_document(work: Worker, other: Worker, folder: str) -> None:
    paper = work.upload(folder, "Secret")
    path = f"documents/{paper['id']}"
    # Write access for everyone doesn't let everyone change who has access.
    error(other.request("PATCH", path, json={"default_security": "private"}), 403, "NRC_ACCESS_DENIED")
    assert patch(work, path, default_security="private")["default_security"] == "private"
    error(other.request("GET", path), 404, "NRC_NO_RECORD")
    assert work.data(path)["access"] == "full_access"
    trustee = [{"id": "bsmith", "access_level": "read"}]
    patch(work, path, user_trustees=trustee)
    assert other.data(path)["access"] == "read"
    person = {"type": "user", "allow_logon": True, "is_external": False}
    assert work.get(f"{path}/security") == {
        "default_security": "private",
        "data": [
            {"id": "BSMITH", "name": "BSMITH", "access_level": "read", "access": 1, **person},
            {"id": "DJONES", "name": "DJONES", "access_level": "full_access", "access": 3, **person},
        ],
    }
    patch(work, path, default_security="view", user_trustees=[])
    assert other.data(path)["access"] == "read"
    patch(work, path, default_security="inherit")
    assert other.data(path)["access"] == "read_write"
    assert work.data(f"{path}/security") == []
    patch(work, path, default_security="view", user_trustees=trustee)
    patch(work, path, default_security="public")
    assert other.data(path)["access"] == "read_write"
    assert work.history(paper["id"]).count("SECURITYCHANGE") == 6
    # /security reports the setting itself, the profile its effect.
    patch(work, path, default_security="inherited")
    assert work.get(f"{path}/security")["default_security"] == "inherit"
    assert work.data(path)["default_security"] == "public"


def test_a_trustee_with_full_access_changes_security(work: Worker, other: Worker, folder: str) -> None:
    trustee = [{"id": "BSMITH", "access_level": "full_access"}]
    paper = work.upload(folder, "Trusted", default_security="private", user_trustees=trustee)
    operations = other.data(f"documents/{paper['id']}/operations")
    assert operations["set_security"] is operations["delete"] is operations["move"] is True
    answer = other.request("PATCH", f"documents/{paper['id']}", json={"user_trustees": []})
    assert answer.status_code == 204
    # The owner keeps access; the trustee who removed their own entry has none.
    error(other.request("GET", f"documents/{paper['id']}"), 404, "NRC_NO_RECORD")
    assert work.data(f"documents/{paper['id']}")["access"] == "full_access"


# ---------------------------------------------------------------- folder


def move(work: Worker, folder: str, document: str, to: str, **more: Any) -> httpx.Response:
    body = {"destination_folder_id": to, **more}
    return work.request("POST", f"folders/{folder}/documents/{document}/move", json=body)


def test_a_document_is_moved_with_all_its_versions(
    work: Worker, other: Worker, space: str, folder: str
) -> None:
    hidden = work.folder(space, "Hidden", default_security="private")
    paper = work.upload(folder, "Mover")
    second = work.new_version(paper["id"], "Mover")
    answer = move(work, folder, paper["id"], hidden, audit={"comments": "Tidied up"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["parent_id"] == hidden
    assert children(work, folder) == []
    assert children(work, hidden) == ["Mover"]
    assert work.history(paper["id"])[0] == "MODIFY"
    assert work.items(f"documents/{paper['id']}/history")[0]["comments"] == "Tidied up"
    # It inherits: no one else sees it where it is now.
    for version in (paper, second):
        error(other.request("GET", f"documents/{version['id']}"), 404, "NRC_NO_RECORD")
    assert move(work, hidden, paper["id"], space).status_code == 200
    assert other.data(f"documents/{paper['id']}")["workspace_id"] == space
    assert work.get(f"folders/{hidden}/children", total="true")["total_count"] == 0


def test_its_own_security_moves_along(work: Worker, other: Worker, space: str, folder: str) -> None:
    paper = work.upload(folder, "Own", default_security="private")
    assert move(work, folder, paper["id"], space).status_code == 200
    error(other.request("GET", f"documents/{paper['id']}"), 404, "NRC_NO_RECORD")
    assert work.get(f"folders/{space}/children", total="true")["total_count"] == 2
    assert other.get(f"folders/{space}/children", total="true")["total_count"] == 1


def test_moves_that_are_none(work: Worker, other: Worker, space: str, folder: str) -> None:
    paper = work.upload(folder, "Here")
    assert move(work, folder, paper["id"], folder).status_code == 200
    error(move(work, space, paper["id"], space), 400, "NRC_INVALID_PROFILE")
    error(move(work, folder, paper["id"], "ACTIVE!99999"), 404, "NRC_NO_RECORD")
    error(move(work, folder, "ACTIVE!99999.1", space), 404, "NRC_NO_RECORD")
    answer = work.request("POST", f"folders/{folder}/documents/{paper['id']}/move", json={})
    error(answer, 400, "NRC_INVALID_PROFILE")
    shown = work.workspace("Shown", default_security="view")
    error(move(other, folder, paper["id"], shown), 403, "NRC_ACCESS_DENIED")
    fixed = work.upload(shown, "Fixed", default_security="public")
    error(move(other, shown, fixed["id"], folder), 403, "NRC_ACCESS_DENIED")
    assert children(work, folder) == ["Here"]
