"""A Work server separate from the one that publishes, from the command line, with a different user on each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say, Together
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tests.system.command import Running
from tests.system.two_servers import Person, sign_in


@pytest.fixture
def worker(work_server: ServerProcess) -> Iterator[Worker]:
    with Worker(work_server) as found:
        yield found


@pytest.fixture
def paper(worker: Worker) -> str:
    space = worker.workspace("Matter", default_security="public")
    return str(worker.upload(space, "Deed of Gift", b"the deed", "pdf")["id"])


# ---------------------------------------------------------------- with a password


def test_documents_come_from_the_one_and_are_sent_by_the_other(
    person: Person, work_server: ServerProcess, share_server: ServerProcess, worker: Worker, paper: str
) -> None:
    signed = sign_in(person, work_server.url)
    assert set(signed.json) == {"token", "user", "server"}
    assert (signed.json["user"], signed.json["server"]) == ("WORKER", work_server.url)
    assert (person.home / "state" / "work-sign-ins.json").stat().st_mode & 0o777 == 0o600
    who = {"user": "SHARER", "server": share_server.url, "admin": True}
    assert person("whoami", "--json").json == who | {"work": {"user": "WORKER", "server": work_server.url}}
    assert f"WORKER on the Work server {work_server.url}" in person("whoami").out

    found = person("find", "gift", "--json").documents
    assert paper in [document["id"] for document in found]
    sent = person("send", paper, "--downloads", "2", "--json")
    assert sent.status == 0, sent.err
    document = sent.documents[0]
    assert (document["source"], document["name"]) == (paper, "Deed of Gift.pdf")
    assert document["url"].startswith(share_server.url)
    assert document["folder"]["name"] == "SHARER - Secure Sent Links"
    assert httpx.post(document["url"], follow_redirects=True, trust_env=False).content == b"the deed"
    assert worker.history(paper)[:2] == ["SHARED", "EXPORT"]

    events = person("audit", "--json").json["events"]
    assert {("work", "WORKER"), ("share", "SHARER")} <= {(e["side"], e["actor"]) for e in events}
    out = person("checkout", paper, "--json")
    assert (out.status, out.documents[0]["in_use_by"]) == (0, "WORKER")
    assert (person.cwd / "Deed of Gift.pdf").read_bytes() == b"the deed"
    (person.cwd / "Deed of Gift.pdf").write_bytes(b"the deed, amended")
    back = person("checkin", paper, "Deed of Gift.pdf", "--json")
    assert (back.status, back.documents[0]["version"]) == (0, 2)
    latest = person("send", paper.rpartition(".")[0], "--json").documents[0]
    assert latest["size"] == len("the deed, amended")

    favorites = person("favorites", "list", "--json").json["favorites"]
    assert [f["name"] for f in favorites] == ["SHARER - Secure Sent Links"]
    folder = person("folders", "list", "--json").json["folders"][0]["id"]
    assert person("favorites", "remove", favorites[0]["id"]).status == 0
    added = person("favorites", "add", folder, "--json").json["favorites"][0]
    assert added["name"] == "SHARER - Secure Sent Links"
    assert (
        person("favorites", "rename", added["id"], "Links", "--json").json["favorites"][0]["name"] == "Links"
    )

    imported = person.cwd / "tree"
    imported.mkdir()
    (imported / "a.txt").write_text("a")
    assert person("import", "tree", "--workspace", "Mine", "--json").json["added"] == 1
    with share_server.client() as client:
        spaces = client.get("/work/api/v2/customers/1/libraries/ACTIVE/workspaces").json()["data"]["results"]
    assert spaces == [], "the server that publishes has been given nothing of the library's"


def test_a_token_that_has_ended_is_renewed_and_kept(
    person: Person, tmp_path: Path, share_server: ServerProcess
) -> None:
    with ServerProcess(tmp_path / "own") as server:
        add_person(server, "WORKER")
        first = sign_in(person, server.url).json["token"]
        server.turn_clock(1801)
        assert person("find", "x", "--json").documents == []
        second = person.kept["servers"][server.url]["token"]
        assert second != first
        assert person("find", "x", "--json").status == 0
        assert person.kept["servers"][server.url]["token"] == second
        # The refresh token expires too, after long disuse.
        server.turn_clock(100 * 86400)
        done = person("find", "x", "--json")
        assert (done.status, done.error) == (4, "work.not_signed_in")
        assert "sentlinks login --work" in done.err


def test_commands_at_the_same_time_renew_once(person: Person, tmp_path: Path) -> None:
    """A refresh token can be used once: the other commands take the token that the first one received."""
    with ServerProcess(tmp_path / "own") as server, Misbehaving(server.url) as proxy:
        add_person(server, "WORKER")
        sign_in(person, proxy.url)
        server.turn_clock(1801)
        # All of them are refused at the same moment.
        proxy.spoil("GET", Together(6), "/api", times=6)
        environ = {**os.environ, **person.environ}
        processes = [Running(["find", "x"], cwd=person.cwd, env=environ) for _ in range(6)]
        ended = [process.done() for process in processes]
        assert [done.status for done in ended] == [0] * 6, ended
        assert proxy.count("POST", "/auth/oauth2/token") == 2, "one to sign in, one to renew"


def test_logout_revokes_and_forgets(person: Person, work_server: ServerProcess) -> None:
    token = sign_in(person, work_server.url).json["token"]
    done = person("logout", "--work", "--json")
    assert (done.status, done.json) == (0, {"user": "WORKER", "server": work_server.url})
    assert person.kept["servers"] == {}
    with work_server.client(token) as client:
        assert client.get("/api").status_code == 401
    assert person("whoami", "--json").json.keys() == {"user", "server", "admin"}
    assert person("logout", "--work", "--json").status == 2, "no Work server is left to sign out of"


def test_logout_where_the_server_does_not_know_how(person: Person, work_server: ServerProcess) -> None:
    with Misbehaving(work_server.url) as proxy:
        sign_in(person, proxy.url)
        proxy.spoil("POST", Say(404), "revoke")
        done = person("logout", "--work", "--json")
    assert done.status == 5
    assert "Signed out here" in done.err
    assert person.kept["servers"] == {}


@few(3)
@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (Say(401, b'{"error": {"message": "User ID or Password is incorrect"}}', "application/json"),
         "sign_in.refused", "Password is incorrect"),
        (Say(400, b'{"error": "invalid_client", "error_description": "Who is this?"}', "application/json"),
         "invalid_client", "Who is this?"),
        (Say(400, b'{"error": "unauthorized_client"}', "application/json"),
         "unauthorized_client", "refused the sign-in"),
        (Say(401, b"<h1>no</h1>"), "sign_in.refused", "refused the sign-in"),
        (Say(200, b"<h1>Welcome</h1>"), "answer.not_understood", "a web page"),
        (Say(200, b"{}", "application/json"), "answer.not_understood", "tokens"),
        (Say(302, b"", headers=(("Location", "https://sso.example/"),)), "answer.redirect", "sso.example"),
        (Say(429, b"", headers=(("Retry-After", "9"),)), "throttled", "9 seconds"),
        (Say(503), "server.unreachable", "not available"),
    ],
)  # fmt: skip
def test_sign_in_refused(
    person: Person, work_server: ServerProcess, said: Say, code: str, words: str
) -> None:
    statuses = {"answer": 1, "server": 6}
    with Misbehaving(work_server.url) as proxy:
        proxy.spoil("POST", said, "token")
        done = person(
            "login", "--work", "WORKER", "--password-stdin", "--server", proxy.url, "--json", given="x"
        )
    assert (done.status, done.error) == (statuses.get(code.partition(".")[0], 4), code)
    assert words in done.err
    assert not (person.home / "state" / "work-sign-ins.json").exists()


# ---------------------------------------------------------------- the configuration


def test_the_file_names_the_server_and_what_we_are_there(person: Person, work_server: ServerProcess) -> None:
    with Misbehaving(work_server.url) as proxy:
        person.configure(
            work_server=proxy.url, work_user="worker", work_client_id="firm-app", work_client_secret="s3cret!",
            work_scope="admin",
        )  # fmt: skip
        done = person("find", "x", "--json")
        assert (done.status, done.error) == (4, "work.not_signed_in")
        who = person("whoami", "--json")
        assert who.json["work"] == {"user": None, "server": proxy.url}
        done = person("login", "--work", "--password-stdin", "--json", given=PASSWORD)
        assert done.json["user"] == "WORKER"
        kept = person.kept["servers"][proxy.url]
        assert (kept["client_id"], kept["client_secret"], kept["scope"]) == ("firm-app", "s3cret!", "admin")
        assert person("find", "x", "--json").status == 0
        # Another server does not get the secret of this one.
        person("login", "--work", "--password-stdin", "--server", work_server.url, given=PASSWORD)
        other = person.kept["servers"][work_server.url]
        assert (other["client_id"], other["client_secret"]) == ("web", "ignore")


def test_a_token_of_the_environment_and_of_the_file(
    person: Person, work_server: ServerProcess, paper: str
) -> None:
    token = add_person(work_server, "SCRIPT")
    given = {"SENTLINKS_WORK_SERVER": work_server.url, "SENTLINKS_WORK_TOKEN": token}
    assert person("whoami", "--json", **given).json["work"]["user"] == "SCRIPT"
    assert paper in [d["id"] for d in person("find", "gift", "--json", **given).documents]
    person.configure(work_server=work_server.url, work_token=token)
    assert person("whoami", "--json").json["work"]["user"] == "SCRIPT"
    elsewhere = person(
        "whoami", "--json", SENTLINKS_WORK_SERVER=work_server.url.replace("127.0.0.1", "localhost")
    )
    assert elsewhere.json["work"]["user"] is None


def test_the_same_server_for_both_is_one(person: Person, share_server: ServerProcess) -> None:
    assert person("find", "x", "--json", SENTLINKS_WORK_SERVER=share_server.url + "/").status == 0
    assert "work" not in person("whoami", "--json", SENTLINKS_WORK_SERVER=share_server.url).json


@few(1)
@pytest.mark.parametrize("address", ["nonsense", "ftp://x", "http://work.example.com"])
def test_an_address_that_cannot_be_used(person: Person, address: str) -> None:
    """S17: plain http to another machine is refused, for this server as for the other."""
    for command in (["find", "x"], ["send", "ACTIVE!1.1"], ["login", "--work", "A", "--password-stdin"]):
        done = person(*command, "--json", given="x", SENTLINKS_WORK_SERVER=address)
        assert done.status == 2, done.err
        assert done.error in ("server.address", "server.plain_http")


def test_plain_http_where_it_is_allowed(person: Person) -> None:
    done = person(
        "find", "x", "--json", SENTLINKS_WORK_SERVER="http://no.such.host.invalid", SENTLINKS_ALLOW_PLAIN="1"
    )
    assert (done.status, done.error) == (6, "server.unreachable")


def test_files_are_sent_while_work_is_away(person: Person) -> None:
    (person.cwd / "a.txt").write_text("a")
    done = person("send", "a.txt", "--json", SENTLINKS_WORK_SERVER="http://127.0.0.1:1")
    assert done.status == 0, done.err
    done = person("send", "a.txt", "ACTIVE!1.1", "--json", SENTLINKS_WORK_SERVER="http://127.0.0.1:1")
    assert (done.status, done.error) == (6, "server.unreachable")


def test_ways_of_signing_in_that_are_wrong(person: Person, work_server: ServerProcess) -> None:
    for arguments in (["login"], ["login", "A"], ["login", "--work", "A", "--server", work_server.url]):
        done = person(*arguments, "--json")
        assert (done.status, done.error) == (2, "usage"), arguments
    assert person("login", "--work", "--json").error == "work_server.missing"
    done = person("login", "--work", "--password-stdin", "--server", work_server.url, "--json", given="x")
    assert (done.status, done.error) == (2, "name.missing")
