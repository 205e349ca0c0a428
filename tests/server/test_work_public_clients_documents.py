"""What public programs for iManage Work requested of documents, in cases that were once refused or wrong. Each test
follows one kind of client, as observed when the client itself ran."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.public_clients import OLDEST, Json, make_matter, names
from tests.support.users.work import CUSTOMER, LIBRARY, Worker, add_person, error


@pytest.fixture(scope="module")
def matter(server: ServerProcess) -> Json:
    return make_matter(server)


@pytest.fixture
def work(server: ServerProcess, matter: Json) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker


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


@few(2)
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


@few(2)
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
