"""The local server when something is odd: its data folder, its path, its token, or the folder it is started from."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.checks.long import more
from tests.support.servers.data_folders import Stocks
from tests.system.command import ROOT, SCRIPT, run
from tests.system.local_server import Home, prepare
from tui.rules.errors import Failed


def test_facts_that_are_none(home: Home) -> None:
    """Whatever has written them."""
    home.data.mkdir(0o700)
    for content in ("[" * 100_000, "{}", "5", "[]", '{"pid": {}}'):
        (home.data / "local.lock").write_text(content)
        assert home.status()["running"] is False


def test_a_data_folder_that_cannot_be_used(home: Home) -> None:
    home.data.write_text("a file")
    done = home("whoami", "--json")
    assert done.status == 1
    assert str(home.data) in done.err
    assert done.error == "folder.unusable"
    home.data.unlink()


def test_what_the_server_says_is_what_is_told(home: Home) -> None:
    """The server fails in its own process; the command that started it reports its message and code."""
    home.data.mkdir()
    (home.data / "key").write_text("no key")
    (home.data / "key").chmod(0o600)
    done = home("whoami", "--json")
    assert (done.status, done.error) == (1, "key.malformed")
    assert "did not start" in done.err


@more
def test_its_users(home: Home, stocks: Stocks) -> None:
    prepare(home.data, stocks)
    a_sign_in_that_was_ended_is_told_with_the_way_back(home)
    its_token_and_its_facts(home)


def a_sign_in_that_was_ended_is_told_with_the_way_back(home: Home) -> None:
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


def its_token_and_its_facts(home: Home) -> None:
    """Over the network a token expires after thirty days; locally it stays valid, for commands and the app. One that is
    another, or lost, is told, and so are facts that are gone."""
    address = home("whoami", "--json").json["server"]
    with closing(sqlite3.connect(home.data / "sentlinks.db")) as database:
        database.execute("UPDATE tokens SET expires_at = 1")
        database.commit()
    assert home("whoami").status == 0
    assert home("user", "list").status == 0
    token = (home.data / "token").read_text().strip()
    elsewhere = home("whoami", "--json", SENTLINKS_SERVER=address, SENTLINKS_TOKEN=token)
    assert (elsewhere.status, elsewhere.error) == (4, "token.invalid")
    (home.data / "token").write_text("0" * 48)
    assert home("whoami").status == 4
    (home.data / "token").unlink()
    done = home("whoami", "--json")
    assert (done.status, done.error) == (1, "token.unreadable")
    lock = home.data / "local.lock"
    facts = lock.read_bytes()
    lock.write_bytes(b"")
    done = home("whoami", "--json")
    assert (done.status, done.error) == (1, "server.lost")
    lock.write_bytes(facts)


def test_a_long_and_relative_path_of_the_home(
    home: Home, stocks: Stocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path of a socket is limited to about a hundred bytes."""
    monkeypatch.chdir(home.folder)
    deep = Home(home.folder / ("d" * 100))
    prepare(deep.data, stocks)
    done = deep("whoami", "--json", SENTLINKS_HOME=deep.folder.name)
    assert done.status == 0, done.err
    assert deep.status()["running"] is True
    place = Path(json.loads((deep.data / "local.lock").read_bytes())["socket"])
    assert place.parent.stat().st_mode & 0o777 == 0o700
    # Where others could have put a socket of theirs, it isn't believed to lead there (S26).
    place.parent.chmod(0o777)
    refused = deep("whoami", "--json")
    assert refused.status == 1
    assert f"other users can write to {place.parent}" in refused.err
    place.parent.chmod(0o700)
    assert deep("server", "stop").status == 0
    assert not place.parent.exists()


def test_hostile_modules_in_the_current_folder_are_not_run(
    home: Home, stocks: Stocks, tmp_path: Path
) -> None:
    prepare(home.data, stocks)
    (tmp_path / "uvicorn.py").write_text("import sys; sys.exit('hostile')")
    (tmp_path / "logging.py").write_text("import sys; sys.exit('hostile')")
    done = run("whoami", cwd=tmp_path, program=SCRIPT, SENTLINKS_HOME=str(home.folder))
    assert done.status == 0, done.err


@more
def test_from_a_folder_of_sources_that_is_not_installed(home: Home, stocks: Stocks, tmp_path: Path) -> None:
    """``python -m tui`` in such a folder starts a server from the same sources."""
    prepare(home.data, stocks)
    (tmp_path / "tui").symlink_to(ROOT / "tui")
    done = run("whoami", cwd=tmp_path, program=[sys.executable, "-m", "tui"], SENTLINKS_HOME=str(home.folder))
    assert done.status == 0, done.err


def test_reading_a_lock_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    from tui.local_server import local_server

    assert local_server.look(tmp_path / "nowhere") is None
    with pytest.raises(Failed, match="Can't read"):
        local_server.own_token(tmp_path)
