"""D5: the password after a send: masked, shown and copied by a key, and never lost without a question."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, TypeVar

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    resized,
    running,
    said,
    screen_of,
    sent_folder,
    settled,
    until,
)
from tests.support.checks.long import more
from tests.support.pictures.scene_start import typed as paste
from tests.support.servers.server import ServerProcess
from tui.ui.base.question import Question
from tui.ui.draft.draft import DraftScreen
from tui.ui.draft.links_screen import LinksScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.resend import ResendDialog
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

#: Of :func:`three_sent`.
SERVER = "shared"

T = TypeVar("T", bound=DraftScreen | LinksScreen)
TYPED = "x" * 150 + " 契 end"


def shown(app: App[Any]) -> str:
    """Everything that the screen shows."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def send(pilot: Pilot[Any], key: str, screen: type[T], *, typed: str | None = None) -> tuple[T, str]:
    """The screen after a send with a password (generated, unless one is ``typed``), and that password."""
    put_cursor_on(await main_screen(pilot), "Letter of Intent.pdf")
    await pilot.press("s")
    dialog = await screen_of(pilot, SendDialog)
    if typed is None:
        await pilot.press("ctrl+g")
    elif typed:
        dialog.query_one("#password", Field).focus()
        await paste(pilot, typed)
    password = dialog.query_one("#password", Field).value
    await pilot.press(key)
    links = await screen_of(pilot, screen)
    await until(pilot, lambda: str(links.query_one("#clipboard", Static).render()) != "", "the copy")
    return links, password


def all_buttons_are_there(links: DraftScreen | LinksScreen) -> bool:
    text = shown(links.app)
    return all(str(button.label) in text for button in links.query(Button))


async def close(pilot: Pilot[Any], how: str) -> None:
    if how == "button":
        pilot.app.screen.query_one("#close", Button).press()
        await pilot.pause()
    else:
        await pilot.press(how)


async def closing_asks_if_no_one_has_seen_it(pilot: Pilot[Any], links: DraftScreen | LinksScreen) -> None:
    """No goes back to where the password can be shown."""
    for how in ("button", "ctrl+q", "escape"):
        await close(pilot, how)
        question = await screen_of(pilot, Question)
        assert "without the password?" in question.text[0]
        assert question.text[1].endswith("You haven't shown or copied the password; it can't be shown again.")
        if how != "ctrl+q":
            # The list of links can't be edited.
            stay = "Back (n)" if isinstance(links, LinksScreen) else "Keep editing (n)"
            assert str(question.query_one("#no", Button).label) == stay
        await pilot.press("n")
        assert await screen_of(pilot, type(links)) is links


async def it_is_masked_shown_and_copied(
    pilot: Pilot[Any], links: DraftScreen | LinksScreen, password: str
) -> None:
    """The password is shown by its key and by its button, and goes to the terminal's clipboard."""
    assert password
    assert "Password" in shown(links.app)
    assert "••••" in shown(links.app)
    assert password not in shown(links.app)
    assert password not in repr(links.sent.password)
    assert "made=True" in repr(links.sent.password)
    if isinstance(links, DraftScreen):
        assert password not in repr(links.text)
    written: list[str] = []
    write = links.app._driver.write  # type: ignore[union-attr]
    links.app._driver.write = lambda text: (written.append(text), write(text))  # type: ignore
    await pilot.press("ctrl+g")
    await until(pilot, lambda: links.sent.password and links.sent.password.seen, "the copy")
    assert base64.b64encode(password.encode()).decode() in "".join(written)
    clipboard = str(links.query_one("#clipboard", Static).render())
    assert clipboard.startswith("Password: Sent to the terminal's clipboard")
    assert "stays there until something else is copied" in clipboard
    assert "Once you close this, the app can't show it again." in clipboard
    # A masked password can't be selected on the screen.
    assert "If not, ^r shows it." in clipboard
    await pilot.press("ctrl+r")
    assert password in shown(links.app)
    await pilot.press("ctrl+g")
    await until(pilot, lambda: "on the screen by hand" in str(links.query_one("#clipboard", Static).render()))
    assert all_buttons_are_there(links)
    await pilot.press("ctrl+r")
    assert password not in shown(links.app)
    links.query_one("#reveal", Button).press()
    await until(pilot, lambda: password in shown(links.app), "the button's")
    await resized(pilot, 60, 20)
    assert all_buttons_are_there(links)


