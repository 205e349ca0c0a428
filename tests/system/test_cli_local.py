"""The local server: started when none is configured, one at a time, and found again whatever happened."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import nullcontext, suppress
from pathlib import Path

from tests.system.command import SCRIPT, Running, run
from tests.system.local_server import Home, wait_gone
from tui.process_ids import boot


def test_a_command_starts_it_and_the_next_one_uses_it(home: Home) -> None:
    me = home("whoami", "--json")
    assert me.status == 0, me.err
    assert me.json["admin"] is True
    first = home.status()
    assert first["running"] is True
    assert first["url"] == me.json["server"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", first["url"])
    assert home("whoami").status == 0
    assert home.status() == first


def test_a_sign_in_that_was_ended_is_told_with_the_way_back(home: Home) -> None:
    """A sign-in takes precedence over the data folder's token, which is another user's and isn't used instead."""
    password = "Blue-Heron-48"
    add = run("user", "add", "ANNA", "--password-stdin", given=password, SENTLINKS_HOME=str(home.folder))
    assert add.status == 0, add.err
    run("login", "ANNA", "--password-stdin", given=password, SENTLINKS_HOME=str(home.folder))
    assert home("whoami", "--json").json["user"] == "ANNA"
    token = (home.data / "token").read_text().strip()
    removed = home("user", "remove", "ANNA", "--yes", SENTLINKS_TOKEN=token)
    assert removed.status == 0, removed.err
    done = home("whoami")
    assert (done.status, "sentlinks logout" in done.err) == (4, True)
    assert home("logout").status == 0
    assert home("whoami", "--json").json["admin"] is True


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


def test_it_is_detached_from_its_starter(home: Home) -> None:
    """The server has its own session, and keeps neither the terminal nor the folder of the process that started it."""
    home("whoami")
    pid = home.status()["pid"]
    assert os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"
    assert os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
    assert os.readlink(f"/proc/{pid}/fd/1") == "/dev/null"
    assert b"SENTLINKS_TOKEN" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_its_data_socket_and_log_are_private(home: Home) -> None:
    home("whoami")
    assert home.data.stat().st_mode & 0o777 == 0o700
    assert (home.folder / "state").stat().st_mode & 0o777 == 0o700
    for path in (
        home.data / "socket",
        home.data / "token",
        home.data / "key",
        home.folder / "state" / "server.log",
    ):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_many_starters_at_once_start_one(home: Home) -> None:
    home.folder.joinpath("state").mkdir()
    environ = os.environ | {"SENTLINKS_HOME": str(home.folder)}
    started = [Running(["whoami", "--json"], cwd=home.folder, env=environ) for _ in range(5)]
    urls = set()
    for process in started:
        done = process.done()
        assert done.status == 0, done.err
        urls.add(done.json["server"])
    assert len(urls) == 1
    log = (home.folder / "state" / "server.log").read_text()
    assert log.count("Started server process") == 1


def test_stop_ends_it(home: Home) -> None:
    home("whoami")
    pid = home.status()["pid"]
    stopped = home("server", "stop", "--json")
    assert (stopped.status, stopped.json["stopped"], stopped.json["running"]) == (0, True, False)
    wait_gone(pid)
    assert not (home.data / "socket").exists()
    assert home.status()["running"] is False
    again = home("server", "stop", "--json")
    assert (again.status, again.json["stopped"]) == (0, False)


def test_after_a_kill_the_next_command_starts_it_again_on_its_port(home: Home) -> None:
    """Links already sent lead to the port it had."""
    home("whoami")
    before = home.status()
    os.kill(before["pid"], signal.SIGKILL)
    wait_gone(before["pid"])
    assert home.status()["running"] is False
    assert home("whoami").status == 0
    after = home.status()
    assert after["pid"] != before["pid"]
    assert after["url"] == before["url"]


def test_a_send_starts_it_again_if_it_ends_meanwhile(home: Home, tmp_path: Path) -> None:
    """Nobody else would: the send would wait for it in vain."""
    home("whoami")
    before = home.status()
    offer = tmp_path / "offer.txt"
    offer.write_text("offer")
    os.kill(before["pid"], signal.SIGSTOP)
    send = subprocess.Popen(
        [*SCRIPT, "send", str(offer), "--json"],
        env=os.environ | {"SENTLINKS_HOME": str(home.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # It connects to the server, which accepts but doesn't respond.
    while send.poll() is None and sockets(send.pid) < 3:
        time.sleep(0.01)
    os.kill(before["pid"], signal.SIGKILL)
    out, err = send.communicate(timeout=60)
    assert send.returncode == 0, err
    (document,) = json.loads(out)["documents"]
    assert document["status"] == "succeeded"
    assert home.status()["pid"] != before["pid"]


def sockets(pid: int) -> int:
    """How many sockets a process has open; two of them are its event loop's."""
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found += os.readlink(each).startswith("socket:")
    return found


def test_one_whose_folder_was_removed_ends_and_leaves_the_next_one_alone(home: Home) -> None:
    """Nobody could stop it any more, and its links would go on working."""
    home("whoami")
    before = home.status()
    os.kill(before["pid"], signal.SIGSTOP)
    shutil.rmtree(home.data)
    assert home("whoami").status == 0
    os.kill(before["pid"], signal.SIGCONT)
    wait_gone(before["pid"])
    assert home.status()["pid"] != before["pid"]
    assert home("whoami").status == 0


def test_whoever_takes_its_port_gets_nothing(home: Home) -> None:
    """S26: another program on the port of a server that has ended gets neither the token nor documents."""
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


def test_stop_harms_no_other_process_of_its_number(home: Home) -> None:
    home("whoami")
    facts = json.loads((home.data / "local.lock").read_bytes())
    os.kill(facts["pid"], signal.SIGKILL)
    wait_gone(facts["pid"])
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as other:
        (home.data / "local.lock").write_text(json.dumps(facts | {"pid": other.pid}))
        assert home("server", "stop", "--json").json["stopped"] is False
        assert other.poll() is None
        other.stdin.close()  # type: ignore[union-attr]
        assert other.wait(30) == 0


def test_a_server_of_another_container_is_not_stopped_from_here(home: Home) -> None:
    """With its folder in common. Its number is that of another process here."""
    home("whoami")
    lock = home.data / "local.lock"
    kept = lock.read_bytes()
    facts = json.loads(kept)
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE
    ) as other:
        lock.write_text(json.dumps(facts | {"pid": other.pid, "realm": f"{boot()} 1"}))
        done = home("server", "stop", "--json")
        assert (done.status, done.error) == (1, "server.elsewhere")
        assert other.poll() is None
        other.stdin.close()  # type: ignore[union-attr]
        assert other.wait(30) == 0
    assert home.status()["running"] is True
    lock.write_bytes(kept)


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


def test_the_usual_port_may_be_taken(home: Home) -> None:
    with take(8480) or nullcontext() as taken:
        assert home("whoami").status == 0
        # If another process had it, that process may have released it just now.
        assert taken is None or not home.status()["url"].endswith(":8480")


def test_a_server_of_another_version_is_replaced(home: Home) -> None:
    home("whoami")
    lock = home.data / "local.lock"
    facts = json.loads(lock.read_bytes())
    with lock.open("r+b") as file:
        file.write(json.dumps(facts | {"version": "0.0.0"}).encode())
        file.truncate()
    assert home("whoami").status == 0
    assert home.status()["pid"] != facts["pid"]
    assert home.status()["version"] == facts["version"]
