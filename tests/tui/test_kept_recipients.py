"""*To* in the app: offered from earlier sends, kept with the links, shown in the folder, and changed by a draft."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    said,
    screen_of,
    screen_text,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import few, more
from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Say
from tests.support.pictures.scene_start import about_to_send, opened, typed
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tests.tui.conftest import MakeApp
from tui.config.preferences import Preferences
from tui.locations.location import Location
from tui.mail import query
from tui.ui.dialogs.details import Details
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.recipients import RECIPIENTS_NOTE, Matches
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field
from tui.ui.widgets.row_line import RowLine

ANNA, BERND = "Anna Arp <anna@example.com>", "bernd@example.com"
LONG = f'"{"Konstantina, " * 12}Partner" <{"k" * 60}@{"department." * 12}example.com>'
HOSTILE = "A[red]n [/]a\u200b <anna@example.com>"


def kept(server: ServerProcess) -> dict[str, list[str]]:
    """The recipients of each document in the folder."""
    with Sender(server) as me:
        documents = me.get(f"/folders/{me.folder}/documents")["documents"]
    return {document["name"]: document["recipients"] for document in documents}


async def to_field(pilot: Pilot[Any], dialog: SendDialog | DraftScreen) -> Matches:
    """Goes to *To*, and returns the list of addresses, when the earlier ones are known."""
    dialog.query_one("#to", Field).focus()
    await pilot.pause()
    await settled(pilot, dialog)
    return dialog.query_one(Matches)


def offers(matches: Matches) -> list[str]:
    if not matches.display:
        return []
    return [str(matches.get_option_at_index(index).prompt) for index in range(matches.option_count)]


async def test_a_send_keeps_whom_it_is_for(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    """An earlier recipient is offered without any address book; what is no address sends nothing. The draft then has
    them, and the folder shows them."""
    publish(three_sent, b"x", "Earlier.pdf", recipients=[ANNA])
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        matches = await to_field(pilot, dialog)
        assert said(dialog, "#recipients-note") == RECIPIENTS_NOTE
        assert said(dialog, "#overall") == "1 document, 7 B", "nothing is said twice"
        await typed(pilot, "arp")
        await until(pilot, lambda: offers(matches) == [ANNA])
        await pilot.press("down", "enter")
        await until(pilot, lambda: dialog.query_one("#to", Field).value == f"{ANNA}, ")
        await typed(pilot, "bernd")
        assert dialog.unsaved == "Close without sending?"
        dialog.table.focus()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "bernd is not an e-mail address" in said(dialog, "#overall"))
        assert pilot.app.focused is dialog.query_one("#to", Field)
        await typed(pilot, BERND.removeprefix("bernd"))
        await pilot.press("ctrl+s")
        screen = await screen_of(pilot, DraftScreen)
        assert [document.recipients for document in screen.documents] == [[ANNA, BERND]]
        assert screen.text.to == f"{ANNA}, {BERND}"
        assert screen.unsaved == ""
        await pilot.press("escape")
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        put_cursor_on(main, "Minutes 0.txt")
        await until(pilot, lambda: f"To {ANNA}, {BERND}" in main.query_one(RowLine).text)
    assert kept(three_sent)["Minutes 0.txt"] == [ANNA, BERND]


@more
async def test_earlier_ones_come_first_and_the_address_book_after_them(
    three_sent: ServerProcess, tmp_path: Path, files: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each mailbox once, and at most eight; typing isn't held up by the address book, and a list that was closed stays
    closed when that answers."""
    monkeypatch.setattr(query, "SECONDS", 60.0)
    gate, book = tmp_path / "gate", tmp_path / "book.py"
    book.write_text(
        "import pathlib, sys, time\n"
        f"while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.01)\n"
        "print('ANNA@example.com\\tAnna A.')\n"
        "for n in range(9): print(f'an{n}@example.com\\t')\n"
    )
    publish(three_sent, b"x", "Earlier.pdf", recipients=[BERND, ANNA])
    preferences = Preferences(mail_values={"mail_query_command": f"{sys.executable} {book}"})
    app = app_for(three_sent, tmp_path, demo=False, preferences=preferences)
    async with app.run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        matches = await to_field(pilot, dialog)
        await typed(pilot, "an")
        await until(pilot, lambda: offers(matches) == [ANNA])
        gate.touch()
        await until(pilot, lambda: len(offers(matches)) == 8)
        assert offers(matches) == [ANNA, *(f"an{n}@example.com" for n in range(7))]
        gate.unlink()
        await pilot.press("backspace")
        await typed(pilot, "n")
        await until(pilot, lambda: offers(matches) == [ANNA])
        await pilot.press("down", "escape")
        await until(pilot, lambda: not matches.display)
        gate.touch()
        await settled(pilot, dialog)
        assert not matches.display
        await pilot.press("backspace")
        await typed(pilot, "n")
        await until(pilot, lambda: len(offers(matches)) == 8)
        # Past the list, it would cover what the user has gone to.
        await pilot.press("tab", "tab")
        await until(pilot, lambda: pilot.app.focused is dialog.query_one("#send_now") and not matches.display)


