"""What can go wrong with a client's request, and which problem it becomes."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.network.connections import HTML, JSON, PROBLEM, free_port, problem_from
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Cut, Hang, LoseAnswer, Say
from tests.support.servers.server import ServerProcess
from tui.clients.bounded import ANSWER
from tui.clients.connection import (
    LONGEST_WAIT,
    MAX_CONNECTIONS,
    Target,
    call,
    json_of,
    model_of,
    open_http,
    reaching,
)
from tui.rules.errors import (
    Conflict,
    Failed,
    Interrupted,
    InvalidValue,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PolicyBreach,
    Problem,
    Throttled,
    TooLarge,
    Unreachable,
)
from tui.wire.share import Me


@pytest.fixture
async def http(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(Target(spoiled.url, server.token)) as client:
        yield client


async def test_a_server_that_is_not_there() -> None:
    async with open_http(Target(f"http://127.0.0.1:{free_port()}", "t")) as client:
        problem = await problem_from(client)
    assert type(problem) is Unreachable
    assert problem.exit_status == 6


async def test_an_unknown_name() -> None:
    async with open_http(Target("https://nowhere.invalid", "t")) as client:
        problem = await problem_from(client)
    assert type(problem) is Unreachable
    assert "nowhere.invalid" in problem.message


async def test_a_server_that_speaks_no_tls(server: ServerProcess) -> None:
    async with open_http(Target(server.url.replace("http:", "https:"), "t")) as client:
        problem = await problem_from(client)
    assert type(problem) is Unreachable
    assert "TLS" in problem.message


async def test_a_socket_that_is_gone(tmp_path: Path) -> None:
    async with open_http(Target("http://127.0.0.1:1", "t", tmp_path / "gone")) as client:
        assert type(await problem_from(client)) is Unreachable


async def test_a_connection_that_breaks_is_tried_once_more_where_nothing_can_happen_twice(
    http: httpx.AsyncClient, spoiled: Misbehaving
) -> None:
    spoiled.spoil("GET", LoseAnswer())
    await call(http, "GET", "/healthz")
    assert spoiled.count("GET") == 2
    spoiled.spoil("GET", Cut(0), times=2)
    problem = await problem_from(http)
    assert type(problem) is Interrupted
    assert problem.exit_status == 1
    spoiled.spoil("POST", LoseAnswer())
    assert type(await problem_from(http, "POST")) is Interrupted
    assert spoiled.count("POST") == 1


async def test_a_server_that_says_nothing(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    spoiled.spoil("GET", Hang())
    with pytest.raises(Interrupted) as caught:
        await call(http, "GET", "/healthz", patience=0.2)
    assert caught.value.code == "server.silent"
    assert spoiled.count("GET") == 1


async def test_a_web_page_where_data_was_expected(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    spoiled.spoil("GET", Say(200, HTML))
    response = await call(http, "GET", "/share/v1/me")
    with pytest.raises(Failed) as caught:
        json_of(response)
    assert caught.value.code == "answer.not_understood"
    assert "a web page" in caught.value.message
    assert spoiled.url in caught.value.message


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"user": 1}', b"\xff\xfe", b"null"])
async def test_data_of_another_shape(http: httpx.AsyncClient, spoiled: Misbehaving, body: bytes) -> None:
    spoiled.spoil("GET", Say(200, body, JSON))
    response = await call(http, "GET", "/share/v1/me")
    with pytest.raises(Failed) as caught:
        model_of(response, Me)
    assert caught.value.code == "answer.not_understood"


KINDS = [
    (400, InvalidValue),
    (401, NotSignedIn),
    (403, NotAllowed),
    (404, NotFound),
    (409, Conflict),
    (410, NotFound),
    (413, TooLarge),
    (418, Failed),
    (422, InvalidValue),
    (423, Conflict),
    (429, Throttled),
    (500, Failed),
    (502, Unreachable),
    (503, Unreachable),
    (504, Unreachable),
    (507, Failed),
    (599, Failed),
]


@pytest.mark.parametrize(("status", "kind"), KINDS)
async def test_errors_without_data_of_their_own(
    http: httpx.AsyncClient, spoiled: Misbehaving, status: int, kind: type[Problem]
) -> None:
    for body, media in ((HTML, "text/html"), (b"", JSON), (b"[1]", JSON), (b'{"error": 5}', JSON)):
        # POST, since a GET is retried after a short wait when the server asks for one.
        spoiled.spoil("POST", Say(status, body, media))
        problem = await problem_from(http, "POST")
        assert type(problem) is kind
        assert spoiled.url in problem.message
        assert "<" not in problem.message


async def test_an_address_where_something_else_answers(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    """Such as a web site, or this server with a path that it doesn't have."""
    spoiled.spoil("POST", Say(404, HTML, "text/html"))
    assert "the server's address is wrong" in (await problem_from(http, "POST")).message


