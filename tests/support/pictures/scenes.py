"""The dialogs of the app in every state that a picture is taken of, and all scenes, for snapshots and the README."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from tests.support.app.app import main_screen, put_cursor_on, screen_of, settled
from tests.support.pictures.list_scenes import LISTS, shared_folder
from tests.support.pictures.scene_start import Scene, folder, picker, typed
from tests.support.pictures.send_scenes import SENDING, plain_links, send, send_refused
from tui.sending.journal.journal_contents import Contents, JournalEntry, Upload
from tui.sending.resuming import SendStatus
from tui.ui.base.guides import Guides
from tui.ui.base.help import Help
from tui.ui.base.menu import Menu
from tui.ui.base.prompt import Prompt
from tui.ui.base.question import Question
from tui.ui.dialogs.details import Details
from tui.ui.dialogs.members import Members
from tui.ui.dialogs.policy import PolicyScreen
from tui.ui.dialogs.sessions import SessionsScreen
from tui.ui.dialogs.settings import SettingsScreen
from tui.ui.dialogs.sign_in import SignInScreen
from tui.ui.dialogs.timeline import TimelineScreen
from tui.ui.draft.qr_code import QrCodeScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.unfinished.background_send import BackgroundSendScreen
from tui.ui.unfinished.interrupted import InterruptedScreen
from tui.wire.people import Session, SessionKind
from tui.wire.share import Document


async def versions(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.table.clear_selection()
    put_cursor_on(main, "Share Purchase Agreement.docx")
    await pilot.press("v")
    await screen_of(pilot, VersionQuestion)


async def code(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("x")
    await screen_of(pilot, QrCodeScreen)


async def delete(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("end", "d")
    await screen_of(pilot, Question)


async def resend(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("end", "s")
    await screen_of(pilot, ResendDialog)


async def menu(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("m")
    await screen_of(pilot, Menu)


async def facts(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.table.clear_selection()
    put_cursor_on(main, "Disclosure Letter.docx")
    await pilot.press("i")
    await screen_of(pilot, Details)


async def help_(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("question_mark")
    await screen_of(pilot, Help)


async def guides_(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("f3")
    shown = await screen_of(pilot, Guides)
    await shown.open_guide("counting")


async def shared_help(pilot: Pilot[Any]) -> None:
    await shared_folder(pilot)
    await pilot.press("f1")
    help_screen = await screen_of(pilot, Help)
    from textual.containers import VerticalScroll

    help_screen.query_one(VerticalScroll).scroll_end(animate=False)


async def members(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("p")
    await screen_of(pilot, Members)


async def audit(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("A")
    await screen_of(pilot, TimelineScreen)
    await settled(pilot)


async def audit_filtered(pilot: Pilot[Any]) -> None:
    await audit(pilot)
    await pilot.press("slash")
    await typed(pilot, "limit")


async def policy(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("P")
    await screen_of(pilot, PolicyScreen)
    await pilot.press("space", "down", "enter", *"12", "enter", *("down",) * 5, "enter")
    await typed(pilot, "30 years")


async def settings(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("comma")
    await screen_of(pilot, SettingsScreen)


async def sessions(pilot: Pilot[Any]) -> None:
    """The sessions of a user who has every kind of session."""
    await settled(pilot, await main_screen(pilot))
    begun = datetime(2026, 10, 2, 9, 15, tzinfo=UTC)
    kinds: list[tuple[SessionKind, str | None]] = [
        ("app", None),
        ("command line", None),
        ("oauth client", "outlook-addin"),
        ("data folder", None),
        ("other", None),
    ]
    found = [
        Session(
            id=f"{number:032x}",
            kind=kind,
            client=client,
            begun_at=begun - timedelta(days=number),
            used_at=begun + timedelta(days=40 - 3 * number),
            ends_at=None,
            address=None if kind == "data folder" else f"203.0.113.{number + 7}",
            current=number == 0,
        )
        for number, (kind, client) in enumerate(kinds)
    ]
    app: Any = pilot.app
    app.push_screen(SessionsScreen(app.session, found))
    await screen_of(pilot, SessionsScreen)
    await pilot.press("down", "down")


async def sign_in(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("L")
    screen = await screen_of(pilot, SignInScreen)
    await typed(pilot, "wrong")
    await pilot.press("enter")
    await settled(pilot, screen)


async def sent_facts(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "Rota Weeks 38-41.xlsx")
    await pilot.press("i")
    await screen_of(pilot, Details)


async def rename(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.places.focus()
    node = main.places.find("folder")
    main.places.move_cursor(node)
    await pilot.press("e")
    await screen_of(pilot, Prompt)


async def tree_menu(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    main = await main_screen(pilot)
    main.places.focus()
    main.places.move_cursor(main.places.find("sent"))
    await pilot.press("m")
    await screen_of(pilot, Menu)


async def palette(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("ctrl+p")
    await pilot.pause(0.2)


async def _interrupted(pilot: Pilot[Any]) -> tuple[MainScreen, SendStatus]:
    main = await main_screen(pilot)
    await settled(pilot)
    entries = [
        JournalEntry({"size": size}, name, name, Upload(name, size, None))
        for name, size in (
            ("Offer.pdf", 81_000),
            ("Annex 1.docx", 12_400_000),
            ("Recording.mp4", 3_200_000_000),
        )
    ]
    contents = Contents("0" * 12, at=main.session.now(), entries=entries)
    (document,) = (await main.session.share.all_documents(limit=1)).documents
    published: dict[str, Document | None] = {"Offer.pdf": document, "Annex 1.docx": document}
    return main, SendStatus(contents, published, offsets={"Recording.mp4": 1_700_000_000})


async def interrupted(pilot: Pilot[Any]) -> None:
    main, status = await _interrupted(pilot)
    main.open(InterruptedScreen(status))
    await screen_of(pilot, InterruptedScreen)


async def in_background(pilot: Pilot[Any]) -> None:
    main, status = await _interrupted(pilot)
    main.open(BackgroundSendScreen(replace(status, running=True)))
    await screen_of(pilot, BackgroundSendScreen)


async def leaving(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    await settled(pilot)
    texts = "Quit while documents are being sent?", "You can resume the rest next time (R)."
    main.open(Question(*texts, yes="Quit", no="Keep sending", can_leave=True))
    await screen_of(pilot, Question)


#: Dialogs by what they are about. Those that move the cursor of the tree come last.
DIALOGS: dict[str, dict[str, Scene]] = {
    "sends": {
        "interrupted": interrupted,
        "in-background": in_background,
        "leaving": leaving,
        "versions": versions,
        "send": send,
        "send-refused": send_refused,
        "resend": resend,
        "plain-links": plain_links,
    },
    "documents": {
        "delete": delete,
        "menu": menu,
        "facts": facts,
        "sent-facts": sent_facts,
        "audit-filtered": audit_filtered,
        "code": code,
        "rename": rename,
        "tree-menu": tree_menu,
    },
    "more": {
        "palette": palette,
        "help": help_,
        "shared-help": shared_help,
        "guides": guides_,
        "members": members,
        "policy": policy,
        "settings": settings,
        "sessions": sessions,
        "sign-in": sign_in,
    },
}
SCENES = {**LISTS, **DIALOGS["sends"], **DIALOGS["documents"], **DIALOGS["more"], **SENDING}
