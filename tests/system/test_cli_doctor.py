"""``sentlinks doctor`` against a real server, and on a terminal with the copy test."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.checks.cut_audits import has_sealed
from tests.support.checks.intruder import tamper
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.users.share import Sender, stored, until
from tests.system.command import SCRIPT, Client, run
from tui.terminal.identity import ASK_ATTRIBUTES, ASK_CLIPBOARD, ASK_IDENTITY
from tui.terminal.questions import ASK_BACKGROUND, ASK_SCHEME, ASK_SCHEME_MODE

FIELDS = {"id", "state", "found", "remedy"}


def found(client: Client, **environ: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = client("doctor", "--json", **environ)
    assert done.err == ""
    assert all(set(check) == FIELDS for check in done.json["checks"])
    return done.status, {check["id"]: check for check in done.json["checks"]}


def client_of(server: ServerProcess, folder: Path, token: str | None = None) -> Client:
    made = Client(server.url, token or server.token, folder)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(folder / "home"), "TERM": "xterm"}
    return made


def test_all_is_well(server: ServerProcess, tmp_path: Path) -> None:
    status, checks = found(client_of(server, tmp_path))
    assert status == 0
    assert "You are DJONES, an administrator" in checks["server"]["found"]
    assert checks["clock"]["state"] == "ok"
    assert checks["setting token"]["found"] == "set, from SENTLINKS_TOKEN."
    assert not (tmp_path / "home").exists()


def test_what_is_wrong_with_the_server(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """A bad token (with a remedy) and an unreachable server end with status 1; a wrong clock is only a warning."""
    status, checks = found(client_of(fresh_server, tmp_path, "x" * 40))
    assert (status, checks["server"]["state"]) == (1, "bad")
    assert "sentlinks login" in checks["server"]["remedy"]
    fresh_server.turn_clock(timedelta(minutes=5).total_seconds())
    status, checks = found(client_of(fresh_server, tmp_path))
    assert (status, checks["clock"]["state"]) == (0, "warn")
    assert "300 s apart" in checks["clock"]["found"] or "299 s apart" in checks["clock"]["found"]
    fresh_server.stop()
    status, checks = found(client_of(fresh_server, tmp_path))
    assert (status, checks["server"]["state"]) == (1, "bad")


def test_what_the_server_says_is_wrong_with_it(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """What keeps it from getting requests is bad, the rest a warning; and what is true of all is said each time."""
    client = client_of(fresh_server, tmp_path)
    with Sender(fresh_server) as me:
        me.send("Offer.pdf")
    status, checks = found(client)
    assert (status, checks["server health"]["state"]) == (0, "ok")
    assert "are encrypted where they lie" in checks["encryption"]["found"]
    for file in stored(fresh_server):
        file.unlink()
    tamper(fresh_server, "UPDATE blobs SET damaged = 'missing'")
    status, checks = found(client)
    assert (status, checks["server health"]["state"]) == (0, "warn")
    assert "sentlinks admin check" in checks["server health"]["found"]
    anchor = fresh_server.data / "audit.seal"
    until(lambda: has_sealed(fresh_server))
    tamper(fresh_server, "DELETE FROM sealed_heads", "DELETE FROM seals")
    assert anchor.exists()
    status, checks = found(client)
    assert (status, checks["server health"]["state"]) == (1, "bad")
    assert "behind this data folder" in checks["server health"]["found"]


@more
def test_a_state_folder_that_cannot_be_used(server: ServerProcess, tmp_path: Path) -> None:
    """The same as what fails without it."""
    client = client_of(server, tmp_path)
    home, state = tmp_path / "home", tmp_path / "home" / "state"
    assert found(client)[1]["state folder"]["state"] == "ok"
    home.touch()
    status, checks = found(client)
    assert (status, checks["state folder"]["state"]) == (1, "bad")
    assert f"{home} is no folder" in checks["state folder"]["found"]
    home.unlink()
    (state / "work-sign-ins.json").mkdir(parents=True)
    checks = found(client)[1]
    assert "cannot be read: Is a directory." in checks["work server"]["found"]
    assert not checks["work server"]["remedy"], "it isn't the address"
    shutil.rmtree(state)
    state.symlink_to("missing")
    assert f"{state} is no folder" in found(client)[1]["state folder"]["found"]
    assert client("whoami").status == 0
    client.file("a.txt")
    told = client("send", "a.txt")
    assert (told.status, len(told.out.split())) == (0, 1)
    assert told.err == (
        f"sentlinks: This send can't be resumed if it is interrupted: {state}: it is a link that leads nowhere.\n"
    )


def test_for_people(server: ServerProcess, tmp_path: Path) -> None:
    """Each check is on one line, and its remedy on another."""
    done = client_of(server, tmp_path)("doctor", TERM="dumb")
    assert done.status == 1
    assert "BAD   terminal: TERM is dumb, so the app can't be shown.\n      Set TERM" in done.out
    assert "ok    versions: sentlinks " in done.out


def test_what_the_terminal_says(server: ServerProcess, tmp_path: Path) -> None:
    """It is asked even if the output is redirected; what it replies implies what helps."""
    environ = {
        **client_of(server, tmp_path).environ,
        "TERM": "xterm-256color",
        "SSH_TTY": "/dev/pts/9",
        "NO_COLOR": "",
    }
    environ |= dict.fromkeys(("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "XTERM_VERSION"), "")
    answers = {
        (ASK_BACKGROUND + ASK_SCHEME + ASK_SCHEME_MODE + ASK_IDENTITY + ASK_ATTRIBUTES).encode(): (
            b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1bP>|XTerm(398)\x1b\\\x1b[>41;398;0c\x1b[?64;1c"
        ),
        (ASK_CLIPBOARD + ASK_ATTRIBUTES).encode(): b"\x1b[?64;1c",
    }
    command = f"{SCRIPT[0]} doctor --json > {tmp_path}/found"
    with Terminal(["sh", "-c", command], environ, answers=answers) as terminal:
        terminal.wait()
        assert "rgb:" not in terminal.text
    checks = {check["id"]: check for check in json.loads((tmp_path / "found").read_text())["checks"]}
    assert checks["terminal name"]["found"] == "It says that it is XTerm(398)."
    assert "The terminal's background is light." in checks["colours"]["found"]
    assert checks["multiplexer"]["found"] == "The program runs in neither tmux nor GNU screen."
    assert "disallowedWindowOps" in checks["terminal clipboard"]["remedy"]


def test_the_copy_test_wants_a_terminal(server: ServerProcess, tmp_path: Path) -> None:
    done = client_of(server, tmp_path)("doctor", "--copy-test")
    assert (done.status, done.out) == (2, "")


def test_the_copy_test(server: ServerProcess, tmp_path: Path) -> None:
    """What is pasted is compared with what was copied."""
    environ = {
        "SENTLINKS_SERVER": server.url,
        "SENTLINKS_TOKEN": server.token,
        "SENTLINKS_HOME": str(tmp_path),
    }
    with Sentlinks(["doctor", "--copy-test"], environ, 140) as terminal:
        terminal.wait_for("Paste it here, and press Enter:")
        terminal.type("something else\r")
        terminal.wait_for("something else was pasted instead of the word")


def test_without_a_server_nothing_is_started(tmp_path: Path) -> None:
    done = run("doctor", "--json", SENTLINKS_HOME=str(tmp_path), TERM="xterm")
    checks = {check["id"]: check for check in done.json["checks"]}
    assert "the local one isn't running" in checks["server"]["found"]
    assert list(tmp_path.iterdir()) == []
