"""Wrong passwords are slowed down for each link and network, and across all networks of a link (L6, S15)."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import (
    HTML,
    act,
    events,
    from_network,
    names_of,
    path_of,
    press,
    press_of,
    seen,
)
from tui.rules.errors import Throttled
from tui.server.http.visitor import Visitor, network_of
from tui.server.installation.installation import open_context
from tui.server.pages import throttle
from tui.server.share import links

RIGHT = "Blue-Heron-42"
WRONG = "password123"


_turns = itertools.count()


@pytest.fixture
def begun(server: ServerProcess) -> datetime:
    """The moment at which the server's clock stands, so that no wait is over only because the machine is busy: for each
    test a later one, since clocks go forward."""
    now = datetime.now(UTC) + next(_turns) * timedelta(hours=12)
    server.stop_clock(now)
    return now


@pytest.fixture
def document(server: ServerProcess, begun: datetime) -> dict[str, Any]:
    return publish(server, b"content", "guarded.pdf", password=RIGHT)


def look_at_tries(server: ServerProcess, document: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in events(server, document["id"]) if row["event"] == "wrong password"]


def again_with(guest: httpx.Client, document: dict[str, Any], press: str, password: str) -> httpx.Response:
    return guest.post(path_of(document), data={"press": press, "password": password})


def shown(page: httpx.Response) -> str:
    """The whole page except for the id of its press."""
    return page.text.replace(press_of(page), "")


def tries(guest: httpx.Client, document: dict[str, Any], *passwords: str) -> list[int]:
    return [press(guest, document, password).status_code for password in passwords]


class TestNetwork:
    """L6, S15: for one network on one link."""

    def test_five_wrong_tries_cost_no_wait(self, server: ServerProcess, document: dict[str, Any]) -> None:
        with server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 5, RIGHT) == [403] * 5 + [303]

    def test_then_the_wait_doubles(
        self, server: ServerProcess, document: dict[str, Any], begun: datetime
    ) -> None:
        """2 s, 4 s, … up to an hour; until the wait is over no password is checked, not even the right one."""
        with server.guest() as guest:
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
                server.stop_clock(begun + timedelta(seconds=clock))
                assert press(guest, document, WRONG).status_code == 403
                answer = press(guest, document, WRONG)
        assert waits[:3] == [2, 4, 8]
        assert waits == [min(2 ** (n + 1), 3600) for n in range(12)]

    def test_the_page_says_when_to_come_again(self, server: ServerProcess, document: dict[str, Any]) -> None:
        """And what happened to the password: the sixth was checked and is wrong, the seventh was not checked. A browser
        shows the form again; a program gets one line."""
        with server.guest() as guest:
            tries(guest, document, *[WRONG] * 5)
            first, early = press(guest, document, WRONG), press(guest, document, WRONG)
            forms = [guest.get(f"{path_of(document)}?notice={n}", headers=HTML) for n in ("wrong", "early")]
        assert first.status_code == early.status_code == 429
        assert first.headers["retry-after"] == early.headers["retry-after"] == "2"
        wrong = "The password is not correct. Check it, and try again in 2 seconds."
        unchecked = "Too many attempts. This password was not checked. Try again in 2 seconds."
        assert (first.text, early.text) == (f"{wrong}\n", f"{unchecked}\n")
        for page, said in zip(forms, (wrong, unchecked), strict=True):
            assert said in page.text
            assert 'type="password"' in page.text
            assert press_of(page)
        assert names_of(events(server, document["id"])) == [*["wrong password"] * 6, "viewed"]

    def test_the_right_password_forgets(self, server: ServerProcess, document: dict[str, Any]) -> None:
        with server.guest() as guest:
            tries(guest, document, *[WRONG] * 5)
            assert tries(guest, document, RIGHT, *[WRONG] * 5, RIGHT) == [303] + [403] * 5 + [303]

    def test_so_does_an_hour(self, server: ServerProcess, document: dict[str, Any], begun: datetime) -> None:
        with server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            server.stop_clock(begun + timedelta(seconds=3601))
            assert tries(guest, document, *[WRONG] * 6) == [403] * 5 + [429]

    def test_so_do_new_settings(self, server: ServerProcess, document: dict[str, Any]) -> None:
        with server.guest() as guest:
            assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            act(server, document, "resend", password="New-Heron-43")
            assert tries(guest, document, RIGHT, "New-Heron-43") == [403, 303]

    def test_a_missing_password_is_no_try(self, server: ServerProcess, document: dict[str, Any]) -> None:
        with server.guest() as guest:
            for _ in range(7):
                assert guest.post(path_of(document)).status_code == 403
                assert press(guest, document, "").status_code == 403
            assert press(guest, document, RIGHT).status_code == 303
        assert "wrong password" not in names_of(events(server, document["id"]))

    def test_another_network_and_another_link_are_left_alone(
        self, server: ServerProcess, document: dict[str, Any]
    ) -> None:
        """oCIS #12825: five wrong tries by anyone closed the link for everyone."""
        other = publish(server, b"content", "other.pdf", password=RIGHT)
        with from_network(server, 2) as attacker, from_network(server, 3) as recipient:
            assert tries(attacker, document, *[WRONG] * 8)[-1] == 429
            assert press(recipient, document, RIGHT).status_code == 303
            assert press(attacker, other, RIGHT).status_code == 303
            assert press(attacker, document, RIGHT).status_code == 429

    def test_right_passwords_are_not_limited(self, server: ServerProcess, document: dict[str, Any]) -> None:
        with server.guest() as guest:
            assert tries(guest, document, *[RIGHT] * 8) == [303] * 8

    def test_headers_change_no_network(self, server: ServerProcess, document: dict[str, Any]) -> None:
        """S16: a client that could name its own address would have as many tries as it likes."""
        with server.guest() as guest:
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
        rows = [r for r in events(server, document["id"]) if r["event"] == "wrong password"]
        assert {row["address"] for row in rows} == {"127.0.0.1"}

    async def test_the_right_one_is_judged_when_its_turn_comes(
        self, server: ServerProcess, document: dict[str, Any], begun: datetime
    ) -> None:
        """One that was let in, and hashed while others failed, is too early, just like one that came after them."""
        visitor = Visitor("127.0.0.1", network_of("127.0.0.1"), None)
        context = await open_context(server.settings, lambda: begun)
        try:
            async with context.database.read() as connection:
                link = await links.find(context, connection, path_of(document)[3:])
                assert link is not None
                await throttle.check(context, connection, link, visitor)
            with server.guest() as guest:
                assert tries(guest, document, *[WRONG] * 6)[-1] == 429
            async with context.database.write() as connection:
                with pytest.raises(Throttled):
                    await throttle.forgive(context, connection, link, visitor)
        finally:
            await context.close()