async def test_look_alikes_are_offered_last_and_marked(
    three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    """Also the one that was sent to more often; and what is taken is the address without the mark."""
    for name, recipients in (("1.pdf", ["an@ha1yard.example"]), ("2.pdf", ["an@ha1yard.example"]),
                             ("3.pdf", ["an@halyard.example"])):  # fmt: skip
        publish(three_sent, b"x", name, recipients=recipients)
    async with make_app().run_test(size=(80, 24)) as pilot:
        dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
        matches = await to_field(pilot, dialog)
        await typed(pilot, "an@ha")
        await until(
            pilot,
            lambda: offers(matches) == ["an@halyard.example", "an@ha1yard.example (look-alike)"],
            "both, in this order",
        )
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: dialog.query_one("#to", Field).value == "an@ha1yard.example, ")
        await until(
            pilot,
            lambda: "only looks like an@halyard.example" in said(dialog, "#recipients-note"),
            "a warning",
        )


@more
async def test_nothing_is_offered_for_what_the_user_has_not_typed(
    three_sent: ServerProcess, make_app: MakeApp
) -> None:
    """An editor that changes *To* leaves the subject visible, wherever the focus is."""
    publish(three_sent, b"x", "Earlier.pdf", recipients=[ANNA])
    async with make_app().run_test(size=(80, 24)) as pilot:
        draft = await opened(pilot, "w", DraftScreen)
        matches = await to_field(pilot, draft)
        await typed(pilot, "an")
        for to in ("anna@example.com", "arp@example.com"):
            await until(pilot, lambda: offers(matches) == [ANNA])
            if to.startswith("arp"):
                await pilot.press("down")
                assert matches.has_focus
            draft.show(dataclasses.replace(draft.text, to=to))
            await settled(pilot, draft)
            await until(pilot, lambda: offers(matches) == [])
            assert draft.query_one("#to").has_focus
            await pilot.press("end", *["backspace"] * len("@example.com"))
        await until(pilot, lambda: offers(matches) == [ANNA])


@more
async def test_without_the_servers_answer_typing_goes_on(
    three_sent: ServerProcess, tmp_path: Path, files: Location
) -> None:
    """Earlier recipients are an offer only."""
    with Misbehaving(three_sent.url) as proxy:
        proxy.spoil("GET", Say(503), "/recipients", times=ALWAYS)
        app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(80, 24)) as pilot:
            dialog = await about_to_send(pilot, await sent_folder(pilot), files, "space")
            matches = await to_field(pilot, dialog)
            await typed(pilot, ANNA)
            assert offers(matches) == []
            # Without a draft they are kept, too.
            await pilot.press("ctrl+y")
            links = await screen_of(pilot, LinksScreen)
            assert [document.recipients for document in links.documents] == [[ANNA]]
    assert kept(three_sent)["Minutes 0.txt"] == [ANNA]