async def test_it_is_masked_and_asked_about_and_is_in_no_file(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Not in the file with the links, nor in any other. Once it was shown or copied, closing asks nothing; answering
    Yes closes, or quits, and nothing else is asked."""
    passwords = []
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        for key, screen, how in (("ctrl+s", DraftScreen, "escape"), ("ctrl+y", LinksScreen, "button")):
            links, password = await send(pilot, key, screen)
            passwords.append(password)
            await closing_asks_if_no_one_has_seen_it(pilot, links)
            await it_is_masked_shown_and_copied(pilot, links, password)
            await close(pilot, how)
            assert await screen_of(pilot, MainScreen) is main
            await resized(pilot, 80, 24)
        await send(pilot, "ctrl+y", LinksScreen)
        await close(pilot, "escape")
        await screen_of(pilot, Question)
        await pilot.press("y")
        assert await screen_of(pilot, MainScreen) is main
        await send(pilot, "ctrl+s", DraftScreen)
        await pilot.press("ctrl+q")
        await screen_of(pilot, Question)
        await pilot.press("y")
        await until(pilot, lambda: pilot.app._exit, "the end")
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not [content for content in files for password in passwords if password.encode() in content]
    assert (tmp_path / "links.txt").exists()


@more
async def test_one_that_was_typed_is_known(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Closing doesn't ask for one that was typed: whole, or by changing one that was generated. A long one is shown in
    full, with its spaces and wide characters. Without a password, neither its line nor its keys are shown. One question
    is for the draft and the password. Quitting asks nothing if it was copied."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        links, password = await send(pilot, "ctrl+y", LinksScreen, typed=TYPED)
        assert password == TYPED
        assert "••••" in shown(links.app)
        assert "契 end" not in shown(links.app)
        await pilot.press("ctrl+r")
        for size in ((80, 24), (60, 20)):
            await resized(pilot, *size)
            lines = shown(links.app).splitlines()
            assert "".join(lines).count("x") >= 150
            assert all(any(word in line for line in lines) for word in (" 契", " end"))
        await resized(pilot, 80, 24)
        await pilot.press("escape")
        assert await screen_of(pilot, MainScreen) is main
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+g")
        dialog.query_one("#password", Field).focus()
        await pilot.press("end", "x", "ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert links.sent.password is not None
        assert not links.sent.password.made
        assert links.sent.password.text.endswith("x")
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
        links, _ = await send(pilot, "ctrl+y", LinksScreen, typed="")
        assert "Password" not in shown(links.app)
        assert "Copy password" not in shown(links.app)
        await pilot.press("ctrl+r", "ctrl+g", "escape")
        await screen_of(pilot, MainScreen)
        draft, _ = await send(pilot, "ctrl+s", DraftScreen)
        await pilot.press(*"a@b", "escape")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Close the draft without saving it, and without the password?"
        await pilot.press("n", *["backspace"] * 3, "ctrl+g")
        await until(pilot, lambda: draft.sent.password and draft.sent.password.seen, "it to be seen")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: pilot.app._exit, "the end")


@more
async def test_one_that_was_made_for_sending_again(three_sent: ServerProcess, tmp_path: Path) -> None:
    """A password generated for sending again can be shown with its links; nothing is copied unless asked for. Without a
    new password, nothing is shown."""
    async with app_for(three_sent, tmp_path).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        dialog.query_one("#downloads", Field).focus()
        await pilot.press("5", "ctrl+s")
        assert await screen_of(pilot, MainScreen) is main
        again = "“First.pdf” was sent again, 0 of 5 downloads, no expiration date."
        await until(pilot, lambda: said(main) == again, "the end")
        assert pilot.app.screen is main
        await settled(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        await pilot.press("ctrl+g")
        password = dialog.query_one("#password", Field).value
        await pilot.press("ctrl+s")
        links = await screen_of(pilot, LinksScreen)
        assert [document.name for document in links.documents] == ["First.pdf"]
        assert not (tmp_path / "links.txt").exists()
        assert password not in shown(links.app)
        await pilot.press("escape")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Close without the password?"
        await pilot.press("n", "ctrl+r")
        await until(pilot, lambda: password in shown(links.app), "the password")
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)
