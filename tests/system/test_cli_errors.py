"""What commands say when something is wrong: with the server, its address, the configuration, or the program itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.system.command import ROOT, Client, Done
from tests.system.proxy import Misbehaving
from tests.system.sending import through

# ---------------------------------------------------------------- IDs of nothing

ID = "0123456789abcdef" * 2


@few(3)
@pytest.mark.parametrize(
    ("what", "code", "commands"),
    [
        (
            f"{ID}: No such document. To list yours: sentlinks links --all",
            "document.unknown",
            [
                f"{command} {ID}"
                for command in (
                    "get",
                    "resend",
                    "audit",
                    "audit --verify",
                    "unpublish",
                    "delete",
                    "unlock",
                )
            ],
        ),
        (
            f"{ID}: No such document. To list what is in the trash: sentlinks trash list",
            "document.unknown",
            [f"trash restore {ID}"],
        ),
        (
            f"{ID}: No such folder. To list yours: sentlinks folders list",
            "folder.unknown",
            [f"links --folder {ID}", f"folders members {ID}", f"folders delete {ID} --yes"],
        ),
        (
            f"{ID}: No such folder. To list yours: sentlinks folders list",
            "folder.not_found",
            [f"favorites add {ID}"],
        ),
        ("ACTIVE!9999: No such folder.", "NRC_NO_RECORD", ["favorites add ACTIVE!9999"]),
        (
            f"{ID}: No such shortcut. To list them: sentlinks favorites list",
            "NRC_NO_RECORD",
            [f"favorites rename {ID} Name"],
        ),
        (
            f"{ID}: No such shortcut. To list them: sentlinks favorites list",
            "favorite.not_found",
            [f"favorites remove {ID}"],
        ),
        (
            "ACTIVE!9999: No such document. To search for it: sentlinks find TEXT",
            "NRC_NO_RECORD",
            [f"{command} ACTIVE!9999" for command in ("send", "checkout", "release")],
        ),
        (
            "ACTIVE!9999.1: No such document. To search for it: sentlinks find TEXT",
            "NRC_NO_RECORD",
            [f"{command} ACTIVE!9999.1" for command in ("send", "checkout", "release")],
        ),
        (
            "ACTIVE!9999: No such document. To search for it: sentlinks find TEXT",
            "NRC_NO_RECORD",
            ["checkin ACTIVE!9999 a.txt"],
        ),
    ],
)
def test_an_id_of_nothing_is_told_in_the_same_way(
    what: str, code: str, commands: list[str], client: Client
) -> None:
    """Which command found it out makes no difference."""
    client.file("a.txt")
    for command in commands:
        done = client(*command.split(), "--json")
        assert (done.status, done.error, done.err) == (5, code, f"sentlinks: {what}\n"), command


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "watch --until delivered",
            "Option '--until' requires 2 arguments: EVENT ID. See: sentlinks watch --help",
        ),
        ("send --downloads", "Option '--downloads' requires an argument. See: sentlinks send --help"),
        (
            "trash restore --server",
            "Option '--server' requires an argument. See: sentlinks trash restore --help",
        ),
        ("links --json=3", "Option '--json' does not take a value. See: sentlinks links --help"),
        ("--plain=3", "Option '--plain' does not take a value. See: sentlinks --help"),
    ],
)
def test_an_option_without_its_value(line: str, said: str, client: Client) -> None:
    """As with all that is wrong on a command line, where to read on is said."""
    done = client(*line.split())
    assert (done.status, done.out, done.err) == (2, "", f"sentlinks: {said}\n")


def test_what_is_in_the_trash_is_told_in_the_same_way(client: Client) -> None:
    client.file("a.txt")
    ident = client("send", "a.txt", "--json").documents[0]["id"]
    client("delete", ident)
    for command in (["get"], ["resend"], ["mail", "--drafts"]):
        done = client(*command, ident, "--json")
        assert (done.status, done.error) == (5, "document.in_trash")
        assert done.err == (
            f"sentlinks: {ident}: The document is in the trash; restore it first: sentlinks trash restore {ident}\n"
        )
    # As it stands there, it works.
    assert client(*done.err.rpartition("sentlinks ")[2].split()).status == 0


# ---------------------------------------------------------------- the server


def test_no_server(client: Client) -> None:
    client.file("a.txt")
    nobody = through(client, "http://127.0.0.1:1")
    for command in (["send", "a.txt", "--patience", "0s"], ["links"],
                    ["unpublish", "x"], ["whoami"], ["policy", "show"], ["user", "list"],
                    ["favorites", "list"], ["audit"], ["trash", "empty", "--yes"], ["get", "x"]):  # fmt: skip
        done = nobody(*command, "--json")
        assert (done.status, done.error) == (6, "server.unreachable"), command
        assert "cannot be reached" in done.err


def test_a_name_that_nobody_has(client: Client) -> None:
    done = through(client, "https://no.such.host.invalid")("whoami", "--json")
    assert (done.status, done.error) == (6, "server.unreachable")


@few(2)
@pytest.mark.parametrize("address", ["nonsense", "ftp://x", "http://", "https://u:p@x", "https://x/?q"])
def test_an_address_that_is_none(client: Client, address: str) -> None:
    done = through(client, address)("whoami", "--json")
    assert (done.status, done.error) == (2, "server.address")
    assert client("whoami", "--server", address).status == 2


def test_an_empty_address(client: Client) -> None:
    done = client("whoami", "--server", "")
    assert (done.status, done.err.split(";")[0]) == (2, "sentlinks: An empty text is not a server's address")


@few(2)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, 1),
        (503, 6),
        (418, 1),
        (403, 4),
        (429, 4),
        (404, 5),
    ],
)
def test_a_server_that_answers_with_an_error(client: Client, status: int, expected: int) -> None:
    client.file("a.txt")
    with Misbehaving(status, b"<html>oh</html>", Content_Type="text/html") as server:
        done = through(client, server.url)("send", "a.txt", "--json")
    assert done.status == expected
    assert done.error
    assert "<html>" not in done.err


@few(2)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>hello</html>", "text/html"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"", ""),
    ],
)
def test_a_server_that_is_none_of_ours(client: Client, body: bytes, kind: str) -> None:
    with Misbehaving(200, body, Content_Type=kind) as server:
        done = through(client, server.url)("whoami", "--json")
    assert (done.status, done.error) == (1, "answer.not_understood")


def test_a_redirect_is_never_followed_with_the_token(client: Client) -> None:
    with (
        Misbehaving(200, b"{}", Content_Type="application/json") as stranger,
        Misbehaving(302, Location=f"{stranger.url}/share/v1/me") as server,
    ):
        done = through(client, server.url)("whoami", "--json")
        assert (done.status, done.error) == (1, "answer.redirect")
        assert stranger.asked == []


def test_a_proxy_for_the_world_is_not_used_for_this_machine(client: Client) -> None:
    done = client("whoami", HTTP_PROXY="http://127.0.0.1:1", ALL_PROXY="http://127.0.0.1:1")
    assert done.status == 0, done.err


# ---------------------------------------------------------------- the command itself


def test_an_unexpected_failure_is_one_sentence_and_a_log(client: Client, tmp_path: Path) -> None:
    """The traceback goes into a private file; the user does not see it."""
    code = """
