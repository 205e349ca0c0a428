"""Where sign-ins are kept: in a real keyring if one can be used, else in a private file. Nothing ever prompts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.mail import keyring
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tests.system.command import ROOT, Done, run
from tui.config import keyrings
from tui.config.sign_ins import SignIns, StoredSignIn
from tui.rules.errors import Failed

SLOW = "tests.support.mail.slow_keyring"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[keyring.Session]:
    """A keyring that each test leaves empty and unlocked."""
    keyring.want()
    with keyring.session(tmp_path_factory.mktemp("keyring") / "desk") as session:
        yield session


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"SENTLINKS_HOME": str(tmp_path / "own"), "SENTLINKS_KEYRING": "yes"}


@pytest.fixture(scope="module")
def person(server: ServerProcess) -> str:
    add_person(server, "ANNA")
    return "ANNA"


def login(server: ServerProcess, person: str, environ: dict[str, str]) -> Done:
    return run(
        "login", person, "--password-stdin", "--server", server.url, "--json", given=PASSWORD, **environ
    )


def kept(environ: dict[str, str]) -> str:
    return (Path(environ["SENTLINKS_HOME"]) / "state" / "sign-ins.json").read_text()


def test_the_token_is_in_the_keyring_only(
    server: ServerProcess, person: str, desk: keyring.Session, home: dict[str, str]
) -> None:
    environ = {**home, **desk.environ}
    done = login(server, person, environ)
    assert (done.status, done.err) == (0, "")
    token = done.json["token"]
    assert token not in kept(environ)
    assert token in desk.items()
    assert run("whoami", "--json", **environ).json["user"] == person
    # The next sign-in replaces it.
    again = login(server, person, environ).json["token"]
    assert token not in desk.items()
    assert again in desk.items()
    assert run("logout", "--json", **environ).status == 0
    assert desk.items() == ""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "work") as process:
        yield process


def test_a_keyring_that_is_locked(
    server: ServerProcess, person: str, other: ServerProcess, home: dict[str, str], tmp_path: Path
) -> None:
    """It is told, and never unlocked. It is in the way of what needs it only."""
    keyring.want()
    with keyring.session(tmp_path / "desk") as desk:
        environ = {**home, **desk.environ}
        assert login(server, person, environ).status == 0
        place = {"SENTLINKS_HOME": str(tmp_path / "with work")}
        with_work = {**environ, **place, "SENTLINKS_SERVER": server.url, "SENTLINKS_TOKEN": server.token}
        document = signed_in_to_work(other, with_work)
        desk.lock()
        with desk.asked_to_unlock() as asked:
            what_share_needs(server, person, environ)
            what_work_needs(other, document, with_work, tmp_path)
        assert asked == []


def what_share_needs(server: ServerProcess, person: str, environ: dict[str, str]) -> None:
    done = run("whoami", "--json", **environ)
    assert (done.status, done.error) == (4, "keyring.locked")
    assert "unlock it" in done.err
    # A user who supplies a token needs nothing from the keyring.
    assert run("whoami", "--json", **environ, SENTLINKS_TOKEN=server.token).status == 0
    done = run("logout", "--json", **environ)
    assert (done.status, done.error) == (1, "keyring.locked")
    assert "Signed out here" in done.err
    assert '"servers": {}' in kept(environ)
    again = login(server, person, environ)
    assert again.status == 0
    assert "is kept in" in again.err
    assert "locked" in again.err
    assert again.json["token"] in kept(environ)
    assert run("whoami", "--json", **environ).json["user"] == person


def signed_in_to_work(other: ServerProcess, environ: dict[str, str]) -> str:
    """The number of a document of someone who has signed in to Work."""
    add_person(other, "WORKER")
    signed = run(
        "login", "WORKER", "--work", "--password-stdin", "--server", other.url, given=PASSWORD, **environ
    )
    assert signed.status == 0
    with Worker(other) as worker:
        return str(worker.upload(worker.workspace("Matter"), "Deed", b"the deed", "pdf")["id"])


def what_work_needs(other: ServerProcess, document: str, environ: dict[str, str], tmp_path: Path) -> None:
    """Work documents can't be fetched then; everything else works."""
    file = tmp_path / "offer.txt"
    file.write_text("offer")
    who = run("whoami", "--json", **environ)
    assert (who.status, who.json["work"]) == (0, {"user": None, "server": other.url})
    assert "unlock it" in who.err
    assert run("send", str(file), "--json", **environ).status == 0
    for command in (["send", document], ["find", "deed"]):
        done = run(*command, "--json", **environ)
        assert (done.status, done.error) == (4, "keyring.locked"), command
        assert done.err.count("\n") == 1


@more
def test_a_bus_without_a_keyring(
    server: ServerProcess, person: str, tmp_path: Path, home: dict[str, str]
) -> None:
    """The service that the bus starts on request has no keyring yet, and would ask for a password to create one."""
    keyring.want()
    with keyring.session(tmp_path / "desk", password=None) as desk:
        done = login(server, person, {**home, **desk.environ})
        assert (done.status, done.err) == (0, "")
        assert done.json["token"] in kept(home)


@few(1)
@pytest.mark.parametrize(
    ("backend", "note"),
    [
        ("keyring.backends.null.Keyring", ""),
        ("keyring.backends.fail.Keyring", ""),
        (f"{SLOW}.Asking", "The system's keyring cannot be used"),
        ("no.such.Backend", "The system's keyring cannot be used"),
    ],
)
def test_backends_that_keep_nothing_or_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, note: str
) -> None:
    """There is no terminal to ask on; the file is used, and if something failed, the reason is told."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    stored = SignIns(tmp_path / "state", use_keyring=lambda: True).keep(
        "https://x", StoredSignIn("A", "the-token")
    )
    assert note in stored.note
    assert bool(note) == bool(stored.note)
    assert "the-token" in Path(stored.where).read_text()


def test_a_keyring_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{SLOW}.Silent")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(keyrings, "SECONDS", 1.0)
    with pytest.raises(Failed) as caught:
        keyrings.get("x")
    assert caught.value.code == "keyring.silent"
    stored = SignIns(tmp_path / "state", use_keyring=lambda: True).keep("https://x", StoredSignIn("A", "t"))
    assert stored.where.endswith("sign-ins.json")
    assert "does not respond" in stored.note


def test_one_folder_for_all_needs_no_keyring(
    server: ServerProcess, person: str, desk: keyring.Session, tmp_path: Path
) -> None:
    """With SENTLINKS_HOME everything is in that folder; without it, the keyring is used."""
    own = {"SENTLINKS_HOME": str(tmp_path / "own"), **desk.environ}
    assert login(server, person, own).json["token"] in kept(own)
    assert desk.items() == ""
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "STATE")}
    system = {**desk.environ, **places, "SENTLINKS_HOME": ""}
    token = login(server, person, system).json["token"]
    assert token in desk.items()
    assert run("logout", **system).status == 0
    off = login(server, person, {**system, "SENTLINKS_KEYRING": "no"}).json["token"]
    assert off in (tmp_path / "STATE" / "sentlinks" / "sign-ins.json").read_text()
