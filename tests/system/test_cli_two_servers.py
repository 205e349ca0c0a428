"""A Work server separate from the one that publishes, from the command line, with a different user on each."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest

from tests.support.misbehave import Misbehaving, Say, Together
from tests.support.server import ServerProcess
from tests.support.terminal import Terminal
from tests.support.work import PASSWORD, Worker, add_person
from tests.system.command import SCRIPT, Done, run

AUTHORIZE = "/auth/oauth2/authorize"


@pytest.fixture(scope="module")
def work_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("work") / "data") as process:
        add_person(process, "WORKER")
        yield process


@pytest.fixture(scope="module")
def share_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("share") / "data", arguments=("--user", "SHARER")) as process:
        yield process


@pytest.fixture
def worker(work_server: ServerProcess) -> Iterator[Worker]:
    with Worker(work_server) as found:
        yield found


@pytest.fixture
def paper(worker: Worker) -> str:
    space = worker.workspace("Matter", default_security="public")
    return str(worker.upload(space, "Deed of Gift", b"the deed", "pdf")["id"])


class Person:
    """A user at a terminal, with a home folder of their own."""

    def __init__(self, home: Path, share: ServerProcess) -> None:
        self.home = home
        self.cwd = home / "here"
        self.cwd.mkdir(parents=True)
        self.environ = {
            "SENTLINKS_HOME": str(home),
            "SENTLINKS_SERVER": share.url,
            "SENTLINKS_TOKEN": share.token,
            "BROWSER": "",
            "DISPLAY": "",
            "WAYLAND_DISPLAY": "",
        }

    def __call__(self, *arguments: str | Path, given: str = "", **environ: str) -> Done:
        return run(*arguments, given=given, cwd=self.cwd, **{**self.environ, **environ})

    def configure(self, **values: str) -> None:
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
        (self.home / "config.toml").write_text("".join(lines))

    @property
    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "state" / "work-sign-ins.json").read_text())
        return found


@pytest.fixture
def person(tmp_path: Path, share_server: ServerProcess) -> Person:
    return Person(tmp_path / "home", share_server)


def sign_in(person: Person, server: str) -> Done:
    done = person(
        "login", "--work", "WORKER", "--password-stdin", "--server", server, "--json", given=PASSWORD
    )
    assert done.status == 0, done.err
    return done


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
        processes = [
            subprocess.Popen(
                [*SCRIPT, "find", "x"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _ in range(6)
        ]
        ended = [(process.communicate(timeout=60), process.returncode) for process in processes]
        assert [status for _, status in ended] == [0] * 6, ended
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


# ---------------------------------------------------------------- with a browser

#: What a browser and its user do: open the page, sign in, and follow the redirect.
BROWSER = """
    import sys, re, html, httpx
    from urllib.parse import urljoin
    password, follow, address = sys.argv[1:]
    with httpx.Client(trust_env=False, timeout=30) as browser:
        page = browser.get(address)
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
        fields = {name: html.unescape(value) for name, value in fields.items()}
        fields |= {"username": "WORKER", "password": password}
        sent = browser.post(urljoin(address, "/auth/oauth2/authorize"), data=fields)
        back = sent.headers["location"]
        if follow == "follow":
            print(browser.get(back).text)
        else:
            print(back)
