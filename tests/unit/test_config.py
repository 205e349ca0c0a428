"""Where settings come from, in order of precedence: option, environment, stored sign-in, file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.config import Config, load, places
from tui.config.preferences import store
from tui.config.private import private_folder
from tui.config.sign_ins import LOCAL, SignIns, StoredSignIn, normalized
from tui.rules.errors import Failed, InvalidValue

Load = Callable[..., Config]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a home"
    folder.mkdir()
    return folder


@pytest.fixture
def loaded(home: Path) -> Load:
    """Loads the configuration of ``home`` with the given file text and environment variables."""

    def with_(file: str | None = None, **environ: str) -> Config:
        if file is not None:
            (home / "config.toml").write_text(file)
        return load({"SENTLINKS_HOME": str(home), **environ})

    return with_


def test_one_folder_holds_all_places(home: Path) -> None:
    found = places({"SENTLINKS_HOME": str(home)})
    assert (found.config, found.data, found.state) == (home / "config.toml", home / "data", home / "state")


def test_a_relative_home_is_made_absolute(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.parent)
    assert places({"SENTLINKS_HOME": home.name}).data == home / "data"


def test_without_a_home_the_systems_own_places_are_used(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SENTLINKS_HOME")
    for name in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name))
    found = places({"SENTLINKS_HOME": ""})
    assert found.config == home / "CONFIG" / "sentlinks" / "config.toml"
    assert found.data == home / "DATA" / "sentlinks"
    assert found.state == home / "STATE" / "sentlinks"


def test_without_anything_the_local_server_is_chosen(loaded: Load) -> None:
    choice = loaded().choose()
    assert choice.server is None
    assert choice.token is None


def test_the_server_by_option_environment_sign_in_file(loaded: Load) -> None:
    file = 'server = "https://file.example"\n'
    config = loaded(file)
    assert config.choose().server.value == "https://file.example"  # type: ignore[union-attr]
    config.sign_ins.keep("https://signed.example", StoredSignIn("ANNA", "t"))
    signed = loaded(file).choose().server
    assert signed is not None
    assert (signed.value, signed.origin) == ("https://signed.example", "the stored sign-in")
    by_environment = loaded(file, SENTLINKS_SERVER="https://env.example")
    assert by_environment.choose().server.value == "https://env.example"  # type: ignore[union-attr]
    by_option = by_environment.choose("https://option.example").server
    assert by_option is not None
    assert (by_option.value, by_option.origin) == ("https://option.example", "--server")


def test_an_empty_variable_counts_as_unset(loaded: Load) -> None:
    config = loaded(
        'server = "https://file.example"\ntoken = "of-file"\n', SENTLINKS_SERVER="", SENTLINKS_TOKEN=""
    )
    choice = config.choose()
    assert choice.server is not None
    assert choice.token is not None
    assert (choice.server.value, choice.token.value) == ("https://file.example", "of-file")


def test_the_token_by_environment_sign_in_file(loaded: Load) -> None:
    file = 'server = "https://one.example"\ntoken = "of-file"\n'
    assert loaded(file).choose().token.value == "of-file"  # type: ignore[union-attr]
    loaded().sign_ins.keep("https://one.example", StoredSignIn("ANNA", "of-sign-in"))
    assert loaded(file).choose().token.value == "of-sign-in"  # type: ignore[union-attr]
    config = loaded(file, SENTLINKS_TOKEN="of-environment")
    assert config.choose().token.value == "of-environment"  # type: ignore[union-attr]
    assert config.choose("https://other.example").token.value == "of-environment"  # type: ignore[union-attr]


def test_a_token_goes_only_to_the_server_that_gave_it(loaded: Load) -> None:
    config = loaded('server = "https://one.example"\ntoken = "of-file"\n')
    config.sign_ins.keep("https://signed.example", StoredSignIn("ANNA", "of-sign-in"))
    assert config.choose("https://stranger.example").token is None
    assert config.choose("https://one.example.evil.example").token is None
    assert config.choose("https://one.example:8443").token is None
    assert config.choose("http://signed.example").token is None
    assert config.choose("https://SIGNED.example:443/").token.value == "of-sign-in"  # type: ignore[union-attr]
    assert config.choose("https://one.example/").token.value == "of-file"  # type: ignore[union-attr]


def test_the_files_token_never_goes_to_the_local_server_of_a_file_with_another(loaded: Load) -> None:
    config = loaded('server = "https://one.example"\ntoken = "of-file"\n')
    config.sign_ins.keep(LOCAL, StoredSignIn("ANNA", "of-local"))
    choice = config.choose()
    assert choice.server is None
    assert choice.token is not None
    assert choice.token.value == "of-local"


def test_forgetting_a_sign_in_falls_back_to_the_file(loaded: Load) -> None:
    config = loaded('server = "https://file.example"\n')
    config.sign_ins.keep("https://signed.example", StoredSignIn("ANNA", "t"))
    config.sign_ins.forget("https://signed.example/")
    assert config.sign_ins.of("https://signed.example") is None
    assert config.choose().server.value == "https://file.example"  # type: ignore[union-attr]


def test_sign_ins_are_private_and_survive(home: Path, loaded: Load) -> None:
    state = home / "state"
    state.mkdir(mode=0o755)
    loaded().sign_ins.keep("https://one.example", StoredSignIn("ANNA", "t1"))
    loaded().sign_ins.keep("https://two.example", StoredSignIn("BEN", "t2"))
    assert state.stat().st_mode & 0o777 == 0o700
    for path in state.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    again = SignIns(state)
    assert again.of("https://one.example") == StoredSignIn("ANNA", "t1")
    assert again.current == "https://two.example"


def test_broken_sign_ins_are_told(home: Path, loaded: Load) -> None:
    (home / "state").mkdir()
    for content in ("{", "[" * 100_000):
        (home / "state" / "sign-ins.json").write_text(content)
        with pytest.raises(Failed, match="remove that file") as caught:
            loaded().choose()
        assert caught.value.exit_status == 1


def test_a_state_folder_that_is_none_holds_no_sign_ins(home: Path, loaded: Load) -> None:
    """A token from elsewhere works without one; keeping a sign-in says what is wrong."""
    state = home / "state"
    for make, why in (
        (state.touch, "it is a file"),
        (lambda: state.symlink_to("missing"), "it is a link that leads nowhere"),
    ):
        make()
        assert loaded().choose().token is None
        with pytest.raises(Failed) as refused:
            loaded().sign_ins.keep("https://one.example", StoredSignIn("ANNA", "t"))
        assert refused.value.message == f"The folder {state} cannot be used: {why}."
        state.unlink()
    (home / "file").touch()
    (home / "link").symlink_to("missing")
    for name, why in (("file", "a file"), ("link", "a link that leads nowhere")):
        inside = home / name / "state"
        with pytest.raises(Failed) as refused:
            SignIns(inside).keep("https://one.example", StoredSignIn("ANNA", "t"))
        assert refused.value.message == f"The folder {inside} cannot be used: a part of its path is {why}."


def test_sign_ins_that_cannot_be_read_are_not_to_be_removed(home: Path, loaded: Load) -> None:
    """That would lose them, and where they can't be read, may not even be possible."""
    (home / "state" / "sign-ins.json").mkdir(parents=True)
    with pytest.raises(Failed) as refused:
        loaded().choose()
    where = home / "state" / "sign-ins.json"
    assert refused.value.message == f"The stored sign-ins in {where} cannot be read: Is a directory."


