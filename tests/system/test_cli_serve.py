"""``sentlinks serve``: how it starts, ends, and refuses to start."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.forking import Forked, session
from tests.system.command import MODULE, ROOT, SCRIPT, run
from tui.server.__main__ import announce
from tui.server.database.engine import open_database, sqlite_url
from tui.server.keys import make_keys

READY = "sentlinks: serving on "


class Serving:
    """A running ``sentlinks serve`` with the given arguments, ready for requests."""

    def __init__(self, *arguments: str | Path, program: list[str] | None = None) -> None:
        words = ["serve", *map(str, arguments)]
        reading, writing = os.pipe()
        errors = self._errors = os.fdopen(os.memfd_create("errors"), "w+b")
        with open(writing, "wb") as printed, open(os.devnull, "rb") as nothing:
            self.process: subprocess.Popen[bytes] | Forked
            if program is None:
                streams = (nothing, printed, errors)
                self.process = session.process(
                    "tui.__main__", words, cwd=ROOT, env=os.environ, streams=streams
                )
            else:
                self.process = subprocess.Popen(
                    [*program, *words], stdin=nothing, stdout=printed, stderr=errors
                )
        self._out = os.fdopen(reading)
        self.line = self._out.readline()
        self.url = self.line.removeprefix(READY).strip()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends the server, and returns its status, the rest of standard output, and standard error."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        with self._out, self._errors:
            self._errors.seek(0)
            return status, self._out.read(), self._errors.read().decode()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def serve() -> Iterator[Any]:
    """Starts servers, forked unless the program to start is given."""
    started: list[Serving] = []

    def start(*arguments: str | Path, program: list[str] | None = None) -> Serving:
        started.append(Serving(*arguments, program=program))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.end(signal.SIGKILL)


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
def test_it_says_where_it_serves_and_nothing_else(serve: Any, data: Path, program: list[str]) -> None:
    server = serve("--port", "0", "--data", data, program=program)
    assert server.line.startswith(READY + "http://127.0.0.1:")
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200
    status, out, err = server.end()
    assert (status, out) == (0, "")
    assert "Traceback" not in err
    assert "alembic" not in err, "how the database was made"


def test_a_line_that_cannot_be_written_keeps_it_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        announce("http://127.0.0.1:8080")
        full.flush()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(serve: Any, data: Path, number: int) -> None:
    assert serve("--port", "0", "--data", data, program=SCRIPT).end(number)[0] == 0


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


def test_the_public_url_is_what_links_begin_with(serve: Any, data: Path, tmp_path: Path) -> None:
    server = serve("--port", "0", "--data", data, "--public-url", "https://links.example/")
    (tmp_path / "a.txt").write_text("a")
    sent = run(
        "send", tmp_path / "a.txt", "--json",
        SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=(data / "token").read_text().strip(),
    )  # fmt: skip
    assert sent.documents[0]["url"].startswith("https://links.example/s/")


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


def test_an_address_of_ipv6_is_bracketed(serve: Any, data: Path) -> None:
    server = serve("--host", "::1", "--port", "0", "--data", data)
    assert server.line.startswith(READY + "http://[::1]:")
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200


def test_a_database_of_its_own(serve: Any, data: Path, tmp_path: Path) -> None:
    serve("--port", "0", "--data", data, "--database-url", f"sqlite:///{tmp_path / 'own.db'}")
    assert (tmp_path / "own.db").exists()
    assert not (data / "sentlinks.db").exists()


# ---------------------------------------------------------------- what it refuses


def refused(
    *arguments: str | Path, status: int, words: str, program: list[str] | None = None, **environ: str
) -> None:
    done = run("serve", *arguments, program=program, **environ)
    assert done.status == status, done.err
    assert done.out == ""
    message = done.err.strip().splitlines()[-1]
    assert message.startswith("sentlinks: ")
    assert words in message


def test_a_port_in_use(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused(
            *("--port", str(port), "--data", data),
            status=1,
            words=f"Can't use port {port} of 127.0.0.1",
            program=SCRIPT,
        )


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5", ""])
def test_a_port_that_is_none(data: Path, port: str) -> None:
    refused("--port", port, "--data", data, status=2, words="--port")
    assert not data.exists()


def test_a_host_that_is_none(data: Path) -> None:
    refused(
        "--host",
        "no.such.host.invalid",
        "--port",
        "0",
        "--data",
        data,
        status=1,
        words="Can't listen on no.such.host.invalid",
    )


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    refused("--port", "0", "--data", tmp_path / "data", status=1, words=": it is a file")


def test_a_data_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(
        "--port", "0", "--data", tmp_path / "file" / "data", status=1, words="a part of its path is a file"
    )


def test_a_data_folder_that_cannot_be_written() -> None:
    refused(
        "--port", "0", "--data", "/proc/sys/sentlinks", status=1, words="the data folder /proc/sys/sentlinks"
    )


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_data_folder_that_others_can_write_to(data: Path, mode: int) -> None:
    data.mkdir()
    data.chmod(mode)
    refused("--port", "0", "--data", data, status=1, words=f"chmod go-w {data}")
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_use(serve: Any, data: Path, mode: int) -> None:
    serve("--port", "0", "--data", data).end()
    key = data / "key"
    key.chmod(mode)
    refused("--port", "0", "--data", data, status=1, words=f"chmod 600 {key}")
    key.chmod(0o600)
    serve("--port", "0", "--data", data).end()


def test_a_key_that_is_no_text(data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "key").write_bytes(b"\xff" * 32)
    (data / "key").chmod(0o600)
    refused("--port", "0", "--data", data, status=1, words=f"{data}/key isn't 64 hexadecimal digits")


def test_a_key_that_is_a_folder(data: Path) -> None:
    (data / "key").mkdir(mode=0o700, parents=True)
    data.chmod(0o700)
    refused("--port", "0", "--data", data, status=1, words=f"The key {data}/key isn't a file. Move it away")


def test_a_key_that_a_crash_left_empty(serve: Any, data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "key").touch(0o600)
    refused("--port", "0", "--data", data, status=1, words="delete the file: a new one is made")
    (data / "key").unlink()
    assert serve("--port", "0", "--data", data).end()[0] == 0


def test_a_key_that_was_lost(serve: Any, data: Path) -> None:
    """No new one is made: it would open nothing, and only hide that the right one is missing."""
    serve("--port", "0", "--data", data).end()
    key = data / "key"
    lost = key.rename(data / "elsewhere")
    refused("--port", "0", "--data", data, status=1, words=f"This installation's key is missing ({key})")
    assert not key.exists()
    # The database too: what is left in the folder still belongs to an installation.
    for path in data.glob("sentlinks.db*"):
        path.rename(data / f"elsewhere-{path.name}")
    refused("--port", "0", "--data", data, status=1, words="belongs to another database")
    assert not key.exists()
    for path in data.glob("elsewhere-*"):
        path.rename(data / path.name.removeprefix("elsewhere-"))
    lost.rename(key)
    serve("--port", "0", "--data", data).end()


@pytest.mark.parametrize("made", [["key"], ["key", "sentlinks.db"], ["sentlinks.db"], []])
async def test_a_first_start_that_was_interrupted(serve: Any, data: Path, made: list[str]) -> None:
    """Whatever it had made by then: an installation is only there once the database names its key."""
    data.mkdir(mode=0o700)
    if "sentlinks.db" in made:
        await (await open_database(sqlite_url(data), data)).close()
    if "key" in made:
        make_keys(data)
    for _ in range(2):
        assert serve("--port", "0", "--data", data).end()[0] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_data_folder_of_another_user(serve: Any, data: Path) -> None:
    serve("--port", "0", "--data", data).end()
    os.chown(data, 65534, 65534)
    refused("--port", "0", "--data", data, status=1, words="belongs to another user")
    os.chown(data, 0, 0)
    os.chown(data / "key", 65534, 65534)
    refused("--port", "0", "--data", data, status=1, words="belongs to another user")


def test_data_of_a_newer_version(serve: Any, data: Path) -> None:
    serve("--port", "0", "--data", data).end()
    with sqlite3.connect(data / "sentlinks.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_future'")
    database.close()
    refused("--port", "0", "--data", data, status=1, words="made by a newer version")


def test_data_that_is_no_database(serve: Any, data: Path) -> None:
    data.mkdir()
    (data / "sentlinks.db").write_bytes(b"this is no database at all, but something else" * 100)
    refused("--port", "0", "--data", data, status=1, words="cannot be used")


def test_a_key_of_another_installation(serve: Any, data: Path) -> None:
    serve("--port", "0", "--data", data).end()
    refused("--port", "0", "--data", data, status=1, words="key doesn't belong", SENTLINKS_KEY="ab" * 32)
    refused("--port", "0", "--data", data, status=1, words="64 hexadecimal digits", SENTLINKS_KEY="ab")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--database-url", "mysql://u@h/n", "database can't be used"),
        ("--database-url", "nonsense", "database can't be used"),
        ("--store", "s3://bucket", "s3://bucket"),
        ("--public-url", "ftp://x", "not an address that links can begin with"),
        ("--public-url", "links.example", "not an address that links can begin with"),
        ("--public-url", "https://x/?a=b", "not an address that links can begin with"),
        ("--public-url", "https://x:y", "not an address that links can begin with"),
        ("--user", "A/B", "the character /"),
        ("--user", "", "empty"),
    ],
)
def test_a_wrong_value(data: Path, option: str, value: str, words: str) -> None:
    refused("--port", "0", "--data", data, option, value, status=2, words=words)
    assert not data.exists()


def test_a_password_in_the_address_of_a_database_is_not_told(data: Path) -> None:
    done = run(
        "serve",
        "--port",
        "0",
        "--data",
        data,
        "--database-url",
        "postgresql://u:hunter2@127.0.0.1:1/n",
        program=SCRIPT,
    )
    assert done.status == 1
    assert "hunter2" not in done.err + done.out


def test_an_unknown_option_and_a_superfluous_word() -> None:
    refused("--prot", "1", status=2, words="--prot", program=SCRIPT)
    refused("now", status=2, words="now")


def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("port = 'x'\n")
    refused("--data", tmp_path / "data", status=2, words="port in")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk wants root")
def test_a_full_disk(data: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a disk be mounted")
    try:
        refused("--port", "0", "--data", disk / "data", status=1, words="full")
    finally:
        subprocess.run(["umount", disk], check=True)


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
    (home / "config.toml").write_text("kept_bytes = -1\n")
    refused("--data", data, status=2, words="kept_bytes must be a whole number of bytes.")


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
