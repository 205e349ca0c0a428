"""The screens of the app in every state that a picture is taken of: for snapshots and for the README."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from tests.support.app import main_screen, put_cursor_on, screen_of, settled, until
from tests.support.stage import ARGUMENTS, STANDS_AT, Scene, add_shortcut, folder, picker, send_some, typed
from tui.locations.location import Location
from tui.screens.background_send import BackgroundSendScreen
from tui.screens.details import Details
from tui.screens.draft import DraftScreen
from tui.screens.help import Help
from tui.screens.interrupted import InterruptedScreen
from tui.screens.links import LinksScreen
from tui.screens.live_feed import ServerEvent
from tui.screens.main import MainScreen
from tui.screens.members import Members
from tui.screens.menu import Menu
from tui.screens.plain_links import PlainLinks
from tui.screens.policy import PolicyScreen
from tui.screens.prompt import Prompt
from tui.screens.qr_code import QrCodeScreen
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.screens.sessions import SessionsScreen
from tui.screens.settings import SettingsScreen
from tui.screens.sign_in import SignInScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.versions import VersionQuestion
from tui.sending.journal_contents import Contents, Entry, Upload
from tui.sending.resuming import SendStatus
from tui.widgets.field import Field
from tui.wire.people import Session, SessionKind
from tui.wire.share import Document

__all__ = ["ARGUMENTS", "DIALOGS", "LISTS", "SCENES", "SENDING", "STANDS_AT", "add_shortcut", "send_some"]


async def hostile_names(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    way = [Location("workspaces", "Workspaces")]
    for beginning in ("Quillon", "Inquiry", "Quarantine"):
        below = await main.session.places(way[-1])
        way.append(next(place for place in below if place.name.startswith(beginning)))
    main.open_place(way[-1], path=way)
    await until(pilot, lambda: main.place and main.place.name == "Quarantine")


async def empty_folder(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.open_place(Location("trash", "Trash"))
    await until(pilot, lambda: main.place and main.place.kind == "trash")


async def versions(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.table.clear_selection()
    put_cursor_on(main, "Share Purchase Agreement.docx")
    await pilot.press("v")
    await screen_of(pilot, VersionQuestion)


async def _dialog(pilot: Pilot[Any]) -> SendDialog:
    await picker(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "Letter of Intent.pdf")
    await pilot.press("space", "s")
    return await screen_of(pilot, SendDialog)


async def send(pilot: Pilot[Any]) -> None:
    dialog = await _dialog(pilot)
    await pilot.press("e", "ctrl+u", *"Offer", "enter")
    dialog.query_one("#password", Field).focus()
    await typed(pilot, "Blue-Harbour7")
    dialog.query_one("#expires", Field).focus()
    await typed(pilot, "2026-12-02 17:00")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("5")


async def send_refused(pilot: Pilot[Any]) -> None:
    dialog = await _dialog(pilot)
    dialog.query_one("#expires", Field).focus()
    await typed(pilot, "2020-01-01")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("0")
    dialog.table.focus()
    await pilot.press("e", "ctrl+u")
    await typed(pilot, "Offer: draft?")


async def draft(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.table.clear_selection()
    put_cursor_on(main, "Letter of Intent.pdf")
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+s")
    screen = await screen_of(pilot, DraftScreen)
    from textual.widgets import Static

    await until(pilot, lambda: str(screen.query_one("#clipboard", Static).render()) != "")


async def links(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    # Only one: with several, it would be random which gets which address.
    main = await main_screen(pilot)
    main.table.clear_selection()
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+y")
    screen = await screen_of(pilot, LinksScreen)
    await settled(pilot, screen)


async def plain_links(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("asterisk", "C")
    await screen_of(pilot, PlainLinks)


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


async def share(pilot: Pilot[Any]) -> None:
    """The user's folders in Share, and one of another user's."""
    await picker(pilot)
    main = await main_screen(pilot)
    main.open_place(Location("share", "Share"))
    await until(pilot, lambda: main.kind == "share")
    await settled(pilot)


async def shared_folder(pilot: Pilot[Any]) -> None:
    """Another user's folder, as a member sees it."""
    await share(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "▸ MKELLER - Secure Sent Links")
    await pilot.press("enter")
    await until(pilot, lambda: main.kind == "sent")
    await settled(pilot)


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
    await typed(pilot, "30 days")


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


async def filtered(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("slash")
    await typed(pilot, "let")


async def lost(pilot: Pilot[Any]) -> None:
    """The server has gone away."""
    await folder(pilot)
    main = await main_screen(pilot)
    from tui.clients.events import Lost
    from tui.rules.errors import Unreachable

    main.post_message(ServerEvent(Lost(Unreachable("server.unreachable", ""), 4.0)))
    await pilot.pause()
    # The picture shows the first second.
    main.live.line.stop_counting()


async def palette(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("ctrl+p")
    await pilot.pause(0.2)


#: States of the first screen.
LISTS: dict[str, Scene] = {
    "picker": picker,
    "hostile-names": hostile_names,
    "empty": empty_folder,
    "folder": folder,
    "share": share,
    "shared-folder": shared_folder,
    "filtered": filtered,
    "lost": lost,
}


async def _interrupted(pilot: Pilot[Any]) -> tuple[MainScreen, SendStatus]:
    main = await main_screen(pilot)
    await settled(pilot)
    entries = [
        Entry({"size": size}, name, name, Upload(name, size, None))
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
    texts = "Quit while documents are being sent?", "Documents not yet uploaded won't be sent."
    main.open(Question(*texts, yes="Quit", no="Keep sending", can_leave=True))
    await screen_of(pilot, Question)


DIALOGS: dict[str, Scene] = {
    "interrupted": interrupted,
    "in-background": in_background,
    "leaving": leaving,
    "versions": versions,
    "send": send,
    "send-refused": send_refused,
    "delete": delete,
    "resend": resend,
    "menu": menu,
    "facts": facts,
    "help": help_,
    "shared-help": shared_help,
    "members": members,
    "audit": audit,
    "audit-filtered": audit_filtered,
    "policy": policy,
    "settings": settings,
    "sessions": sessions,
    "sign-in": sign_in,
    "sent-facts": sent_facts,
    "rename": rename,
    "tree-menu": tree_menu,
    "palette": palette,
    "code": code,
    "plain-links": plain_links,
}
#: These scenes send, which leaves something behind.
SENDING: dict[str, Scene] = {"draft": draft, "links": links}
SCENES = {**LISTS, **DIALOGS, **SENDING}
