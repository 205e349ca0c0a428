"""No request holds up the server: whatever one user searches for, others are answered, and hanging up ends the work
(S30)."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect

from tests.support.checks.long import few, some
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.work import LIBRARY, Worker
from tui.rules.errors import Throttled, Unavailable
from tui.server.accounts.users import Person
from tui.server.base import pools
from tui.server.base.pools import Pool, PoolPlaces
from tui.server.base.settings import Settings
from tui.server.context import Context
from tui.server.installation.installation import open_context
from tui.server.limits import query_limits
from tui.server.limits.query_limits import Lane, Lanes, TooExpensive, count_rows, limit_rows
from tui.server.work.query_runner import run_in_lane, written

#: A pattern that would never finish if every way to match it were tried.
STARS = "*a" * 300 + "*b*c"
WORDS, DOCUMENTS, SOME = 5000, 20, 3


@pytest.fixture(scope="module")
def wordy(
    database_url: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Worker, str]]:
    """A library whose comments have thousands of words each, and a search for some of them that takes long."""
    data = tmp_path_factory.mktemp("wordy") / "data"
    with ServerProcess(data, database_url=database_url()) as server, Worker(server) as worker:
        comment = " ".join(f"{n:04x}z" for n in range(WORDS))
        space = worker.workspace("Words")
        for number in range(DOCUMENTS):
            worker.upload(space, f"{number}", comment=comment)
        asked = " ".join(f"*{n:04x}z" for n in range(0, WORDS, WORDS // 130))
        yield worker, asked[:990].rpartition(" ")[0]


@few(5)
@pytest.mark.parametrize(
    ("call", "key"),
    [
        *(("documents", key) for key in ("name", "anywhere", "comments", "name_comments")),
        *((call, "name") for call in ("folders", "workspaces", "users", "trash-bin/documents")),
        *((call, "anywhere") for call in ("folders", "workspaces")),
        *((call, "description") for call in ("folders", "workspaces")),
        *((call, "name_or_description") for call in ("folders", "workspaces")),
    ],
)
def test_no_pattern_tries_for_ever(long_names: Worker, call: str, key: str) -> None:
    assert long_names.items(call, **{key: STARS}) == []
    assert long_names.items(call, **{key: STARS.rstrip("*bc")}) != [] or call in (
        "users",
        "trash-bin/documents",
    )


@pytest.fixture(scope="module")
def long_names(server: ServerProcess) -> Iterator[Worker]:
    """A library in which everything has a name of a thousand a's."""
    with Worker(server) as worker:
        name = "a" * 1000
        space = worker.workspace(name, description=name)
        worker.folder(space, name, description=name)
        worker.upload(space, name, comment=name)
        yield worker


def test_in_the_body_too(long_names: Worker) -> None:
    for what in ("documents", "folders", "workspaces"):
        answer = long_names.request("POST", f"{what}/search", json={"filters": {"name": STARS}})
        assert answer.json()["data"] == []


@pytest.mark.parametrize("path", ["/auth/oauth2/token", "/api/v1/session/login"])
def test_marks_in_the_wrong_order_take_no_time(server: ServerProcess, path: str) -> None:
    """Sorting the combining marks of a name as long as the form used to take a second, for anyone who asked."""
    name = "\u0301\u0316" * 3_900
    field = "user_id" if path.endswith("login") else "username"
    form = {"grant_type": "password", field: name, "password": "x"}
    before = used(server)
    for _ in range(3):
        with server.guest() as guest:
            send = guest.put if field == "user_id" else guest.post
            answer = send(
                path, content=json.dumps(form, ensure_ascii=False), headers={"content-type": "a/json"}
            )
            assert answer.status_code in (400, 401)
    assert used(server) - before < 0.7


