"""Changes between a question and its answer: nothing unintended is done, and nothing intended is dropped."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.support.app import (
    app_for,
    asked,
    main_screen,
    name_of,
    names,
    put_cursor_on,
    said,
    screen_of,
    sent_folder,
    sent_location,
    settled,
    until,
)
from tests.support.misbehave import Hang, Misbehaving
from tests.support.misbehave import Say as Answer
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD, Sender
from tests.support.stage import about_to_send
from tests.support.work import Worker
from tui.config.preferences import Preferences
from tui.local import Running
from tui.locations.location import Location
from tui.screens.draft import DraftScreen
from tui.screens.help import Help
from tui.screens.main import MainScreen
from tui.screens.members import Members
from tui.screens.menu import Menu
from tui.screens.palette import Palette
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.screens.sign_in import SignInScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.versions import VersionQuestion
from tui.screens.workers import SignedOut
from tui.widgets.checkbox import Checkbox
from tui.widgets.field import Field
from tui.widgets.heading import Heading
from tui.wire.share import Document


def stack(app: App[Any]) -> list[Any]:
    """The screens, bottom first."""
    return list(app.screen_stack)


async def documents(main: MainScreen) -> list[Document]:
    """What the server has in the current folder."""
    place = await sent_location(main)
    return list((await main.session.share.documents(place.id)).documents)


async def partly_sent(pilot: Pilot[Any], main: MainScreen, files: Location, proxy: Misbehaving) -> SendDialog:
    """A send of six files, two of them published; the server doesn't respond for the others."""
    dialog = await about_to_send(pilot, main, files)
    proxy.take_one_by_one()
    proxy.spoil("POST", Hang(), "/uploads", times=9, skip=2)
    await pilot.press("ctrl+s")
    await until(
        pilot, lambda: dialog.state.job is not None and len(dialog.state.job.documents) == 2, "two documents"
    )
    return dialog


async def test_a_cancelled_send_is_withdrawn_whatever_is_done_meanwhile(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """Unpublishing continues while another send is started, and one failure doesn't stop it."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        await partly_sent(pilot, main, files, proxy)
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: "Unpublish them?" in str(getattr(app.screen, "text", "")), "the question")
        # Drafts are only for links that will be used.
        assert not any(isinstance(screen, DraftScreen) for screen in app.screen_stack)
        proxy.spoil("POST", Answer(500), "/unpublish", skip=1)
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("y")
            await asked(pilot, proxy, "POST", "/unpublish")
            await pilot.press("q")
            assert "being changed" in (await screen_of(pilot, Question)).text[0]
            await pilot.press("n", "s")
            await screen_of(pilot, SendDialog)
            go_on.set()
            await until(pilot, lambda: said(main).startswith("Unpublished 1 of "), "what became of it")
        assert proxy.count("POST", "/unpublish") >= 2
        of_send = [d for d in await documents(main) if d.name.startswith("Minutes")]
        assert [d.published for d in of_send].count(False) == 1


@pytest.mark.parametrize("opens", ["m", "ctrl+p"])
async def test_a_command_is_for_what_was_seen_when_it_was_asked_for(
    opens: str, three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """If the row disappears while the menu or the palette is open, the next one isn't unpublished in its place."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Second.pdf")
        ident = main.table.current.key if main.table.current else ""
        await pilot.press(opens)
        await screen_of(pilot, Menu if opens == "m" else Palette)
        with Sender(three_sent) as me:
            me.delete(f"/documents/{ident}")
        await until(pilot, lambda: "Second.pdf" not in names(main), "the news")
        await pilot.press(*("u" if opens == "m" else "unpublish"))
        if opens == "ctrl+p":
            await pilot.press("enter")
        await until(pilot, lambda: said(main).startswith("The list changed"), "a word about it")
        await settled(pilot)
        assert all(document.published for document in await documents(main))
        # A command that isn't about a row still runs.
        await pilot.press("ctrl+p")
        await screen_of(pilot, Palette)
        with Sender(three_sent) as me:
            me.delete(f"/documents/{main.table.rows[0].key}")
        await until(pilot, lambda: len(main.table.rows) == 1, "the news")
        await pilot.press(*"activity", "enter")
        await screen_of(pilot, TimelineScreen)


async def test_what_was_sent_again_shows_though_the_rest_failed(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """A second ctrl+s repeats no request; after closing on a failure, the list has the new links."""
    quiet = Preferences(live=False)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url, preferences=quiet)
    async with app.run_test(size=(120, 30)) as pilot:
        main = await sent_folder(pilot)
        before = {row.key: row.data.url for row in main.table.rows}
        await pilot.press("ctrl+a", "s")
        dialog = await screen_of(pilot, ResendDialog)
        dialog.query_one("#new_address", Checkbox).checked = True
        proxy.spoil("POST", Answer(500), "/resend", times=9, skip=2)
        with proxy.holding("POST", "/resend", answer=True) as go_on:
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/resend")
            await pilot.press("ctrl+s")
            await pilot.pause()
            go_on.set()
            await until(pilot, lambda: said(dialog, "#said"), "what failed")
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: app.screen is main)
        await settled(pilot)
        real = {document.id: document.url for document in await documents(main)}
        assert sum(real[key] != url for key, url in before.items()) == 2
        assert {row.key: row.data.url for row in main.table.rows} == real
        assert said(main) == "Sent 2 of 3 documents again; downloads reset to 0."