@pytest.mark.parametrize(
    "content",
    [[], {"current": "x"}, {"current": 5, "servers": {"x": 1, "y": {"token": 1, "user": "A"}}}, None],
)
def test_strange_sign_ins_count_as_none(home: Path, loaded: Load, content: object) -> None:
    (home / "state").mkdir()
    (home / "state" / "sign-ins.json").write_text(json.dumps(content))
    assert loaded().choose() == loaded().choose(None)
    assert loaded().choose().server is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("HTTPS://Links.Example/", "https://links.example"),
        ("https://links.example:443", "https://links.example"),
        ("http://links.example:80/a/", "http://links.example/a"),
        ("http://127.0.0.1:8480", "http://127.0.0.1:8480"),
        ("http://[::1]:8480/", "http://[::1]:8480"),
        ("https://user@links.example", "https://links.example"),
    ],
)
def test_one_spelling_of_an_address(given: str, expected: str) -> None:
    assert normalized(given) == expected


def test_every_key_of_the_file_is_overridden_by_a_variable(loaded: Load, home: Path) -> None:
    file = """
server = "https://file.example"
token = "t"
allow_plain = false
host = "127.0.0.1"
port = 1000
data = "data-of-file"
database_url = "sqlite:///x"
store = "s"
public_url = "https://links.example"
user = "ANNA"
work_server = "https://work.example"
work_token = "w"
work_user = "WANNA"
work_client_id = "app"
work_client_secret = "s"
work_scope = "user"
work_redirect = "http://localhost:8765/"
keyring = true
"""
    config = loaded(file)
    assert config.value("port") == 1000
    assert config.value("allow_plain") is False
    assert config.data == home / "data-of-file"
    over = {
        "SERVER": "https://env.example",
        "TOKEN": "u",
        "ALLOW_PLAIN": "yes",
        "HOST": "::1",
        "PORT": "2000",
        "DATA": "/data/of/variable",
        "DATABASE_URL": "postgresql://h/n",
        "STORE": "r",
        "PUBLIC_URL": "https://other.example",
        "USER": "BEN",
        "WORK_SERVER": "https://other.work.example",
        "WORK_TOKEN": "x",
        "WORK_USER": "WBEN",
        "WORK_CLIENT_ID": "app2",
        "WORK_CLIENT_SECRET": "s2",
        "WORK_SCOPE": "admin",
        "WORK_REDIRECT": "https://firm.example/",
        "KEYRING": "no",
    }
    config = loaded(file, **{f"SENTLINKS_{name}": value for name, value in over.items()})
    for name, value in over.items():
        found = config.setting(name.lower())
        assert found is not None
        assert found.origin == f"SENTLINKS_{name}"
        expected: object = {
            "ALLOW_PLAIN": True,
            "KEYRING": False,
            "PORT": 2000,
            "DATA": Path("/data/of/variable"),
        }.get(name, value)
        assert found.value == expected


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("port = 'x'\n", "port in .* must be a whole number"),
        ("port = true\n", "must be a whole number"),
        ("server = 5\n", "must be text"),
        ("allow_plain = 'perhaps'\n", "must be true or false"),
        ("allow_plain = 1\n", "must be true or false"),
    ],
)
def test_a_value_of_a_wrong_kind_is_told_with_its_place(loaded: Load, file: str, words: str) -> None:
    config = loaded(file)
    key = file.split(" ")[0]
    with pytest.raises(InvalidValue, match=words) as caught:
        config.setting(key)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("number", [0, 65535, 1024**4, 2**63 - 1])
