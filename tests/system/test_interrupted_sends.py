"""A killed send can be resumed: each document is published once, and its link is shown."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.misbehave import ALWAYS, Call, HoldAnswer, Misbehaving, Say
from tests.support.server import ServerProcess
from tests.support.share import Sender, database, fetch
from tests.system.command import SCRIPT, Client, Running
from tests.system.proxy import wait_until

DATABASE = "both"
SMALL = 50
LARGE = 20_000_000
#: More than fits in the request that creates an upload, so that there is a PATCH for each.
MIDDLE = 9 * 1024 * 1024


@dataclass
class Sending:
    """A command that sends the files of a folder through ``proxy``."""

    client: Client
    proxy: Misbehaving
    items: list[str]
    server: ServerProcess
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, *options: str) -> Running:
        return self.client.start("send", *self.items, "--json", *options)

    def ended_by(self, number: int, begin: Callable[[Callable[[], None]], None]) -> tuple[int, str, str]:
        """Starts the command, and ends it with a signal at the moment that ``begin`` arranges."""
        process: list[Running] = []
        started = threading.Event()

        def end() -> None:
            started.wait(30)
            process[0].send_signal(number)

        begin(end)
        process.append(self.start())
        started.set()
        status, out, err = process[0].ended(seconds=120)
        self.over.set()
        assert b"Traceback" not in err
        return status, out.decode(), err.decode()

    @property
    def unfinished(self) -> int:
        """How many of the items are uploads on the server that have not become documents."""
        with database(self.server) as connection:
            found = connection.execute("SELECT metadata FROM uploads WHERE published_as IS NULL")
            names = [
                base64.b64decode(str(row[0]).partition("filename ")[2].partition(",")[0]) for row in found
            ]
        return len({name.decode() for name in names} & set(self.items))

    @property
    def documents(self) -> int:
        """How many of the items are documents already."""
        return len(set(self.published()))

    @property
    def left(self) -> list[dict[str, Any]]:
        return list(self.client("sends", "--json").json["sends"])

    def published(self) -> list[str]:
        """The names of the items that are documents already; twice if they were published twice."""
        # Not listed by a command, since the folder also has what all tests before this one have sent.
        with database(self.server) as connection:
            found = connection.execute("SELECT name FROM sent_documents").fetchall()
        return [str(row[0]) for row in found if row[0] in self.items]

    def remove_shortcuts(self) -> None:
        """Makes the next send ask the server which folder it may use."""
        favorites = "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/children"
        with self.server.client() as client:
            for shortcut in client.get(favorites).raise_for_status().json()["data"]:
                client.delete(f"{favorites}/{shortcut['id']}").raise_for_status()

    def check_all(self, documents: list[dict[str, Any]]) -> None:
        """Checks that each item was published once, and that its link gives the file's content."""
        assert [d["name"] for d in documents] == self.items
        assert {d["status"] for d in documents} == {"succeeded"}
        assert sorted(self.published()) == sorted(self.items)
        contents = [(self.client.cwd / document["name"]).read_bytes() for document in documents]
        assert [d["sha256"] for d in documents] == [
            hashlib.sha256(content).hexdigest() for content in contents
        ]
        for document, content in random.Random(len(documents)).sample(
            list(zip(documents, contents, strict=True)), 4
        ):
            assert fetch(self.server, document["url"]) == content
        assert self.unfinished == 0
        assert self.left == []


_COUNT = iter(range(1000))
#: Has what follows the first bytes of each file, beginning so much further on in each: many random bytes take long to
#: make.
_STEP = 4099
_FILLING = os.urandom(LARGE + 100 * _STEP)


