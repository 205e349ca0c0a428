"""Failures between a command and its server, in the middle of a send, and on the command's output."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ServerProcess
from tests.support.terminal import Terminal
from tests.system.command import ROOT, SCRIPT, Client, Done, run
from tests.system.proxy import Misbehaving, Proxy, wait_until

LARGE = 40_000_000
#: How many bytes of it have been sent when something happens.
PART = 3_000_000


def names(client: Client) -> list[str]:
    """The names of all sent documents that are visible anywhere."""
    return [d["name"] for command in (["links", "--all"], ["trash", "list"]) for d in
            client(*command, "--json").documents]  # fmt: skip


def through(client: Client, url: str) -> Client:
    """The same client, reaching its server at another URL."""
    return Client(url, client.environ["SENTLINKS_TOKEN"], client.cwd)


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


@pytest.mark.parametrize("address", ["nonsense", "ftp://x", "http://", "https://u:p@x", "https://x/?q"])
def test_an_address_that_is_none(client: Client, address: str) -> None:
    done = through(client, address)("whoami", "--json")
    assert (done.status, done.error) == (2, "server.address")
    assert client("whoami", "--server", address).status == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, 1),
        (507, 1),
        (502, 6),
        (503, 6),
        (504, 6),
        (418, 1),
        (403, 4),
        (401, 4),
        (429, 4),
        (404, 5),
        (413, 1),
    ],
)
def test_a_server_that_answers_with_an_error(client: Client, status: int, expected: int) -> None:
    client.file("a.txt")
    with Misbehaving(status, b"<html>oh</html>", Content_Type="text/html") as server:
        done = through(client, server.url)("send", "a.txt", "--json")
    assert done.status == expected
    assert done.error
    assert "<html>" not in done.err


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


# ---------------------------------------------------------------- in the middle


def test_a_connection_cut_in_the_middle(client: Client, server: ServerProcess) -> None:
    """What was published is reported, what wasn't is visible nowhere, and the exit status is 1."""
    client.file("cut-small.txt", "small")
    client.file("cut-large.bin", bytes(LARGE))
    with Proxy(server.url, PART, cut=True) as proxy:
        done = through(client, proxy.url)(
            "send", "cut-small.txt", "cut-large.bin", "--patience", "1s", "--json"
        )
    assert done.status == 1, done.err
    small, large = done.documents
    assert (small["status"], large["status"]) == ("succeeded", "failed")
    assert large["error"]["message"] in done.err
    assert (large["url"], large["published"]) == (None, False)
    visible = names(client)
    assert "cut-small.txt" in visible
    assert "cut-large.bin" not in visible


def test_a_server_killed_in_the_middle(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("large.bin", bytes(LARGE))
    with (
        Proxy(fresh_server.url, PART) as proxy,
        sending(through(client, proxy.url), "large.bin", "--patience", "1s") as process,
    ):
        assert proxy.reached.wait(60)
        fresh_server.process.kill()
        proxy.release()
        out, err = process.communicate(timeout=120)
    done = Done(process.returncode, out, err)
    assert done.status == 1, err
    assert done.documents[0]["status"] == "failed"
    port = int(fresh_server.url.rpartition(":")[2])
    fresh_server.stop()
    with ServerProcess(fresh_server.data, port=port):
        assert names(client) == []


def sending(client: Client, *items: str, program: list[str] = SCRIPT) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*program, "send", *items, "--json"], cwd=client.cwd, env={**os.environ, **client.environ},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # Tests run in the background of a shell ignore Ctrl+C, and so would this process.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_send_that_is_interrupted(client: Client, server: ServerProcess, number: int, status: int) -> None:
    """What was published is named; what wasn't is visible nowhere."""
    client.file(f"small-{status}.txt", "small")
    client.file(f"large-{status}.bin", bytes(LARGE))
    items = (f"small-{status}.txt", f"large-{status}.bin")
    with Proxy(server.url, PART) as proxy, sending(through(client, proxy.url), *items) as process:
        assert proxy.reached.wait(60)
        wait_until(lambda: f"small-{status}.txt" in names(client))
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    done = Done(process.returncode, out, err)
    assert done.status == status
    assert "Traceback" not in err
    assert f"published before that: small-{status}.txt" in err
    assert [d["status"] for d in done.documents] == ["succeeded", "failed"]
    assert done.documents[1]["error"]["code"] == "cancelled"
    assert f"large-{status}.bin" not in names(client)


