"""What ``sentlinks serve`` refuses to start with: ports, data folders, keys and databases that won't do."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.real_parts import as_root, small_disk
from tests.system.command import Running, run
from tests.system.serving import refused
from tui.server.base.keys import make_keys
from tui.server.database.engine import open_database, sqlite_url
from tui.server.installation.installation import prepare_folder


def test_a_port_in_use(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused(
            *("--port", str(port), "--data", data),
            status=1,
            words=f"Can't use port {port} of 127.0.0.1",
        )


@few(1)
@pytest.mark.parametrize("port", ["-1", "65536", "http", "1.5", ""])
def test_a_port_that_is_none(data: Path, port: str) -> None:
    refused("--port", port, "--data", data, status=2, words="--port")
    assert not data.exists()


@few(1)
@pytest.mark.parametrize("port", ["65536", "70000"])
def test_a_port_that_is_none_in_the_settings(data: Path, port: str) -> None:
    """A number that is cut off would be another port."""
    refused("--data", data, status=2, words="from 0 to 65535", SENTLINKS_PORT=port)
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


def test_a_data_folder_that_is_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("data")
    refused("--port", "0", "--data", tmp_path / "data", status=1, words="it is a link that leads nowhere")


def test_what_a_crash_left_of_a_try_is_no_obstacle(data: Path) -> None:
    """Not even to a process of the same number: containers count theirs alike."""
    data.mkdir(0o700)
    (data / f".probe-{os.getpid()}").touch()
    prepare_folder(data)


def test_a_data_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(
        "--port", "0", "--data", tmp_path / "file" / "data", status=1, words="a part of its path is a file"
    )


def test_a_data_folder_that_cannot_be_written() -> None:
    refused(
        "--port", "0", "--data", "/proc/sys/sentlinks", status=1, words="the data folder /proc/sys/sentlinks"
    )


@pytest.mark.parametrize("mode", [0o720, 0o702])
def test_a_data_folder_that_others_can_write_to(data: Path, mode: int) -> None:
    data.mkdir()
    data.chmod(mode)
    refused("--port", "0", "--data", data, status=1, words=f"chmod go-w {data}")
    assert list(data.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o602])
@pytest.mark.usefixtures("installed")
def test_a_key_that_others_can_use(serve: Any, data: Path, mode: int) -> None:
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


@pytest.mark.usefixtures("installed")
def test_a_key_that_was_lost(serve: Any, data: Path) -> None:
    """No new one is made: it would open nothing, and only hide that the right one is missing."""
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


@few(1)
@pytest.mark.parametrize("made", [["key"], ["key", "sentlinks.db"], ["sentlinks.db"]])
async def test_a_first_start_that_was_interrupted(serve: Any, data: Path, made: list[str]) -> None:
    """Whatever it had made by then: an installation is only there once the database names its key."""
    data.mkdir(mode=0o700)
    if "sentlinks.db" in made:
        await (await open_database(sqlite_url(data), data)).close()
    if "key" in made:
        make_keys(data)
    for _ in range(2):
        assert serve("--port", "0", "--data", data).end()[0] == 0


@as_root
@pytest.mark.usefixtures("installed")
def test_a_data_folder_of_another_user(data: Path) -> None:
    os.chown(data, 65534, 65534)
    refused("--port", "0", "--data", data, status=1, words="belongs to another user")
    os.chown(data, 0, 0)
    os.chown(data / "key", 65534, 65534)
    refused("--port", "0", "--data", data, status=1, words="belongs to another user")


@pytest.mark.usefixtures("installed")
def test_data_of_a_newer_version(data: Path) -> None:
    with sqlite3.connect(data / "sentlinks.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_future'")
    database.close()
    refused("--port", "0", "--data", data, status=1, words="made by a newer version")


def test_data_that_is_no_database(serve: Any, data: Path) -> None:
    data.mkdir()
    (data / "sentlinks.db").write_bytes(b"this is no database at all, but something else" * 100)
    refused("--port", "0", "--data", data, status=1, words="is damaged (file is not a database)")


@pytest.mark.usefixtures("installed")
def test_a_key_of_another_installation(data: Path) -> None:
    refused("--port", "0", "--data", data, status=1, words="key doesn't belong", SENTLINKS_KEY="ab" * 32)
    refused("--port", "0", "--data", data, status=1, words="64 hexadecimal digits", SENTLINKS_KEY="ab")


@few(2)
@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--database-url", "mysql://u@h/n", "database can't be used"),
        ("--database-url", "nonsense", "database can't be used"),
        ("--store", "nonsense", "nonsense isn't a store of documents"),
        ("--store", "s3://me:hunter2@bucket", "s3://me:…@bucket isn't a store of documents"),
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
    """Neither where it can't be reached, nor while it may be starting, which is said at once."""
    address = "postgresql://u:hunter2@{}/n"
    options = ("serve", "--port", "0", "--data", str(data), "--database-url")
    done = run(*options, address.format("no.such.host.invalid"))
    assert done.status == 1
    assert "The database cannot be reached" in done.err
    waiting = Running((*options, address.format("127.0.0.1:1")), cwd=None, env=os.environ)
    said = waiting.err.readline().decode()
    assert "waiting up to 30 s for the database to start: " in said
    waiting.send_signal(signal.SIGTERM)
    ended = waiting.done()
    assert "hunter2" not in done.err + done.out + said + ended.err + ended.out


def test_an_unknown_option_and_a_superfluous_word() -> None:
    refused("--prot", "1", status=2, words="--prot")
    refused("now", status=2, words="now")


def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("port = 'x'\n")
    refused("--data", tmp_path / "data", status=2, words="port in")


def test_a_full_disk(data: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=64k") as disk:
        refused("--port", "0", "--data", disk / "data", status=1, words="full")