@pytest.fixture
def many(server: ServerProcess, tmp_path: Path) -> Iterator[Callable[..., Sending]]:
    proxies: list[Misbehaving] = []

    def make(small: int = SMALL, large: tuple[int, ...] = (MIDDLE, MIDDLE)) -> Sending:
        proxies.append(Misbehaving(server.url).__enter__())
        client = Client(proxies[-1].url, server.token, tmp_path)
        number = next(_COUNT)
        sizes = [random.Random(number).randrange(40_000) for _ in range(small)]
        sizes[small // 2 : small // 2] = large
        items = []
        for index, size in enumerate(sizes):
            items.append(f"s{number:03}-{index:02}.bin")
            filling = _FILLING[index * _STEP : index * _STEP + size]
            client.file(items[-1], (os.urandom(16) + filling)[:size])
        return Sending(client, proxies[-1], items, server)

    yield make
    for proxy in proxies:
        proxy.__exit__(None, None, None)


#: Where it is killed: at this request, after skipping n of them; ``answered``: when the server has processed it.
POINTS = [
    ("POST", "/share/v1/folder", 0, False), ("POST", "/share/v1/folder", 0, True), ("POST", "/sends", 0, False),
    ("POST", "/sends", 0, True), ("POST", "/batch", 0, False), ("POST", "/batch", 0, True),
    ("POST", "/batch", 1, True), ("POST", "/uploads", 0, False), ("POST", "/uploads", 0, True),
    ("POST", "/uploads", 1, True), ("PATCH", "/uploads", 0, False), ("PATCH", "/uploads", 0, True),
    ("PATCH", "/uploads", 1, True), ("POST", "/documents", 0, False), ("POST", "/documents", 0, True),
    ("POST", "/documents", 1, True),
]  # fmt: skip


def at(
    sending: Sending, method: str, path: str, skip: int, answered: bool, documents: int = 0
) -> Callable[[Callable[[], None]], None]:
    """Ends the send at that point, but not before ``documents`` items are published, which happens in parallel."""
    proxy = sending.proxy
    before = proxy.count(method, path)
    sending.over.clear()

    def begin(end: Callable[[], None]) -> None:
        if not answered:
            proxy.spoil(method, Call(end), path, skip=skip)
            return
        # The response never arrives; other requests continue in the meantime.
        proxy.spoil(method, HoldAnswer(), path, skip=skip)

        def watch() -> None:
            wait_until(lambda: proxy.count(method, path) - before > skip or sending.over.is_set(), 60)
            wait_until(lambda: sending.documents >= documents or sending.over.is_set(), 60)
            end()

        threading.Thread(target=watch).start()

    return begin


def resume(sending: Sending) -> None:
    """Does what a user does: runs the same command again, which reports the interrupted send, then what it suggests."""
    again = sending.client("send", *sending.items, "--json")
    assert (again.status, again.error) == (1, "send.interrupted")
    (left,) = sending.left
    assert left["state"] == ("sent" if len(left["documents"]) == len(sending.items) else "interrupted")
    # What the server was doing when the command was killed may have finished since.
    assert {d["name"] for d in left["documents"]} <= set(sending.published())
    assert f"--resume {left['id']}" in again.err
    done = sending.client("send", "--resume", left["id"], "--json")
    assert done.status == 0, done.err
    sending.check_all(done.documents)
    gone = sending.client("send", "--resume", left["id"], "--json")
    assert (gone.status, gone.error) == (5, "send.unknown")


@pytest.mark.long
@pytest.mark.parametrize(("method", "path", "skip", "answered"), POINTS)
def test_killed_at_a_point_it_can_be_resumed(
    many: Callable[..., Sending], method: str, path: str, skip: int, answered: bool
) -> None:
    sending = many()
    if path.endswith("/folder"):
        sending.remove_shortcuts()
    status, out, _ = sending.ended_by(signal.SIGKILL, at(sending, method, path, skip, answered))
    assert (status, out) == (-signal.SIGKILL, "")
    sending.proxy.behave()
    resume(sending)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_it_gets_finished(many: Callable[..., Sending], seed: int) -> None:
    """The send is killed at random points, also while it is being resumed."""
    chance = random.Random(seed)
    sending = many(large=(LARGE, LARGE, MIDDLE))
    for _ in range(3):
        method, path, _, answered = chance.choice(POINTS[4:])
        skip = chance.randrange(5 if path != "/batch" else 1)
        left = sending.left
        items = ["--resume", left[0]["id"]] if left else sending.items
        begin = at(sending, method, path, skip, answered)
        status, out, _ = replace(sending, items=items).ended_by(signal.SIGKILL, begin)
        sending.proxy.behave()
        if status == 0:
            # It finished before it reached that point.
            break
        assert status == -signal.SIGKILL
    left = sending.left
    if left:
        done = sending.client("send", "--resume", left[0]["id"], "--json")
        assert done.status == 0, done.err
        out = done.out
    sending.check_all(json.loads(out)["documents"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("path", ["/uploads", "/documents"])
def test_ended_by_a_signal_it_leaves_nothing_half_sent(
    many: Callable[..., Sending], number: int, path: str
) -> None:
    """The send ends at once; what is published is reported, and it can be resumed."""
    sending = many(small=5, large=(MIDDLE, MIDDLE, MIDDLE, MIDDLE))
    method = "PATCH" if path == "/uploads" else "POST"
    status, out, err = sending.ended_by(number, at(sending, method, path, 0, True))
    assert status == 128 + number
    assert sending.unfinished == 0
    reported = [d["name"] for d in json.loads(out)["documents"] if d["status"] == "succeeded"]
    sending.proxy.behave()
    # Whether a document whose response never arrived was published is known only on resuming.
    assert set(reported) <= set(sending.published())
    (left,) = sending.left
    assert f"--resume {left['id']}" in err
    resume(sending)


def test_the_same_items_are_sent_again_with_anew(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True))
    sending.proxy.behave()
    assert sending.client("send", *sending.items, "--anew", "--json").status == 0
    (left,) = sending.left
    # The same items are recognised in any order; other items are not affected.
    assert sending.client("send", *reversed(sending.items), "--json").error == "send.interrupted"
    assert sending.client("send", sending.items[0], "--json").status == 0
    assert [each["id"] for each in sending.left] == [left["id"]]


def test_discarding_reports_what_is_published_and_leaves_nothing_half_sent(
    many: Callable[..., Sending],
) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True, documents=3))
    sending.proxy.behave()
    (left,) = sending.left
    assert len(left["documents"]) == 3
    assert sending.unfinished == 1
    done = sending.client("send", "--discard", left["id"], "--json")
    assert done.status == 0
    assert [d["id"] for d in done.documents] == [d["id"] for d in left["documents"]]
    assert all(d["published"] for d in done.documents)
    assert (sending.unfinished, sending.left) == (0, [])
    assert sending.client("send", *sending.items, "--json").status == 0


