"""What public clients of iManage Work request, one call after the other and in their own ways, and the answers.

Each test follows one kind of client: its base path, its headers, its parameters, what it reads from the answers.
"""

from __future__ import annotations

import json

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.public_clients import (
    ACTIVITY,
    DOCUMENT,
    FOLDER,
    OPERATIONS,
    SHORTCUT,
    WORKSPACE,
    Client,
    Json,
    has,
    items,
)
from tests.support.users.work import MOMENT, Worker, add_person, error


@pytest.fixture(scope="module")
def matter(server: ServerProcess) -> Json:
    """A workspace with a folder and documents of DJONES's, which BSMITH and the clients may use."""
    add_person(server, "BSMITH")
    with Worker(server) as work:
        space = work.workspace("Smith v. Jones", description="A dispute")
        folder = work.folder(space, "Correspondence")
        paper = work.upload(folder, "Assessment Result", b"one", "docx", comment="First")
        second = work.new_version(paper["id"], "Assessment Result", b"two", "docx")
        other = work.upload(folder, "Letter", b"three", "pdf")
        work.upload(space, "At the top", b"four", "txt")
        work.request("POST", "my-favorites/children", json={"target_id": folder}).raise_for_status()
    return {"space": space, "folder": folder, "first": paper, "second": second, "other": other}


def test_a_client_in_go(server: ServerProcess, matter: Json) -> None:
    """Sign-in, discovery, libraries, searches by offset with a total, children by cursor, profile, download, history,
    renewal without a client id, revoking."""
    with Client(server, client_id="app", client_secret="secret", scope="user") as client:
        data = client.get("/api")["data"]
        assert data["user"]["id"] == "BSMITH"
        assert type(data["user"]["customer_id"]) is int
        version = next(v for v in data["versions"] if v["name"] == "v2")
        library = data["work"]["preferred_library"]
        assert library in [entry["alias"] for entry in data["work"]["libraries"]]
        customer = f"{version['url']}/customers/{data['user']['customer_id']}"
        client.base = f"{customer}/libraries/{library}"
        assert client.get(f"{customer}/libraries")["data"][0]["type"] == "worksite"
        spaces = client.get("workspaces", name="smith", limit=10, offset=0, total="true")
        assert spaces["total_count"] == len(spaces["data"]["results"]) == 1
        space = spaces["data"]["results"][0]
        has(space, WORKSPACE)
        assert space["description"] == "A dispute"
        assert client.get(f"workspaces/{space['id']}")["data"] == space
        rights = client.get(f"workspaces/{space['id']}/operations")["data"]
        assert all(type(value) is bool for key, value in rights.items() if key != "default_security_values")
        children = []
        params: Json = {"paging_mode": "standard_cursor", "limit": 1}
        while True:
            page = client.get(f"workspaces/{space['id']}/children", **params)
            children += page["data"]
            if "cursor" not in page:
                break
            params["cursor"] = page["cursor"]
        assert [child["wstype"] for child in children] == ["folder", "document"]
        has(children[0], FOLDER)
        has(children[1], DOCUMENT)
        found = client.get("documents", name="assessment", limit=10, offset=0, total="true")
        assert found["total_count"] == 1
        paper = found["data"]["results"][0]
        profile = client.get(f"documents/{paper['id']}", include_operations="true", is_latest="true")["data"]
        has(profile, DOCUMENT | {"is_latest": True, "latest": "2", "latest_version": 2, "operations": dict})
        assert sorted(profile["operations"]) == list(OPERATIONS)
        content = client.http.get(
            f"{client.base}/documents/{paper['id']}/download", params={"activity": "export"}
        )
        assert content.content == b"two"
        assert 'filename="Assessment Result.docx"' in content.headers["content-disposition"]
        history = client.get(
            f"documents/{paper['id']}/history", activity="download", limit=50, offset=0, total="true",
            timezone_offset=-60,
        )  # fmt: skip
        assert history["total_count"] == len(history["data"])
        has(history["data"][0], ACTIVITY | {"activity": "EXPORT", "user": "BSMITH"})
        renewed = client.http.post(
            "/auth/oauth2/token",
            data={"grant_type": "refresh_token", "refresh_token": client.tokens["refresh_token"]},
        )
        assert set(client.tokens) <= set(renewed.json())
        client.http.headers["X-Auth-Token"] = renewed.json()["access_token"]
        assert client.get("recent-documents")["data"]["results"][0]["id"] == paper["id"]
        form = {"access_token": renewed.json()["access_token"]}
        assert client.http.post("/auth/oauth2/revoke-token", data=form).status_code == 200
        error(client.http.get("/api"), 401, "NRC_TOKEN_INVALID")