#: The signal is delivered to an idle thread and doesn't interrupt the main thread's wait, like a signal that arrives
#: just before the wait.
UNDISTURBED = """
import signal, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
from tui.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    "program", [SCRIPT, [sys.executable, "-c", UNDISTURBED]], ids=["waits", "is about to"]
)
def test_interrupted_before_anything_is_sent(client: Client, program: list[str]) -> None:
    client.file("early.txt")
    url = client.environ["SENTLINKS_SERVER"]
    with (
        Proxy(url, 0) as proxy,
        sending(through(client, proxy.url), "early.txt", program=program) as process,
    ):
        assert proxy.reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert Done(130, out, err).error == "interrupted"
    assert "early.txt" not in names(client)


def test_a_file_that_grows_while_it_is_sent(client: Client, server: ServerProcess) -> None:
    path = client.file("growing.bin", bytes(LARGE))
    client.file("steady.txt", "steady")
    items = ("growing.bin", "steady.txt")
    with Proxy(server.url, PART) as proxy, sending(through(client, proxy.url), *items) as process:
        assert proxy.reached.wait(60)
        with path.open("ab") as file:
            file.write(b"more")
        proxy.release()
        out, err = process.communicate(timeout=60)
    done = Done(process.returncode, out, err)
    # The upload starts again with the file's new content.
    assert done.status == 0, err
    assert [d["status"] for d in done.documents] == ["succeeded"] * 2
    assert done.documents[0]["size"] == LARGE + 4


def test_a_file_that_vanishes_before_it_is_read(client: Client, server: ServerProcess) -> None:
    """While the first files are being sent, a later one is deleted."""
    for name in ("v1.bin", "v2.bin", "v3.bin"):
        client.file(name, bytes(LARGE))
    last = client.file("v4.txt", "gone")
    items = ("v1.bin", "v2.bin", "v3.bin", "v4.txt")
    with Proxy(server.url, PART) as proxy, sending(through(client, proxy.url), *items) as process:
        assert proxy.reached.wait(60)
        last.unlink()
        proxy.release()
        out, err = process.communicate(timeout=120)
    done = Done(process.returncode, out, err)
    assert done.status == 1, err
    assert [d["status"] for d in done.documents] == ["succeeded"] * 3 + ["failed"]
    assert done.documents[3]["error"]["code"] == "file.missing"
    assert "v4.txt" not in names(client)


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk wants root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a disk be mounted")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_the_servers_disk_is_full(small_disk: Path, tmp_path: Path) -> None:
    """A document that doesn't fit says so and is visible nowhere; what was sent before is still there."""
    with ServerProcess(small_disk / "data") as server:
        client = Client(server.url, server.token, tmp_path)
        client.file("fits.txt", "fits")
        client.file("large.bin", bytes(9_000_000))
        fits = client("send", "fits.txt", "--json").documents[0]
        done = client("send", "large.bin", "--json")
        assert done.status == 1, done.err
        assert done.documents[0]["error"]["code"] == "disk_full"
        assert "disk is full" in done.err
        assert names(client) == ["fits.txt"]
        assert client("links", "--json").documents == [fits]
        # The failed upload has freed its space: everything else still works.
        with server.guest() as guest:
            assert guest.get(fits["url"]).status_code == 200
            fetched = guest.post(fits["url"], data={}, follow_redirects=True)
            assert fetched.content == b"fits"


# ---------------------------------------------------------------- output


def test_a_broken_pipe_is_silent(client: Client) -> None:
    for i in range(30):
        client.file(f"p{i}.txt", "x")
    assert client("send", *[f"p{i}.txt" for i in range(30)]).status == 0
    command = f"{SCRIPT[0]} links --json | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        env={**os.environ, **client.environ},
        check=False,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")
    gone = subprocess.Popen(
        [*SCRIPT, "links"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **client.environ},
    )
    assert gone.stdout
    gone.stdout.close()
    assert gone.stderr
    assert gone.stderr.read() == b""
    gone.stderr.close()
    assert gone.wait(60) == 1