def test_one_that_is_being_sent_is_not_resumed_by_another(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    with sending.proxy.holding("PATCH", "/uploads"):
        process = sending.start()
        wait_until(lambda: sending.proxy.count("PATCH") > 0)
        (left,) = sending.left
        assert left["state"] == "sending"
        for option in ("--resume", "--discard"):
            refused = sending.client("send", option, left["id"], "--json")
            assert (refused.status, refused.error) == (1, "send.running")
        assert sending.client("send", *sending.items, "--json").error == "send.running"
    status, _, err = process.ended()
    assert status == 0, err
    assert sending.left == []


def test_of_two_that_begin_at_the_same_time_one_sends(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=())
    proxy = sending.proxy
    opened = proxy.count("POST", "/sends")
    with proxy.holding("POST", "/sends"):
        with proxy.holding("GET", "/policy", answer=True, times=2):
            # Without it, neither can begin: both have looked for a send of the same items by then.
            asked = proxy.count("GET", "/policy")
            both = [sending.start(), sending.start()]
            wait_until(lambda: proxy.count("GET", "/policy") == asked + 2)
        wait_until(lambda: any(each.over for each in both) or proxy.count("POST", "/sends") == opened + 2)
    ends = sorted((each.ended() for each in both), key=lambda end: end[0])
    assert [status for status, _, _ in ends] == [0, 1]
    assert json.loads(ends[1][1])["error"]["code"] == "send.running"
    assert sorted(sending.published()) == sorted(sending.items)


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("given", [(), ("--to", "bob@example.com")])
def test_it_keeps_whom_it_is_for(
    many: Callable[..., Sending], answered: bool, given: tuple[str, ...]
) -> None:
    """Whether the server knew the send or not; an e-mail that is made when it is resumed goes to them, too."""
    sending = many(small=2, large=(MIDDLE,))
    process = sending.client.start("send", *sending.items, "--to", "Anna Arp <anna@example.com>")
    at(sending, *(("PATCH", "/uploads", 0, True) if answered else ("POST", "/sends", 0, False)))(process.kill)
    process.ended()
    sending.over.set()
    sending.proxy.behave()
    (left,) = sending.left
    assert left["recipients"] == ["Anna Arp <anna@example.com>"]
    assert "    to Anna Arp <anna@example.com>\n" in sending.client("sends").out
    done = sending.client("send", "--resume", left["id"], "--json", "--mail", "a.eml", *given)
    assert done.status == 0, done.err
    kept = list(given[1:]) or ["Anna Arp <anna@example.com>"]
    assert [document["recipients"] for document in done.documents] == [kept] * 3
    assert f"To: {kept[0]}\r\n" in (sending.client.cwd / "a.eml").read_bytes().decode()
    listed = sending.client("links", "--all", "--json").documents
    assert [d["recipients"] for d in listed if d["name"] in sending.items] == [kept] * 3


@pytest.mark.parametrize(("answered", "given", "status"), [
    (True, (), 0), (False, (), 2), (False, ("--password-stdin",), 0), (False, ("--generate-password",), 0),
])  # fmt: skip
def test_its_password_is_asked_for_again_only_where_the_server_has_none(
    many: Callable[..., Sending], answered: bool, given: tuple[str, ...], status: int
) -> None:
    sending = many(small=2, large=(MIDDLE,))
    process = sending.client.start("send", *sending.items, "--password-stdin")
    point = ("PATCH", "/uploads", 0, True) if answered else ("POST", "/sends", 0, False)
    at(sending, *point)(process.kill)
    process.ended(b"Blue-Heron-48\n")
    sending.over.set()
    sending.proxy.behave()
    (left,) = sending.left
    done = sending.client("send", "--resume", left["id"], "--json", *given, given="Grey-Heron-49\n")
    assert done.status == status, done.err
    if status:
        assert done.error == "password.missing"
        assert [each["id"] for each in sending.left] == [left["id"]]
        return
    password = done.json.get("password") or ("Blue-Heron-48" if answered else "Grey-Heron-49")
    content = (sending.client.cwd / sending.items[0]).read_bytes()
    assert fetch(sending.server, done.documents[0]["url"], password) == content


@pytest.mark.parametrize("arguments", [
    ("--resume", "x", "a.txt"), ("--resume", "x", "--discard", "y"), ("--resume", "x", "--expires", "7d"),
    ("--resume", "x", "--no-notify"),
    ("--discard", "x", "--generate-password"), ("--resume", "x", "--anew"), ("--resume", "x", "--name", "a=b"),
])  # fmt: skip
def test_options_that_contradict(many: Callable[..., Sending], arguments: tuple[str, ...]) -> None:
    done = many(small=2, large=()).client("send", *arguments, "--json")
    assert (done.status, done.error) == (2, "options.contrary")


def test_other_users_sends_are_not_listed_or_resumed(
    many: Callable[..., Sending], server: ServerProcess
) -> None:
    sending = many(small=2, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True))
    sending.proxy.behave()
    (left,) = sending.left
    with Sender(server) as me, me.add_user(f"P{next(_COUNT)}") as other:
        token = other.http.headers["X-Auth-Token"]
        assert sending.client("sends", "--json", SENTLINKS_TOKEN=token).json == {"sends": []}
        assert sending.client("send", "--resume", left["id"], "--json", SENTLINKS_TOKEN=token).status == 5
    assert sending.client("send", "--discard", left["id"]).status == 0


