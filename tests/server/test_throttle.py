"""Wrong passwords are slowed down for each link and network, and over all networks of a link (L6, S15)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.publish import publish
from tests.support.recipient import act, events, names_of, path_of, press, seen, volley
from tests.support.server import ServerProcess
from tui.rules.errors import Throttled
from tui.server.context import open_context
from tui.server.pages import throttle
from tui.server.pages.visitor import Visitor, network_of
from tui.server.share import links

RIGHT = "Blue-Heron-42"
WRONG = "password123"


@pytest.fixture
def document(fresh_server: ServerProcess) -> dict[str, Any]:
    return publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)


def from_network(server: ServerProcess, number: int) -> httpx.Client:
    """A client with an address of its own: all of 127.0.0.0/8 is this machine."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{number}")
    return httpx.Client(base_url=server.url, transport=transport, timeout=30)


def tries(guest: httpx.Client, document: dict[str, Any], *passwords: str) -> list[int]:
    return [press(guest, document, password).status_code for password in passwords]


class TestNetwork:
    """L6, S15: of one network on one link."""

    def test_five_wrong_tries_cost_no_wait(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        with fresh_server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 5, RIGHT) == [403] * 5 + [303]

    def test_then_the_wait_doubles(self, fresh_server: ServerProcess, document: dict[str, Any]) -> None:
        """2 s, 4 s, … to an hour; until it is over nothing is looked at, the right password included."""
        with fresh_server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 5) == [403] * 5
            clock, answer = 0.0, press(guest, document, WRONG)
            waits = []
            for _ in range(12):
                assert answer.status_code == 429
                waits.append(int(answer.headers["retry-after"]))
                early = press(guest, document, RIGHT)
                assert early.status_code == 429
                assert 0 < int(early.headers["retry-after"]) <= waits[-1]
                if waits[-1] == 3600:
                    break
                clock += waits[-1] + 0.5
                fresh_server.turn_clock(clock)
                assert press(guest, document, WRONG).status_code == 403
                answer = press(guest, document, WRONG)
        assert waits[:3] == [2, 4, 8]
        assert waits == [min(2 ** (n + 1), 3600) for n in range(12)]

    def test_the_page_says_when_to_come_again(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        with fresh_server.guest() as guest:
            tries(guest, document, *[WRONG] * 5)
            page = press(guest, document, WRONG)
        assert page.status_code == 429
        assert "<h1>Too many requests</h1>" in page.text
        assert "come again in 2 seconds" in page.text

    def test_the_right_password_forgets(self, fresh_server: ServerProcess, document: dict[str, Any]) -> None:
        with fresh_server.guest() as guest:
            tries(guest, document, *[WRONG] * 5)
            assert tries(guest, document, RIGHT, *[WRONG] * 5, RIGHT) == [303] + [403] * 5 + [303]

    def test_so_does_an_hour(self, fresh_server: ServerProcess, document: dict[str, Any]) -> None:
        with fresh_server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            fresh_server.turn_clock(3601)
            assert tries(guest, document, *[WRONG] * 6) == [403] * 5 + [429]

    def test_so_do_new_settings(self, fresh_server: ServerProcess, document: dict[str, Any]) -> None:
        with fresh_server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            act(fresh_server, document, "resend", password="New-Heron-43")
            assert tries(guest, document, RIGHT, "New-Heron-43") == [403, 303]

    def test_a_missing_password_is_no_try(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        with fresh_server.guest() as guest:
            for _ in range(20):
                assert guest.post(path_of(document)).status_code == 403
                assert press(guest, document, "").status_code == 403
            assert press(guest, document, RIGHT).status_code == 303
        assert "wrong password" not in names_of(events(fresh_server, document["id"]))

    def test_another_network_and_another_link_are_left_alone(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        """oCIS #12825: five wrong tries of anybody closed the link for all."""
        other = publish(fresh_server, b"content", "other.pdf", password=RIGHT)
        with from_network(fresh_server, 2) as attacker, from_network(fresh_server, 3) as recipient:
            assert tries(attacker, document, *[WRONG] * 8)[-1] == 429
            assert press(recipient, document, RIGHT).status_code == 303
            assert press(attacker, other, RIGHT).status_code == 303
            assert press(attacker, document, RIGHT).status_code == 429

    def test_right_passwords_are_not_limited(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        with fresh_server.guest() as guest:
            assert tries(guest, document, *[RIGHT] * 20) == [303] * 20

    def test_headers_change_no_network(self, fresh_server: ServerProcess, document: dict[str, Any]) -> None:
        """S16: whoever could name their own address would have as many tries as they like."""
        with fresh_server.guest() as guest:
            statuses = [
                guest.post(
                    path_of(document),
                    data={"password": WRONG},
                    headers={
                        "X-Forwarded-For": f"10.0.0.{number}",
                        "X-Real-IP": f"10.0.0.{number}",
                        "Forwarded": f"for=10.0.0.{number}",
                    },
                ).status_code
                for number in range(7)
            ]
        assert statuses == [403] * 5 + [429] * 2
        rows = [r for r in events(fresh_server, document["id"]) if r["event"] == "wrong password"]
        assert {row["address"] for row in rows} == {"127.0.0.1"}

    def test_many_at_once_get_no_more_tries(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        """Of tries that come together, no more are looked at than one after the other; over two processes too."""
        body = f"password={WRONG}".encode()
        with ServerProcess(fresh_server.data) as second:
            answers = volley([fresh_server, second], path_of(document), 40, body)
        assert sorted(a.status for a in answers) == [403] * 5 + [429] * 35
        assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status == 429)
        rows = names_of(events(fresh_server, document["id"]))
        assert rows.count("wrong password") == 6

    async def test_the_right_one_is_judged_when_its_turn_comes(
        self, fresh_server: ServerProcess, document: dict[str, Any]
    ) -> None:
        """One that was let in, and hashed while others failed, is too early like one that came after them."""
        visitor = Visitor("127.0.0.1", network_of("127.0.0.1"), None)
        context = await open_context(fresh_server.settings)
        try:
            async with context.database.read() as connection:
                link = await links.find(context, connection, path_of(document)[3:])
                assert link is not None
                await throttle.check(context, connection, link, visitor)
            with fresh_server.guest() as guest:
                assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            async with context.database.write() as connection:
                with pytest.raises(Throttled):
                    await throttle.forgive(context, connection, link, visitor)
        finally:
            await context.close()


class TestLock:
    """L6, S15: over a hundred wrong tries an hour on a link: each network has one try a minute."""

    @pytest.fixture
    def locked(self, fresh_server: ServerProcess, document: dict[str, Any]) -> dict[str, Any]:
        def attack(number: int) -> list[int]:
            with from_network(fresh_server, number) as guest:
                return tries(guest, document, *[WRONG] * 5)

        with ThreadPoolExecutor(4) as pool:
            assert [*pool.map(attack, range(10, 30))] == [[403] * 5] * 20
        assert not seen(fresh_server, document)["locked"]
        with from_network(fresh_server, 30) as guest:
            assert press(guest, document, WRONG).status_code == 403
        return document

    def test_the_owner_sees_it_and_recipients_go_slower(
        self, fresh_server: ServerProcess, locked: dict[str, Any]
    ) -> None:
        """The link lives on, and the right password from a clean network works at once."""
        after = seen(fresh_server, locked)
        assert (after["locked"], after["published"]) == (True, True)
        with from_network(fresh_server, 32) as guest:
            assert tries(guest, locked, RIGHT, RIGHT) == [303, 303]
        with from_network(fresh_server, 31) as guest:
            first = press(guest, locked, WRONG)
            assert first.status_code == 403
            assert "next try is possible in 1 minute" in first.text
            second = press(guest, locked, RIGHT)
            assert second.status_code == 429
            assert 50 < int(second.headers["retry-after"]) <= 60
            fresh_server.turn_clock(61)
            assert press(guest, locked, RIGHT).status_code == 303
        rows = [r for r in events(fresh_server, locked["id"]) if r["event"] == "locked"]
        assert [row["details"] for row in rows] == [{"tries": 101}]

    def test_it_passes_after_an_hour(self, fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
        fresh_server.turn_clock(3601)
        assert not seen(fresh_server, locked)["locked"]
        with from_network(fresh_server, 33) as guest:
            assert tries(guest, locked, WRONG, WRONG, RIGHT) == [403, 403, 303]

    def test_the_sender_lifts_it(self, fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
        assert not act(fresh_server, locked, "unlock")["locked"]
        with from_network(fresh_server, 10) as guest:
            assert tries(guest, locked, *[WRONG] * 5, RIGHT) == [403] * 5 + [303]
        rows = [r for r in events(fresh_server, locked["id"]) if r["event"] == "unlocked"]
        assert [row["actor"] for row in rows] == ["DJONES"]
        assert not seen(fresh_server, locked)["locked"]

    def test_so_do_new_settings(self, fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
        assert not act(fresh_server, locked, "resend", password="New-Heron-43")["locked"]
        with from_network(fresh_server, 10) as guest:
            assert tries(guest, locked, WRONG, WRONG, "New-Heron-43") == [403, 403, 303]
