"""The screens of the app in every state that a picture is taken of: for snapshots and for the README."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from textual.pilot import Pilot

from tests.support.app import main_screen, open_sent_folder, put_cursor_on, screen_of, settled, until
from tests.support.publish import ensure_folder, publish
from tests.support.server import ServerProcess
from tui.screens.ask import Ask
from tui.screens.code import CodeScreen
from tui.screens.draft import DraftScreen, LinksScreen
from tui.screens.facts import Facts
from tui.screens.help import Help
from tui.screens.main import MainScreen
from tui.screens.members import Members
from tui.screens.menu import Menu
from tui.screens.policy import PolicyScreen
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.screens.settings import SettingsScreen
from tui.screens.sign_in import SignInScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.versions import VersionQuestion
from tui.widgets.field import Field
from tui.widgets.tree import Place

Scene = Callable[[Pilot[Any]], Awaitable[None]]
#: The moment at which the server's clock stands in pictures.
STANDS_AT = "2026-11-25T13:05:00+00:00"
ARGUMENTS = ("--fixed-secrets", "--public-url", "https://links.harlow-finch.example")


def add_shortcut(server: ServerProcess) -> None:
    """The folder, with its shortcut in My Favorites as a send makes it."""
    with server.client() as client:
        folder = ensure_folder(client)
        work_id = next(
            f["work_id"] for f in client.get("/share/v1/folders").json()["folders"] if f["id"] == folder
        )
        client.post(
            "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/children",
            json={"target_id": work_id, "name": "DJONES - Secure Sent Links"},
        ).raise_for_status()


def send_some(server: ServerProcess) -> None:
    """Fills the Secure Sent Links folder: published, used up, unpublished, hostile."""
    add_shortcut(server)
    expires = datetime(2026, 12, 2, 17, 0, tzinfo=UTC).isoformat()
    publish(server, b"%PDF-1.4 x" * 400, "Letter of Intent.pdf", expires_at=expires, downloads_permitted=5)
    publish(server, b"x" * 6400, "Closing Checklist.xlsx", password="Blue-Harbour7", expires_at=expires)
    used = publish(server, b"x" * 99, "Rota Weeks 38-41.xlsx", downloads_permitted=1)
    publish(server, "契約".encode() * 700, "秘密保持契約書.docx", downloads_permitted=20)
    gone = publish(
        server, b"x" * 1_200_000, "Exhibit 7 - Camera 07.51 (the whole night, uncut, with sound).png"
    )
    share_one(server)
    with server.guest() as guest, server.client() as client:
        path = used["url"].partition(".example")[2]
        assert guest.post(path).status_code == 303
        client.post(f"/share/v1/documents/{gone['id']}/unpublish").raise_for_status()


def share_one(server: ServerProcess) -> None:
    """MKELLER has a folder, and adds DJONES to it; DJONES adds two people to the own one."""
    with server.client() as client:
        for name in ("MKELLER", "TOKAFOR"):
            password = client.put(f"/share/v1/users/{name}/password", json={"password": "Blue-Harbour7"})
            password.raise_for_status()
        own = client.get("/share/v1/folder").json()["folder"]["id"]
        for name in ("MKELLER", "TOKAFOR"):
            client.post(f"/share/v1/folders/{own}/members", json={"name": name}).raise_for_status()
        signed = client.post("/share/v1/login", json={"user": "MKELLER", "password": "Blue-Harbour7"})
        token = signed.raise_for_status().json()["token"]
    publish(server, b"x" * 5100, "Disclosure Letter.docx", token=token)
    with server.client(token) as client:
        folder = client.get("/share/v1/folder").json()["folder"]["id"]
        client.post(f"/share/v1/folders/{folder}/members", json={"name": "DJONES"}).raise_for_status()


async def picker(pilot: Pilot[Any]) -> None:
    main = await main_screen(pilot)
    # All branches that open by themselves have been filled.
    await settled(pilot)
    put_cursor_on(main, "Call Notes - Castellan.txt")
    await pilot.press("space", "down", "space")


async def hostile_names(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    way = [Place("workspaces", "Workspaces")]
    for beginning in ("Quillon", "Inquiry", "Quarantine"):
        below = await main.session.places(way[-1])
        way.append(next(place for place in below if place.name.startswith(beginning)))
    main.open_place(way[-1], path=way)
    await until(pilot, lambda: main.place and main.place.name == "Quarantine")


async def empty_folder(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.open_place(Place("trash", "Trash"))
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
    await pilot.press(*"Blue-Harbour7")
    dialog.query_one("#expires", Field).focus()
    await pilot.press(*"2026-12-02 17:00")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("5")


async def send_refused(pilot: Pilot[Any]) -> None:
    dialog = await _dialog(pilot)
    dialog.query_one("#expires", Field).focus()
    await pilot.press(*"2020-01-01")
    dialog.query_one("#downloads", Field).focus()
    await pilot.press("0")
    dialog.table.focus()
    await pilot.press("e", "ctrl+u", *"Offer: draft?")


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


async def failed(pilot: Pilot[Any]) -> None:
    """Both documents have failed; the cause of the row under the cursor stands below."""
    await picker(pilot)
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+y")
    await until(pilot, lambda: dialog.why_not("retry") is None)


async def links(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    # One only: of several, it would be chance which gets which address.
    main = await main_screen(pilot)
    main.table.clear_selection()
    await pilot.press("s")
    await screen_of(pilot, SendDialog)
    await pilot.press("ctrl+y")
    screen = await screen_of(pilot, LinksScreen)
    await settled(pilot, screen)


async def code(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("x")
    await screen_of(pilot, CodeScreen)


async def folder(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await open_sent_folder(pilot, await main_screen(pilot))


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
    await screen_of(pilot, Facts)


async def help_(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("question_mark")
    await screen_of(pilot, Help)


async def share(pilot: Pilot[Any]) -> None:
    """The user's folders in Share, and one of somebody else's."""
    await picker(pilot)
    main = await main_screen(pilot)
    main.open_place(Place("share", "Share"))
    await until(pilot, lambda: main.kind == "share")
    await settled(pilot)


async def shared_folder(pilot: Pilot[Any]) -> None:
    """A folder of somebody else's, as a member sees it, with the reasons in the help."""
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
    await pilot.press("slash", *"limit")


