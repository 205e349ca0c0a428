"""What was read for a send is handed on from its dialog to its job. Meanwhile, everything may have changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.support.app.app import app_for, asked, said, screen_of, sent_folder, settled, until
from tests.support.app.steps import Ground, play
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say as Answer
from tests.support.pictures.scene_start import about_to_send, typed
from tests.support.servers.server import ServerProcess
from tests.support.users.share import PASSWORD, Sender
from tui.locations.location import Location
from tui.ui.base.workers import SignedOut
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

FAVORITES = "my-favorites"


async def the_policy_is_tightened(on: Ground) -> None:
    """The server refuses the send, and the dialog knows the policy as it is by then."""
    dialog = await about_to_send(on.pilot, on.main, on.files, "space")
    with Sender(on.server) as me:
        me.request("PATCH", "/policy", json={"password_required": "true"}).raise_for_status()
    await on.pilot.press("ctrl+s")
    await until(on.pilot, lambda: "password" in said(dialog, "#overall"), "the refusal")
    assert not dialog.busy
    assert dialog.query_one("#password", Field).has_focus
    assert "requires" in said(dialog, "#password-say") or "required" in said(dialog, "#password-say")
    await typed(on.pilot, "Blue-Harbour7")
    await on.pilot.press("ctrl+s")
    draft = await screen_of(on.pilot, DraftScreen)
    assert [d.has_password for d in draft.documents] == [True]
    with Sender(on.server) as me:
        me.request("PATCH", "/policy", json={"password_required": ""}).raise_for_status()


async def the_folder_is_deleted(on: Ground) -> None:
    """Another folder is made, as if that had been known before."""
    await about_to_send(on.pilot, on.main, on.files, "space")
    await until(on.pilot, lambda: on.proxy.count("GET", FAVORITES), "what is read ahead")
    with Sender(on.server) as me:
        gone = me.folder
        me.delete(f"/folders/{gone}")
    await on.pilot.press("ctrl+y")
    links = await screen_of(on.pilot, LinksScreen)
    assert links.documents[0].published
    assert links.documents[0].folder.id != gone


async def my_favorites_could_not_be_read(on: Ground) -> None:
    """They are read again by the job: a failure then isn't taken for a server that has none."""
    on.proxy.spoil("GET", Answer(500), FAVORITES)
    await about_to_send(on.pilot, on.main, on.files, "space")
    await until(on.pilot, lambda: on.proxy.count("GET", FAVORITES) == 1, "the failure")
    await on.pilot.press("ctrl+y")
    await screen_of(on.pilot, LinksScreen)
    assert on.proxy.count("GET", FAVORITES) == 2
    assert on.proxy.count("GET", "/policy") == 1


async def the_line_is_lost(on: Ground) -> None:
    """The job waits for the server."""
    dialog = await about_to_send(on.pilot, on.main, on.files, "space")
    await until(on.pilot, lambda: on.proxy.count("GET", FAVORITES), "what is read ahead")
    on.proxy.down()
    await on.pilot.press("ctrl+y")
    await until(on.pilot, lambda: dialog.state.job is not None and dialog.state.job.waiting is not None)
    on.proxy.up()
    links = await screen_of(on.pilot, LinksScreen)
    assert len(links.documents) == 1


async def keys_come_too_early_and_twice(on: Ground) -> None:
    """What is read ahead is still under way when the send begins, and the key is pressed again and again: one send."""
    with on.proxy.holding("GET", FAVORITES) as go_on:
        dialog = await about_to_send(on.pilot, on.main, on.files, "space")
        await asked(on.pilot, on.proxy, "GET", FAVORITES)
        await on.pilot.press("ctrl+y", "ctrl+y", "ctrl+s")
        assert dialog.busy
        assert on.proxy.count("POST", "/sends") == 0
        go_on.set()
    links = await screen_of(on.pilot, LinksScreen)
    await settled(on.pilot)
    assert len(links.documents) == 1
    assert on.app.screen is links
    assert on.proxy.count("POST", "/v1/sends") - on.proxy.count("POST", "/v1/sends/") == 1
    assert on.proxy.count("GET", FAVORITES) == 1


