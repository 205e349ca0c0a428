"""What public programs for iManage Work requested of this server, its people and its folders, in cases that were once
refused or wrong. Each test follows one kind of client, as observed when the client itself ran."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.public_clients import OLDEST, Json, make_matter, names
from tests.support.users.work import CUSTOMER, LIBRARY, MOMENT, PASSWORD, Worker, add_person, error


@pytest.fixture(scope="module")
def matter(server: ServerProcess) -> Json:
    return make_matter(server)


@pytest.fixture
def work(server: ServerProcess, matter: Json) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker


# ---------------------------------------------------------------- whether the server is up


@pytest.mark.parametrize("base", ["/work/api/v2", "/work/web/api/v2", "/api/v2"])
def test_a_client_looks_whether_the_server_is_there(work: Worker, base: str) -> None:
    """A library in Go pings; a server in Python asks for the features before it reports that it is connected."""
    assert work.request("GET", f"{base}/customers/1/ping").status_code == 200
    features = work.data(f"{base}/customers/1/features")
    assert features == {"multi_lang_document_search": False}
    with work.server.guest() as guest:
        error(guest.get(f"{base}/customers/1/ping"), 401, "NRC_TOKEN_INVALID")


def test_a_client_asks_for_the_library_itself(work: Worker) -> None:
    """This is how a service in Python tests its sign-in."""
    library = work.data(OLDEST)
    assert (library["id"], library["type"], library["is_hidden"]) == ("ACTIVE", "worksite", False)
    assert [library] == work.data(f"{CUSTOMER}/libraries")
    error(work.request("GET", f"{CUSTOMER}/libraries/OTHER"), 404, "NRC_NO_RECORD")
    error(work.request("GET", CUSTOMER), 404, "NRC_NO_RECORD")


def test_a_client_puts_two_slashes_before_the_library(work: Worker) -> None:
    """A client in C# does this for classes and subclasses, and for nothing else."""
    double = f"{CUSTOMER}//libraries/ACTIVE"
    assert work.items(f"{double}/classes") == work.items(f"{LIBRARY}/classes")
    assert work.items(f"{double}/classes/DOC/subclasses") == []
    error(work.request("GET", f"{CUSTOMER}//libraries/OTHER/classes"), 404, "NRC_NO_RECORD")


# ---------------------------------------------------------------- signing in and out


def test_a_client_signs_in_the_first_way(server: ServerProcess, matter: Json) -> None:
    """Clients in Ruby and Python do this, and continue with the calls of the second version."""
    with server.guest() as guest:
        form = {"user_id": "BSMITH", "password": PASSWORD, "persona": "user"}
        answer = guest.put("/api/v1/session/login", json=form)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert body["customer_id"] == 1
        bearer = {"Authorization": f"Bearer {body['X-Auth-Token']}"}
        assert guest.get("/api", headers=bearer).json()["data"]["user"]["id"] == "BSMITH"
        wrong = guest.put("/api/v1/session/login", json=form | {"password": "wrong"})
        assert wrong.status_code == 401
        assert wrong.json()["error"]["message"] == "User ID or Password is incorrect"
        assert guest.put("/api/v1/session/login", content=b"[").status_code == 401
        guest.get("/auth/logout", headers=bearer)
        assert guest.get("/api", headers=bearer).status_code == 401


def test_a_client_signs_out_without_its_token(server: ServerProcess) -> None:
    """A script in Python does this, and handles any answer but success as a refused sign-in."""
    with server.guest() as guest:
        assert guest.get("/auth/logout").status_code == 200
        assert guest.get("/auth/logout", headers={"X-Auth-Token": "gone"}).status_code == 200


# ---------------------------------------------------------------- people


def test_a_client_reads_people_and_their_libraries(work: Worker) -> None:
    """A library in Go and a client in C#: who may sign in, and which library is theirs."""
    page = work.get(f"{CUSTOMER}/users", limit=50, total="true")
    assert page["total_count"] == len(page["data"]) >= 2
    for person in page["data"]:
        assert person["allow_logon"] is True
        assert person["is_external"] is False
        assert person["preferred_library"] == "ACTIVE"
        assert MOMENT.fullmatch(person["create_date"])
        assert "libraries" not in person
    mine = [{"id": "ACTIVE", "library_id": 1, "preferred": True}]
    assert work.data(f"{CUSTOMER}/users/bsmith", include_libraries="true")["libraries"] == mine
    answer = work.get(f"{CUSTOMER}/users/BSMITH/libraries", limit=0, offset=0, total="true")
    assert answer == {"data": mine, "total_count": 1}
    error(work.request("GET", f"{CUSTOMER}/users/NOBODY/libraries"), 404, "NRC_NO_RECORD")