async def policy(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("P")
    await screen_of(pilot, PolicyScreen)
    await pilot.press("space", "down", "enter", *"12", "enter", *("down",) * 5, "enter", *"30 days")


async def settings(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("comma")
    await screen_of(pilot, SettingsScreen)


async def sign_in(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("L")
    screen = await screen_of(pilot, SignInScreen)
    await pilot.press(*"wrong", "enter")
    await settled(pilot, screen)


async def sent_facts(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    main = await main_screen(pilot)
    put_cursor_on(main, "Rota Weeks 38-41.xlsx")
    await pilot.press("i")
    await screen_of(pilot, Facts)


async def rename(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    main = await main_screen(pilot)
    main.places.focus()
    node = main.places.find("folder")
    main.places.move_cursor(node)
    await pilot.press("e")
    await screen_of(pilot, Ask)


async def tree_menu(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    main = await main_screen(pilot)
    main.places.focus()
    main.places.move_cursor(main.places.find("sent"))
    await pilot.press("m")
    await screen_of(pilot, Menu)


async def filtered(pilot: Pilot[Any]) -> None:
    await picker(pilot)
    await pilot.press("slash", *"let")


async def lost(pilot: Pilot[Any]) -> None:
    """The server has gone away."""
    await folder(pilot)
    main = await main_screen(pilot)
    from tui.clients.events import Lost
    from tui.rules.errors import Unreachable

    main.post_message(main.News(Lost(Unreachable("server.unreachable", ""), 4.0)))
    await pilot.pause()


async def palette(pilot: Pilot[Any]) -> None:
    await folder(pilot)
    await pilot.press("ctrl+p")
    await pilot.pause(0.2)


async def unreachable(pilot: Pilot[Any]) -> None:
    main = await screen_of(pilot, MainScreen)
    from tui.screens.base import Say

    await until(pilot, lambda: "cannot be reached" in main.query_one("#status", Say).said)


SCENES: dict[str, Scene] = {
    "picker": picker,
    "hostile-names": hostile_names,
    "empty": empty_folder,
    "versions": versions,
    "send": send,
    "send-refused": send_refused,
    "draft": draft,
    "folder": folder,
    "delete": delete,
    "resend": resend,
    "menu": menu,
    "facts": facts,
    "help": help_,
    "share": share,
    "shared-folder": shared_folder,
    "shared-help": shared_help,
    "members": members,
    "audit": audit,
    "audit-filtered": audit_filtered,
    "policy": policy,
    "settings": settings,
    "sign-in": sign_in,
    "sent-facts": sent_facts,
    "rename": rename,
    "tree-menu": tree_menu,
    "filtered": filtered,
    "lost": lost,
    "palette": palette,
    "links": links,
    "code": code,
}
#: These send, which leaves something behind.
SENDING = ("draft", "links")
#: These are looked at in high contrast too.
MAIN = ("picker", "folder", "send", "send-refused", "delete", "help", "policy", "members", "audit", "lost")
