"""Signing in and out from the command line: ``login``, ``logout``, ``whoami``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.system.command import Client, Done, run
from tests.system.people import new_name


def test_login_keeps_the_token_for_later_commands(
    admin: Client, server: ServerProcess, tmp_path: Path
) -> None:
    """The token is used only for the server that issued it."""
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = new_name()
    admin("user", "add", name.lower(), "--password-stdin", given="secret-heron-1\n")
    done = run(
        "login",
        name.lower(),
        "--password-stdin",
        "--server",
        server.url,
        "--json",
        given="secret-heron-1\n",
        **home,
    )
    assert done.status == 0, done.err
    assert set(done.json) == {"token", "user", "server"}
    assert (done.json["user"], done.json["server"]) == (name, server.url)
    kept = tmp_path / "own" / "state" / "sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert run("whoami", "--json", **home).json == {"user": name, "server": server.url, "admin": False}
    assert run("whoami", "--json", "--server", server.url + "/", **home).json["user"] == name
    with ServerProcess(tmp_path / "other") as other:
        refused = run("whoami", "--json", "--server", other.url, **home)
        assert refused.status == 4
        assert "needs an access token" in refused.err
    out = run("logout", "--json", **home)
    assert (out.status, out.json) == (0, {"user": name, "server": server.url})
    assert done.json["token"] not in kept.read_text()
    used = run("whoami", "--json", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=done.json["token"])
    assert used.status == 4
    assert run("logout", "--server", server.url, **home).status == 0


def test_login_refused(admin: Client, server: ServerProcess, tmp_path: Path) -> None:
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = new_name()
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")
    for who, password in ((name, "wrong"), ("NOBODY", "secret-heron-1"), ("x/../y", "p")):
        done = run("login", who, "--password-stdin", "--server", server.url, "--json", given=password, **home)
        assert (done.status, done.error) == (4, "sign_in.refused")
    assert not (tmp_path / "own" / "state" / "sign-ins.json").exists()
    assert run("login", name, "--server", server.url, given="secret-heron-1", **home).status == 2
    assert (
        run("login", name, "--password-stdin", "--server", "http://127.0.0.1:1", given="x", **home).status
        == 6
    )


def test_many_wrong_passwords_are_throttled(admin: Client, server: ServerProcess) -> None:
    name = new_name()
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")
    codes = []
    # The server's clock is stopped, so that no wait ends however slow this machine is.
    server.stop_clock(datetime.now(UTC))
    try:
        for _ in range(8):
            done = run("login", name, "--password-stdin", "--server", server.url, "--json", given="wrong")
            assert done.status == 4
            codes.append(done.error)
    finally:
        server.turn_clock(0)
    assert codes[0] == "sign_in.refused"
    assert codes[-1] == "sign_in.throttled"


def test_logout_forgets_where_the_server_is_gone(admin: Client, tmp_path: Path) -> None:
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    with ServerProcess(tmp_path / "gone") as gone:
        own = Client(gone.url, gone.token, tmp_path)
        own("user", "add", "ANNA", "--password-stdin", given="secret-heron-1")
        assert (
            run(
                "login", "ANNA", "--password-stdin", "--server", gone.url, given="secret-heron-1", **home
            ).status
            == 0
        )
    done = run("logout", "--json", **home)
    assert (done.status, done.error) == (6, "server.unreachable")
    assert json.loads((tmp_path / "own" / "state" / "sign-ins.json").read_text())["servers"] == {}


def test_where_nothing_can_be_kept(admin: Client, server: ServerProcess, tmp_path: Path) -> None:
    """A sign-in that would be lost isn't begun; a logout that can't delete the token says so."""
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = new_name()
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")

    def login() -> Done:
        return run("login", name, "--password-stdin", "--server", server.url, given="secret-heron-1", **home)

    lock = tmp_path / "own" / "state" / "sign-ins.lock"
    lock.mkdir(parents=True)
    refused = login()
    assert (refused.status, "Can't save the sign-in" in refused.err) == (1, True)
    lock.rmdir()
    assert login().status == 0
    assert len(run("sessions", "list", "--json", **home).json["sessions"]) == 1
    lock.unlink()
    lock.mkdir()
    done = run("logout", **home)
    assert (done.status, done.err.startswith("sentlinks: Signed out, but")) == (1, True)
    assert run("whoami", **home).status == 4


def test_whoami_in_words(admin: Client, server: ServerProcess) -> None:
    assert admin("whoami").out == f"DJONES, an administrator on {server.url}\n"


def test_on_a_terminal_the_password_is_asked_for(
    admin: Client, server: ServerProcess, tmp_path: Path
) -> None:
    """As the messages name the command; a script has to say where the password comes from."""
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = new_name()
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")
    with Sentlinks(["login", name, "--server", server.url], home, columns=120) as terminal:
        terminal.wait_for("Password:")
        terminal.type("secret-heron-1\r")
        terminal.wait_for(f"Signed in as {name}")
        assert terminal.wait() == 0
        assert b"secret-heron-1" not in terminal.written
    assert run("whoami", "--json", **home).json["user"] == name
    refused = run("login", name, "--server", server.url, given="secret-heron-1", **home)
    assert (refused.status, refused.out) == (2, "")
    assert "Missing option '--password-stdin'" in refused.err
