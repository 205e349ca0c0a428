"""Signing in to a Work server of its own with a browser, from the command line."""

from __future__ import annotations

import inspect
import os
import re
import socket
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.work import PASSWORD
from tests.system.command import Running
from tests.system.two_servers import Person

AUTHORIZE = "/auth/oauth2/authorize"


def sign_in(password: str, address: str) -> str:
    """What a browser and its user do: open the page and sign in; returns where the server sends the browser then."""
    import html
    import re
    from urllib.parse import urljoin

    import httpx

    with httpx.Client(trust_env=False, timeout=30) as browser:
        page = browser.get(address)
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
        fields = {name: html.unescape(value) for name, value in fields.items()}
        fields |= {"username": "WORKER", "password": password}
        sent = browser.post(urljoin(address, "/auth/oauth2/authorize"), data=fields)
        return str(sent.headers["location"])


@pytest.fixture
def browser(tmp_path: Path) -> str:
    """The command of a browser that signs WORKER in and returns to the program."""
    script = tmp_path / "browser.py"
    follow = "import sys, httpx\nhttpx.get(sign_in(*sys.argv[1:]), trust_env=False, timeout=30)\n"
    script.write_text(inspect.getsource(sign_in) + follow)
    return f"{sys.executable} {script} {PASSWORD} %s"


def login(person: Person, server: ServerProcess, **environ: str) -> Running:
    """The command, which waits for a browser."""
    words = ["login", "--work", "--server", server.url, "--json"]
    return Running(words, cwd=None, env={**os.environ, **person.environ, **environ})


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
    person: Person, work_server: ServerProcess, pasted: str
) -> None:
    """A browser on another machine cannot return to this one; the address or code it shows can be pasted."""
    process = login(person, work_server, SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22", DISPLAY=":9")
    line = process.err.readline().decode()
    assert line.startswith("sentlinks: Sign in with a browser")
    back = sign_in(PASSWORD, line.split()[-1])
    state, code = re.findall(r"[?&](?:state|code)=([^&]+)", back)
    assert code != state
    code = re.findall(r"[?&]code=([^&]+)", back)[0]
    typed = ("what is this", back.replace("state=", "state=x"), back if pasted == "address" else code)
    done = process.done("\n".join((*typed, "")).encode())
    assert done.status == 0, done.err
    assert done.json["user"] == "WORKER"
    assert "neither a code" in done.err
    assert "another sign-in" in done.err


def test_an_address_that_is_no_answer_to_this_sign_in(person: Person, work_server: ServerProcess) -> None:
    """Another program that reaches the port cannot submit a code; the user still can."""
    process = login(person, work_server)
    address = process.err.readline().decode().split()[-1]
    redirect = httpx.URL(address).params["redirect_uri"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/signed-in", redirect)
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(f"{redirect}?code=abc&state=guess").status_code == 400
        assert stranger.get(f"{redirect}?code=abc").status_code == 400
        assert stranger.get(redirect).status_code == 400
        assert stranger.get(redirect.replace("signed-in", "favicon.ico")).status_code == 404
        assert stranger.post(f"{redirect}?code=abc").status_code == 404
    page = httpx.get(sign_in(PASSWORD, address), trust_env=False, timeout=30)
    assert "You can close this page" in page.text
    done = process.done()
    assert done.status == 0, done.err
    assert done.json["user"] == "WORKER"


def test_a_server_that_declines(person: Person, work_server: ServerProcess) -> None:
    process = login(person, work_server)
    params = httpx.URL(process.err.readline().decode().split()[-1]).params
    with httpx.Client(trust_env=False) as client:
        said = {"error": "access_denied", "error_description": "<b>Not</b> you\x1b", "state": params["state"]}
        page = client.get(params["redirect_uri"], params=said)
        assert "<b>" not in page.text
    done = process.done()
    assert (done.status, done.error) == (4, "sign_in.declined")
    assert "\x1b" not in done.err


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
    command = ["login", "--work", "--server", work_server.url]
    with Sentlinks(command, person.environ, columns=400) as terminal:
        terminal.wait_for("paste the address")
        terminal.type("made-up\r")
        assert terminal.wait() == 4
    with Sentlinks(command, person.environ, columns=400) as terminal:
        terminal.wait_for("paste the address")
        terminal.type("\x03")
        assert terminal.wait() == 130
