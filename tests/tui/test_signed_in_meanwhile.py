"""Another person signs in while something is under way: they get nothing of it, and nothing is done in their name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import app_for, asked, names, said, screen_of, sent_folder, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender
from tui.ui.actions import document_changes
from tui.ui.base.question import Question
from tui.ui.base.workers import SignedOut
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.main.main import MainScreen
from tui.ui.widgets.field import Field
from tui.ui.widgets.heading import Heading


async def sign_in_as_anna(pilot: Pilot[Any], *, asked_for: bool = True) -> None:
    """``asked_for``: by the key; otherwise because the server has reported that the user is signed out."""
    if asked_for:
        await pilot.press("L")
    else:
        pilot.app.post_message(SignedOut())
    screen = await screen_of(pilot, SignInScreen)
    screen.query_one("#name", Field).value = "ANNA"
    screen.query_one("#password", Field).value = PASSWORD
    await pilot.press("ctrl+s")


async def unpublish_all(pilot: Pilot[Any], proxy: Misbehaving) -> None:
    """Returns when the first request is under way."""
    await pilot.press("ctrl+a", "u")
    await screen_of(pilot, Question)
    await pilot.press("y")
    await asked(pilot, proxy, "POST", "/unpublish")


@pytest.fixture
def anna(three_sent: ServerProcess) -> None:
    with Sender(three_sent) as me:
        me.add_user("ANNA").http.close()


@pytest.mark.usefixtures("anna")
async def test_what_was_under_way_for_another_person_does_not_arrive(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A sign-in that is given up changes nothing."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        before = proxy.count("GET", "/share/v1/me")
        with proxy.holding("GET", "/share/v1/me") as go_on:
            await sign_in_as_anna(pilot)
            await asked(pilot, proxy, "GET", "/share/v1/me", before)
            await pilot.press("escape")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await until(pilot, lambda: app.screen is main)
            go_on.set()
        assert main.session.opened
        await pilot.press("f5")
        await settled(pilot)
        assert main.session.me.user == "DJONES"
        assert (main.kind, len(names(main))) == ("sent", 3)
        with Sender(three_sent) as me:
            me.delete(f"/documents/{main.table.rows[0].key}")
        with proxy.holding("GET", "/trash", answer=True) as go_on:
            held = sum(seen.held for seen in proxy.seen)
            await pilot.press("t")
            await until(pilot, lambda: sum(seen.held for seen in proxy.seen) > held, "the server's answer")
            await sign_in_as_anna(pilot)
            await until(pilot, lambda: said(main) == "You are signed in as ANNA.")
            go_on.set()
            await settled(pilot)
        assert main.kind not in ("trash", "sent")
        assert not names(main) & {"First.pdf", "Second.pdf", "Third.pdf"}
        assert said(main) == "You are signed in as ANNA."


@more
@pytest.mark.usefixtures("anna")
async def test_reload_starts_over_if_the_first_place_could_not_be_loaded(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Reload starts over, at the start as well as after another user has signed in."""
    proxy.spoil("GET", Answer(500), "recent-documents", times=9)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: main.session.opened and said(main) not in ("Connecting…", ""))
        await settled(pilot)
        proxy.behave()
        await pilot.press("f5")
        await until(pilot, lambda: main.path, "a place")
        await settled(pilot)
        main = await sent_folder(pilot)
        proxy.spoil("GET", Answer(500), "recent-documents", times=9)
        await sign_in_as_anna(pilot)
        await until(pilot, lambda: app.screen is main)
        await settled(pilot)
        assert names(main) == set()
        proxy.behave()
        await pilot.press("f5")
        await until(pilot, lambda: main.path, "a place of ANNA's")
        await settled(pilot)
        assert "ANNA" in main.query_one(Heading).text


async def test_a_question_is_not_answered_by_another_person(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    with Sender(three_sent) as me, me.add_user("ANNA") as her:
        sent = her.send("Annas.pdf")
        her.delete(f"/documents/{sent['id']}")
        me.delete(f"/documents/{me.get(f'/folders/{me.folder}/documents')['documents'][0]['id']}")
        async with app_for(three_sent, tmp_path, url=proxy.url).run_test(size=(80, 24)) as pilot:
            main = await sent_folder(pilot)
            await pilot.press("t")
            await until(pilot, lambda: main.kind == "trash" and names(main))
            await settled(pilot)
            await pilot.press("E")
            await screen_of(pilot, Question)
            await sign_in_as_anna(pilot, asked_for=False)
            message = "You are signed in as ANNA. Closed what DJONES had open; what was sent stays sent."
            await until(pilot, lambda: said(main) == message)
            assert pilot.app.screen is main
            await pilot.press("y", "y")
            await settled(pilot)
        assert len(her.get("/trash")["documents"]) == 1


@pytest.mark.usefixtures("anna")
async def test_what_one_person_began_is_not_gone_on_with_by_another(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is still said when the other one has signed in."""
    # As with more documents than one request changes.
    monkeypatch.setattr(document_changes, "AT_ONCE", 1)
    async with app_for(three_sent, tmp_path, url=proxy.url).run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        with (
            proxy.holding("POST", "/unpublish") as change,
            proxy.holding("GET", "/recent-documents") as first_place,
        ):
            await unpublish_all(pilot, proxy)
            # Signing in by the key has to wait for the change.
            await pilot.press("L")
            assert pilot.app.screen is main
            assert main.disabled_reason("sign_in") is not None
            before = proxy.count("GET", "/recent-documents")
            await sign_in_as_anna(pilot, asked_for=False)
            await asked(pilot, proxy, "GET", "/recent-documents", before)
            change.set()
            await until(pilot, lambda: "since DJONES signed out" in said(main))
            first_place.set()
            await until(pilot, lambda: main.path, "a place of ANNA's")
            await settled(pilot)
        assert "since DJONES signed out (and 1 more)" in said(main)
        assert proxy.count("POST", "/unpublish") == 1


@more
async def test_a_late_refusal_of_the_earlier_token_asks_no_more(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Whether it is of a command or of the live feed: who has signed in since isn't asked again."""
    with Sender(three_sent) as me:
        me.request("PUT", "/users/DJONES/password", json={"password": PASSWORD})
        token = str(me.post("/login", {"user": "DJONES", "password": PASSWORD})["token"])
    async with app_for(three_sent, tmp_path, url=proxy.url, token=token).run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        with (
            proxy.holding("GET", "/sessions") as late_command,
            proxy.holding("GET", "/recent-documents") as first_place,
            proxy.holding("GET", "/events") as late_feed,
        ):
            before = proxy.count("GET", "/events"), proxy.count("GET", "/recent-documents")
            with three_sent.client(token) as client:
                client.post("/share/v1/logout").raise_for_status()
            await asked(pilot, proxy, "GET", "/events", before[0])
            await pilot.press("M")
            await asked(pilot, proxy, "GET", "/sessions")
            pilot.app.post_message(SignedOut())
            screen = await screen_of(pilot, SignInScreen)
            screen.query_one("#name", Field).value = "DJONES"
            screen.query_one("#password", Field).value = PASSWORD
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "GET", "/recent-documents", before[1])
            late_feed.set()
            await until(pilot, lambda: not [each for each in main.workers if each.group == "live"], "its end")
            late_command.set()
            await until(pilot, lambda: said(main).startswith("You have signed in since"), "of the command")
            first_place.set()
            await until(pilot, lambda: main.path, "a place")
            await settled(pilot)
        assert pilot.app.screen is main
        assert main.live.line is None or not main.live.line.display
        assert names(await sent_folder(pilot)) == {"First.pdf", "Second.pdf", "Third.pdf"}
