"""Presses: repeating one gives the same grant and isn't counted again (L3, L4, S1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, act, events, names_of, path_of, press_of, seen, volley
from tests.support.users.share import until

CONTENT = bytes(range(256)) * 40
PASSWORD = "Blue-Heron-42"


def opened(guest: httpx.Client, document: dict[str, Any]) -> str:
    """The press id that opening the page gives."""
    return press_of(guest.get(path_of(document), headers=HTML))


def again(
    guest: httpx.Client, document: dict[str, Any], press: str, password: str | None = None
) -> httpx.Response:
    fields = {"press": press} | ({"password": password} if password is not None else {})
    return guest.post(path_of(document), data=fields)


class TestTheSame:
    @pytest.mark.parametrize("password", [None, PASSWORD])
    def test_it_gets_the_same_grant(self, server: ServerProcess, password: str | None) -> None:
        """Even for the last permitted download, when the link is Not Found for everything else."""
        document = publish(server, CONTENT, "same.bin", password=password, downloads_permitted=2)
        with server.guest() as guest:
            first, second = opened(guest, document), opened(guest, document)
            grants = [
                again(guest, document, press, password) for press in (first, first, second, second, first)
            ]
            assert [answer.status_code for answer in grants] == [303] * 5
            places = [answer.headers["location"] for answer in grants]
            assert places == [places[0], places[0], places[2], places[2], places[0]]
            assert places[0] != places[2]
            assert guest.get(path_of(document)).status_code == 404
            assert again(guest, document, "f" * 32, password).status_code == 404
            assert [guest.get(place).content for place in (places[0], places[2])] == [CONTENT] * 2
        after = seen(server, document)
        assert (after["downloads"], after["published"], after["reason"]) == (2, False, "limit")
        rows = names_of(events(server, document["id"]))
        assert rows == ["viewed", "downloaded", "downloaded", "limit reached"]

    def test_by_both_kinds_of_form(self, server: ServerProcess) -> None:
        document = publish(server, CONTENT, "kinds.bin")
        with server.guest() as guest:
            press = opened(guest, document)
            places = {
                again(guest, document, press).headers["location"],
                again(guest, document, press + "\r\n").headers["location"],
                guest.post(path_of(document), files={"press": (None, press)}).headers["location"],
            }
        assert len(places) == 1
        assert seen(server, document)["downloads"] == 1

    def test_a_browser_gets_a_page(self, server: ServerProcess) -> None:
        """The page starts the download by itself once, and offers it again; it counts nothing and uses nothing up."""
        document = publish(server, CONTENT, "It's <b>.pdf".replace("<", "‹").replace(">", "›"))
        with server.guest() as guest:
            fields = {"press": opened(guest, document)}
            sent = [guest.post(path_of(document), data=fields, headers=HTML) for _ in range(2)]
            places = {answer.headers["location"] for answer in sent}
            assert len(places) == 1
            place = places.pop()
            for _ in range(3):
                page = guest.get(place, headers=HTML)
                assert page.status_code == 200
                assert "<h1>Download started</h1>" in page.text
                assert len(page.content) < 10_000
                assert "<script" not in page.text
                assert page.text.count(f'content="0; url={place}/') == 1
            file = page.text.partition('class="button" href="')[2].partition('"')[0]
            assert guest.get(file).content == CONTENT
            page = guest.get(place, headers=HTML)
            assert "http-equiv" not in page.text
            assert f'href="{file}"' in page.text
            head = guest.head(place, headers=HTML)
            assert (head.status_code, head.headers["content-type"]) == (200, page.headers["content-type"])
            act(server, document, "unpublish")
            dead = guest.get(place, headers=HTML)
            assert (dead.status_code, dead.content) == (404, guest.get("/g/unknown", headers=HTML).content)
        assert seen(server, document)["downloads"] == 1

    def test_a_program_gets_the_command(self, server: ServerProcess) -> None:
        """The 303 has a text body: the command that fetches the file and can resume it."""
        document = publish(server, CONTENT, "Müller's $HOME.pdf")
        with server.guest() as guest:
            answer = guest.post(path_of(document))
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        place = server.url + answer.headers["location"]
        mark = answer.headers["location"].split("/")[2][:8]
        command = f"curl -fC - -o 'Muller'\"'\"'s $HOME-{mark}.pdf' {place}"
        assert answer.text.split("\n\n")[1:] == [command, f"SHA-256: {document['sha256']}\n"]

    def test_without_an_id_each_counts(self, server: ServerProcess) -> None:
        document = publish(server, CONTENT, "each.bin")
        with server.guest() as guest:
            places = {guest.post(path_of(document)).headers["location"] for _ in range(3)}
            places |= {again(guest, document, "").headers["location"] for _ in range(2)}
        assert len(places) == 5
        assert seen(server, document)["downloads"] == 5

    @pytest.mark.parametrize(
        "press",
        ["1", "a" * 15, "a" * 65, "a" * 5000, "a" * 20 + " ", "é" * 20, "a" * 20 + "\0", "a" * 20 + "/"],
    )
    def test_what_is_no_id_counts_nothing(self, server: ServerProcess, press: str) -> None:
        """The page is shown again with a valid one, and a status that makes ``curl -f`` fail; a dead link stays
        dead."""
        document = publish(server, CONTENT, "bad.bin")
        with server.guest() as guest:
            answer = again(guest, document, press)
            assert answer.status_code == 400
            assert "Press the button to download" in answer.text
            sent = guest.post(path_of(document), data={"press": press}, headers=HTML)
            assert (sent.status_code, sent.headers["location"]) == (303, "?notice=press")
            shown = guest.get(path_of(document) + "?notice=press", headers=HTML)
            assert shown.status_code == 200
            assert seen(server, document)["downloads"] == 0
            assert again(guest, document, press_of(shown)).status_code == 303
            assert guest.post("/s/unknown", data={"press": press}).status_code == 404

    def test_of_several_ids_the_first_holds(self, server: ServerProcess) -> None:
        document = publish(server, CONTENT, "several.bin")
        with server.guest() as guest:
            one = guest.post(path_of(document), data={"press": ["a" * 16, "b" * 16]})
            assert again(guest, document, "a" * 16).headers["location"] == one.headers["location"]
        assert seen(server, document)["downloads"] == 1


class TestPassword:
    def test_it_is_checked_each_time(self, restored_server: ServerProcess) -> None:
        """The id of a press without the password gets nothing, and is throttled like the link."""
        document = publish(restored_server, CONTENT, "guarded.bin", password=PASSWORD, downloads_permitted=1)
        with restored_server.guest() as guest:
            press = opened(guest, document)
            assert again(guest, document, press, PASSWORD).status_code == 303
            assert again(guest, document, press).status_code == 403
            guesses = [again(guest, document, press, f"guess {n}").status_code for n in range(8)]
            assert guesses == [403] * 5 + [429] * 3
            assert again(guest, document, press, PASSWORD).status_code == 429
            assert again(guest, document, "0" * 32, PASSWORD).status_code == 404
            restored_server.turn_clock(5)
            assert again(guest, document, press, PASSWORD).status_code == 303
        assert seen(restored_server, document)["downloads"] == 1

    def test_it_is_of_its_link_only(self, server: ServerProcess) -> None:
        documents = [publish(server, CONTENT, f"{n}.bin", downloads_permitted=1) for n in range(2)]
        with server.guest() as guest:
            press = opened(guest, documents[0])
            places = {again(guest, document, press).headers["location"] for document in documents}
        assert len(places) == 2
        assert [seen(server, document)["downloads"] for document in documents] == [1, 1]


class TestOver:
    """What ends a grant also ends what its press can get."""

    @pytest.mark.parametrize("ending", ["unpublish", "delete", "expiry"])
    def test_a_dead_link_is_not_revived(self, restored_server: ServerProcess, ending: str) -> None:
        ends = datetime.now(UTC) + timedelta(minutes=10)
        settings = {"expires_at": ends.isoformat()} if ending == "expiry" else {}
        document = publish(restored_server, CONTENT, "dead.bin", downloads_permitted=1, **settings)
        with restored_server.guest() as guest:
            press = opened(guest, document)
            place = again(guest, document, press).headers["location"]
            if ending == "expiry":
                restored_server.turn_clock(600)
            else:
                act(restored_server, document, ending)
            answer = again(guest, document, press)
            assert (answer.status_code, answer.content) == (404, guest.get("/s/unknown").content)
            assert guest.get(place).status_code == 404
        assert names_of(events(restored_server, document["id"])).count("downloaded") == 1

    def test_new_settings_make_it_a_new_press(self, server: ServerProcess) -> None:
        """It is counted under them, and what it got before stays dead."""
        document = publish(server, CONTENT, "resent.bin", password=PASSWORD, downloads_permitted=1)
        with server.guest() as guest:
            press = opened(guest, document)
            old = again(guest, document, press, PASSWORD).headers["location"]
            act(server, document, "resend", password="Grey-Heron-43", downloads_permitted=1)
            assert again(guest, document, press, PASSWORD).status_code == 403
            assert seen(server, document)["downloads"] == 0
            new = again(guest, document, press, "Grey-Heron-43").headers["location"]
            assert new != old
            assert guest.get(old).status_code == 404
            assert guest.get(new).content == CONTENT
        assert seen(server, document)["downloads"] == 1

    def test_a_page_left_open_must_be_pressed_again(self, restored_server: ServerProcess) -> None:
        """After an hour the grant is over: nothing is counted until the button of a new page is pressed."""
        document = publish(restored_server, CONTENT, "left.bin")
        with restored_server.guest() as guest:
            press = opened(guest, document)
            again(guest, document, press)
            restored_server.turn_clock(3601)
            answer = again(guest, document, press)
            assert answer.status_code == 409
            assert "Press the button to download" in answer.text
            assert seen(restored_server, document)["downloads"] == 1
            assert again(guest, document, opened(guest, document)).status_code == 303
        assert seen(restored_server, document)["downloads"] == 2


class TestAtOnce:
    def test_over_two_processes(self, server: ServerProcess) -> None:
        """Many POSTs of one press count as 1 and all get the same grant, which gives the whole file. Of eight presses,
        each made four times, a limit of five lets five through."""
        with ServerProcess(server.data) as second:
            servers = [server, second]
            for limit in (1, None):
                one_press(servers, limit, 32)
            document = publish(server, CONTENT, "five.bin", downloads_permitted=5)
            bodies = [f"press={number % 8:032}".encode() for number in range(32)]
            answers = volley(servers, path_of(document), 32, bodies)
        assert {answer.status for answer in answers} == {303, 404}
        assert len({answer.headers["location"] for answer in answers if answer.status == 303}) == 5
        assert seen(server, document)["downloads"] == 5


def one_press(servers: list[ServerProcess], limit: int | None, count: int = 64) -> None:
    """So many POSTs of one press at the same moment."""
    document = publish(servers[0], CONTENT, "one.bin", downloads_permitted=limit)
    with servers[0].guest() as guest:
        press = opened(guest, document)
        if len(servers) > 1:
            # Of an opening that one process is still recording, another knows nothing.
            until(lambda: names_of(events(servers[0], document["id"])) == ["viewed"])
        answers = volley(servers, path_of(document), count, f"press={press}".encode())
        assert {answer.status for answer in answers} == {303}
        (place,) = {answer.headers["location"] for answer in answers}
        assert guest.get(place).content == CONTENT
    assert seen(servers[-1], document)["downloads"] == 1
    rows = names_of(events(servers[0], document["id"]))
    assert rows == ["viewed", "downloaded"] + ["limit reached"] * (limit == 1)


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
SECOND = {"User-Agent": CHROME, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
FIRST = {**SECOND, "Sec-Fetch-User": "?1"}


class TestGesture:
    """For the second of two presses, Chromium may report no user gesture: it went with the first."""

    def test_the_second_of_two_presses(self, server: ServerProcess) -> None:
        """The second gets the grant of the first; a script that submits the page by itself gets nothing."""
        document = publish(server, CONTENT, "gesture.bin", downloads_permitted=1)
        with server.guest() as guest:
            fields = {"press": opened(guest, document)}
            alone = guest.post(path_of(document), data=fields, headers=SECOND)
            assert (alone.status_code, seen(server, document)["downloads"]) == (200, 0)
            pressed = [guest.post(path_of(document), data=fields, headers=each) for each in (FIRST, SECOND)]
            assert [answer.status_code for answer in pressed] == [303, 303]
            assert pressed[0].headers["location"] == pressed[1].headers["location"]
            assert guest.post(path_of(document), data={"press": "0" * 32}, headers=SECOND).status_code == 404
        assert seen(server, document)["downloads"] == 1

    def test_with_a_password(self, server: ServerProcess) -> None:
        """Whichever of the two is handled first; no script knows the password."""
        document = publish(server, CONTENT, "gesture.bin", password=PASSWORD, downloads_permitted=1)
        with server.guest() as guest:
            fields = {"press": opened(guest, document), "password": PASSWORD}
            missing = guest.post(path_of(document), data={"press": fields["press"]}, headers=SECOND)
            without = guest.post(path_of(document), data={"password": PASSWORD}, headers=SECOND)
            elsewhere = {**SECOND, "Sec-Fetch-Site": "cross-site"}
            crossed = guest.post(path_of(document), data=fields, headers=elsewhere)
            assert [answer.status_code for answer in (missing, without, crossed)] == [200] * 3
            assert seen(server, document)["downloads"] == 0
            pressed = [guest.post(path_of(document), data=fields, headers=each) for each in (SECOND, FIRST)]
            assert [answer.status_code for answer in pressed] == [303, 303]
            assert pressed[0].headers["location"] == pressed[1].headers["location"]
        assert seen(server, document)["downloads"] == 1
