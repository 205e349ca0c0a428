"""Servers differ: in every shape, each key in turn is left out, null or of another type, and unknown keys are added.
What was requested still comes; if a key is required for an entry, only that entry is missing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD, Worker, add_person
from tui.clients.connection import Target, open_http
from tui.clients.work import WorkClient
from tui.rules.errors import Problem

JSON = "application/json"
Way = tuple[str | int, ...]
Ask = Callable[[WorkClient, str, str], Awaitable[list[Any]]]


async def _page(found: Awaitable[Any]) -> list[Any]:
    return list((await found).items)


async def _one(found: Awaitable[Any]) -> list[Any]:
    return [await found]


#: A list or an object, by the end of its address; ``{paper}`` and ``{space}`` are ids of the sample.
SHAPES: dict[str, tuple[str, Ask]] = {
    "libraries": ("/libraries", lambda work, paper, space: work.libraries()),
    "workspaces": ("/workspaces", lambda work, paper, space: _page(work.workspaces())),
    "container": ("/folders/{space}", lambda work, paper, space: _one(work.container(space))),
    "children": ("/folders/{space}/children", lambda work, paper, space: _page(work.children(space))),
    "recent": ("/recent-documents", lambda work, paper, space: _page(work.recent())),
    "checked out": ("/documents/checked-out", lambda work, paper, space: _page(work.checked_out())),
    "find": ("/documents", lambda work, paper, space: _page(work.find("letter"))),
    "profile": ("/documents/{paper}", lambda work, paper, space: _one(work.document(paper))),
    "versions": ("/documents/{paper}/versions", lambda work, paper, space: work.versions(paper)),
    "path": ("/documents/{paper}/path", lambda work, paper, space: work.path(paper)),
    "history": ("/documents/{paper}/history", lambda work, paper, space: _page(work.history(paper))),
    "favorites": ("/my-favorites/children", lambda work, paper, space: work.favorites()),
}
#: Required for an entry of a list: without one of them there is no entry.
MAKES = ("id", "wstype", "target")
#: Each entry of a list is read for itself, so as many odd values are tried at a time.
ODD: tuple[Any, ...] = (None, "?", -1, 2**80, 1.5, True, [], {}, [None], {"x": 1}, "")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The sample matters, with something in each of the lists."""
    with ServerProcess(tmp_path_factory.mktemp("sample") / "data", sample=True) as process:
        with Worker(process) as worker:
            for document in worker.items("documents", anywhere="letter", latest="false"):
                worker.download(document["id"])
        yield process


@pytest.fixture(scope="module")
def asked(sample: ServerProcess) -> tuple[str, str]:
    """A document with versions, and the folder it is in."""
    with Worker(sample) as worker:
        letter = worker.items("documents", anywhere="disclosure letter")[0]["id"]
        return letter, worker.data(f"documents/{letter}/path")[0][-1]["id"]