"""


@pytest.fixture
def browser(tmp_path: Path) -> str:
    """The command of a browser that signs WORKER in and returns to the program."""
    script = tmp_path / "browser.py"
    script.write_text(dedent(BROWSER))
    return f"{sys.executable} {script} {PASSWORD} follow %s"


def act_as_browser(tmp_path: Path, address: str, follow: str = "no") -> str:
    script = tmp_path / "by-hand.py"
    script.write_text(dedent(BROWSER))
    done = subprocess.run(
        [sys.executable, script, PASSWORD, follow, address],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def test_the_browser_comes_back_by_itself(person: Person, work_server: ServerProcess, browser: str) -> None:
    done = person("login", "--work", "--server", work_server.url, "--json", BROWSER=browser)
    assert done.status == 0, done.err
    assert done.json["user"] == "WORKER"
    assert AUTHORIZE in done.err
    kept = person.kept["servers"][work_server.url]
    assert kept["token"] == done.json["token"]
    assert kept["refresh_token"]
    assert kept["token"] not in done.err
    assert person("find", "x", "--json").status == 0


@pytest.mark.parametrize("pasted", ["address", "code"])
def test_over_ssh_the_address_or_the_code_is_pasted(
    person: Person, work_server: ServerProcess, tmp_path: Path, pasted: str
) -> None:
    """A browser on another machine cannot return to this one; the address or code it shows can be pasted."""
    environ = {**os.environ, **person.environ, "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "DISPLAY": ":9"}
    process = subprocess.Popen(
        [*SCRIPT, "login", "--work", "--server", work_server.url, "--json"], env=environ, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stdin is not None
    line = process.stderr.readline()
    assert line.startswith("sentlinks: Sign in with a browser")
    back = act_as_browser(tmp_path, line.split()[-1])
    state, code = re.findall(r"[?&](?:state|code)=([^&]+)", back)
    assert code != state
    code = re.findall(r"[?&]code=([^&]+)", back)[0]
    process.stdin.write(f"what is this\n{back.replace('state=', 'state=x')}\n")
    process.stdin.write(f"{back if pasted == 'address' else code}\n")
    process.stdin.flush()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["user"] == "WORKER"
    assert "neither a code" in err
    assert "another sign-in" in err


def test_an_address_that_is_no_answer_to_this_sign_in(
    person: Person, work_server: ServerProcess, tmp_path: Path
) -> None:
    """Another program that reaches the port cannot submit a code; the user still can."""
    process = subprocess.Popen(
        [*SCRIPT, "login", "--work", "--server", work_server.url, "--json"],
        env={**os.environ, **person.environ}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    address = process.stderr.readline().split()[-1]
    redirect = httpx.URL(address).params["redirect_uri"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/signed-in", redirect)
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(f"{redirect}?code=abc&state=guess").status_code == 400
        assert stranger.get(f"{redirect}?code=abc").status_code == 400
        assert stranger.get(redirect).status_code == 400
        assert stranger.get(redirect.replace("signed-in", "favicon.ico")).status_code == 404
        assert stranger.post(f"{redirect}?code=abc").status_code == 404
    page = act_as_browser(tmp_path, address, "follow")
    assert "You can close this page" in page
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["user"] == "WORKER"


def test_a_server_that_declines(person: Person, work_server: ServerProcess) -> None:
    process = subprocess.Popen(
        [*SCRIPT, "login", "--work", "--server", work_server.url, "--json"],
        env={**os.environ, **person.environ}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    params = httpx.URL(process.stderr.readline().split()[-1]).params
    with httpx.Client(trust_env=False) as client:
        said = {"error": "access_denied", "error_description": "<b>Not</b> you\x1b", "state": params["state"]}
        page = client.get(params["redirect_uri"], params=said)
        assert "<b>" not in page.text
    out, err = process.communicate(timeout=60)
    done = Done(process.returncode, out, err)
    assert (done.status, done.error) == (4, "sign_in.declined")
    assert "\x1b" not in err


def test_nobody_signs_in_in_time(person: Person, work_server: ServerProcess) -> None:
    done = person("login", "--work", "--server", work_server.url, "--wait", "1", "--json")
    assert (done.status, done.error) == (4, "sign_in.too_late")


def test_a_code_that_is_not_good(person: Person, work_server: ServerProcess) -> None:
    done = person("login", "--work", "--server", work_server.url, "--json", given="made-up\n")
    assert done.status == 4
    assert "Sign in again" in done.err


def test_an_address_of_elsewhere_that_the_program_is_registered_with(
    person: Person, work_server: ServerProcess
) -> None:
    """The browser shows the code at that address; without one on standard input there is nothing to wait for."""
    elsewhere = "https://firm.example/signed-in"
    done = person("login", "--work", "--server", work_server.url, "--json", SENTLINKS_WORK_REDIRECT=elsewhere)
    assert (done.status, done.error) == (1, "sign_in.no_code")
    assert httpx.URL(re.findall(r"http\S+authorize\S+", done.err)[0]).params["redirect_uri"] == elsewhere
    wrong = person("login", "--work", "--server", work_server.url, "--json", SENTLINKS_WORK_REDIRECT="x y")
    assert (wrong.status, wrong.error) == (2, "work_redirect.address")


def test_a_port_that_is_taken(person: Person, work_server: ServerProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://localhost:{taken.getsockname()[1]}/"
        done = person(
            "login", "--work", "--server", work_server.url, "--json", SENTLINKS_WORK_REDIRECT=address
        )
    assert (done.status, done.error) == (1, "sign_in.port")
    assert address in done.err


def test_on_a_terminal_the_code_is_typed_and_ctrl_c_ends(person: Person, work_server: ServerProcess) -> None:
    command = [*SCRIPT, "login", "--work", "--server", work_server.url]
    with Terminal(command, person.environ, columns=400) as terminal:
        terminal.wait_for("paste the address")
        terminal.type("made-up\r")
        assert terminal.wait() == 4
    with Terminal(command, person.environ, columns=400) as terminal:
        terminal.wait_for("paste the address")
        terminal.type("\x03")
        assert terminal.wait() == 130
