"""A link without a limit can be downloaded so many times from a network within an hour (S46)."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.checks.long import cases, few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, from_network, path_of, press, press_of, seen, take, volley
from tui.server.base.settings import Budgets
from tui.server.pages.languages import NAMES, language

DATABASE = "both"
RIGHT = "Blue-Heron-42"
MOST = 3
_turns = itertools.count()


@pytest.fixture(scope="module")
def strict(
    database_url: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server on which a network may press three times an hour."""
    data = tmp_path_factory.mktemp("strict") / "data"
    arguments = ("--presses-per-hour", str(MOST))
    with ServerProcess(data, arguments=arguments, database_url=database_url()) as server:
        yield server


@pytest.fixture
def begun(strict: ServerProcess) -> datetime:
    """The moment at which the clock of the server stands; a later one for each test."""
    now = datetime.now(UTC) + next(_turns) * timedelta(hours=12)
    strict.stop_clock(now)
    return now


@pytest.mark.long
def test_more_presses_than_an_hour_has(tmp_path: Path) -> None:
    """As an attacker makes in seconds: 600 are counted, the others have to wait; another network does not. The short
    form has a tenth of everything."""
    assert Budgets().presses_per_hour == 600
    attempts, hands, budget = cases(66, 1470), 6, cases(60, 600)
    with ServerProcess(tmp_path / "data", arguments=("--presses-per-hour", str(budget))) as server:
        document, other = (publish(server, b"content", name) for name in ("open.pdf", "other.pdf"))

        def attack(_: int) -> Counter[int]:
            with server.guest() as guest:
                return Counter(press(guest, document).status_code for _ in range(attempts // hands))

        with ThreadPoolExecutor(hands) as pool:
            statuses = sum(pool.map(attack, range(hands)), Counter[int]())
        assert statuses == {303: budget, 429: attempts - budget}
        assert seen(server, document)["downloads"] == budget
        with from_network(server, 77) as elsewhere, server.guest() as guest:
            assert press(elsewhere, document).status_code == 303
            assert press(guest, other).status_code == 303


def test_at_the_same_moment(strict: ServerProcess, begun: datetime) -> None:
    document = publish(strict, b"content", "rush.pdf")
    answers = volley([strict], path_of(document), 12)
    assert Counter(answer.status for answer in answers) == {303: MOST, 429: 12 - MOST}
    assert seen(strict, document)["downloads"] == MOST


@few(1)
@pytest.mark.parametrize("password", [None, RIGHT])
def test_a_program_is_told_when_to_try_again(
    strict: ServerProcess, begun: datetime, password: str | None
) -> None:
    """An hour after the first of those that count, not after the last."""
    settings = {} if password is None else {"password": password}
    document = publish(strict, b"content", "open.pdf", **settings)
    with strict.guest() as guest:
        for minutes in (0, 10, 20):
            strict.stop_clock(begun + timedelta(minutes=minutes))
            take(guest, document, password)
        for minutes, wait, said in ((21, 39 * 60, "in 39 minutes"), (59, 60, "in 60 seconds")):
            strict.stop_clock(begun + timedelta(minutes=minutes))
            answer = press(guest, document, password)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, str(wait))
            assert answer.text == f"Too many downloads from your network. Try again {said}.\n"
            assert answer.headers["cache-control"] == "private, no-store"
        strict.stop_clock(begun + timedelta(hours=1))
        take(guest, document, password)
        assert press(guest, document, password).headers["retry-after"] == "600"
        assert guest.get(path_of(document)).status_code == 200
    assert seen(strict, document)["downloads"] == MOST + 1


@few(1)
@pytest.mark.parametrize("password", [None, RIGHT])
def test_a_browser_is_shown_the_page_with_the_reason(
    strict: ServerProcess, begun: datetime, password: str | None
) -> None:
    fields = {} if password is None else {"password": password}
    document = publish(strict, b"content", "open.pdf", **fields)
    with strict.guest() as guest:
        for _ in range(MOST):
            take(guest, document, password)
        path = path_of(document)
        pressed = guest.post(path + "?lang=de", data=fields, headers=HTML)
        assert (pressed.status_code, pressed.headers["location"]) == (303, "?lang=de&notice=often")
        for tag in NAMES:
            shown = guest.get(f"{path}?lang={tag}&notice=often", headers=HTML)
            sentence = language(tag).text(
                "Too many downloads from your network. Try again %(when)s.",
                when=language(tag).write_when(3600),
            )
            assert (shown.status_code, shown.headers["retry-after"]) == (429, "3600")
            assert f'<p class="notice" role="status">{sentence}</p>' in shown.text
            assert ("open.pdf" in shown.text) == (password is None)
        strict.stop_clock(begun + timedelta(hours=1))
        shown = guest.get(path + "?notice=often", headers=HTML)
        assert (shown.status_code, "Too many" in shown.text) == (200, False)


def test_the_same_press_again_gets_its_grant(strict: ServerProcess, begun: datetime) -> None:
    """It is not counted, so it is not refused either."""
    document = publish(strict, b"content", "again.pdf")
    with strict.guest() as guest:
        fields = {"press": press_of(guest.get(path_of(document), headers=HTML))}
        first = guest.post(path_of(document), data=fields)
        for _ in range(MOST - 1):
            take(guest, document)
        assert press(guest, document).status_code == 429
        again = guest.post(path_of(document), data=fields)
        assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
        assert guest.post(path_of(document), data={"press": "f" * 32}).status_code == 429
    assert seen(strict, document)["downloads"] == MOST


def test_a_link_with_a_limit_has_that(strict: ServerProcess, begun: datetime) -> None:
    document = publish(strict, b"content", "limited.pdf", downloads_permitted=MOST + 2)
    with strict.guest() as guest:
        statuses = [press(guest, document).status_code for _ in range(MOST + 3)]
    assert statuses == [*([303] * (MOST + 2)), 404]


def test_a_dead_link_is_not_found(strict: ServerProcess, begun: datetime) -> None:
    """S18: whether it lives is decided first."""
    document = publish(strict, b"content", "dead.pdf")
    with strict.guest() as guest:
        for _ in range(MOST):
            take(guest, document)
        with strict.client() as client:
            client.delete(f"/share/v1/documents/{document['id']}").raise_for_status()
        assert press(guest, document).status_code == 404
        assert guest.get(path_of(document) + "?notice=often", headers=HTML).status_code == 404


def test_wrong_passwords_are_no_presses(strict: ServerProcess, begun: datetime) -> None:
    document = publish(strict, b"content", "guarded.pdf", password=RIGHT)
    with strict.guest() as guest:
        for _ in range(MOST + 1):
            assert press(guest, document, "wrong").status_code == 403
        for _ in range(MOST):
            take(guest, document, RIGHT)
        assert press(guest, document, RIGHT).status_code == 429


def test_none(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data", arguments=("--presses-per-hour", "0")) as server:
        document = publish(server, b"content", "open.pdf")
        with server.guest() as guest:
            assert {press(guest, document).status_code for _ in range(20)} == {303}
