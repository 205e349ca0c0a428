"""What public programs for iManage Work requested of this server and read from its answers, in cases that were once
refused or wrong. Each test follows one kind of client, as observed when the client itself ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.server import ServerProcess
from tests.support.work import CUSTOMER, LIBRARY, MOMENT, PASSWORD, Worker, add_person, error

Json = dict[str, Any]

OLDEST = "/api/v2/customers/1/libraries/ACTIVE"


@pytest.fixture(scope="module")
def matter(server: ServerProcess) -> Json:
    """A workspace with a folder of two documents, one of which has three versions."""
    add_person(server, "BSMITH")
    with Worker(server) as work:
        space = work.workspace("Smith v. Jones", description="A dispute")
        folder = work.folder(space, "Papers")
        work.folder(folder, "Drafts")
        letter = work.upload(folder, "Letter", b"one", "docx")
        for content in (b"two", b"three"):
            letter = work.new_version(letter["id"], "Letter", content, "docx", comment="By courier")
        work.upload(folder, "Courier receipt", b"%PDF", "pdf")
        work.upload(space, "Loose", b"loose", "txt")
    return {"space": space, "folder": folder, "number": letter["document_number"]}


@pytest.fixture
def work(server: ServerProcess, matter: Json) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker


def names(items: list[Json]) -> list[str]:
    return sorted(item["name"] for item in items)


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


# ---------------------------------------------------------------- documents


@pytest.mark.parametrize("asked", ["v1", "1", "V1"])
def test_a_client_downloads_another_version_than_its_id_names(work: Worker, matter: Json, asked: str) -> None:
    """A client in Ruby sends the id of the last version with ``version=v1``, one in TypeScript ``version=1``."""
    number = matter["number"]
    assert work.download(f"ACTIVE!{number}.3", version=asked).content == b"one"
    assert work.download(f"ACTIVE!{number}.3").content == b"three"
    assert work.download(f"ACTIVE!{number}.1", version="").content == b"one"
    assert work.download(f"ACTIVE!{number}.1", version=asked, latest="true").content == b"three"
    error(work.download(f"ACTIVE!{number}.3", version="v4"), 404, "NRC_NO_RECORD")
    history = work.items(f"documents/ACTIVE!{number}.1/history")
    assert history[0]["activity"] == "VIEW"


def test_a_client_reads_the_versions_and_the_history(work: Worker, matter: Json) -> None:
    """This is how a service in TypeScript deletes a document, version by version."""
    versions = work.data(f"documents/ACTIVE!{matter['number']}.3/history/versions")
    assert [(one["version"], one["extension"], one["size"]) for one in versions] == [
        (3, "docx", 5),
        (2, "docx", 3),
        (1, "docx", 3),
    ]
    assert versions == work.data(f"documents/ACTIVE!{matter['number']}.3/versions")


def test_a_client_deletes_version_by_version(work: Worker, matter: Json) -> None:
    """The same service only counts answers with status 200."""
    made = work.upload(matter["folder"], "To go", b"one", "pdf")
    work.new_version(made["id"], "To go", b"two", "pdf")
    for version in work.data(f"documents/{made['id']}/history/versions"):
        answer = work.request("DELETE", f"documents/{version['id']}")
        assert (answer.status_code, answer.json()) == (200, {"data": {}})
        error(work.request("GET", f"documents/{version['id']}"), 404, "NRC_NO_RECORD")
    assert names(work.items("documents", name="To go")) == []


def test_a_client_asks_by_the_ending(work: Worker, matter: Json) -> None:
    """A connector in TypeScript offers this as an option of its search."""
    assert names(work.items("documents", extension="docx", limit=25, offset=0)) == ["Letter"]
    assert names(work.items("documents", extension=".PDF, docx")) == ["Courier receipt", "Letter"]
    assert names(work.items("documents", extension="doc")) == []
    assert work.get("documents", extension="pdf", total="true")["total_count"] == 1
    children = work.items(f"folders/{matter['folder']}/children", extension="pdf")
    assert names(children) == ["Courier receipt"]


def test_a_client_asks_for_words_of_the_name_or_the_comment(work: Worker) -> None:
    """A client in C# has this filter next to the one for the name."""
    for words, found in (("courier", ["Courier receipt", "Letter"]), ("letter courier", ["Letter"])):
        body = {"limit": 9, "filters": {"name_comments": words}}
        answer = work.request("POST", "documents/search", json=body).json()
        assert names(answer["data"]) == found
        assert answer["overflow"] is False


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("documents", "create_date", "-1:months"),
        ("documents", "edit_date_relative", "-1:d"),
        ("documents", "custom21_relative", "-1:d"),
        ("documents", "owner", "NOBODY"),
        ("documents", "user", "NOBODY"),
        ("workspaces", "create_date", "-1:months"),
        ("folders", "workspace_name", "Nowhere"),
    ],
)
def test_a_filter_that_is_not_served_is_never_passed_over(
    work: Worker, kind: str, name: str, value: str
) -> None:
    """Clients in Go and C# have all of these; the answer to them used to be everything."""
    for path in (f"{LIBRARY}/{kind}", f"{CUSTOMER}/{kind}"):
        found = error(work.request("GET", path, params={name: value}), 400, "NRC_INDEX_UNAVAILABLE")
        assert found["messages"][0]["field"] == name
    body = {"filters": {name: value}}
    error(work.request("POST", f"{kind}/search", json=body), 400, "NRC_INDEX_UNAVAILABLE")


def test_documents_say_that_they_are_under_no_health_rule(work: Worker, matter: Json) -> None:
    """A library in Go and a client in Ruby read this from every document."""
    assert all(item["is_hipaa"] is False for item in work.items("documents"))
    assert work.data(f"documents/ACTIVE!{matter['number']}.3")["is_hipaa"] is False