@few(1)
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Origin", "Host"])
def test_many_hosts_take_no_time(server: ServerProcess, header: str) -> None:
    """Each of the host names in a press, as many as a head holds, used to be processed as a domain name."""
    document = publish(server, b"content", "guarded.pdf", password="Blue-Heron-42")
    hosts = "http://" + "ü." * 15_000 if header == "Origin" else "ü," * 15_000
    headers = {b"Origin": b"http://elsewhere", header.encode(): hosts.encode()}
    before = used(server)
    with server.guest() as guest:
        for _ in range(3):
            assert guest.post(path_of(document), headers=headers, data={"password": "x"}).status_code in (
                200,
                403,
            )
    assert used(server) - before < 0.4


def used(server: ServerProcess) -> float:
    """The processor time that the server has used, in seconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hang_up(worker: Worker, asked: str) -> None:
    """Searches for documents with ``asked`` in their comments, and hangs up when the server has started searching."""
    url = httpx.URL(worker.server.url)
    before = used(worker.server)
    with socket.create_connection((url.host, url.port or 0)) as line:
        head = f"GET {LIBRARY}/documents?{urlencode({'comments': asked})} HTTP/1.1\r\nHost: x\r\n"
        line.sendall(f"{head}X-Auth-Token: {worker.server.token}\r\n\r\n".encode())
        while used(worker.server) < before + 0.3:
            time.sleep(0.01)


def test_others_are_answered_meanwhile(wordy: tuple[Worker, str]) -> None:
    """Twenty other requests are answered while one search is far from its end."""
    worker, asked = wordy
    url = httpx.URL(worker.server.url)
    with socket.create_connection((url.host, url.port or 0)) as line:
        head = f"GET {LIBRARY}/documents?{urlencode({'comments': asked})} HTTP/1.1\r\nHost: x\r\n"
        line.sendall(f"{head}X-Auth-Token: {worker.server.token}\r\n\r\n".encode())
        line.setblocking(False)
        for _ in range(20):
            assert worker.request("GET", "/healthz").status_code == 200
        with pytest.raises(BlockingIOError):
            line.recv(1)


def test_who_hangs_up_ends_the_work(wordy: tuple[Worker, str]) -> None:
    worker, asked = wordy
    before = used(worker.server)
    assert worker.items("documents", comments=asked, limit=SOME) != []
    whole = (used(worker.server) - before) * DOCUMENTS / SOME
    before = used(worker.server)
    hang_up(worker, asked)
    last = -1.0
    while last != (last := used(worker.server)):
        time.sleep(0.3)
    assert last - before < whole / 2


# ---------------------------------------------------------------- lanes


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    opened = await open_context(Settings(data=tmp_path / "data"))
    yield opened
    await opened.close()


def request(*messages: dict[str, Any]) -> Request:
    """A request whose client sends these messages, then stays connected."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return Request({"type": "http", "method": "GET", "path": "/", "headers": []}, receive)


SENT: dict[str, Any] = {"type": "http.request", "body": b"", "more_body": False}
GONE: dict[str, Any] = {"type": "http.disconnect"}
ME = Person("1", "ME", False, "")


async def look_forever(connection: AsyncConnection) -> Response:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    await connection.execute(text(endless))
    raise AssertionError


async def test_a_statement_ends_with_its_client(context: Context) -> None:
    """Nothing of an endless statement keeps running: the connection's thread takes the next one."""
    for _ in range(20):
        with pytest.raises(ClientDisconnect):
            await run_in_lane(context, ME, request(SENT, GONE), look_forever)
    async with context.database.read() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1


async def test_a_closed_database_has_no_threads(tmp_path: Path) -> None:
    """Not even that of a statement whose client has just gone: it would report to an event loop that has ended."""
    before = set(threading.enumerate())
    opened = await open_context(Settings(data=tmp_path / "data"))

    for _ in range(4):
        with pytest.raises(ClientDisconnect):
            await run_in_lane(opened, ME, request(SENT, GONE), look_forever)
    await opened.close()
    assert not [each for each in set(threading.enumerate()) - before if each.daemon]