def test_a_number_may_be_as_large_as_it_can_be_stored(loaded: Load, number: int) -> None:
    assert loaded(f"kept_bytes = {number}\n").value("kept_bytes") == number
    assert loaded(SENTLINKS_KEPT_BYTES=str(number)).value("kept_bytes") == number


@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_number_that_cannot_be_stored_is_none(loaded: Load, number: int) -> None:
    for config in (loaded(f"kept_bytes = {number}\n"), loaded(SENTLINKS_KEPT_BYTES=str(number))):
        with pytest.raises(InvalidValue, match="must be a whole number"):
            config.value("kept_bytes")


def test_a_byte_order_mark_is_no_part_of_the_file(home: Path, loaded: Load) -> None:
    (home / "config.toml").write_bytes(b"\xef\xbb\xbftheme = 'dark'\n")
    assert loaded().value("theme") == "dark"
    store(home / "config.toml", "theme", "light")
    assert loaded().value("theme") == "light"


def test_the_home_of_a_user_who_does_not_exist(loaded: Load) -> None:
    with pytest.raises(InvalidValue, match="names a user who doesn't exist: ~no-such-user/x"):
        places({"SENTLINKS_HOME": "~no-such-user/x"})
    for config in (loaded("data = '~no-such-user/x'\n"), loaded(SENTLINKS_DATA="~no-such-user/x")):
        with pytest.raises(InvalidValue, match="must be a path"):
            config.value("data")


def test_a_variable_of_a_wrong_kind_is_told_by_name(loaded: Load) -> None:
    with pytest.raises(InvalidValue, match="SENTLINKS_PORT must be a whole number"):
        loaded(SENTLINKS_PORT="-1").value("port")
    with pytest.raises(InvalidValue, match=r"HOUR must be a whole number \(0 for any number\)\.$"):
        loaded(SENTLINKS_PRESSES_PER_HOUR="unlimited").value("presses_per_hour")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"server = ", "malformed"),
        (b"\xff\xfe", "malformed"),
        pytest.param(b"x = " + b"[" * 10_000, "malformed", id="deep"),
        pytest.param(b"port = " + b"9" * 10_000, "malformed", id="long"),
        (b"sever = 'x'\n", r"no key sever\. Did you mean 'server'"),
        (b"zzzz = 'x'\n", "no key zzzz; its keys are server, token"),
    ],
)
def test_a_bad_file_is_told(home: Path, loaded: Load, content: bytes, words: str) -> None:
    (home / "config.toml").write_bytes(content)
    with pytest.raises(InvalidValue, match=words):
        loaded()


def test_a_file_that_is_a_folder_is_told(home: Path, loaded: Load) -> None:
    (home / "config.toml").mkdir()
    with pytest.raises(Failed, match="cannot be read"):
        loaded()


def test_a_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "wide"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(Failed, match="cannot be used"):
        private_folder(tmp_path / "file" / "below")