def test_on_a_terminal_it_asks(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True, documents=3))
    sending.proxy.behave()
    for answer, options, status in (
        (b"n\n", (), 1), (b"y\n", ("--generate-password",), 2), (b"y\n", ("--expires", "7d"), 0),
    ):  # fmt: skip
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*SCRIPT, "send", *sending.items, *options], cwd=sending.client.cwd, stdin=theirs, stdout=subprocess.PIPE,
            stderr=theirs, env={**os.environ, **sending.client.environ, "TERM": "dumb"},
        )  # fmt: skip
        os.close(theirs)
        seen = b""
        while b"[Y/n]" not in seen:
            seen += os.read(ours, 4096)
        assert b"3 of 4 are published" in b" ".join(seen.split())
        os.write(ours, answer)
        out, _ = process.communicate(timeout=60)
        output = os.read(ours, 65536)
        os.close(ours)
        assert process.returncode == status
        # The user asked for a password, so links without one are not resumed.
        assert (b"has no password" in output) == (status == 2)
        assert (b"keeps its original names and settings" in b" ".join(output.split())) == (status == 0)
    assert len(out.split()) == 4
    assert sending.left == []


# ---------------------------------------------------------------- a server that is away


def test_a_server_that_is_away_is_waited_for(many: Callable[..., Sending]) -> None:
    """The command waits from the first request on, and says so."""
    sending = many(small=3, large=(MIDDLE,))
    sending.proxy.down()
    process = sending.start("--patience", "90s")
    line = process.err.readline()
    assert line.startswith(b"sentlinks: Waiting for the server; trying again in ")
    sending.proxy.up()
    status, out, err = process.ended()
    assert status == 0, err
    sending.check_all(json.loads(out)["documents"])


def test_patience_can_be_short(many: Callable[..., Sending]) -> None:
    """A send that ran out of patience can be resumed."""
    sending = many(small=3, large=(MIDDLE,))
    sending.proxy.spoil("PATCH", Say(503), times=ALWAYS)
    done = sending.client("send", *sending.items, "--json", "--patience", "1s")
    assert done.status == 1
    (left,) = sending.left
    assert f"--resume {left['id']}" in done.err
    sending.proxy.behave()
    resume(sending)
    sending.proxy.down()
    assert sending.client("send", *sending.items, "--json", "--patience", "0s").status == 6
    sending.proxy.up()
    assert sending.left == []


@pytest.mark.parametrize("span", ["", "soon", "10", "-1s", "1.5h"])
def test_invalid_spans(many: Callable[..., Sending], span: str) -> None:
    sending = many(small=2, large=())
    done = sending.client("send", sending.items[0], "--patience", span, "--json")
    assert (done.status, done.error) == (2, "span.unknown")
