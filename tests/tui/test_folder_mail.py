"""A draft that is made later, from documents of the Secure Sent Links folder (M1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Static

from tests.support.app.app import (
    app_for,
    main_screen,
    open_sent_folder,
    put_cursor_on,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.share import Sender
from tui.config.preferences import Preferences
from tui.ui.draft.draft import DraftScreen
from tui.ui.send.send import SendDialog
from tui.ui.widgets.body_area import BodyArea
from tui.ui.widgets.field import Field
from tui.ui.widgets.status_line import StatusLine


async def test_an_e_mail_with_the_selected_links(server: ServerProcess, tmp_path: Path) -> None:
    """It has the published ones in the order of the list, and the sender is who recipients see on the page of a link.
    The clipboard is left alone, and no password is shown. The key that copies the links is in the footer of a small
    terminal, and what it did looks other than what it did before."""
    documents = {name: publish(server, b"content", name) for name in ("One.pdf", "Two.pdf", "Three.pdf")}
    with server.client() as client:
        client.post(f"/share/v1/documents/{documents['Two.pdf']['id']}/unpublish").raise_for_status()
        client.patch("/share/v1/users/DJONES", json={"full_name": "Dora Jones"}).raise_for_status()
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        put_cursor_on(main, "Two.pdf")
        await pilot.press("w")
        await pilot.pause()
        assert app.screen is main
        assert "is off (unpublished)" in (main.disabled_reason("write_mail") or "")
        for name in documents:
            put_cursor_on(main, name)
            await pilot.press("space")
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        assert draft.text.subject == "2 documents for you"
        names = [document.name for document in draft.documents]
        assert names == [row.data.name for row in main.chosen if row.data.published]
        assert set(names) == {"One.pdf", "Three.pdf"}
        places = [draft.text.body.index(documents[name]["url"]) for name in names]
        assert places == sorted(places)
        assert (
            "1 document is not published and not in the draft." in draft.query_one("#done", StatusLine).text
        )
        assert str(draft.query_one("#clipboard", Static).render()) == ""
        assert draft.disabled_reason("copy_password") == "There is no password."
        await copies_are_seen(pilot, draft)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)


async def test_documents_of_different_people_in_one_e_mail(server: ServerProcess, tmp_path: Path) -> None:
    """It is told before anything is done with the draft, and each document keeps whom it was sent to."""
    people = {"Annas.pdf": ["anna@example.com"], "Bobs.pdf": ["bob@example.com"]}
    for name, recipients in people.items():
        publish(server, b"content", name, recipients=recipients)
    app = app_for(server, tmp_path, demo=False)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await open_sent_folder(pilot, main)
        await settled(pilot)
        for name in people:
            put_cursor_on(main, name)
            await pilot.press("space")
        await pilot.press("w")
        draft = await screen_of(pilot, DraftScreen)
        assert "sent to different people" in draft.query_one("#done", StatusLine).text
        assert set(draft.text.to.split(", ")) == {"anna@example.com", "bob@example.com"}
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Saved as" in draft.query_one("#done", StatusLine).text)
        await settled(pilot, draft)
        assert kept(server, people) == people
        # Others are kept with both, and so are the same once they are chosen again.
        field, both = draft.query_one("#to", Field), draft.text.to
        for typed in ("carol@example.com", both):
            field.value = typed
            await pilot.press("ctrl+s")
            wanted = dict.fromkeys(people, typed.split(", "))
            await until(pilot, lambda wanted=wanted: kept(server, people) == wanted, typed)
            await settled(pilot, draft)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)


def kept(server: ServerProcess, names: Iterable[str]) -> dict[str, list[str]]:
    """Whom these documents are for."""
    with Sender(server) as me:
        found = me.get(f"/folders/{me.folder}/documents")["documents"]
    return {each["name"]: each["recipients"] for each in found if each["name"] in names}


async def copies_are_seen(pilot: Pilot[Any], draft: DraftScreen) -> None:
    await until(pilot, lambda: "^y Copy " in screen_text(pilot), "the key")
    # Nothing moves when the text gets the focus.
    body = draft.query_one(BodyArea)
    before = body.content_region
    body.focus()
    await until(pilot, lambda: body.has_focus)
    await pilot.pause()
    assert body.content_region == before

    def outcome() -> str:
        return str(draft.query_one("#clipboard", Static).render())

    await pilot.press("ctrl+y")
    await until(pilot, outcome, "the first copy")
    first = outcome()
    await pilot.press("ctrl+y")
    await until(pilot, lambda: outcome() != first, "the second copy")
    assert re.fullmatch(r"Again at \d\d:\d\d:\d\d: (.+)", outcome(), re.DOTALL)[1] == first  # type: ignore[index]


@more
async def test_templates_from_a_file(sample_server: ServerProcess, tmp_path: Path) -> None:
    """One that is wrong is reported; a finished send always has its draft, whatever the settings say."""
    template = tmp_path / "mail.txt"
    template.write_text("no links")
    values = {"mail_template": template, "mail_from": "anna", "mail_with_html": False}
    app = app_for(sample_server, tmp_path, preferences=Preferences(mail_values=values))
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await pilot.press("s", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        told = draft.query_one("#done", StatusLine).text
        assert "mail.txt: The template of the e-mail has no $links" in told
        assert "Your own address in the settings is wrong." in told
        assert draft.documents[0].url
        assert draft.documents[0].url in draft.text.body
        assert draft.draft.from_address == ""
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main)
        template.write_text("Subject: Für Sie: $documents\n\nGrüße!\n\n$links")
        app.preferences = app.preferences.with_value("mail_from", "Anna <anna@example.com>")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        assert draft.text.subject == "Für Sie: 1 document"
        assert draft.text.body.startswith("Grüße!\n\n")
        assert draft.draft.from_address == "Anna <anna@example.com>"
        assert draft.draft.html == ""
