"""Which Work server is used, how this program identifies itself there, and which tokens are sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.clients.work_target import Registration, TokenGrant
from tui.config import Config, load, work_server
from tui.config.private import locked
from tui.config.sign_ins import SignIns, StoredSignIn
from tui.local_server import local_server
from tui.rules.errors import InvalidValue

Load = Callable[..., Config]
WORK = "https://work.example"


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    def with_(file: str = "", **environ: str) -> Config:
        (tmp_path / "config.toml").write_text(file)
        given = {f"SENTLINKS_{name}": value for name, value in environ.items()}
        return load({"SENTLINKS_HOME": str(tmp_path), **given})

    return with_


def test_without_anything_the_one_server_has_both_sides(loaded: Load) -> None:
    assert work_server.choose(loaded()) is None
    assert work_server.target(loaded()) is None


def test_environment_before_sign_in_before_file(loaded: Load) -> None:
    file = f'work_server = "{WORK}"\n'
    found = loaded(file).work_server
    assert found is not None
    assert found.value == WORK
    config = loaded(file)
    work_server.keep(config, "https://signed.example", "ANNA", TokenGrant("t", "r"), Registration())
    choice = work_server.choose(config)
    assert choice is not None
    assert (choice.address, choice.sign_in and choice.sign_in.token) == ("https://signed.example", "t")
    choice = work_server.choose(loaded(file, WORK_SERVER="https://env.example"))
    assert choice is not None
    assert (choice.address, choice.sign_in) == ("https://env.example", None)


def test_a_sign_in_with_work_is_none_with_share(loaded: Load) -> None:
    """One server may be used as either; a token that it issued for the one is not sent for the other."""
    config = loaded(SERVER=WORK)
    work_server.keep(config, WORK, "ANNA", TokenGrant("work-token", "r"), Registration())
    assert config.choose().token is None
    assert work_server.choose(config) is None, "it is the same server, which has both sides"
    assert work_server.choose(config, "https://share.example") is not None


def test_secrets_of_the_file_are_for_its_server(loaded: Load) -> None:
    file = (
        f'work_server = "{WORK}"\nwork_token = "t"\nwork_client_id = "app"\nwork_client_secret = "s"\n'
        'work_scope = "admin"\nwork_user = "ANNA"\n'
    )
    there = work_server.target(loaded(file))
    assert there is not None
    assert (there.target.token, there.grant, there.store) == ("t", None, None)
    assert there.registration == Registration("app", "s", "admin")
    elsewhere = work_server.target(loaded(file, WORK_SERVER="https://other.example"))
    assert elsewhere is not None
    assert elsewhere.target.token is None
    assert elsewhere.registration == Registration()
    by_hand = work_server.registration(loaded(file, WORK_CLIENT_ID="x"), "https://other.example")
    assert by_hand == Registration("x", None)


def test_a_program_without_a_secret_sends_none() -> None:
    assert Registration("app", None).fields() == {"client_id": "app"}
    assert Registration().fields() == {"client_id": "web", "client_secret": "ignore"}


def test_what_is_kept_renews_as_what_it_was_given_to(loaded: Load) -> None:
    config = loaded(f'work_server = "{WORK}"\nwork_client_id = "new"\n')
    work_server.keep(config, WORK, "ANNA", TokenGrant("t", "r", 5.5), Registration("old", "s", "user"))
    there = work_server.target(config)
    assert there is not None
    assert there.registration == Registration("old", "s", "user")
    assert there.grant == TokenGrant("t", "r", 5.5)
    assert there.store is not None
    there.store.save(TokenGrant("t2", "r2"))
    kept = config.work_sign_ins.of(WORK)
    assert kept is not None
    assert (kept.user, kept.token, kept.refresh_token, kept.client_id) == ("ANNA", "t2", "r2", "old")
    config.work_sign_ins.forget(WORK)
    there.store.save(TokenGrant("t3"))
    assert there.store.load() is None, "who was signed out meanwhile stays so"


def test_no_secret_is_shown() -> None:
    """S17"""
    shown = repr(
        (
            StoredSignIn("ANNA", "t-1", "r-2", client_secret="c-3"),
            TokenGrant("t-1", "r-2"),
            Registration("x", "c-3"),
        )
    )
    assert not any(secret in shown for secret in ("t-1", "r-2", "c-3"))


@pytest.mark.parametrize(
    "entry",
    [{"token": "t", "refresh_token": 5, "expires_at": "soon", "more": []}, {"token": "t", "client_id": None}],
)
def test_odd_entries_are_read_as_far_as_they_go(tmp_path: Path, entry: dict[str, object]) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"servers": {WORK: {"user": "ANNA", **entry}}}))
    assert SignIns(tmp_path, "s").of(WORK) == StoredSignIn("ANNA", "t")


def test_only_one_process_renews(tmp_path: Path) -> None:
    sign_ins = SignIns(tmp_path / "state")
    with sign_ins.renewing():
        with pytest.raises(BlockingIOError), sign_ins.renewing():
            pass
        # Saving the renewed sign-in uses another lock.
        sign_ins.keep(WORK, StoredSignIn("ANNA", "t"))
    with sign_ins.renewing():
        pass


def test_a_lock_that_is_waited_for(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(BlockingIOError), locked(tmp_path / "lock", wait=False):
        pass


def test_plain_http_is_allowed_for_the_app_as_for_commands(loaded: Load) -> None:
    for given, allowed in (("no", False), ("yes", True)):
        config = loaded(SERVER="http://links.example", WORK_SERVER="http://work.example", ALLOW_PLAIN=given)
        assert local_server.chosen(config).plain is allowed
        there = work_server.target(config)
        assert there is not None
        assert there.target.plain is allowed


def test_an_address_that_is_none(loaded: Load) -> None:
    with pytest.raises(InvalidValue):
        work_server.target(loaded(WORK_SERVER="nonsense"))


def test_servers_are_started_without_the_clients_secrets(
    loaded: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOKEN", "WORK_TOKEN", "WORK_CLIENT_SECRET"):
        monkeypatch.setenv(f"SENTLINKS_{name}", "secret-1")
    assert "secret-1" not in local_server.environment(loaded()).values()