async def test_an_expensive_search_restarts_in_its_lane(context: Context) -> None:
    begun: list[str] = []

    async def look(connection: AsyncConnection) -> Response:
        begun.append("begun")
        count_rows(query_limits.LIGHT_ROWS)
        begun.append("few")
        count_rows(1)
        return await written([{"id": 1}], True, {"total_count": 1})

    response = await run_in_lane(context, ME, request(SENT), look)
    assert begun == ["begun", "few", "begun", "few"]
    body: list[bytes] = []

    async def send(message: Any) -> None:
        body.append(message.get("body", b""))
        # The user's slot is held until the answer is being sent.
        assert not second.done()

    second = asyncio.create_task(run_in_lane(context, ME, request(SENT), look))
    await response({"type": "http"}, request(SENT).receive, send)
    assert b"".join(body) == b'{"data":{"results":[{"id":1}]},"total_count":1}'
    await second


async def test_cheap_searches_do_not_wait() -> None:
    """However many users search through the library."""
    found = Lanes()

    async def search(person: str) -> None:
        async with found.expensive(person) as everyone, everyone.one():
            await asyncio.Event().wait()

    searches = [asyncio.create_task(search(person)) for person in "ABD"]
    await asyncio.sleep(0)
    async with found.place(Lane.LIGHT, "C"):
        with limit_rows(), pytest.raises(TooExpensive):
            count_rows(query_limits.LIGHT_ROWS + 1)
    count_rows(10**9)
    assert not any(task.done() for task in searches)
    for task in searches:
        task.cancel()


async def test_a_person_waits_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_limits, "_WAITING", 2)
    found = Lanes()
    over = asyncio.Event()

    async def search(person: str) -> None:
        async with found.expensive(person):
            await over.wait()

    first, second = (asyncio.create_task(search("A")) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await search("A")
    another = asyncio.create_task(search("B"))
    over.set()
    await another
    await asyncio.gather(first, second)


async def test_what_was_admitted_before_is_not_refused_for_others() -> None:
    """An upload that has arrived waits for its turn, however many requests of that person do: all of it would have to
    be sent again."""
    found, over = Lanes(), asyncio.Event()

    async def small(*, admitted: bool = False) -> None:
        async with found.place(Lane.LIGHT, "A", admitted=admitted):
            await over.wait()

    others = [asyncio.create_task(small()) for _ in range(64)]
    await asyncio.sleep(0)
    with pytest.raises(Throttled):
        await small()
    arrived = asyncio.create_task(small(admitted=True))
    await asyncio.sleep(0)
    over.set()
    await asyncio.gather(arrived, *others)


async def test_no_one_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """S36: and whoever has given up takes no place."""
    assert pools.WAIT_SECONDS == 5
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.01)
    found = PoolPlaces(Pool.EVERYONE, 1)
    over = asyncio.Event()

    async def hold() -> None:
        async with found.one():
            await over.wait()

    first = asyncio.create_task(hold())
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await hold()
    assert (refused.value.http_status, refused.value.retry_after) == (503, pools.RETRY_SECONDS)
    over.set()
    await asyncio.gather(first, hold())


# ---------------------------------------------------------------- what is found


@pytest.fixture(scope="module")
def filled(
    database_url: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Filled]]:
    data, url = tmp_path_factory.mktemp("filled") / "data", database_url()
    library = asyncio.run(fill(data, 3500, url))
    with ServerProcess(data, database_url=url) as server:
        yield server, library


@pytest.mark.parametrize("params", some(1, [{"name": "*e*", "latest": "false"}, {}]))
def test_a_long_page_is_the_short_ones(filled: tuple[ServerProcess, Filled], params: dict[str, str]) -> None:
    server, library = filled
    with Worker(server, library.tokens["DJONES"]) as worker:
        ids = [item["id"] for page in worker.pages("documents", limit=700, **params) for item in page]
        whole = worker.get("documents", limit=9999, total="true", **params)
        assert [item["id"] for item in whole["data"]["results"]] == ids
        assert whole["total_count"] == len(ids) == len(set(ids))
        assert len(ids) > 3000
        for limit, offset in ((1500, 2000), (3, 2999), (500, len(ids) - 1), (10, 9999)):
            some = worker.items("documents", limit=limit, offset=offset, **params)
            assert [item["id"] for item in some] == ids[offset : offset + limit]