@more
async def test_a_draft_made_later_changes_them(
    three_sent: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins with those of the chosen documents, and changes theirs and no others', once it is saved."""
    monkeypatch.chdir(tmp_path)
    with Sender(three_sent) as me:
        documents = {d["name"]: d for d in me.get(f"/folders/{me.folder}/documents")["documents"]}
        for name, recipients in (("First.pdf", [ANNA]), ("Third.pdf", ["carol@example.com"])):
            path = f"/sends/{documents[name]['send_id']}/recipients"
            assert me.request("PUT", path, json={"recipients": recipients}).json()["changed"] == 1
    app = app_for(three_sent, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await sent_folder(pilot)
        for name in ("First.pdf", "Second.pdf"):
            put_cursor_on(main, name)
            await pilot.press("space")
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        assert draft.text.to == ANNA
        await to_field(pilot, draft)
        await typed(pilot, f", {BERND}, ")
        assert kept(three_sent)["First.pdf"] == [ANNA], "nothing is kept before the draft is"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: all(d.recipients == [ANNA, BERND] for d in draft.documents))
        assert said(draft, "#done").startswith("Saved as ")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(
            pilot, lambda: {r.data.name: r.data.recipients for r in main.table.rows} == kept(three_sent)
        )
    assert kept(three_sent) == {
        "First.pdf": [ANNA, BERND],
        "Second.pdf": [ANNA, BERND],
        "Third.pdf": ["carol@example.com"],
    }


@more
async def test_a_draft_whose_recipients_cannot_be_kept_says_so(
    three_sent: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Misbehaving(three_sent.url) as proxy:
        proxy.spoil("PUT", Say(500), "/recipients", times=ALWAYS)
        app = app_for(three_sent, tmp_path, demo=False, url=proxy.url)
        async with app.run_test(size=(80, 24)) as pilot:
            draft = await opened(pilot, "w", DraftScreen)
            await to_field(pilot, draft)
            await typed(pilot, BERND)
            await pilot.press("ctrl+s")
            await until(pilot, lambda: "recipients were not kept with the links" in said(draft, "#done"))
        assert (tmp_path / "secure-links.eml").exists()
    assert kept(three_sent)["First.pdf"] == []


@few(1)
@pytest.mark.parametrize(
    ("address", "size"), [(LONG, (80, 24)), (HOSTILE, (120, 40))], ids=["long", "hostile"]
)
async def test_long_and_hostile_addresses(
    address: str, size: tuple[int, int], three_sent: ServerProcess, make_app: MakeApp, files: Location
) -> None:
    """Where they are offered, their names have one line at most; they are whole in the details, and never markup."""
    publish(three_sent, b"x", "Earlier.pdf", recipients=[address])
    (stored,) = kept(three_sent)["Earlier.pdf"]
    async with make_app().run_test(size=size) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "Earlier.pdf")
        await pilot.press("i")
        details = await screen_of(pilot, Details)
        await settled(pilot, details)
        rows = screen_text(pilot).splitlines()
        box = details.query_one(".box").region
        lines = [row[box.x + 1 : box.right - 1] for row in rows[box.y + 1 : box.bottom - 1]]
        shown = "".join("".join(lines).split())
        assert f"To{stored.split()[0]}" in shown
        assert "yournote" not in shown, "that is said where one types it"
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main)
        dialog = await about_to_send(pilot, main, files, "space")
        matches = await to_field(pilot, dialog)
        await typed(pilot, stored[:3])
        await until(pilot, lambda: matches.option_count == 1 and matches.display)
        await settled(pilot, dialog)
        name, _, mailbox = stored.rpartition("<")
        offered = str(matches.get_option_at_index(0).prompt).split("\n")
        assert mailbox in "".join(line.strip() for line in offered)
        assert matches.size.height == len(offered) <= 1 + -(-len(mailbox) // 60)
        assert not name or offered[0].startswith(name[:9])
        assert matches.region.bottom <= size[1]
        await pilot.press("down", "enter", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        assert draft.text.to == stored
    assert kept(three_sent)["Minutes 0.txt"] == [stored]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def test_a_draft_is_not_saved_with_a_link_that_was_stopped_since(
    three_sent: ServerProcess, tmp_path: Path, here: Path
) -> None:
    """As it isn't handed over; until the link is taken out of the text."""
    async with app_for(three_sent, tmp_path).run_test(size=(80, 24)) as pilot:
        await sent_folder(pilot)
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        (document,) = draft.documents
        with Sender(three_sent) as me:
            me.delete(f"/documents/{document.id}")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "no longer works (in the trash)" in said(draft, "#done"))
        assert list(here.iterdir()) == []
        await pilot.press("delete", "ctrl+s")
        await until(pilot, lambda: said(draft, "#done").startswith("Saved as "))
        assert [path.name for path in here.iterdir()] == ["secure-links.eml"]


@more
async def test_a_draft_is_saved_once_unless_it_was_changed(
    three_sent: ServerProcess, tmp_path: Path, here: Path
) -> None:
    """A key that is pressed twice doesn't make a second file; what was changed since never replaces the first."""
    async with app_for(three_sent, tmp_path).run_test(size=(80, 24)) as pilot:
        await sent_folder(pilot)
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        await pilot.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: said(draft, "#done").startswith("Saved as "))
        assert [path.name for path in here.iterdir()] == ["secure-links.eml"]
        await to_field(pilot, draft)
        await typed(pilot, ANNA)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "secure-links-2.eml" in said(draft, "#done"))
        (here / "secure-links-2.eml").unlink()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: (here / "secure-links-2.eml").exists())
