"""D5: the password after a send: masked, shown and copied by a key, and never lost without a question."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Static

from tests.support.app import app_for, main_screen, put_cursor_on, running, screen_of, sent_folder, until
from tests.support.server import ServerProcess
from tests.support.stage import typed as paste
from tui.screens.draft import DraftScreen
from tui.screens.links import LinksScreen
from tui.screens.main import MainScreen
from tui.screens.question import Question
from tui.screens.resend import ResendDialog
from tui.screens.send import SendDialog
from tui.widgets.field import Field

TYPED = "Blue-Harbour7"
#: A key of the send dialog, and the screen that it leads to.
WAYS = [("ctrl+s", DraftScreen), ("ctrl+y", LinksScreen)]


def shown(app: App[Any]) -> str:
    """Everything that the screen shows."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


@asynccontextmanager
async def sent(
    server: ServerProcess,
    state: Path,
    key: str,
    screen: type[DraftScreen | LinksScreen],
    *,
    typed: str = "",
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Pilot[Any], DraftScreen | LinksScreen, str]]:
    """The screen after a send with a password (generated, unless one is ``typed``), and that password."""
    async with app_for(server, state).run_test(size=size) as pilot:
        main = await main_screen(pilot)
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        if typed:
            dialog.query_one("#password", Field).focus()
            await paste(pilot, typed)
        else:
            await pilot.press("ctrl+g")
        password = dialog.query_one("#password", Field).value
        assert password
        await pilot.press(key)
        links = await screen_of(pilot, screen)
        await until(pilot, lambda: str(links.query_one("#clipboard", Static).render()) != "", "the copy")
        yield pilot, links, password


@pytest.mark.parametrize(("key", "screen"), WAYS)
@pytest.mark.parametrize("typed", ["", TYPED], ids=["made", "typed"])
async def test_it_is_masked_and_shown_by_its_key(
    key: str,
    screen: type[DraftScreen | LinksScreen],
    typed: str,
    sample_server: ServerProcess,
    tmp_path: Path,
) -> None:
    async with sent(sample_server, tmp_path, key, screen, typed=typed) as (pilot, links, password):
        assert "Password" in shown(links.app)
        assert "••••" in shown(links.app)
        assert password not in shown(links.app)
        await pilot.press("ctrl+r")
        assert password in shown(links.app)
        await pilot.press("ctrl+r")
        assert password not in shown(links.app)
        links.query_one("#reveal", Button).press()
        await until(pilot, lambda: password in shown(links.app), "the button's")