def test_an_integration_in_csharp(server: ServerProcess, matter: Json) -> None:
    """Creates folders, uploads documents with bare part names, locks, replaces, changes, moves and deletes them; reads
    lists from ``data.results`` or ``data``, whichever there is."""
    with Client(server, client_id="app", client_secret="secret", scope="admin") as client:
        client.base = f"{server.url}/work/api/v2/customers/1/libraries/ACTIVE"
        made = client.http.post(
            f"{client.base}/folders/{matter['folder']}/subfolders",
            json={"name": "Drafts", "default_security": "inherit", "user_trustees": [], "group_trustees": []},
        )
        assert made.status_code == 201
        folder = made.json()["data"]
        has(folder, FOLDER)
        profile = {
            "warnings_for_required_and_disabled_fields": True,
            "keep_locked": False,
            "doc_profile": {"name": "NDA", "extension": "docx", "type": "WORDX", "size": 3, "class": "DOC",
                            "author": "BSMITH", "operator": "BSMITH", "default_security": "inherit"},
            "user_trustees": [], "group_trustees": [],
        }  # fmt: skip
        sent = client.http.post(
            f"{client.base}/folders/{folder['id']}/documents",
            content=_bare_form(profile, b"nda"),
            headers={"Content-Type": "multipart/form-data; boundary=xyz"},
        )
        assert sent.status_code == 201
        body = sent.json()
        assert body["warnings"] == []
        paper = body["data"]
        has(paper, DOCUMENT | {"name": "NDA", "size": 3, "version": 1})
        listed = client.get(f"folders/{folder['id']}/documents")
        assert [d["id"] for d in items(listed)] == [paper["id"]]
        lock = client.http.post(f"{client.base}/documents/{paper['id']}/lock", json={"path": "C:\\x"})
        assert lock.json()["data"]["is_checked_out"] is True
        out = client.get("documents/checked-out", limit=25, offset=0, total="true")
        assert out["total_count"] == len(out["data"]) == 1
        has(out["data"][0], DOCUMENT | {"in_use": True, "in_use_by": "BSMITH", "checkout_date": MOMENT})
        version = client.http.post(
            f"{client.base}/documents/{paper['id']}/versions",
            content=_bare_form({"doc_profile": {"name": "NDA"}}, b"nda 2"),
            headers={"Content-Type": "multipart/form-data; boundary=xyz"},
        )
        assert version.status_code == 201
        second = version.json()["data"]
        assert (second["document_number"], second["version"]) == (paper["document_number"], 2)
        assert client.get("documents/checked-out")["data"] == []
        replaced = client.http.put(
            f"{client.base}/documents/{second['id']}/file",
            content=_bare_form({"keep_locked": False}, b"nda two"),
            headers={"Content-Type": "multipart/form-data; boundary=xyz"},
        )
        assert replaced.status_code == 200
        changed = client.http.patch(
            f"{client.base}/documents/{second['id']}", json={"doc_profile": {"name": "N"}}
        )
        has(changed.json()["data"], DOCUMENT | {"name": "N", "size": 7})
        versions = client.get(f"documents/{second['id']}/versions")
        assert [v["version"] for v in versions["data"]] == [2, 1]
        assert client.get(f"documents/{second['id']}/operations")["data"]["delete"] is True
        posted = client.http.post(
            f"{client.base}/documents/search", json={"limit": 5, "filters": {"name": "N*"}}
        ).json()
        assert type(posted["overflow"]) is bool
        assert second["id"] in [d["id"] for d in posted["data"]]
        summary = client.get(f"documents/{second['id']}/history/activities")["data"]
        assert {"MODIFY", "PROFILEEDIT", "NEWDOCVER"} <= {line["alias"] for line in summary}
        moved = client.http.post(
            f"{client.base}/folders/{folder['id']}/documents/{second['id']}/move",
            json={"destination_folder_id": matter["folder"], "destination_id": matter["folder"],
                  "update_profile": False, "update_security": False, "audit": {"comments": "x"}},
        )  # fmt: skip
        assert moved.status_code == 200
        for gone in (second, paper):
            assert client.http.delete(f"{client.base}/documents/{gone['id']}").is_success
        renamed = client.http.patch(f"{client.base}/folders/{folder['id']}", json={"name": "Old drafts"})
        assert renamed.json()["data"]["name"] == "Old drafts"
        assert client.http.delete(f"{client.base}/folders/{folder['id']}").is_success
        error(client.http.get(f"{client.base}/folders/{folder['id']}"), 404, "NRC_NO_RECORD")


