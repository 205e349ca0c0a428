"""``sentlinks serve``: how it starts and ends, and how its options and the configuration set it up."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few, more
from tests.system.command import SCRIPT, run
from tests.system.serving import READY, refused
from tui.server.__main__ import announce


@few(1)
@pytest.mark.parametrize(
    ("program", "number"),
    [(SCRIPT, signal.SIGTERM), (None, signal.SIGINT), (None, signal.SIGHUP)],
)
def test_it_says_where_it_serves_and_nothing_else_and_a_signal_ends_it(
    serve: Any, data: Path, program: list[str] | None, number: int
) -> None:
    server = serve("--port", "0", "--data", data, program=program)
    assert server.line.startswith(READY + "http://127.0.0.1:")
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
    status, out, err = server.end(number)
    assert (status, out) == (0, "")
    assert "Traceback" not in err
    assert "alembic" not in err, "how the database was made"


def test_a_line_that_cannot_be_written_keeps_it_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        announce("http://127.0.0.1:8080")
        full.flush()


def test_fresh_data_has_one_administrator_and_a_private_token(serve: Any, data: Path) -> None:
    server = serve("--port", "0", "--data", data, "--user", "anna")
    token = data / "token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700
    me = run("whoami", "--json", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=token.read_text().strip())
    assert me.json == {"user": "ANNA", "server": server.url, "admin": True}
    first = token.read_text()
    server.end()
    again = serve("--port", "0", "--data", data, "--user", "BEN")
    assert token.read_text() == first
    me = run("whoami", "--json", SENTLINKS_SERVER=again.url, SENTLINKS_TOKEN=first.strip())
    assert me.json["user"] == "ANNA"


def test_the_first_token_is_used_up_by_a_sign_in(serve: Any, data: Path, tmp_path: Path) -> None:
    """The token then fails over the network; a user with the data folder keeps access, through a second server."""
    server = serve("--port", "0", "--data", data, "--user", "anna")
    first = (data / "token").read_text()
    home = {"SENTLINKS_HOME": str(tmp_path / "elsewhere")}
    # Nothing can be kept there, so it isn't used up.
    lock = tmp_path / "elsewhere" / "state" / "sign-ins.lock"
    lock.mkdir(parents=True)
    lost = run("login", "--token-stdin", "--server", server.url, "--json", given=first, **home)
    assert (lost.status, lost.error) == (1, "sign_ins.unwritable")
    lock.rmdir()
    signed = run("login", "--token-stdin", "--server", server.url, "--json", given=first, **home)
    assert signed.status == 0, signed.err
    assert (signed.json["user"], signed.json["server"]) == ("ANNA", server.url)
    assert run("whoami", "--json", **home).json["admin"] is True
    again = run("login", "--token-stdin", "--server", server.url, "--json", given=first, **home)
    assert (again.status, again.error) == (4, "token.invalid")
    assert run("whoami", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=first.strip()).status == 4
    for words in (["ANNA"], ["--password-stdin"], ["--work"]):
        assert run("login", *words, "--token-stdin", "--server", server.url, given=first, **home).status == 2

    own = {"SENTLINKS_HOME": str(tmp_path / "own"), "SENTLINKS_DATA": str(data)}
    try:
        me = run("whoami", "--json", **own)
        assert me.status == 0, me.err
        assert (me.json["user"], me.json["admin"]) == ("ANNA", True)
        done = run("user", "passwd", "ANNA", "--password-stdin", given="Grey-Heron-52", **own)
        assert done.status == 0, done.err
    finally:
        assert run("server", "stop", **own).status == 0
    by_name = run("login", "ANNA", "--password-stdin", "--server", server.url, given="Grey-Heron-52", **home)
    assert by_name.status == 0, by_name.err


@pytest.mark.usefixtures("installed")
def test_the_public_url_is_what_links_begin_with(serve: Any, data: Path, tmp_path: Path) -> None:
    server = serve("--port", "0", "--data", data, "--public-url", "https://links.example/")
    (tmp_path / "a.txt").write_text("a")
    sent = run(
        "send", tmp_path / "a.txt", "--json",
        SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=(data / "token").read_text().strip(),
    )  # fmt: skip
    assert sent.documents[0]["url"].startswith("https://links.example/s/")


@pytest.mark.usefixtures("installed")
def test_two_processes_serve_one_data_folder(serve: Any, data: Path) -> None:
    one = serve("--port", "0", "--data", data)
    two = serve("--port", "0", "--data", data)
    token = (data / "token").read_text().strip()
    for server in (one, two):
        done = run("whoami", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=token)
        assert done.status == 0, done.err


def test_settings_come_from_the_configuration_and_options_win(serve: Any, data: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(f'host = "192.0.2.1"\nport = 0\nuser = "CARL"\ndata = "{data}"\n')
    server = serve("--host", "127.0.0.1")
    me = run(
        "whoami", "--json", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=(data / "token").read_text().strip()
    )
    assert me.json["user"] == "CARL"


@more
@pytest.mark.usefixtures("installed")
def test_an_address_of_ipv6_is_bracketed(serve: Any, data: Path) -> None:
    server = serve("--host", "::1", "--port", "0", "--data", data)
    assert server.line.startswith(READY + "http://[::1]:")
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200


def test_a_database_of_its_own(serve: Any, data: Path, tmp_path: Path) -> None:
    serve("--port", "0", "--data", data, "--database-url", f"sqlite:///{tmp_path / 'own.db'}")
    assert (tmp_path / "own.db").exists()
    assert not (data / "sentlinks.db").exists()


@pytest.mark.usefixtures("installed")
def test_proxies_come_from_the_environment(serve: Any, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """S16: the proxies that the server trusts are set when it starts; a value that is not an address is refused."""
    refused(
        "--port", "0", "--data", data, status=2, words="isn't the address of a proxy", SENTLINKS_PROXIES="*"
    )
    monkeypatch.setenv("SENTLINKS_PROXIES", "127.0.0.1")
    server = serve("--port", "0", "--data", data)
    with httpx.Client(base_url=server.url, trust_env=False) as guest:
        for number in range(8):
            answer = guest.post(
                "/share/v1/login",
                json={"user": "ANNA", "password": "wrong"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
            )
            assert answer.status_code == 401


@more
@pytest.mark.usefixtures("installed")
def test_connections_of_one_address(serve: Any, data: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("connections_per_address = 2\n")
    url = httpx.URL(serve("--data", data, "--port", 0).url)
    address = url.host, url.port or 0
    with socket.create_connection(address) as first, socket.create_connection(address) as second:
        for line in (first, second):
            line.sendall(
                b"POST /auth/oauth2/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
            )
            assert line.recv(12) == b"HTTP/1.1 100"
        with socket.create_connection(address) as third:
            assert third.recv(12) == b"HTTP/1.1 503"
    (home / "config.toml").write_text("connections_per_address = 0\n")
    refused("--data", data, status=2, words="connections_per_address must be a whole number of 1 or more.")
    for wrong in (-1, 1_000_001):
        (home / "config.toml").write_text(f"presses_per_hour = {wrong}\n")
        refused(
            "--data", data, status=2, words="presses_per_hour must be a whole number from 0 (any number) to"
        )
    (home / "config.toml").write_text("kept_bytes = -1\n")
    refused("--data", data, status=2, words="kept_bytes must be a whole number of bytes.")


@pytest.mark.usefixtures("installed")
def test_what_recipients_see_of_the_firm(serve: Any, data: Path, tmp_path: Path) -> None:
    """Name, contact, logo, colours and time zone, on every page including *Not Found*; the logo has its own address."""
    home = tmp_path / "home"
    home.mkdir()
    logo = tmp_path / "logo.svg"
    logo.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>1</script><rect width="9" height="9"/></svg>'
    )
    lines = {
        "firm_name": "Halyard & Stone LLP",
        "firm_contact": "+44 20 7946 0000",
        "firm_logo": str(logo),
        "firm_color": "#8a1538",
        "firm_color_dark": "#ffb3c7",
        "time_zone": "Europe/Berlin",
    }
    (home / "config.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in lines.items()))
    process = serve(
        "--port", "0", "--data", data, "--full-name", "Dana Jones", "--public-url", "https://x.example/files"
    )
    with httpx.Client(base_url=process.url, trust_env=False, headers={"Accept": "text/html"}) as guest:
        pages = {guest.get(f"/s/{secret}").text for secret in ("unknown", "0" * 48, "")}
        assert len(pages) == 1
        page = pages.pop()
        assert "<bdi>Halyard &amp; Stone LLP</bdi>" in page
        assert "+44 20 7946 0000" in page
        assert "--accent:#8a1538" in page
        place = page.partition('<img src="/files')[2].partition('"')[0]
        answer = guest.get(place)
        assert (answer.headers["content-type"], "script" in answer.text) == ("image/svg+xml", False)
        assert answer.headers["cache-control"].startswith("public")
        # Opened by itself, it runs nothing on our origin either (S13).
        assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<rect" in answer.text
    for key, value, words in (
        ("firm_color", "#8fb3ff", "firm_color can't be read on a light screen"),
        ("firm_color_dark", "blue", "firm_color_dark must be a colour like"),
        ("firm_logo", str(tmp_path / "none.png"), "can't be read"),
        ("firm_name", "a\\nb", "firm_name must be one line"),
        ("time_zone", "Berlin", "Unknown time zone Berlin"),
    ):
        (home / "config.toml").write_text(f'{key} = "{value}"\n')
        refused("--data", data, status=2, words=words)