async def test_the_servers_own_sentence_is_shown_harmless(
    http: httpx.AsyncClient, spoiled: Misbehaving
) -> None:
    """S11"""
    body = b'{"code": "a.b", "detail": "No \\u001b[2J room.", "field": "expires"}'
    spoiled.spoil("GET", Say(422, body, PROBLEM))
    problem = await problem_from(http)
    assert isinstance(problem, InvalidValue)
    assert (problem.code, problem.field) == ("a.b", "expires")
    assert problem.message == "No ␛[2J room."


async def test_a_breach_of_the_policy_has_its_own_exit_code(
    http: httpx.AsyncClient, spoiled: Misbehaving
) -> None:
    spoiled.spoil("GET", Say(422, b'{"code": "policy.password_required", "detail": "One."}', PROBLEM))
    assert type(await problem_from(http)) is PolicyBreach
    spoiled.spoil("GET", Say(422, b'{"code": "policy.value", "detail": "Two."}', PROBLEM))
    assert type(await problem_from(http)) is InvalidValue


async def test_the_error_object_of_work(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    body = b'{"error": {"code": "NRC_NO_RECORD", "code_message": "No such document."}}'
    spoiled.spoil("GET", Say(404, body, JSON))
    problem = await problem_from(http)
    assert (type(problem), problem.code, problem.message) == (NotFound, "NRC_NO_RECORD", "No such document.")
    spoiled.spoil("GET", Say(401, b'{"error": {"message": "X-Auth-Token is invalid or missing"}}', JSON))
    assert "sign in" in (await problem_from(http)).message


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("7", 7, 7),
        ("", 1, 1),
        ("-3", 1, 1),
        ("junk", 1, 1),
        ("9" * 30, 86400, 86400),
        ("Fri, 31 Dec 2100 00:00:00 GMT", 86400, 86400),
        ("Fri, 31 Dec 1999 00:00:00 GMT", 1, 1),
    ],
)
async def test_retry_after_in_all_its_forms(
    http: httpx.AsyncClient, spoiled: Misbehaving, text: str, least: int, most: int
) -> None:
    spoiled.spoil("POST", Say(429, headers=(("Retry-After", text),)))
    problem = await problem_from(http, "POST")
    assert isinstance(problem, Throttled)
    assert least <= problem.retry_after <= most


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(429, "throttled", "16 seconds"), (503, "server.unreachable", "try again later")],
)
async def test_a_busy_server_is_met_when_it_asks_for_that(
    http: httpx.AsyncClient, spoiled: Misbehaving, status: int, code: str, said: str
) -> None:
    """Reads are retried after a short wait; a long wait, or a third refusal in a row, is reported."""
    path = "/share/v1/me"
    spoiled.spoil("GET", Say(status, headers=(("Retry-After", "1"),)), times=2)
    assert (await call(http, "GET", path)).status_code == 200
    assert spoiled.count("GET", path) == 3
    spoiled.spoil("GET", Say(status, headers=(("Retry-After", "0"),)), times=3)
    assert (await problem_from(http)).code == code
    assert spoiled.count("GET", path) == 6
    spoiled.spoil("GET", Say(status, headers=(("Retry-After", str(LONGEST_WAIT + 1)),)))
    assert said in (await problem_from(http)).message
    assert spoiled.count("GET", path) == 7


async def test_an_answer_without_an_end(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    """Refused, even if it is small on the wire and large when decompressed; memory use stays within the limit."""
    bomb = gzip.compress(bytes(ANSWER.most or 0) + b" ")
    assert len(bomb) < 100_000
    packed = (("Content-Encoding", "gzip"),)
    for status in (200, 500):
        spoiled.spoil("GET", Say(status, bomb, JSON, packed))
        assert (await problem_from(http)).code == "answer.too_large"
    spoiled.spoil("GET", Say(200, gzip.compress(b'{"a": 1}'), JSON, packed))
    assert json_of(await call(http, "GET", "/share/v1/me")) == {"a": 1}


async def test_json_that_is_nested_without_an_end(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    deep = b"[" * 200_000
    spoiled.spoil("GET", Say(200, deep, JSON))
    with pytest.raises(Failed) as caught:
        json_of(await call(http, "GET", "/share/v1/me"))
    assert caught.value.code == "answer.not_understood"
    spoiled.spoil("GET", Say(500, deep, JSON))
    assert (await problem_from(http)).code == "server.error"


async def test_an_answer_that_ends_too_early(http: httpx.AsyncClient, spoiled: Misbehaving) -> None:
    body = b'{"a": 1}'
    spoiled.spoil("GET", Say(200, body[:4], JSON, (("Content-Length", "8"),)), times=2)
    problem = await problem_from(http)
    assert isinstance(problem, (Interrupted, Failed))


async def test_requests_beyond_the_pool_wait_their_turn(server: ServerProcess) -> None:
    async with open_http(Target(server.url, server.token)) as client:
        answers = await asyncio.gather(*(call(client, "GET", "/healthz") for _ in range(3 * MAX_CONNECTIONS)))
    assert {answer.status_code for answer in answers} == {200}


async def test_another_clients_failure_is_not_taken_for_this_ones(http: httpx.AsyncClient) -> None:
    with pytest.raises(RuntimeError), reaching(http):
        raise RuntimeError