class TestAgain:
    """L3, S15: a password that is resent automatically is not a new try."""

    def test_a_browser_reloads_the_page_and_not_the_press(
        self, server: ServerProcess, document: dict[str, Any], begun: datetime
    ) -> None:
        """Wrong, missing, too early: each is answered with a redirect to a page; loading that page tries nothing."""
        with server.guest() as guest:
            pages = []
            for password in (WRONG, "", *[WRONG] * 5, RIGHT):
                sent = guest.post(path_of(document), data={"password": password}, headers=HTML)
                assert sent.status_code == 303
                assert sent.headers["location"].startswith("?notice=")
                pages.append(path_of(document) + sent.headers["location"])
            assert len(look_at_tries(server, document)) == 6
            answers = [guest.get(page, headers=HTML) for page in dict.fromkeys(pages)]
            for _ in range(3):
                again = [guest.get(page, headers=HTML) for page in dict.fromkeys(pages)]
                assert [shown(answer) for answer in again] == [shown(answer) for answer in answers]
            assert len({press_of(answer) for answer in (*answers, *again)}) == 6
            assert [answer.status_code for answer in answers] == [429, 403, 429]
            assert [answer.headers.get("retry-after") for answer in answers] == ["2", None, "2"]
            server.stop_clock(begun + timedelta(seconds=30))
            later = [guest.get(page, headers=HTML) for page in dict.fromkeys(pages)]
            assert [answer.status_code for answer in later] == [403, 403, 200]
            assert "checked" not in later[2].text
            assert len(look_at_tries(server, document)) == 6
            sent = guest.post(pages[0], data={"password": RIGHT}, headers=HTML)
            assert sent.headers["location"].startswith("/g/")
        assert seen(server, document)["downloads"] == 1

    def test_notices_of_the_address_tell_nothing_else(
        self, server: ServerProcess, document: dict[str, Any]
    ) -> None:
        """A client that makes up such an address learns no more than by opening the link."""
        plain = publish(server, b"content", "open.pdf")
        with server.guest() as guest:
            opened = shown(guest.get(path_of(document), headers=HTML))
            for notice in ("other", "", "early", "WRONG", "%00", "x" * 5000):
                answer = guest.get(f"{path_of(document)}?notice={notice}", headers=HTML)
                assert (answer.status_code, shown(answer)) == (200, opened), notice
            opened = shown(guest.get(path_of(plain), headers=HTML))
            for notice in ("wrong", "early", "busy", "missing", "other"):
                answer = guest.get(f"{path_of(plain)}?notice={notice}", headers=HTML)
                assert (answer.status_code, shown(answer)) == (200, opened), notice
            sent = guest.post(path_of(document) + "?lang=de&notice=early&a=%0d%0aX:1", headers=HTML)
            assert sent.headers["location"] == "?lang=de&a=%0D%0AX%3A1&notice=missing"
            dead = guest.get("/s/unknown?notice=wrong")
            assert (dead.status_code, dead.content) == (404, guest.get("/s/unknown").content)

    def test_the_same_press_is_no_new_try(
        self, server: ServerProcess, document: dict[str, Any], begun: datetime
    ) -> None:
        """Pressing Enter twice is one try; another password is a new one, whichever press it belongs to."""
        with server.guest() as guest:
            page = guest.get(path_of(document), headers=HTML)
            for _ in range(10):
                again = again_with(guest, document, press_of(page), WRONG)
                assert again.status_code == 403
                assert "The password is not correct" in again.text
            assert len(look_at_tries(server, document)) == 1
            others = [again_with(guest, document, press_of(page), f"{WRONG}{n}") for n in range(7)]
            assert [answer.status_code for answer in others] == [403] * 4 + [429] * 3
            assert len(look_at_tries(server, document)) == 6
            # The last one that was checked is recognised, and gets no further than it did.
            known = again_with(guest, document, press_of(page), f"{WRONG}4")
            assert (known.status_code, "The password is not correct" in known.text) == (429, True)
            assert again_with(guest, document, press_of(page), RIGHT).status_code == 429
            server.stop_clock(begun + timedelta(seconds=30))
            assert again_with(guest, document, press_of(page), f"{WRONG}4").status_code == 403
            assert len(look_at_tries(server, document)) == 6
            assert again_with(guest, document, press_of(page), RIGHT).status_code == 303

    def test_nothing_of_it_tells_the_password(self, fresh_server: ServerProcess) -> None:
        """S17: what is stored can't be matched with anything without the id of the press, which is stored nowhere."""
        document = publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)
        with fresh_server.guest() as guest:
            ident = press_of(guest.get(path_of(document), headers=HTML))
            again_with(guest, document, ident, WRONG)
        (kept,) = look(fresh_server, "SELECT attempt FROM wrong_passwords")
        assert len(kept[0]) == 32
        for file in fresh_server.data.parent.rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                assert ident.encode() not in content, file
                assert bytes.fromhex(ident) not in content, file
                assert WRONG.encode() not in content, file