def test_a_client_asks_who_it_is(work: Worker, server: ServerProcess) -> None:
    """A web application in Python does this, and reads the id, and the full name of others."""
    assert work.data(f"{OLDEST}/users/me")["id"] == "DJONES"
    assert work.data(f"{OLDEST}/users/BSMITH")["full_name"] == "BSMITH"
    with Worker(server, add_person(server, "ME")) as person:
        assert person.data(f"{CUSTOMER}/users/me")["id"] == "ME"


# ---------------------------------------------------------------- containers


def test_a_client_reads_a_workspace_as_it_reads_a_document(work: Worker, matter: Json) -> None:
    """A library in Go stops at an invalid date, and takes a missing one for the year 1."""
    for space in (
        work.data(f"workspaces/{matter['space']}"),
        work.items(f"{CUSTOMER}/workspaces", name="smith")[0],
    ):
        for date in ("create_date", "edit_date", "edit_profile_date", "file_create_date", "file_edit_date"):
            assert MOMENT.fullmatch(space[date]), date
        for person in ("author", "operator", "owner"):
            assert (space[person], space[f"{person}_description"]) == ("DJONES", "DJONES")
        for flag in ("is_checked_out", "in_use", "is_hipaa", "is_declared", "is_external"):
            assert space[flag] is False, flag
        assert (space["size"], space["version"], space["indexable"]) == (0, 1, True)


def test_a_client_asks_for_a_workspaces_documents(work: Worker, matter: Json) -> None:
    """Several do this, one of them in Python, with the exclamation mark of the id escaped."""
    for path in (matter["space"], matter["space"].replace("!", "%21")):
        assert names(work.data(f"{OLDEST}/workspaces/{path}/documents")) == ["Loose"]
    error(work.request("GET", f"workspaces/{matter['folder']}/documents"), 404, "NRC_NO_RECORD")


def test_a_client_reads_what_programs_keep_about_containers(work: Worker, matter: Json) -> None:
    """Two clients in C# expect an object, even if there is nothing in it."""
    for path in (f"folders/{matter['folder']}", f"workspaces/{matter['space']}"):
        assert work.data(f"{path}/name-value-pairs") == {}
    error(work.request("GET", "folders/ACTIVE!999999/name-value-pairs"), 404, "NRC_NO_RECORD")


def test_a_librarys_folders_are_a_simple_list_for_old_clients(work: Worker) -> None:
    """A client in C# and a script in Python, on the oldest base path, iterate over ``data``; a library in Go, on the
    newer one, over ``data.results``."""
    folders = work.data(f"{OLDEST}/folders")
    filled = {folder["name"]: folder["has_documents"] for folder in folders}
    assert (filled["Drafts"], filled["Papers"]) == (False, True)
    for path in (
        f"{LIBRARY}/folders",
        f"{CUSTOMER}/folders",
        "/api/v2/customers/1/folders",
        f"{OLDEST}/folders/search",
    ):
        assert work.data(path) == {"results": folders}, path


def test_a_client_asks_for_folders_by_their_ids(work: Worker, matter: Json) -> None:
    asked = f"{matter['folder']}, {matter['folder'].lower()}"
    assert names(work.items("folders", include_ids=asked)) == ["Papers"]
    posted = work.request("POST", "folders/search", json={"filters": {"include_ids": matter["folder"]}})
    assert names(posted.json()["data"]) == ["Papers"]
    error(work.request("GET", "folders", params={"include_ids": "7"}), 404, "NRC_NO_RECORD")


def test_a_client_reads_the_way_to_a_folder(work: Worker, matter: Json) -> None:
    """A library in Go and a web application in Python read one path for a folder, and several for a document."""
    drafts = next(item for item in work.data(f"{OLDEST}/folders") if item["name"] == "Drafts")
    way = work.data(f"{OLDEST}/folders/{drafts['id']}/path")
    assert "/".join(step["name"] for step in way) == "Smith v. Jones/Papers"
    assert [step["wstype"] for step in way] == ["workspace", "folder"]
    document = work.data(f"{OLDEST}/documents/ACTIVE!{matter['number']}.3/path")[0]
    assert document[-1]["id"] == matter["folder"]


def test_a_client_reads_who_may_do_what(work: Worker, matter: Json) -> None:
    """A library in Go and a web application in Python: people with a number and a word, and one word for the
    rest."""
    space = work.workspace(
        "Named", default_security="private", user_trustees=[{"id": "BSMITH", "access": "read"}]
    )
    folder = work.folder(space, "F")
    paper = work.upload(folder, "Paper")["id"]
    for path, word in (
        (f"workspaces/{space}", "private"),
        (f"folders/{folder}", "inherit"),
        (f"documents/{paper}", "inherit"),
    ):
        answer = work.get(f"{path}/security")
        assert answer["default_security"] == word
        people = [(one["id"], one["type"], one["access"], one["access_level"]) for one in answer["data"]]
        assert people == [("BSMITH", "user", 1, "read"), ("DJONES", "user", 3, "full_access")]
    assert work.get(f"workspaces/{matter['space']}/security") == {"data": [], "default_security": "public"}
