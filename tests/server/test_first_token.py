"""The token that a server writes into its data folder: valid there, and over the network for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tests.support.servers.databases import both
from tests.support.servers.put_back import put_back
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, Sender, at_once, problem
from tests.support.users.work import add_person
from tui.server.accounts import users
from tui.server.base.clock import system_clock
from tui.server.installation.installation import open_context

DAY = 86_400


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Path]]:
    """A server that also has a Unix socket, and where that is."""
    # A socket's path can only be about a hundred bytes long.
    with TemporaryDirectory(prefix="sl-") as folder:
        place = Path(folder) / "socket"
        data = tmp_path_factory.mktemp("listening") / "data"
        with ServerProcess(data, arguments=("--socket", str(place))) as server:
            yield server, place


@pytest.fixture
def by_socket(listening: tuple[ServerProcess, Path]) -> Iterator[tuple[ServerProcess, Sender]]:
    """That server, as before, and a client that connects to the socket with the data folder's token."""
    server, place = listening
    owner = Sender(server)
    headers = owner.http.headers
    owner.http.close()
    transport = httpx.HTTPTransport(uds=str(place))
    owner.http = httpx.Client(base_url=server.url, transport=transport, headers=headers)
    with owner, put_back(server):
        yield server, owner


def test_over_the_network_it_lasts_thirty_days(by_socket: tuple[ServerProcess, Sender]) -> None:
    """S32: a copy of it isn't valid forever; with access to the data folder, it stays valid."""
    server, owner = by_socket
    with Sender(server) as network:
        server.turn_clock(29.9 * DAY)
        assert network.get("/me")["user"] == "DJONES"
        server.turn_clock(30.1 * DAY)
        problem(network.request("GET", "/me"), 401, "token.invalid")
        problem(network.request("POST", "/exchange", json={}), 401, "token.invalid")
        assert network.http.get("/api").status_code == 401
        server.turn_clock(1000 * DAY)
        assert owner.get("/me")["user"] == "DJONES"
        assert owner.http.get("/api").status_code == 200
        # The owner sets a password, to sign in with from elsewhere.
        body = {"password": "Grey-Heron-52"}
        assert owner.request("PUT", "/users/DJONES/password", json=body).status_code == 200
        assert owner.sign_in("DJONES", "Grey-Heron-52")["user"] == "DJONES"


async def test_it_is_not_forgotten(by_socket: tuple[ServerProcess, Sender]) -> None:
    """S20: expired tokens are removed after a month; this one is still valid locally."""
    server, owner = by_socket
    with Sender(server) as network:
        network.post("/exchange", {})
    later = system_clock() + users.FIRST_LIFE * 3
    context = await open_context(server.settings, lambda: later)
    try:
        await users.forget_old(context)
    finally:
        await context.close()
    assert owner.get("/me")["user"] == "DJONES"


def test_it_is_exchanged_once(by_socket: tuple[ServerProcess, Sender]) -> None:
    """S32: for a sign-in like any other; after that it is invalid over the network."""
    server, owner = by_socket
    with Sender(server) as network:
        signed = network.post("/exchange", {"program": "command line"})
        assert (signed["user"], signed["server"]) == ("DJONES", server.url)
        for method, path in (("GET", "/me"), ("POST", "/exchange"), ("GET", "/users")):
            problem(network.request(method, path, json={}), 401, "token.invalid")
    with Sender(server, signed["token"]) as signed_in:
        kinds = {each["kind"]: each["current"] for each in signed_in.get("/sessions")["sessions"]}
        assert kinds == {"command line": True}
        problem(signed_in.request("POST", "/exchange", json={}), 403, "token.not_first")
        assert owner.get("/me")["admin"] is True
        assert owner.post("/exchange", {})["token"] != signed["token"]
        assert len(signed_in.delete("/sessions")["sessions"]) == 1
        assert owner.get("/me")["user"] == "DJONES"


def test_whatever_ends_it_ends_it_over_the_network_only(by_socket: tuple[ServerProcess, Sender]) -> None:
    """S32: a user who has the data folder isn't locked out of it, by others or by themselves."""
    server, owner = by_socket
    with Sender(server) as network:
        signed = owner.post("/exchange", {})["token"]
        owner.request("PUT", "/users/DJONES/password", json={"password": "Grey-Heron-52"}).raise_for_status()
        problem(network.request("GET", "/me"), 401, "token.invalid")
        with Sender(server, owner.sign_in("DJONES", "Grey-Heron-52")["token"]) as elsewhere:
            for row in elsewhere.get("/sessions")["sessions"]:
                assert row["kind"] != "data folder"
            elsewhere.delete("/sessions")
            own = {"password": "Blue-Heron-42-x", "present": "Grey-Heron-52"}
            elsewhere.request("PUT", "/users/DJONES/password", json=own).raise_for_status()
        assert owner.get("/me")["user"] == "DJONES"
        owner.request("POST", "/logout").raise_for_status()
        assert owner.get("/me")["user"] == "DJONES"
        assert "data folder" in [row["kind"] for row in owner.get("/sessions")["sessions"]]
        with Sender(server, signed) as ended:
            problem(ended.request("GET", "/me"), 401, "token.invalid")


def test_events_arrive_over_the_socket(by_socket: tuple[ServerProcess, Sender]) -> None:
    """Even when the token has expired for the network: the app's list stays live."""
    server, owner = by_socket
    server.turn_clock(40 * DAY)
    with owner.http.stream("GET", f"{BASE}/events", timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(line for line in lines if line.startswith("event: ")) == "event: ready"
        # Before new events are reported, each listener's token is checked.
        owner.send("Offer.pdf")
        assert next(line for line in lines if line.startswith("event: ")) == "event: happened"


def test_another_process_may_have_looked_at_the_time_before(restored_server: ServerProcess) -> None:
    """S32: a second exchange gains nothing from a clock that is behind."""
    with Sender(restored_server) as network:
        restored_server.turn_clock(60)
        network.post("/exchange", {})
        restored_server.turn_clock(0)
        problem(network.request("POST", "/exchange", json={}), 401, "token.invalid")


def test_others_are_not_exchanged(restored_server: ServerProcess) -> None:
    """S23, S32: a token that was given to a program can't become a lasting sign-in."""
    with Sender(restored_server, add_person(restored_server, "BSMITH")) as program:
        problem(program.request("POST", "/exchange", json={}), 403, "token.not_first")
    with restored_server.guest() as guest:
        problem(guest.post(f"{BASE}/exchange", json={}), 401, "token.invalid")


def test_a_data_folder_of_another_database_is_left_alone(tmp_path: Path) -> None:
    """If its database weren't named, an empty one would be created in it, and its token overwritten."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "audit.seal").write_text(json.dumps({"sequence": 7, "mac": "00" * 32, "anchor": "00" * 32}))
    (data / "token").write_text("the-one-that-is-good")
    with pytest.raises(AssertionError, match="belongs to another database"), ServerProcess(data):
        pass
    assert (data / "token").read_text() == "the-one-that-is-good"


@both
def test_of_two_at_once_one_has_it(fresh_server: ServerProcess) -> None:
    """S32: across two processes."""
    with ServerProcess(fresh_server.data) as second:
        servers = (fresh_server, second)

        def exchange(number: int) -> int:
            with servers[number % 2].client() as client:
                return client.post(f"{BASE}/exchange", json={}).status_code

        statuses = at_once(8, exchange)
        assert sorted(statuses) == [200] + [401] * 7