def _bare_form(profile: Json, content: bytes) -> bytes:
    said = "Content-Type: application/json; charset=utf-8\r\nContent-Disposition: form-data; name=profile"
    file = "Content-Disposition: form-data; name=file; filename=nda.docx; filename*=utf-8''nda.docx"
    head = f"--xyz\r\n{said}\r\n\r\n{json.dumps(profile)}\r\n--xyz\r\n{file}\r\n\r\n"
    return head.encode() + content + b"\r\n--xyz--\r\n"


def test_a_node_of_an_automation(server: ServerProcess, matter: Json) -> None:
    """Reads the base from discovery; lists of all libraries; ``anywhere``; unknown parameters."""
    with Client(server, client_id="n8n", client_secret="x") as client:
        data = client.get("/work/api")["data"]
        base = next(v["url"] for v in data["versions"] if v["name"] == "v2").rstrip("/")
        customer = f"{base}/customers/{data['user']['customer_id']}"
        client.base = f"{customer}/libraries/{data['work']['preferred_library']}"
        spaces = client.get(f"{customer}/workspaces", limit=100, libraries="ACTIVE", some_new_thing="yes")
        assert matter["space"] in [space["id"] for space in items(spaces)]
        children = client.get(f"workspaces/{matter['space']}/children", children_type="all", limit=9999)
        assert {child["wstype"] for child in items(children)} == {"folder", "document"}
        folders = client.get("folders/search", anywhere="correspondence", limit=10)
        assert [folder["id"] for folder in items(folders)] == [matter["folder"]]
        documents = client.get("documents", anywhere="assessment result", limit=10, offset=0, total="true")
        assert [paper["id"] for paper in items(documents)] == [matter["second"]["id"]]
        content = client.http.get(f"{client.base}/documents/{matter['first']['id']}/download?latest=true")
        assert content.content == b"two"
        recent = client.get(f"{customer}/recent-documents", limit=5)
        has(items(recent)[0], DOCUMENT)
        spaces = client.get(f"{customer}/recent-workspaces")
        has(items(spaces)[0], WORKSPACE)


def test_a_client_that_appends_its_paging_to_every_address(server: ServerProcess, matter: Json) -> None:
    """``?total=true&offset=0&limit=50`` even after another query, so that values end in a question mark."""
    tail = "?total=true&offset=0&limit=50"
    with Client(server, client_id="web", client_secret="ignore") as client:
        client.base = "/api/v2/customers/1/libraries/ACTIVE"
        assert client.tokens["access_token"].isalnum(), "it goes into addresses"
        spaces = client.get(f"workspaces?name=smith{tail}")
        assert spaces["total_count"] == 1
        kinds = client.get(f"types?app_extension=docx{tail}")
        assert [kind["id"] for kind in kinds["data"]] == ["WORDX"]
        found = client.get(f"documents?latest=true{tail}&name=assessment")
        assert [paper["version"] for paper in items(found)] == [2]
        posted = client.http.post(
            f"{client.base}/recent-workspaces{tail}",
            json={"profile_fields": {"workspace": ["id", "name", "wstype", "activity_date"]}},
        )
        assert posted.status_code == 200
        favorites = client.get(f"my-favorites/children{tail}")
        assert favorites["total_count"] == len(favorites["data"])
        guest = client.http.post(
            "/auth/oauth2/token", data={"grant_type": "password", "username": "x", "password": "y"}
        )
        assert guest.status_code == 401
        assert guest.json()["error"]["message"] == "User ID or Password is incorrect"
        lost = client.http.get(f"{client.base}/workspaces", headers={"X-Auth-Token": "old"})
        assert lost.json()["error"]["message"] == "X-Auth-Token is invalid or missing"


