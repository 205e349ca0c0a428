"""S38: what other users have made, or can change, is refused in a sentence that ends with the command that mends it."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.real_parts import as_root
from tests.system.command import run
from tests.system.serving import refused

#: A user whose files only root can make.
OTHER = 54321


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    earlier = os.umask(0o022)
    yield
    os.umask(earlier)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "sentlinks"
    folder.mkdir(0o700)
    return folder


def mended(message: str, lead: str = "with: ") -> None:
    """Runs the command that ends a message."""
    subprocess.run(["sh", "-c", message.strip().rpartition(lead)[2]], check=True)


@as_root
def test_the_password_command_of_another_user_does_not_run(home: Path, tmp_path: Path) -> None:
    """It would run as root, who was made to use that folder."""
    ran = tmp_path / "ran"
    text = f'mail_imap_url = "imaps://anna@127.0.0.1:1"\nmail_imap_password_command = "touch {ran}"\n'
    (home / "config.toml").write_text(text)
    done = run("doctor", SENTLINKS_HOME=str(home))
    assert ran.exists()
    ran.unlink()
    for path in (home, home / "config.toml"):
        os.chown(path, OTHER, OTHER)
        done = run("doctor", SENTLINKS_HOME=str(home))
        assert not ran.exists()
        assert done.status == 1
        assert (
            f"{path} belongs to the user {OTHER}; run it as that user: sudo -u {OTHER} sentlinks" in done.err
        )
        os.chown(path, 0, 0)


@few(2)
@pytest.mark.parametrize("command", [("links",), ("links", "--json"), ("server", "status"), ("doctor",)])
def test_every_command_refuses(home: Path, command: tuple[str, ...]) -> None:
    home.chmod(0o777)
    (home / "config.toml").write_text("")
    done = run(*command, SENTLINKS_HOME=str(home))
    assert done.status == 1
    assert f"other users can write to {home}; fix it with: chmod go-w {home}" in done.err
    mended(done.err.splitlines()[0])
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_a_linked_state_folder(home: Path, tmp_path: Path) -> None:
    """It got the mode 0700 and new files: as root, ``state -> /etc`` locked everybody out."""
    etc = tmp_path / "etc"
    etc.mkdir(0o755)
    (home / "state").symlink_to(etc)
    done = run(
        "login",
        "ANNA",
        "--password-stdin",
        "--server",
        "http://127.0.0.1:1",
        SENTLINKS_HOME=str(home),
        given="word\n",
    )
    assert done.status == 1
    assert f"{home}/state is a link, which isn't followed; remove it with: rm {home}/state" in done.err
    assert stat.S_IMODE(etc.stat().st_mode) == 0o755
    assert list(etc.iterdir()) == []
    mended(done.err)
    assert not (home / "state").is_symlink()


@few(1)
@pytest.mark.parametrize("umask", [0o000, 0o002, 0o777])
def test_what_a_command_makes_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """And of use to its user: only root could read what has no rights at all."""
    os.umask(umask)
    home = tmp_path / "a" / "new home"
    for command in (("links",), ("send", "no-such-file.txt"), ("server", "stop")):
        run(*command, SENTLINKS_HOME=str(home))
    made = [home.parent, home, *(path for path in home.rglob("*") if path.is_dir())]
    assert home / "data" in made
    assert home / "state" in made
    for path in made:
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    for path in home.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o622 == 0o600, path


@as_root
def test_root_with_the_home_of_another_user(tmp_path: Path) -> None:
    """As ``sudo`` leaves it in places. Nothing is made there, either."""
    home = tmp_path / "anna"
    home.mkdir(0o755)
    os.chown(home, OTHER, OTHER)
    own = dict.fromkeys(("SENTLINKS_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"), "")
    done = run("links", HOME=str(home), **own)
    assert done.status == 1
    assert f"{home} belongs to the user {OTHER}; run it as that user: sudo -u {OTHER} sentlinks" in done.err
    assert list(home.iterdir()) == []


@few(2)
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["key", "signing.key", "sentlinks.db", "blobs", "data"])
def test_a_server_follows_no_link(serve: Any, data: Path, tmp_path: Path, name: str) -> None:
    path = data if name == "data" else data / name
    kept = tmp_path / "elsewhere"
    path.rename(kept)
    path.symlink_to(kept)
    refused("--port", "0", "--data", data, status=1, words=f"{path} is a link, which isn't followed")
    path.unlink()
    kept.rename(path)
    serve("--port", "0", "--data", data).end()


@few(2)
@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["data", "blobs", "signing.key"])
@pytest.mark.parametrize(
    "command",
    [
        ["move-store", "folder", "s3://bucket/prefix"],
        ["rotate-key"],
        ["seal", "--begin"],
    ],
    ids=lambda words: words[0],
)
def test_who_changes_what_a_server_keeps_follows_none_either(
    serve: Any, data: Path, tmp_path: Path, name: str, command: list[str]
) -> None:
    serve("--port", "0", "--data", data).end()
    path = data if name == "data" else data / name
    kept = tmp_path / "elsewhere"
    path.rename(kept)
    path.symlink_to(kept)
    done = run("admin", *command, "--data", str(data))
    assert done.status == 1
    assert f"{path} is a link, which isn't followed" in done.err
    path.unlink()
    kept.rename(path)
    path.chmod(0o777)
    done = run("admin", *command, "--data", str(data))
    assert done.status == 1
    assert "chmod go-w" in done.err
    assert str(path) in done.err


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["sentlinks.db", "blobs"])
def test_a_server_keeps_nothing_where_others_can_write(serve: Any, data: Path, name: str) -> None:
    path = data / name
    path.chmod(path.stat().st_mode | 0o002)
    words = f"other users can write to {path}; fix it with: chmod go-w {path}"
    refused("--port", "0", "--data", data, status=1, words=words)
    mended(words)
    serve("--port", "0", "--data", data).end()


def test_a_database_elsewhere_that_is_a_link(data: Path, tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(tmp_path / "target.db")
    url = f"sqlite:///{tmp_path}/other.db"
    words = f"{tmp_path}/other.db is a link, which isn't followed"
    refused("--port", "0", "--data", data, "--database-url", url, status=1, words=words)
    assert not (tmp_path / "target.db").exists()


def test_a_data_folder_below_one_that_others_can_write_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared it is"
    shared.mkdir()
    shared.chmod(0o777)
    words = f"other users can write to {quote(str(shared))}; fix it with: chmod go-w {quote(str(shared))}"
    refused("--port", "0", "--data", shared / "data", status=1, words=words)
    assert list(shared.iterdir()) == []
