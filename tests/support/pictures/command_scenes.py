"""The scenes in which every command is run: each goes to a screen, and runs there what is left and available."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import (
    main_screen,
    open_sent_folder,
    put_cursor_on,
    resized,
    screen_of,
    sent_documents,
    sent_folder,
    settled,
    until,
)
from tests.support.app.played import Played
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.pictures.dialog_scenes import (
    in_ask,
    in_guide_search,
    in_guides,
    in_help,
    in_help_search,
    in_members,
    in_notices,
    in_policy,
    in_sessions,
    in_settings,
    in_sign_in,
    in_timeline,
    in_timeline_filter,
)
from tui.locations.work_kinds import found_location
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.draft.qr_code import QrCodeScreen
from tui.ui.send.recipients import Matches
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.text_view import FindField, TextLines

Scene = Callable[[Pilot[Any], Played], Awaitable[None]]


async def in_picker(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, "Closing Checklist.xlsx")
    await pilot.press("space", "up")
    # There is room for the details only here.
    await resized(pilot, 120, 34)
    await played.all()
    await resized(pilot, 100, 34)
    main.places.focus()
    main.places.move_cursor(main.places.find("folder"))
    await played.all()


async def in_filter(pilot: Pilot[Any], played: Played) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("slash", "e")
    await played.all()


async def in_range(pilot: Pilot[Any], played: Played) -> None:
    await main_screen(pilot)
    await settled(pilot)
    await pilot.press("V", "j")
    await played.all()
    await pilot.press("escape")


async def in_matches(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    await pilot.press("slash", "e", "escape")
    await until(pilot, lambda: main.browser.list.ended_needle == "e")
    await played.all()
    await pilot.press("escape")


async def in_deselected(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    await pilot.press("ctrl+a", "escape")
    await until(pilot, lambda: main.disabled_reason("undo") is None)
    await played.all()


async def in_text(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, "Call Notes - Castellan.txt")
    await resized(pilot, 120, 34)
    await pilot.press("T")
    await until(pilot, lambda: main.query(TextLines))
    lines = main.query_one(TextLines)
    await until(pilot, lambda: len(lines.text.lines) > 2)
    lines.focus()
    await played.all()
    lines.seek("e")
    # As of a document of another Work server.
    lines.waits = True
    await played.all()
    lines.waits = False
    await pilot.press("slash")
    await until(pilot, lambda: isinstance(main.focused, FindField))
    await played.all()
    await pilot.press("escape", "escape", "T")
    await until(pilot, lambda: not main.look.shows_text)
    await resized(pilot, 100, 34)


async def in_folder(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    put_cursor_on(main, "Offer.pdf")
    await played.all()
    put_cursor_on(main, "Terms.pdf")
    await pilot.press("u")
    await until(pilot, lambda: main.disabled_reason("undo_unpublish") is None and not main.changes.under_way)
    await settled(pilot)
    await played.all()
    await pilot.press("z")
    await settled(pilot)


async def in_trash(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    await pilot.press("t")
    await until(pilot, lambda: main.kind == "trash" and main.table.rows)
    await played.all()


async def in_found(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open_place(found_location("share"))
    await until(pilot, lambda: main.kind == "found" and main.table.rows)
    await played.all()


async def in_versions(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    put_cursor_on(main, "Share Purchase Agreement.docx")
    await pilot.press("v")
    await screen_of(pilot, VersionQuestion)
    await played.all()


async def in_send_dialog(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    for name in ("Closing Checklist.xlsx", "Letter of Intent.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    app: Any = pilot.app
    preferences = app.preferences
    app.preferences = preferences.with_value("carries", "warn")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    app.preferences = preferences
    await until(pilot, lambda: all(dialog.rows.carried.report(row.source) for row in dialog.state.plan.rows))
    await pilot.press("J")
    await played.all()
    await pilot.press("e")
    await played.all()
    await pilot.press("escape", "z", "escape")
    await screen_of(pilot, type(main))
    assert not dialog.is_attached


async def in_failed_send(pilot: Pilot[Any], played: Played, proxy: Misbehaving) -> None:
    main = await main_screen(pilot)
    for name in ("Closing Checklist.xlsx", "Letter of Intent.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    proxy.take_one_by_one()
    proxy.spoil("POST", Say(403), path="/versions")
    with proxy.holding("POST", "/sends"):
        await pilot.press("ctrl+y")
        await until(pilot, lambda: dialog.busy)
        await played.all()
    await screen_of(pilot, LinksScreen)
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is dialog and dialog.disabled_reason("retry") is None)
    await played.all()


async def in_resend(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    put_cursor_on(main, "Terms.pdf")
    await pilot.press("s")
    await screen_of(pilot, ResendDialog)
    await played.all()


async def in_draft(pilot: Pilot[Any], played: Played) -> None:
    await send_to_draft(pilot)
    await played.all()


async def in_recipients(pilot: Pilot[Any], played: Played) -> None:
    app: Any = pilot.app
    app.preferences = app.preferences.with_value("mail_query_command", "printf 'anna@example.com\\n'")
    await send_to_draft(pilot)
    draft = await screen_of(pilot, DraftScreen)
    await pilot.press("a", "n")
    await until(pilot, lambda: draft.query_one(Matches).display)
    await played.all()
    await pilot.press("down")
    await played.all()


async def in_codes(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    for name in ("Offer.pdf", "Terms.pdf"):
        put_cursor_on(main, name)
        await pilot.press("space")
    await pilot.press("x")
    await screen_of(pilot, QrCodeScreen)
    await played.all()


async def in_unseen_links(pilot: Pilot[Any], played: Played) -> None:
    main = await sent_folder(pilot)
    documents = await sent_documents(main)

    async def make_draft() -> DraftScreen:
        return DraftScreen(main.session, documents)

    main.open(LinksScreen(main.session, documents, make_draft=make_draft))
    await screen_of(pilot, LinksScreen)
    await played.all()


async def send_to_draft(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    put_cursor_on(main, "Data Room Index.csv")
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+g", "ctrl+s")
    await screen_of(pilot, DraftScreen)


async def in_question(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await open_sent_folder(pilot, main)
    await settled(pilot)
    await pilot.press("d")
    await screen_of(pilot, Question)
    await played.all()


async def in_leaving_question(pilot: Pilot[Any], played: Played) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    main.open(Question("Quit while documents are being sent?", yes="Quit", no="Stay", can_leave=True))
    await screen_of(pilot, Question)
    await played.all()


#: The scenes that one app plays one after another, with the names or patterns of the commands that each one runs.
PLAYS: dict[str, dict[Scene, str]] = {
    "the first screen": {
        in_picker: (
            "everywhere.* outside_fields.* lists.[!d]* lists.down main.[!npsu]* main.p[ao]* main.so* main.se[!n]* "
            "main.sh* main.si* main.st* picker.* tree.* places.*_favorite"
        ),
        in_range: "lists.drop_range",
        in_matches: "main.next_match main.previous_match",
        in_deselected: "main.undo",
        in_filter: "filter.*",
        in_text: "text.* text_field.* main.sc*",
        in_folder: "folder.* places.members places.delete_folder",
        in_trash: "trash.*",
        in_found: "found.* main.sent_copies",
    },
    "sending": {
        in_versions: "versions.* dialogs.*",
        in_send_dialog: "send.[!cr]* send.copy_now send.reveal send_rows.* editing.*",
        in_draft: "draft.*",
        in_recipients: "recipients.* matches.*",
    },
    "dialogs about documents": {
        in_resend: "resend.*",
        in_codes: "codes.*",
        in_unseen_links: "links.*",
        in_question: "questions.yes questions.no",
        in_leaving_question: "questions.in_background",
        in_members: "members.*",
    },
    "other dialogs": {
        in_timeline: "timeline.[!e]*",
        in_timeline_filter: "timeline.end_filter",
        in_notices: "notices.*",
        in_policy: "policy.*",
        in_settings: "settings.*",
        in_sessions: "sessions.*",
        in_sign_in: "sign_in.*",
        in_ask: "ask.*",
        in_help: "help.[!e]* scrolled.*",
        in_help_search: "help.end_search",
        in_guides: "guides.[!e]*",
        in_guide_search: "guides.end_guide_search choices.* options.*",
    },
}
FAILED_SEND = "send.retry send.cancel_sending"
UNSEEN = "main.unseen_links"
