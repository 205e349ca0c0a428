"""The local server: started when none is configured, one at a time, and found again whatever happened."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from tests.system.command import SCRIPT, Running
from tests.system.local_server import Home, wait_gone
from tui.process_ids import boot


def test_looking_does_not_start_it(home: Home) -> None:
    assert home.status() == {
        "running": False,
        "pid": None,
        "url": None,
        "version": None,
        "data": str(home.data),
        "log": str(home.folder / "state" / "server.log"),
    }
    assert not home.data.exists()
    assert "is not running" in home("server", "status").out


def test_its_life(home: Home) -> None:
    """A command starts it and the next one uses it. It has its own session, keeps neither the terminal nor the folder
    of the process that started it, and its files are private. It ends when it is told to."""
    me = home("whoami", "--json")
    assert me.status == 0, me.err
    assert me.json["admin"] is True
    first = home.status()
    assert first["running"] is True
    assert first["url"] == me.json["server"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", first["url"])
    assert home("whoami").status == 0
    assert home.status() == first
    pid = first["pid"]
    assert os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
    assert os.readlink(f"/proc/{pid}/fd/1") == "/dev/null"
    assert b"SENTLINKS_TOKEN" not in Path(f"/proc/{pid}/environ").read_bytes()
    log = home.folder / "state" / "server.log"
    for folder in (home.data, log.parent):
        assert folder.stat().st_mode & 0o777 == 0o700, folder
    for path in (*(home.data / name for name in ("socket", "token", "key")), log):
        assert path.stat().st_mode & 0o777 == 0o600, path
    stopped = home("server", "stop", "--json")
    assert (stopped.status, stopped.json["stopped"], stopped.json["running"]) == (0, True, False)
    wait_gone(pid)
    assert not (home.data / "socket").exists()
    assert home.status()["running"] is False
    again = home("server", "stop", "--json")
    assert (again.status, again.json["stopped"]) == (0, False)


def take(port: int) -> socket.socket | None:
    """A socket on that port, as soon as it is free; ``None`` if another process keeps it."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            # The servers of other tests use it one after another.
            time.sleep(0.05)
    return None


def test_many_starters_at_once_start_one(home: Home) -> None:
    """Although the usual port is taken."""
    home.folder.joinpath("state").mkdir()
    environ = os.environ | {"SENTLINKS_HOME": str(home.folder)}
    with take(8480) or nullcontext() as taken:
        started = [Running(["whoami", "--json"], cwd=home.folder, env=environ) for _ in range(5)]
        urls = set()
        for process in started:
            done = process.done()
            assert done.status == 0, done.err
            urls.add(done.json["server"])
        assert len(urls) == 1
        # If another process had it, that process may have released it just now.
        assert taken is None or not urls.pop().endswith(":8480")
    log = (home.folder / "state" / "server.log").read_text()
    assert log.count("Started server process") == 1


def test_after_a_kill_the_next_command_starts_it_again_on_its_port(home: Home, tmp_path: Path) -> None:
    """Links already sent lead to the port it had. So does a send under way, which would wait for it in vain."""
    home("whoami")
    first = home.status()
    os.kill(first["pid"], signal.SIGKILL)
    wait_gone(first["pid"])
    assert home.status()["running"] is False
    assert home("whoami").status == 0
    second = home.status()
    assert second["pid"] != first["pid"]
    assert second["url"] == first["url"]
    offer = tmp_path / "offer.txt"
    offer.write_text("offer")
    os.kill(second["pid"], signal.SIGSTOP)
    send = subprocess.Popen(
        [*SCRIPT, "send", str(offer), "--json"],
        env=os.environ | {"SENTLINKS_HOME": str(home.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # It connects to the server, which accepts but doesn't respond.
    while send.poll() is None and sockets(send.pid) < 3:
        time.sleep(0.01)
    os.kill(second["pid"], signal.SIGKILL)
    out, err = send.communicate(timeout=60)
    assert send.returncode == 0, err
    (document,) = json.loads(out)["documents"]
    assert document["status"] == "succeeded"
    assert home.status()["pid"] != second["pid"]


def sockets(pid: int) -> int:
    """How many sockets a process has open; two of them are its event loop's."""
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(each).startswith("socket:")
    return found


def test_whoever_takes_its_port_gets_nothing(home: Home) -> None:
    """S26: another program on the port of a server that has ended gets neither the token nor documents. A server whose
    folder was removed ends, and leaves the next one alone: nobody could stop it any more, and its links would go on
    working."""
    home("whoami")
    before = home.status()
    os.kill(before["pid"], signal.SIGKILL)
    wait_gone(before["pid"])
    asked: list[bytes] = []
    port = int(before["url"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)) as stranger:

        def listen() -> None:
            while True:
                try:
                    asked.append(stranger.accept()[0].recv(1000))
                except OSError:
                    return

        thread = threading.Thread(target=listen)
        thread.start()
        done = home("whoami", "--json")
        assert done.status == 0, done.err
        assert done.json["server"] != before["url"]
        stranger.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert asked == []
    second = home.status()
    os.kill(second["pid"], signal.SIGSTOP)
    shutil.rmtree(home.data)
    assert home("whoami").status == 0
    os.kill(second["pid"], signal.SIGCONT)
    wait_gone(second["pid"])
    assert home.status()["pid"] != second["pid"]
    assert home("whoami").status == 0


@contextmanager
def another_process() -> Iterator[int]:
    """The number of a process that must not be ended."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
        yield other.pid
        assert other.poll() is None
        assert other.stdin is not None
        other.stdin.close()
        assert other.wait(30) == 0


def test_what_its_lock_says_of_others(home: Home) -> None:
    """A server of another container, with its folder in common, is not stopped from here: its number is that of another
    process. One of another version is replaced. And no process is harmed that has the number of one that has ended."""
    home("whoami")
    lock = home.data / "local.lock"
    kept = lock.read_bytes()
    facts = json.loads(kept)
    with another_process() as other:
        lock.write_text(json.dumps(facts | {"pid": other, "realm": f"{boot()} 1"}))
        done = home("server", "stop", "--json")
        assert (done.status, done.error) == (1, "server.elsewhere")
    assert home.status()["running"] is True
    with lock.open("r+b") as file:
        file.write(json.dumps(facts | {"version": "0.0.0"}).encode())
        file.truncate()
    assert home("whoami").status == 0
    assert home.status()["pid"] != facts["pid"]
    assert home.status()["version"] == facts["version"]
    facts = json.loads(lock.read_bytes())
    os.kill(facts["pid"], signal.SIGKILL)
    wait_gone(facts["pid"])
    with another_process() as other:
        lock.write_text(json.dumps(facts | {"pid": other}))
        assert home("server", "stop", "--json").json["stopped"] is False


def test_the_port_of_another_program_is_left_to_it(home: Home) -> None:
    """The usual port is replaced by any other if it is taken; a port that was asked for is used, or none."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = home("whoami", "--json", SENTLINKS_PORT=port)
        assert refused.status == 1
        assert refused.error == "port.unusable"
        assert f"port {port}" in refused.err
        assert home.status()["running"] is False
    home("whoami", SENTLINKS_PORT=port)
    assert home.status()["url"].endswith(f":{port}")
