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
from typing import Any

from tests.support.checks.long import more
from tests.system.command import Running
from tests.system.local_server import Home, wait_gone
from tui.files.process_ids import boot


def test_looking_does_not_start_it(home: Home) -> None:
    assert home.status() == {
        "running": False,
        "pid": None,
        "url": None,
        "version": None,
        "data": str(home.data),
        "log": str(home.folder / "state" / "server.log"),
        "troubles": [],
        "at_rest": None,
        "left": None,
        "left_to_move": None,
    }
    assert not home.data.exists()
    assert "is not running" in home("server", "status").out


def test_its_life(home: Home, tmp_path: Path) -> None:
    """It is one server, the same for all who use it, whatever becomes of its process; it ends when it is told to."""
    first = many_starters_at_once_start_one(home)
    keeps_to_itself(home, first["pid"])
    second = starts_on_the_port_it_had(home, first)
    a_send_under_way_starts_it(home, second, tmp_path)
    whoever_takes_its_port_gets_nothing(home)
    ends_when_it_is_told_to(home)


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


def many_starters_at_once_start_one(home: Home) -> dict[str, Any]:
    """Although the usual port is taken. The next command uses it as well."""
    home.folder.joinpath("state").mkdir()
    environ = os.environ | {"SENTLINKS_HOME": str(home.folder)}
    with take(8480) or nullcontext() as taken:
        started = [Running(["whoami", "--json"], cwd=home.folder, env=environ) for _ in range(5)]
        urls = set()
        for process in started:
            done = process.done()
            assert done.status == 0, done.err
            assert done.json["admin"] is True
            urls.add(done.json["server"])
        first = home.status()
        assert first["running"] is True
        assert urls == {first["url"]}
        # If another process had it, that process may have released it just now.
        assert taken is None or not first["url"].endswith(":8480")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", first["url"])
    log = (home.folder / "state" / "server.log").read_text()
    assert log.count("Started server process") == 1
    assert home("whoami").status == 0
    assert home.status() == first
    return dict(first)


def keeps_to_itself(home: Home, pid: int) -> None:
    """It has its own session, keeps neither the terminal nor the folder of the process that started it, and its files
    are private."""
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


def starts_on_the_port_it_had(home: Home, first: dict[str, Any]) -> int:
    """Links already sent lead there. Returns the process of the new server."""
    os.kill(first["pid"], signal.SIGKILL)
    wait_gone(first["pid"])
    assert home.status()["running"] is False
    told = "Started the local server, which goes on; sentlinks server stop ends it."
    assert [told in home("whoami").err for _ in range(2)] == [True, False]
    second = home.status()
    assert second["pid"] != first["pid"]
    assert second["url"] == first["url"]
    return int(second["pid"])


def a_send_under_way_starts_it(home: Home, pid: int, folder: Path) -> None:
    """It would wait for it in vain."""
    offer = folder / "offer.txt"
    offer.write_text("offer")
    os.kill(pid, signal.SIGSTOP)
    environ = os.environ | {"SENTLINKS_HOME": str(home.folder)}
    send = Running(["send", str(offer), "--json"], cwd=folder, env=environ)
    # It connects to the server, which accepts but doesn't respond.
    while not send.over and sockets(send.pid) < 3:
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    done = send.done()
    assert done.status == 0, done.err
    assert [document["status"] for document in done.documents] == ["succeeded"]
    assert home.status()["pid"] != pid


def sockets(pid: int) -> int:
    """How many sockets a process has open; two of them are its event loop's."""
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(each).startswith("socket:")
    return found


def whoever_takes_its_port_gets_nothing(home: Home) -> None:
    """S26: another program on the port of a server that has ended gets neither the token nor documents."""
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


def ends_when_it_is_told_to(home: Home) -> None:
    pid = home.status()["pid"]
    stopped = home("server", "stop", "--json")
    assert (stopped.status, stopped.json["stopped"], stopped.json["running"]) == (0, True, False)
    wait_gone(pid)
    assert not (home.data / "socket").exists()
    assert home.status()["running"] is False
    again = home("server", "stop", "--json")
    assert (again.status, again.json["stopped"]) == (0, False)


@contextmanager
def another_process() -> Iterator[int]:
    """The number of a process that must not be ended."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as other:
        yield other.pid
        assert other.poll() is None
        assert other.stdin is not None
        other.stdin.close()
        assert other.wait(30) == 0


@more
def test_what_its_files_say(home: Home) -> None:
    """Its lock and its folder, when they tell of another process; and the port that it is told to use."""
    the_port_of_another_program_is_left_to_it(home)
    facts = one_of_another_container_is_not_stopped(home)
    one_of_another_version_is_replaced(home, facts)
    one_whose_folder_was_removed_ends(home)
    whoever_has_its_number_is_not_harmed(home)


def the_port_of_another_program_is_left_to_it(home: Home) -> None:
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


def one_of_another_container_is_not_stopped(home: Home) -> dict[str, Any]:
    """With its folder in common: its number is that of another process here. Returns what is kept of it."""
    facts = dict(json.loads((home.data / "local.lock").read_bytes()))
    with another_process() as other:
        write(home, facts | {"pid": other, "realm": f"{boot()} 1"})
        done = home("server", "stop", "--json")
        assert (done.status, done.error) == (1, "server.elsewhere")
    assert home.status()["running"] is True
    return facts


def write(home: Home, facts: dict[str, Any]) -> None:
    """Has the file that the server keeps locked say this."""
    (home.data / "local.lock").write_text(json.dumps(facts))


def one_of_another_version_is_replaced(home: Home, facts: dict[str, Any]) -> None:
    write(home, facts | {"version": "0.0.0"})
    assert home("whoami").status == 0
    assert home.status()["pid"] != facts["pid"]
    assert home.status()["version"] == facts["version"]


def one_whose_folder_was_removed_ends(home: Home) -> None:
    """And leaves the next one alone: nobody could stop it any more, and its links would go on working."""
    before = home.status()
    os.kill(before["pid"], signal.SIGSTOP)
    shutil.rmtree(home.data)
    assert home("whoami").status == 0
    os.kill(before["pid"], signal.SIGCONT)
    wait_gone(before["pid"])
    assert home.status()["pid"] != before["pid"]
    assert home("whoami").status == 0


def whoever_has_its_number_is_not_harmed(home: Home) -> None:
    """No process is that has the number of a server that has ended."""
    facts = json.loads((home.data / "local.lock").read_bytes())
    os.kill(facts["pid"], signal.SIGKILL)
    wait_gone(facts["pid"])
    with another_process() as other:
        write(home, facts | {"pid": other})
        assert home("server", "stop", "--json").json["stopped"] is False