@pytest.mark.parametrize("zone", ["+02.00", "+02:00", " 02:00", "-00.30", "Z"])
def test_a_moment_is_read_in_all_documented_forms(work: Worker, matter: Json, zone: str) -> None:
    """The protocol's own format has a dot in the zone; a program that escapes nothing sends a space for the plus."""
    here: Json = {"container_id": matter["folder"]}
    assert work.items("documents", edit_date_from=f"2099-10-29T11:44:24.229{zone}", **here) == []
    found = work.items("documents", edit_date_to=f"2099-10-29T11:44:24.229{zone}", **here)
    assert names(found) == ["Courier receipt", "Letter"]
    history = f"documents/ACTIVE!{matter['number']}.3/history"
    assert work.items(history, activity_date_start=f"2099-10-29T11:44:24.229{zone}") == []


def test_a_client_changes_the_comments(work: Worker, matter: Json) -> None:
    """A script in Python uses the plural, and only checks the status of the answer."""
    path = f"documents/ACTIVE!{matter['number']}.1"
    for body, comment in (
        ({"comments": "Read by both"}, "Read by both"),
        ({"doc_profile": {"comments": "Theirs", "comment": "Ours"}}, "Ours"),
        ({"comments": ""}, None),
    ):
        work.request("PATCH", path, json=body).raise_for_status()
        assert work.data(path).get("comment") == comment


def test_a_client_searches_by_another_address(work: Worker, matter: Json) -> None:
    """A web application in Python takes the first entry of a simple list."""
    found = work.data(f"{OLDEST}/documents/search", document_number=matter["number"])
    assert [one["id"] for one in found] == [f"ACTIVE!{matter['number']}.3"]
    found = work.get(f"{OLDEST}/workspaces/search", name="Smith v. Jones", total="true")
    assert (found["data"][0]["id"], found["total_count"]) == (matter["space"], 1)
    pages = list(work.pages(f"{OLDEST}/documents/search", extension="docx,pdf", limit=1))
    assert [len(page) for page in pages] == [1, 1]
    error(work.request("GET", "documents/search", params={"body": "x"}), 400, "NRC_INDEX_UNAVAILABLE")


def test_a_client_puts_the_files_name_behind_the_download(work: Worker, matter: Json) -> None:
    """The web client's addresses look like this."""
    path = f"/work/web/api/v2/customers/1/libraries/ACTIVE/documents/ACTIVE!{matter['number']}.2/download"
    answer = work.request("GET", f"{path}/Letter.docx", params={"activity": "export"})
    assert (answer.status_code, answer.content) == (200, b"two")
    assert work.history(f"ACTIVE!{matter['number']}.2")[0] == "EXPORT"
    assert work.request("HEAD", f"{path}/Letter.docx").headers["content-length"] == "3"


# ---------------------------------------------------------------- who sees a document


def test_a_document_says_what_it_inherits(work: Worker) -> None:
    """Clients in C# and TypeScript know three words for a document's security, and stop at any other."""
    space = work.workspace("Three words")
    folder = work.folder(space, "F")
    made = work.upload(folder, "Paper", b"x", default_security="inherit")
    assert made["default_security"] == "public"
    path = f"documents/{made['id']}"
    for word in ("view", "private", "public"):
        work.request("PATCH", f"folders/{folder}", json={"default_security": word}).raise_for_status()
        assert work.data(path)["default_security"] == word
        assert work.items(f"folders/{folder}/children")[0]["default_security"] == word
        assert work.items("documents", name="paper")[0]["default_security"] == word
        assert work.get(f"{path}/security")["default_security"] == "inherit"


def test_a_profile_sent_back_unchanged_changes_no_access(work: Worker, server: ServerProcess) -> None:
    """A client in C# sends the whole profile to change a name, even for a user who only has write access."""
    space = work.workspace("Sent back")
    folder = work.folder(space, "F")
    path = f"documents/{work.upload(folder, 'Paper', b'x')['id']}"
    with Worker(server, add_person(server, "WRITER")) as writer:
        for what, name in ((path, "Paper 2"), (f"folders/{folder}", "F 2"), (f"workspaces/{space}", "Sent")):
            read = writer.data(what)
            answer = writer.request("PATCH", what, json=read | {"name": name})
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"]["name"] == name
            # Changing the word takes full access.
            changed = {"default_security": "private"}
            error(writer.request("PATCH", what, json=changed), 403, "NRC_ACCESS_DENIED")
        assert "SECURITYCHANGE" not in work.history(path.partition("/")[2])
        # The document inherits as before.
        work.request("PATCH", f"folders/{folder}", json={"default_security": "private"}).raise_for_status()
        error(writer.request("GET", path), 404, "NRC_NO_RECORD")


def test_a_document_keeps_the_word_that_is_said_with_names(work: Worker, server: ServerProcess) -> None:
    """A request that names people along with the word sets who sees the document, even if it already has that word."""
    folder = work.folder(work.workspace("Its own"), "F", default_security="private")
    path = f"documents/{work.upload(folder, 'Paper', b'x')['id']}"
    body = {"default_security": "private", "user_trustees": []}
    work.request("PATCH", path, json=body).raise_for_status()
    assert work.get(f"{path}/security")["default_security"] == "private"
    work.request("PATCH", f"folders/{folder}", json={"default_security": "public"}).raise_for_status()
    assert work.data(path)["default_security"] == "private"
    with Worker(server, add_person(server, "READER")) as reader:
        error(reader.request("GET", path), 404, "NRC_NO_RECORD")