async def the_dialog_is_closed_while_it_is_read_ahead(on: Ground) -> None:
    """Nothing is sent, and the next send reads it again."""
    with on.proxy.holding("GET", FAVORITES):
        await about_to_send(on.pilot, on.main, on.files, "space")
        await asked(on.pilot, on.proxy, "GET", FAVORITES)
        await on.pilot.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.main, "the list")
        await settled(on.pilot)
    await on.pilot.press("s")
    await screen_of(on.pilot, SendDialog)
    await on.pilot.press("ctrl+y")
    links = await screen_of(on.pilot, LinksScreen)
    assert len(links.documents) == 1
    assert on.proxy.count("GET", FAVORITES) == 2


async def addresses_are_asked_for_only_when_one_is_typed(on: Ground) -> None:
    await about_to_send(on.pilot, on.main, on.files, "space")
    await on.pilot.press("ctrl+s")
    draft = await screen_of(on.pilot, DraftScreen)
    await settled(on.pilot, draft)
    assert draft.query_one("#to").has_focus
    assert on.proxy.count("GET", "/recipients") == 0
    await on.pilot.press("b", "o")
    await asked(on.pilot, on.proxy, "GET", "/recipients")
    await settled(on.pilot, draft)
    assert on.proxy.count("GET", "/recipients") == 1


async def test_what_changes_under_an_open_dialog(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, files: Location, policy: object
) -> None:
    assert files
    steps = (
        the_policy_is_tightened,
        my_favorites_could_not_be_read,
        the_line_is_lost,
        keys_come_too_early_and_twice,
        the_dialog_is_closed_while_it_is_read_ahead,
        addresses_are_asked_for_only_when_one_is_typed,
        the_folder_is_deleted,
    )
    await play(steps, three_sent, proxy, tmp_path)


@pytest.fixture
def anna(three_sent: ServerProcess) -> None:
    with Sender(three_sent) as me:
        me.add_user("ANNA").http.close()


async def sign_in(pilot: Pilot[int], name: str) -> None:
    """Signs in over whatever is open, as the server has asked for it."""
    pilot.app.post_message(SignedOut())
    screen = await screen_of(pilot, SignInScreen)
    screen.query_one("#name", Field).value = name
    screen.query_one("#password", Field).value = PASSWORD
    await pilot.press("ctrl+s")


@pytest.mark.usefixtures("anna")
async def test_who_signs_in_gets_nothing_that_was_read_for_another(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path, files: Location
) -> None:
    """The same person may go on, and everything is read again. Another one's sign-in closes the dialog; a send that it
    interrupts stays that of the person who began it."""
    state = tmp_path / "state"
    app = app_for(three_sent, state, demo=False, url=proxy.url)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        user = main.session.user
        with Sender(three_sent) as me:
            me.request("PUT", f"/users/{user}/password", json={"password": PASSWORD}).raise_for_status()
        dialog = await about_to_send(pilot, main, files, "space")
        await until(pilot, lambda: proxy.count("GET", FAVORITES), "what is read ahead")
        await sign_in(pilot, user)
        await until(pilot, lambda: app.screen is dialog, "the dialog")
        proxy.seen.clear()
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert len(links.documents) == 1
        read = {path: proxy.count("GET", path) for path in ("/v1/me", "/policy", FAVORITES)}
        assert all(read.values()), read
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main, "the list")
        await settled(pilot)
        dialog = await about_to_send(pilot, main, files, "down", "space")
        proxy.seen.clear()
        with proxy.holding("POST", "/batch", answer=True):
            await pilot.press("ctrl+y")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            await sign_in(pilot, "ANNA")
            await until(pilot, lambda: said(main).startswith("You are signed in as ANNA. Closed what"))
            await settled(pilot)
        assert app.screen is main
        await sign_in(pilot, user)
        await until(pilot, lambda: "last send" in said(main), "the offer")