@pytest.mark.parametrize(("key", "screen"), WAYS)
async def test_it_is_copied_by_its_key_and_is_in_no_file(
    key: str, screen: type[DraftScreen | LinksScreen], sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The password goes to the terminal's clipboard, but not to the file with the links or any other file."""
    async with sent(sample_server, tmp_path, key, screen) as (pilot, links, password):
        written: list[str] = []
        write = links.app._driver.write  # type: ignore[union-attr]
        links.app._driver.write = lambda text: (written.append(text), write(text))  # type: ignore
        await pilot.press("ctrl+g")
        await until(pilot, lambda: links.sent.password and links.sent.password.seen, "the copy")
        import base64

        assert base64.b64encode(password.encode()).decode() in "".join(written)
        clipboard = str(links.query_one("#clipboard", Static).render())
        assert clipboard.startswith("Password: Sent to the terminal's clipboard")
        assert "stays there until something else is copied" in clipboard
        assert "Once you close this, the app can't show it again." in clipboard
        # A masked password can't be selected on the screen.
        assert "If not, ^r shows it." in clipboard
        await pilot.press("ctrl+r", "ctrl+g")
        await until(
            pilot, lambda: "on the screen by hand" in str(links.query_one("#clipboard", Static).render())
        )
    assert all(password.encode() not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert (tmp_path / "links.txt").exists()


async def close(pilot: Pilot[Any], how: str) -> None:
    if how == "button":
        pilot.app.screen.query_one("#close", Button).press()
        await pilot.pause()
    else:
        await pilot.press(how)


@pytest.mark.parametrize("how", ["escape", "button", "ctrl+q"])
@pytest.mark.parametrize(("key", "screen"), WAYS)
async def test_closing_asks_if_no_one_has_seen_it(
    key: str, screen: type[DraftScreen | LinksScreen], how: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Closing asks once: No goes back to where the password can be shown, Yes closes and nothing else is asked."""
    async with sent(sample_server, tmp_path, key, screen) as (pilot, links, _):
        await close(pilot, how)
        question = await screen_of(pilot, Question)
        assert "without the password?" in question.text[0]
        assert "can't be recovered" in question.text[1]
        # It was, in the dialog of the send.
        assert "shown" not in question.text[1]
        if how != "ctrl+q":
            # The list of links can't be edited.
            stay = "Back (n)" if screen is LinksScreen else "Keep editing (n)"
            assert str(question.query_one("#no", Button).label) == stay
        await pilot.press("n")
        assert await screen_of(pilot, screen) is links
        await close(pilot, how)
        await screen_of(pilot, Question)
        await pilot.press("y")
        if how == "ctrl+q":
            await until(pilot, lambda: pilot.app._exit, "the end")
        else:
            await screen_of(pilot, MainScreen)


@pytest.mark.parametrize("how", ["escape", "button", "ctrl+q"])
@pytest.mark.parametrize("act", ["ctrl+r", "ctrl+g"])
async def test_closing_does_not_ask_once_it_was_shown_or_copied(
    act: str, how: str, sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with sent(sample_server, tmp_path, "ctrl+s", DraftScreen) as (pilot, links, _):
        await pilot.press(act)
        await until(pilot, lambda: links.sent.password and links.sent.password.seen, "it to be seen")
        await close(pilot, how)
        if how == "ctrl+q":
            await until(pilot, lambda: pilot.app._exit, "the end")
        else:
            await screen_of(pilot, MainScreen)


async def test_closing_does_not_ask_for_one_that_was_typed(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with sent(sample_server, tmp_path, "ctrl+y", LinksScreen, typed=TYPED) as (pilot, _, __):
        await pilot.press("escape")
        await screen_of(pilot, MainScreen)


async def test_a_made_one_that_was_changed_by_hand_is_typed(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
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


async def test_one_question_for_the_draft_and_the_password(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    async with sent(sample_server, tmp_path, "ctrl+s", DraftScreen) as (pilot, _, __):
        await pilot.press(*"a@b.example", "escape")
        question = await screen_of(pilot, Question)
        assert question.text[0] == "Close the draft without saving it, and without the password?"
        await pilot.press("y")
        await screen_of(pilot, MainScreen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_a_long_one_is_shown_whole(
    size: tuple[int, int], sample_server: ServerProcess, tmp_path: Path
) -> None:
    """A long password is shown in full, with its spaces and wide characters."""
    typed = "x" * 150 + " 契 end"
    async with sent(sample_server, tmp_path, "ctrl+y", LinksScreen, typed=typed, size=size) as (
        pilot,
        links,
        password,
    ):
        await pilot.press("ctrl+r")
        assert password == typed
        lines = shown(links.app).splitlines()
        assert "".join(lines).count("x") >= 150
        assert any("契 end" in line for line in lines)


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
@pytest.mark.parametrize(("key", "screen"), WAYS)
async def test_every_button_is_there(
    key: str,
    screen: type[DraftScreen | LinksScreen],
    size: tuple[int, int],
    sample_server: ServerProcess,
    tmp_path: Path,
) -> None:
    async with sent(sample_server, tmp_path, key, screen, size=size) as (pilot, links, _):
        await pilot.press("ctrl+r")
        for button in links.query(Button):
            assert str(button.label) in shown(links.app)


async def test_no_password_no_line(sample_server: ServerProcess, tmp_path: Path) -> None:
    """Without a password, neither its line nor its keys are shown."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        await screen_of(pilot, SendDialog)
        await pilot.press("ctrl+y")
        links = await screen_of(pilot, LinksScreen)
        assert "Password" not in shown(links.app)
        assert "Copy password" not in shown(links.app)
        await pilot.press("ctrl+r", "ctrl+g", "escape")
        await screen_of(pilot, MainScreen)


async def test_it_is_not_in_the_draft(sample_server: ServerProcess, tmp_path: Path) -> None:
    async with sent(sample_server, tmp_path, "ctrl+s", DraftScreen) as (_, links, password):
        assert isinstance(links, DraftScreen)
        assert password not in repr(links.text)
        assert password not in repr(links.sent.password)
        assert "made=True" in repr(links.sent.password)


async def test_one_that_was_made_for_sending_again(three_sent: ServerProcess, tmp_path: Path) -> None:
    """A password generated for sending again can be shown with its links; nothing is copied unless asked for."""
    async with app_for(three_sent, tmp_path).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
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


async def test_sending_again_without_a_new_password_shows_nothing(
    three_sent: ServerProcess, tmp_path: Path
) -> None:
    async with app_for(three_sent, tmp_path).run_test(size=(100, 30)) as pilot:
        main = await sent_folder(pilot)
        put_cursor_on(main, "First.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, ResendDialog)
        dialog.query_one("#downloads", Field).focus()
        await pilot.press("5", "ctrl+s")
        assert await screen_of(pilot, MainScreen) is main
        await until(pilot, lambda: "“First.pdf” again" in main.query_one("#status").text, "the end")  # type: ignore
        assert pilot.app.screen is main