import sys
from tui import config
from tui.cli import main
def broken(environ=None):
    raise ZeroDivisionError("a secret in a message")
config.load = broken
sys.exit(main(["whoami", "--json"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    result = Done(done.returncode, done.stdout, done.stderr)
    assert (result.status, result.error) == (1, "unexpected")
    assert "a secret" not in result.err
    log = Path(os.environ["SENTLINKS_HOME"]) / "state" / "errors.log"
    assert str(log) in result.err
    assert log.stat().st_mode & 0o777 == 0o600
    assert "ZeroDivisionError" in log.read_text()


def test_a_configuration_that_is_wrong_is_told_by_every_command(client: Client) -> None:
    home = Path(os.environ["SENTLINKS_HOME"])
    home.mkdir()
    (home / "config.toml").write_text("sever = 'x'\n")
    for command in (["whoami"], ["links"], ["server", "status"]):
        done = client(*command, "--json")
        assert (done.status, done.error) == (2, "config.unknown_key")


def test_the_file_names_server_and_token(client: Client, server: ServerProcess) -> None:
    home = Path(os.environ["SENTLINKS_HOME"])
    home.mkdir()
    (home / "config.toml").write_text(f'server = "{server.url}/"\ntoken = "{server.token}"\n')
    done = client("whoami", "--json", SENTLINKS_SERVER="", SENTLINKS_TOKEN="")
    assert done.json["server"] == server.url
    other = client("whoami", "--json", "--server", server.url.replace("127.0.0.1", "localhost"),
                   SENTLINKS_SERVER="", SENTLINKS_TOKEN="")  # fmt: skip
    assert other.status == 4


# ---------------------------------------------------------------- the current folder


@more
def test_a_current_folder_that_was_deleted(client: Client, tmp_path: Path) -> None:
    """What needs none works; for the rest, nothing is sent or fetched."""
    file = client.file("a.txt")
    (document,) = client("send", file, "--json", "--anew").documents
    script = 'mkdir here && cd here && rmdir ../here && "$@"'
    environ = {**os.environ, **client.environ, "PYTHONPATH": str(ROOT)}

    def there(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = ["sh", "-c", script, "sh", sys.executable, "-P", "-m", "tui", *arguments]
        return subprocess.run(
            program, cwd=tmp_path, capture_output=True, text=True, check=False, env=environ, timeout=60
        )

    for command in (
        ("send", str(file), "--mail", "draft.eml"),
        ("get", document["id"], "--output", "copy.txt"),
    ):
        done = there(*command)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "sentlinks: The current folder was deleted; change to another one (cd).\n"
    assert there("send", str(file), "--anew").returncode == 0