@pytest.fixture
def spoiled(sample: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(sample.url) as proxy:
        yield proxy


@pytest.fixture
async def work(sample: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[WorkClient]:
    async with open_http(Target(spoiled.url, sample.token)) as http:
        client = WorkClient(http)
        await client.discover()
        yield client


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """The paths to all keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*way, key)
            yield from ways(inner, (*way, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ways(inner, (*way, index))


def shapes(value: Any) -> dict[str, list[Way]]:
    """The same, together for all entries of a list that have the key."""
    found: dict[str, list[Way]] = {}
    for way in ways(value):
        found.setdefault(".".join("" if isinstance(key, int) else key for key in way), []).append(way)
    return found


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _holder(value: Any, way: Way) -> Any:
    """What holds the last key of a path."""
    for key in way[:-1]:
        value = value[key]
    return value


def without(value: Any, way: Way) -> Any:
    """A copy that leaves out what is there."""
    found = _copied(value)
    del _holder(found, way)[way[-1]]
    return found


def with_values(value: Any, places: Sequence[Way], values: Sequence[Any]) -> Any:
    """A copy with one of the values at each of the places."""
    found = _copied(value)
    for way, odd in zip(places, values, strict=False):
        _holder(found, way)[way[-1]] = odd
    return found


def idents(found: list[Any]) -> list[str]:
    return [getattr(item, "id", "") for item in found]


@few(4)
@pytest.mark.parametrize("name", SHAPES)
async def test_a_key_that_is_left_out(
    asked: tuple[str, str], spoiled: Misbehaving, work: WorkClient, name: str
) -> None:
    path, ask = SHAPES[name]
    paper, space = asked
    answer, whole = await _answer(spoiled, work, ask, path, paper, space)
    count = 0
    for number, entries in enumerate(shapes(answer).values()):
        # Of one entry, and each time of another.
        way = entries[number % len(entries)]
        spoiled.spoil("GET", _say(without(answer, way)), path.format(paper=paper, space=space))
        key, outer = way[-1], way[0] != "data" or len(way) == 1 or way[-1] == "results"
        try:
            found = await ask(work, paper, space)
        except Problem:
            assert len(way) == 1 or key in ("id", "target"), way
            spoiled.behave()
            continue
        if key in ("id", "target"):
            assert set(idents(found)) <= set(idents(whole))
            assert len(found) >= len(whole) - 1, way
        elif not outer:
            assert idents(found) == idents(whole), way
            _same_but_for(whole, found, str(key))
        count += 1
        spoiled.behave()
    assert count > 5 or name == "libraries"


def _same_but_for(whole: list[Any], found: list[Any], key: str) -> None:
    """At most one field differs, the one that this key sets."""
    for before, after in zip(whole, found, strict=True):
        left = after.model_dump()
        differing = {field for field, value in before.model_dump().items() if left[field] != value}
        assert len(differing) <= 1, (key, differing)


@few(4)
@pytest.mark.parametrize("name", SHAPES)
async def test_a_value_of_another_kind(
    asked: tuple[str, str], spoiled: Misbehaving, work: WorkClient, name: str
) -> None:
    """The result is always a list or a one-sentence error."""
    path, ask = SHAPES[name]
    paper, space = asked
    answer, whole = await _answer(spoiled, work, ask, path, paper, space)
    for number, (shape, places) in enumerate(shapes(answer).items()):
        # What isn't a list is one entry of such a list, or what all lists are in: some of the values for each key.
        values = ODD if len(places) > 1 else [ODD[(number * 3 + turn) % len(ODD)] for turn in range(3)]
        for start in range(0, len(values), len(places)):
            odd = values[start : start + len(places)]
            spoiled.spoil(
                "GET", _say(with_values(answer, places, odd)), path.format(paper=paper, space=space)
            )
            way = places[0]
            try:
                found = await ask(work, paper, space)
            except Problem:
                assert len(way) <= 2 or way[-1] in MAKES, (shape, odd)
            else:
                if len(way) > 2 and way[-1] not in (*MAKES, "results"):
                    # Versions are sorted by their number, so their order may change.
                    assert sorted(idents(found)) == sorted(idents(whole)), (shape, odd)
            spoiled.behave()


@few(4)
@pytest.mark.parametrize("name", SHAPES)
async def test_unknown_keys(
    asked: tuple[str, str], spoiled: Misbehaving, work: WorkClient, name: str
) -> None:
    path, ask = SHAPES[name]
    paper, space = asked
    answer, whole = await _answer(spoiled, work, ask, path, paper, space)

    def grown(value: Any) -> Any:
        if isinstance(value, dict):
            more = {"operations": {"share": True}, "co_authors": [{"id": 1}], "model_config": 1, "x-y": None}
            return {key: grown(inner) for key, inner in value.items()} | more
        return [grown(inner) for inner in value] if isinstance(value, list) else value

    spoiled.spoil("GET", _say(grown(answer)), path.format(paper=paper, space=space))
    assert await ask(work, paper, space) == whole


async def _answer(
    spoiled: Misbehaving, work: WorkClient, ask: Ask, path: str, paper: str, space: str
) -> tuple[Any, list[Any]]:
    """The server's own answer, with the first entries of a list as often as makes one for each odd value, and what the
    client makes of it."""
    assert await ask(work, paper, space), path
    seen = spoiled.seen[-1]
    response = await work.http.get(f"{spoiled.url}{seen.path}")
    answer = response.json()
    if "cursor" in answer:
        answer.pop("cursor")  # One page is enough.
    data = answer["data"]
    entries = data.get("results", []) if isinstance(data, dict) else data
    if entries:
        entries[:] = _copied([entries[number % min(3, len(entries))] for number in range(len(ODD))])
    spoiled.spoil("GET", _say(answer), path.format(paper=paper, space=space))
    whole = await ask(work, paper, space)
    spoiled.behave()
    return answer, whole


def _say(value: Any) -> Say:
    return Say(200, json.dumps(value).encode(), JSON)


# ---------------------------------------------------------------- discovery and tokens


async def test_discovery_that_tells_less(sample: ServerProcess, spoiled: Misbehaving) -> None:
    """Whichever single thing it leaves out, the libraries, the customer and the base are still found."""
    with sample.client() as client:
        answer = client.get("/api").json()
    for way in ways(answer):
        if way == ("data",):
            continue
        spoiled.spoil("GET", _say(without(answer, way)), "/api")
        async with open_http(Target(spoiled.url, sample.token)) as http:
            work = WorkClient(http)
            assert (await work.discover()).url.endswith("/work/api/v2"), way
            assert (await work.workspaces()).items, way
        spoiled.behave()
    bare = {"data": {"user": {"id": "DJONES"}}}
    spoiled.spoil("GET", _say(bare), "/api")
    async with open_http(Target(spoiled.url, sample.token)) as http:
        assert (await WorkClient(http).workspaces()).items


async def test_tokens_that_tell_less(sample: ServerProcess, spoiled: Misbehaving) -> None:
    add_person(sample, "SIGNER")
    with sample.guest() as guest:
        form = {"grant_type": "password", "username": "SIGNER", "password": PASSWORD, "client_id": "web"}
        answer = guest.post("/auth/oauth2/token", data=form).json()
    for key in answer:
        spoiled.spoil("POST", _say(without(answer, (key,))), "/token")
        async with open_http(Target(spoiled.url)) as http:
            work = WorkClient(http)
            if key == "access_token":
                with pytest.raises(Problem):
                    await work.session.sign_in("SIGNER", PASSWORD)
            else:
                await work.session.sign_in("SIGNER", PASSWORD)
                assert (await work.discover()).user_id == "SIGNER"
        spoiled.behave()