def test_the_calls_of_the_web_client(server: ServerProcess, matter: Json) -> None:
    """Its own base; versions with a total, the path, rights, pairs."""
    with Client(server) as client:
        client.base = "/work/web/api/v2/customers/1/libraries/ACTIVE"
        document = matter["first"]["id"]
        versions = client.get(f"documents/{document}/versions", limit=25, offset=0, total="true")
        assert versions["total_count"] == len(versions["data"]) == 2
        for version in versions["data"]:
            has(version, DOCUMENT)
        ways = client.get(f"documents/{document}/path")["data"]
        assert [[step["wstype"] for step in way] for way in ways] == [["workspace", "folder"]]
        has(ways[0][0], WORKSPACE)
        has(ways[0][1], FOLDER)
        assert set(client.get(f"documents/{document}/operations")["data"]) == set(OPERATIONS)
        assert client.get(f"documents/{document}/name-value-pairs")["data"] == {}
        head = client.http.head(f"{client.base}/documents/{document}/download")
        assert head.headers["content-length"] == "3"


def test_a_script_in_ruby(server: ServerProcess, matter: Json) -> None:
    """My Matters, worklist, favourites with ``limit=500``; also requests the profile of a document shortcut."""
    with Client(server) as client:
        client.base = "/api/v2/customers/1/libraries/ACTIVE"
        space = client.http.post(f"{client.base}/workspaces", json={"name": "Of mine"}).json()["data"]
        matters = client.get("users/BSMITH/my-matters/children", exclude_emails="true")
        has(matters["data"][0], SHORTCUT | {"wstype": "workspace_shortcut"})
        assert matters["data"][0]["target"]["id"] == space["id"]
        for target in (matter["folder"], matter["other"]["id"]):
            body = {"target_id": target}
            client.http.post(f"{client.base}/my-favorites/children", json=body).raise_for_status()
        favorites = client.get("my-favorites/children", limit=500)["data"]
        assert sorted(f["wstype"] for f in favorites) == ["document_shortcut", "folder_shortcut"]
        for favorite in favorites:
            has(favorite, SHORTCUT)
            target = favorite["target"]
            kind = "documents" if target["wstype"] == "document" else "folders"
            assert client.get(f"{kind}/{target['id']}")["data"]["name"] == target["name"]
        upload = client.http.post(
            f"{client.base}/folders/{space['id']}/documents",
            files={
                "profile": (None, json.dumps({"doc_profile": {"name": "Ruby", "extension": "PDF"}})),
                "file": b"x",
            },
        )
        assert upload.status_code == 201
        assert (upload.json()["data"]["document_number"], upload.json()["data"]["version"]) != (None, None)
        worklist = client.get("recent-documents")["data"]["results"]
        assert worklist[0]["name"] == "Ruby"


def test_an_add_in_of_outlook(server: ServerProcess, matter: Json) -> None:
    """``Authorization: Bearer``, creating folders in workspaces, changing profiles with ``PATCH``, reading security."""
    with Client(server, "Authorization") as client:
        client.base = f"{server.url}/work/api/v2/customers/1/libraries/ACTIVE"
        made = client.http.post(f"{client.base}/workspaces/{matter['space']}/folders", json={"name": "Mail"})
        assert made.status_code == 201
        folder = made.json()["data"]["id"]
        mail = b"From: a@example.test\r\nTo: b@example.test\r\nSubject: Offer\r\n\r\nText"
        sent = client.http.post(
            f"{client.base}/folders/{folder}/documents",
            files={
                "profile": ("profile.json", json.dumps({"doc_profile": {"name": "Offer", "extension": "EML"}}),
                            "application/json"),
                "file": ("Offer.eml", mail, "message/rfc822"),
            },
        )  # fmt: skip
        assert sent.status_code == 201
        paper = sent.json()["data"]
        assert paper["extension"].lower() == "eml"
        assert (paper["from"], paper["to"], paper["subject"]) == ("a@example.test", "b@example.test", "Offer")
        history = client.get(f"documents/{paper['id']}/history/users")["data"]
        assert [(h["id"], h["activity_count"]) for h in history] == [("BSMITH", 1)]
        assert client.get(f"documents/{paper['id']}/security")["default_security"] == "inherit"
        patched = client.http.patch(f"{client.base}/documents/{paper['id']}", json={"comment": "Filed"})
        assert patched.json()["data"]["comment"] == "Filed"