def test_output_that_cannot_be_written_is_told(client: Client) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*SCRIPT, "whoami"], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**os.environ, **client.environ},
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "sentlinks: Can't write to standard output: No space left on device.\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_do_no_harm(client: Client, closed: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{SCRIPT[0]} whoami {closed}"], capture_output=True, text=True, check=False,
        env={**os.environ, **client.environ},
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_any_locale_can_show_any_name(client: Client, language: str) -> None:
    client.file("übersicht 日本.txt", "x")
    environ = {"LC_ALL": language, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert client("send", "übersicht 日本.txt", "--json", PYTHONIOENCODING="ascii").status == 0
    assert client("links", **environ).status == 0
    assert client("links", "--json", **environ).documents[0]["name"] == "übersicht 日本.txt"


def test_no_progress_bar_without_a_terminal_and_one_on_it(client: Client, server: ServerProcess) -> None:
    client.file("bar.bin", bytes(LARGE))
    assert client("send", "bar.bin").err == ""
    with Proxy(server.url, LARGE // 3) as proxy:
        environ = {**client.environ, "SENTLINKS_SERVER": proxy.url}
        command = [*SCRIPT, "send", str(client.cwd / "bar.bin")]
        with Terminal(command, environ, columns=120) as terminal:
            terminal.wait_for("0 of 1 sent")
            terminal.wait_for("#")
            assert proxy.reached.wait(60)
            proxy.release()
            assert terminal.wait() == 0
            assert re.search(r"http://127\.0\.0\.1:\d+/s/[0-9a-f]+", terminal.text)
            assert "0 of 1 sent" not in terminal.text


# ---------------------------------------------------------------- the command itself


def test_help_everywhere() -> None:
    commands: list[list[str]] = [[]]
    seen = 0
    while commands:
        words = commands.pop()
        done = run(*words, "--help", program=SCRIPT)
        assert (done.status, done.err) == (0, "")
        assert f"Usage: sentlinks {' '.join(words)}".strip() in done.out
        seen += 1
        if "Commands:" in done.out:
            listed = done.out.split("Commands:\n")[1]
            commands += [[*words, line.split()[0]] for line in listed.splitlines() if line.startswith("  ")]
    assert seen > 30


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["--frobnicate"], ["trash", "frobnicate"], ["links", "x"]]
)
def test_what_there_is_not(arguments: list[str]) -> None:
    done = run(*arguments, "--json")
    assert (done.status, done.error) == (2, "usage")
    assert done.err.startswith("sentlinks: ")


def test_version() -> None:
    assert re.fullmatch(r"sentlinks \d+\.\d+\.\d+\n", run("--version", program=SCRIPT).out)


def test_version_with_all_it_runs_on() -> None:
    """The packages it needs are listed one per line, without those that only its tests need."""
    lines = run("--version", "--verbose").out.splitlines()
    assert re.fullmatch(r"sentlinks \d+\.\d+\.\d+", lines[0])
    assert lines[1].startswith(f"Python {sys.version_info[0]}.{sys.version_info[1]}.")
    packages = dict(line.split() for line in lines[5:])
    assert packages["textual"] == metadata.version("textual")
    assert packages["cryptography"] == metadata.version("cryptography")
    assert "pytest" not in packages


def test_verbose_alone_is_refused() -> None:
    assert run("--verbose").status == 2


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


def test_secrets_are_in_no_argument(client: Client, server: ServerProcess) -> None:
    """S17: neither token nor password is among the arguments of any process of a send."""
    client.file("secret.bin", bytes(LARGE))
    with Proxy(server.url, PART) as proxy:
        process: Any = subprocess.Popen(
            [*SCRIPT, "send", "secret.bin", "--password-stdin"], cwd=client.cwd, text=True,
            env={**os.environ, **client.environ, "SENTLINKS_SERVER": proxy.url},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            process.stdin.write("top-secret-77")
            process.stdin.close()
            assert proxy.reached.wait(60)
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    words = path.read_bytes()
                except OSError:
                    continue
                assert b"top-secret-77" not in words
                assert server.token.encode() not in words
            proxy.release()
            assert process.wait(60) == 0
    assert "top-secret-77" not in server.log.read_text()
    assert server.token not in server.log.read_text()