async def test_one_member_is_removed_while_another_is_added(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Neither change cancels the other: both are made, and the list matches the server."""
    with Sender(three_sent) as me:
        for name in ("ANNA", "BOB"):
            me.add_user(name).http.close()
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        await pilot.press("p")
        dialog = await screen_of(pilot, Members)
        await pilot.press(*"ANNA", "enter")
        await until(pilot, lambda: len(dialog.table.rows) == 1, "ANNA")
        before = proxy.count("POST", "/members")
        with proxy.holding("POST", "/members") as go_on:
            await pilot.press(*"BOB", "enter")
            await asked(pilot, proxy, "POST", "/members", before)
            dialog.table.focus()
            await pilot.press("d")
            go_on.set()
            await settled(pilot)
        assert [name_of(row) for row in dialog.table.rows] == ["BOB"]
        with Sender(three_sent) as me:
            folder = me.get("/folder")["folder"]["id"]
            assert [member["name"] for member in me.get(f"/folders/{folder}/members")["members"]] == ["BOB"]


async def test_a_chosen_version_stays_chosen(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """The chosen version survives filtering and reloading, and is forgotten when the user goes elsewhere."""
    with Worker(fresh_server) as worker:
        space = worker.workspace("Matter", default_security="public")
        idents = [worker.upload(space, f"Paper {number}")["id"] for number in range(3)]
        worker.new_version(idents[0], "Paper 0", b"changed")
    app = app_for(fresh_server, tmp_path, demo=False)
    async with app.run_test(size=(110, 30)) as pilot:
        main = await main_screen(pilot)
        await settled(pilot)
        place = main.place
        assert place is not None
        put_cursor_on(main, "Paper 0.txt")

        def version() -> str:
            return next(str(row.data.version) for row in main.table.rows if name_of(row) == "Paper 0.txt")

        latest = version()
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        await until(pilot, lambda: "is chosen" in said(main))
        chosen = version()
        assert chosen != latest
        await pilot.press("slash", *"Paper")
        await settled(pilot)
        assert version() == chosen
        await pilot.press("escape", "f5")
        await settled(pilot)
        assert version() == chosen
        for other in (Location("workspace", "Matter", space), place):
            main.open_place(other)
            await until(pilot, lambda other=other: main.place == other)
            await settled(pilot)
            assert version() == latest
        # Another user doesn't get it either.
        await pilot.press("v")
        await screen_of(pilot, VersionQuestion)
        await pilot.press("space", "enter")
        await until(pilot, lambda: version() == chosen)
        main.reset()
        main.open_place(place)
        await until(pilot, lambda: main.place == place)
        await pilot.press("f5")
        await settled(pilot)
        assert version() == latest


# ---------------------------------------------------------------- who signs in meanwhile


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


@pytest.fixture
def anna(three_sent: ServerProcess) -> None:
    with Sender(three_sent) as me:
        me.add_user("ANNA").http.close()


@pytest.mark.usefixtures("anna")
async def test_what_was_under_way_for_another_person_does_not_arrive(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    with Sender(three_sent) as me:
        folder = me.get("/folder")["folder"]["id"]
        me.delete(f"/documents/{me.get(f'/folders/{folder}/documents')['documents'][0]['id']}")
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/trash", answer=True) as go_on:
            await pilot.press("t")
            await until(pilot, lambda: any(seen.held for seen in proxy.seen), "the server's answer")
            await sign_in_as_anna(pilot)
            await until(pilot, lambda: said(main) == "You are signed in as ANNA.")
            go_on.set()
            await settled(pilot)
        assert main.kind not in ("trash", "sent")
        assert not names(main) & {"First.pdf", "Second.pdf", "Third.pdf"}
        assert said(main) == "You are signed in as ANNA."


@pytest.mark.usefixtures("anna")
async def test_a_sign_in_that_is_given_up_changes_nothing(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
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


@pytest.mark.usefixtures("anna")
async def test_reload_starts_over_if_the_first_place_could_not_be_loaded(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """Reload starts over, at the start as well as after another user has signed in."""
    proxy.spoil("GET", Answer(500), "recent-documents", times=9)
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
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


async def test_a_dialog_of_a_place_that_was_left_does_not_open(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """The dialog doesn't open if the user clicks another location while it is loading."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/policy") as go_on:
            await pilot.press("s")
            await asked(pilot, proxy, "GET", "/policy")
            main.open_place(Location("trash", "Trash"))
            await until(pilot, lambda: main.kind == "trash")
            go_on.set()
            await settled(pilot)
        assert app.screen is main


async def test_rows_of_a_place_that_is_left_are_not_acted_on(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("GET", "/share/v1/folders"):
            before = proxy.count("GET", "/share/v1/folders")
            await pilot.press("backspace")
            await asked(pilot, proxy, "GET", "/share/v1/folders", before)
            await pilot.press("u", "d", "s")
            await pilot.pause()
            assert app.screen is main
        await settled(pilot)
        assert proxy.count("POST", "/unpublish") == 0


async def test_what_failed_and_what_was_selected_meanwhile_stays_selected(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        for name in ("First.pdf", "Second.pdf"):
            put_cursor_on(main, name)
            await pilot.press("space")
        proxy.spoil("POST", Answer(500), "/unpublish", skip=1)
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("u")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await asked(pilot, proxy, "POST", "/unpublish")
            put_cursor_on(main, "Third.pdf")
            await pilot.press("space")
            go_on.set()
            await until(
                pilot, lambda: said(main).startswith("Unpublished 1 of 2 documents; "), "what became of it"
            )
        on = {document.name for document in await documents(main) if document.published}
        assert {row.name for row in main.table.chosen} == on


async def test_quitting_asks_while_something_is_sent_again(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        await sent_folder(pilot)
        await pilot.press("ctrl+a", "s")
        await screen_of(pilot, ResendDialog)
        with proxy.holding("POST", "/resend"):
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/resend")
            await pilot.press("ctrl+q")
            assert "being changed" in (await screen_of(pilot, Question)).text[0]


@pytest.mark.parametrize("over_it", [[], ["f1"]], ids=["asked", "under the help"])
async def test_a_send_that_ends_while_its_cancelling_is_asked(
    over_it: list[str], three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """The question closes, whatever is open above it, and the links are shown."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        dialog = await about_to_send(pilot, main, files)
        with proxy.holding("POST", "/batch") as go_on:
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/batch")
            await pilot.press("escape")
            await screen_of(pilot, Question)
            await pilot.press(*over_it)
            await screen_of(pilot, Help if over_it else Question)
            go_on.set()
            draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 6
        assert stack(app) == [main, dialog, draft]


async def test_a_cancelled_send_is_asked_about_once(
    three_sent: ServerProcess,
    proxy: Misbehaving,
    files: Location,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pressing escape again before the send has stopped doesn't ask twice."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        dialog = await partly_sent(pilot, main, files, proxy)
        await pilot.press("escape")
        await screen_of(pilot, Question)
        job, gate = dialog.state.job, asyncio.Event()
        assert job is not None
        ended = job.ended

        async def end() -> None:
            await gate.wait()
            await ended()

        monkeypatch.setattr(job, "ended", end)
        await pilot.press("y", "escape", "escape")
        assert app.screen is dialog
        gate.set()
        await until(pilot, lambda: "Unpublish them?" in str(getattr(app.screen, "text", "")), "the question")
        assert stack(app)[:2] == [main, dialog]
        assert len(app.screen_stack) == 3


async def test_links_that_are_left_when_a_send_is_cancelled_are_shown(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        await partly_sent(pilot, main, files, proxy)
        await pilot.press("escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: "Unpublish them?" in str(getattr(app.screen, "text", "")), "the question")
        await pilot.press("n")
        draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 2
        await pilot.press("escape")
        # The cancelled documents can still be sent.
        dialog = await screen_of(pilot, SendDialog)
        assert "2 of 6 sent, 4 cancelled" in said(dialog, "#overall")
        assert "Stopped before it was published" in said(dialog, "#cause")
        proxy.behave()
        assert dialog.disabled_reason("retry") is None
        await pilot.press("ctrl+t")
        draft = await screen_of(pilot, DraftScreen)
        assert len(draft.documents) == 6
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        assert said(main).startswith("6 documents sent. They are in ")


async def test_the_list_comes_once_the_server_is_there(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    """If the app was started without the server, the list and a branch expanded in the meantime are filled later."""
    proxy.down()
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await screen_of(pilot, MainScreen)
        await until(pilot, lambda: "cannot be reached" in said(main))
        share = main.places.find("share")
        assert share is not None
        share.expand()
        proxy.up()
        await until(pilot, lambda: main.session.opened and main.path, "the first place")
        await settled(pilot)
        assert "cannot be reached" not in said(main)
        assert len(share.children) == 1


async def test_reload_tries_the_connection_at_once(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        proxy.down()
        await until(pilot, lambda: "reconnecting in" in said(main, "#link"), "a longer wait")
        proxy.up()
        await pilot.press("f5")
        await until(pilot, lambda: not said(main, "#link"), "the connection")
        await settled(pilot)


async def test_a_local_server_that_ends_in_the_middle_of_a_send_is_started_again(
    three_sent: ServerProcess, proxy: Misbehaving, files: Location, tmp_path: Path
) -> None:
    """The send finishes without the user doing anything."""
    app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
    target = app.session.target

    def start() -> Running:
        proxy.up()
        return Running(0, target.url, str(target.socket), "", "")

    app.session._start_server = start
    async with app.run_test(size=(110, 40)) as pilot:
        main = await sent_folder(pilot)
        await about_to_send(pilot, main, files, "space")
        with proxy.holding("POST", "/batch"):
            await pilot.press("ctrl+s")
            await asked(pilot, proxy, "POST", "/batch")
            proxy.down()
        await screen_of(pilot, DraftScreen)


async def test_a_question_is_not_answered_by_another_person(
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    with Sender(three_sent) as me, me.add_user("ANNA") as her:
        sent = her.send("Annas.pdf")
        her.delete(f"/documents/{sent['id']}")
        me.delete(f"/documents/{me.get(f'/folders/{me.folder}/documents')['documents'][0]['id']}")
        async with app_for(three_sent, tmp_path, url=proxy.url).run_test(size=(100, 30)) as pilot:
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
    three_sent: ServerProcess, proxy: Misbehaving, tmp_path: Path
) -> None:
    async with app_for(three_sent, tmp_path, url=proxy.url).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        with proxy.holding("POST", "/unpublish") as go_on:
            await pilot.press("ctrl+a", "u")
            await screen_of(pilot, Question)
            await pilot.press("y")
            await asked(pilot, proxy, "POST", "/unpublish")
            # Signing in by the key has to wait for the change.
            await pilot.press("L")
            assert pilot.app.screen is main
            assert main.disabled_reason("sign_in") is not None
            await sign_in_as_anna(pilot, asked_for=False)
            await until(pilot, lambda: main.session.user == "ANNA")
            go_on.set()
            await until(pilot, lambda: "since DJONES signed out (and 1 more)" in said(main))
        assert proxy.count("POST", "/unpublish") == 1
