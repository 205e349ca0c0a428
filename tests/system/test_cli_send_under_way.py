"""A send under way: its connection, its server, its files or its disk fail, or a signal ends it; and its secrets are in
no argument."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.real_parts import small_disk
from tests.support.servers.server import ServerProcess
from tests.system.command import SCRIPT, Client, Done
from tests.system.proxy import Proxy, wait_until
from tests.system.sending import LARGE, PART, names, through

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
    with Proxy(fresh_server.url, PART) as proxy:
        process = through(client, proxy.url).start("send", "large.bin", "--patience", "1s", "--json")
        assert proxy.reached.wait(60)
        fresh_server.process.kill()
        proxy.release()
        done = process.done()
    assert done.status == 1, done.err
    assert done.documents[0]["status"] == "failed"
    port = int(fresh_server.url.rpartition(":")[2])
    fresh_server.stop()
    with ServerProcess(fresh_server.data, port=port):
        assert names(client) == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_send_that_is_interrupted(client: Client, server: ServerProcess, number: int, status: int) -> None:
    """What was published is named; what wasn't is visible nowhere."""
    client.file(f"small-{status}.txt", "small")
    client.file(f"large-{status}.bin", bytes(LARGE))
    items = (f"small-{status}.txt", f"large-{status}.bin")
    with Proxy(server.url, PART) as proxy:
        process = through(client, proxy.url).start("send", *items, "--json")
        assert proxy.reached.wait(60)
        wait_until(lambda: f"small-{status}.txt" in names(client))
        process.send_signal(number)
        done = process.done()
    assert done.status == status
    assert "Traceback" not in done.err
    assert f"published before that: small-{status}.txt" in done.err
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


def test_interrupted_before_anything_is_sent(client: Client) -> None:
    client.file("early.txt")
    with Proxy(client.environ["SENTLINKS_SERVER"], 0) as proxy:
        process = through(client, proxy.url).start("send", "early.txt", "--json")
        assert proxy.reached.wait(60)
        process.send_signal(signal.SIGINT)
        done = process.done()
    assert (done.status, done.error) == (130, "interrupted")
    assert "early.txt" not in names(client)


def test_interrupted_when_it_is_about_to_wait(client: Client) -> None:
    client.file("early.txt")
    with Proxy(client.environ["SENTLINKS_SERVER"], 0) as proxy:
        process = subprocess.Popen(
            [sys.executable, "-c", UNDISTURBED, "send", "early.txt", "--json"], cwd=client.cwd, text=True,
            env={**os.environ, **through(client, proxy.url).environ},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert proxy.reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert Done(process.returncode, out, err).error == "interrupted"
    assert process.returncode == 130
    assert "early.txt" not in names(client)


def test_a_file_that_grows_while_it_is_sent(client: Client, server: ServerProcess) -> None:
    path = client.file("growing.bin", bytes(LARGE))
    client.file("steady.txt", "steady")
    items = ("growing.bin", "steady.txt")
    with Proxy(server.url, PART) as proxy:
        process = through(client, proxy.url).start("send", *items, "--json")
        assert proxy.reached.wait(60)
        with path.open("ab") as file:
            file.write(b"more")
        proxy.release()
        done = process.done()
    # The upload starts again with the file's new content.
    assert done.status == 0, done.err
    assert [d["status"] for d in done.documents] == ["succeeded"] * 2
    assert done.documents[0]["size"] == LARGE + 4


def test_a_file_that_vanishes_before_it_is_read(client: Client, server: ServerProcess) -> None:
    """While the first files are being sent, a later one is deleted."""
    for name in ("v1.bin", "v2.bin", "v3.bin"):
        client.file(name, bytes(LARGE))
    last = client.file("v4.txt", "gone")
    items = ("v1.bin", "v2.bin", "v3.bin", "v4.txt")
    with Proxy(server.url, PART) as proxy:
        process = through(client, proxy.url).start("send", *items, "--json")
        assert proxy.reached.wait(60)
        last.unlink()
        proxy.release()
        done = process.done()
    assert done.status == 1, done.err
    assert [d["status"] for d in done.documents] == ["succeeded"] * 3 + ["failed"]
    assert done.documents[3]["error"]["code"] == "file.missing"
    assert "v4.txt" not in names(client)


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "size=6m") as found:
        yield found


def test_the_servers_disk_is_full(disk: Path, tmp_path: Path) -> None:
    """A document that doesn't fit says so and is visible nowhere; what was sent before is still there."""
    with ServerProcess(disk / "data") as server:
        client = Client(server.url, server.token, tmp_path)
        client.file("fits.txt", "fits")
        client.file("large.bin", bytes(9_000_000))
        fits = client("send", "fits.txt", "--json").documents[0]
        done = client("send", "large.bin", "--json")
        assert done.status == 1, done.err
        assert done.documents[0]["error"]["code"] == "disk_full"
        assert "disk is full" in done.err
        assert names(client) == ["fits.txt"]
        listed = client("links", "--json").documents
        # Only the send itself can tell that.
        assert [{**each, "changed_while_sent": False} for each in listed] == [fits]
        # The failed upload has freed its space: everything else still works.
        with server.guest() as guest:
            assert guest.get(fits["url"]).status_code == 200
            fetched = guest.post(fits["url"], data={}, follow_redirects=True)
            assert fetched.content == b"fits"


# ---------------------------------------------------------------- secrets


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
