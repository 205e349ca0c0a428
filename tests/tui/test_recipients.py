"""Completing recipients from an address book that prints what mutt's query commands print."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    main_screen,
    put_cursor_on,
    resized,
    running,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.app.draft_screen import says
from tests.support.checks.long import few, more
from tests.support.pictures.scene_start import typed
from tests.support.servers.server import ServerProcess
from tui.config.preferences import Preferences
from tui.mail import query
from tui.mail.query import completed, find_addresses, fragment
from tui.rules.address_book import MOST_OFFERED
from tui.ui.base.app_screen import AppScreen
from tui.ui.draft.draft import DraftScreen
from tui.ui.main.main import MainScreen
from tui.ui.send.recipients import Matches, Recipients
from tui.ui.send.send import SendDialog
from tui.ui.widgets.field import Field

#: Prints what it was called with in the heading, then lines as khard, abook and notmuch print them.
BOOK = """
import sys
print("searching for", sys.argv[1:])
print("anna@example.com\\tAnna Arp\\twork")
print("anna@example.com\\tAnna Arp\\thome")
print("bob@example.com\\tBob, Jr.")
print("Jörg Ä <joerg@example.com>")
print("not an address\\tNobody")
print("evil\\x1b@example.com\\tEvil")
for number in range(20):
    print(f"b{number}@example.com\\t")
"""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer to start a program than a user would wait."""
    monkeypatch.setattr(query, "SECONDS", 60.0)


@pytest.fixture
def book(tmp_path: Path) -> str:
    (tmp_path / "book.py").write_text(BOOK)
    return f"{sys.executable} {tmp_path / 'book.py'}"


def test_what_is_found(book: str) -> None:
    """At most eight, each once, and nothing that is no address."""
    found = find_addresses(book, "an")
    assert found[:4] == [
        "Anna Arp <anna@example.com>", '"Bob, Jr." <bob@example.com>', "Jörg Ä <joerg@example.com>", "b0@example.com",
    ]  # fmt: skip
    assert len(found) == MOST_OFFERED


@more
def test_how_the_command_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a shell, and so that nothing typed is an option; ``%s`` stands for it, or else it comes last."""
    (tmp_path / "echo.py").write_text(
        "import sys; print('x@example.com\\t' + '|'.join(sys.argv[1:]).replace(';', ','))"
    )
    command = f"{sys.executable} {tmp_path / 'echo.py'}"
    assert find_addresses(f"{command} 'q=%s' z", "$HOME *") == ["q=$HOME *|z <x@example.com>"]
    assert find_addresses(command, "an na") == ["an na <x@example.com>"]
    for refused in ("--help", "a", "", "a\x1b"):
        assert find_addresses(command, refused) == []
    assert find_addresses("/nowhere", "anna") == []
    assert find_addresses('"', "anna") == []
    monkeypatch.setattr(query, "SECONDS", 0.3)
    (tmp_path / "slow.py").write_text("import time; print('x@example.com', flush=True); time.sleep(600)")
    assert find_addresses(f"{sys.executable} {tmp_path / 'slow.py'}", "anna") == []


def test_what_is_being_typed() -> None:
    assert [fragment(text) for text in ("", "an", "a@b.c, an", '"A, B" <a@b.c>; "X, ', "a@b.c,")] == [
        "", "an", "an", '"X,', "",
    ]  # fmt: skip
    assert completed('"A, B" <a@b.c>;  an', "Anna <an@b.c>") == '"A, B" <a@b.c>, Anna <an@b.c>, '
    assert completed("an", "an@b.c") == "an@b.c, "


async def test_an_address_is_taken(sample_server: ServerProcess, tmp_path: Path) -> None:
    values = {"mail_query_command": "printf 'anna@example.com\\tAnna Arp\\n%%s@example.com\\n'"}
    app = app_for(sample_server, tmp_path, preferences=Preferences(mail_values=values))
    async with app.run_test(size=(80, 24)) as pilot:
        await main_screen(pilot)
        await pilot.press("s", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        matches = draft.query_one(Matches)
        await typed(pilot, "bobb")
        await pilot.press("backspace")
        await typed(pilot, "@example.com, an")
        await until(pilot, lambda: matches.display and matches.option_count == 2)
        await pilot.press("down", "enter")
        await until(pilot, lambda: draft.text.to == "bob@example.com, Anna Arp <anna@example.com>, ")
        assert not matches.display
        # What is between two addresses isn't there twice, whichever of it is typed.
        await typed(pilot, ", ")
        await pilot.press("semicolon")
        await typed(pilot, "jo")
        assert draft.text.to == "bob@example.com, Anna Arp <anna@example.com>, jo"
        await until(pilot, lambda: matches.display)
        # Escape leaves the list first, then the draft.
        await pilot.press("down", "escape")
        await until(pilot, lambda: not matches.display)
        assert app.screen is draft
        assert draft.text.to.endswith(", jo")
        await pilot.press("ctrl+s")
        # While it is being saved, escape would close the draft only if that succeeds.
        await says(pilot, draft, "jo is not an e-mail address")
        await pilot.press("escape", "y")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))


async def test_lines_that_are_pasted_are_addresses_each(sample_server: ServerProcess, tmp_path: Path) -> None:
    """As copied from a table or an e-mail: none is dropped."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, _):
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        pasted = Paste("anna@example.com\nBob Berg <bob@example.com>;\r\n\n  carla@example.com\n")
        wanted = "anna@example.com, Bob Berg <bob@example.com>, carla@example.com"
        field = dialog.query_one("#to", Field)
        field.focus()
        pilot.app.post_message(pasted)
        await until(pilot, lambda: field.value == wanted, "all of them")
        field.action_select_all()
        pilot.app.post_message(Paste("one@example.com\n"))
        await until(pilot, lambda: field.value == "one@example.com", "one line in place of what was there")


NEVER = "You have never sent anything to never@example.com."
WRONG = "ann.example.com is not an e-mail address; write one like anna@example.com."


async def test_a_wrong_address_is_noticed_when_the_field_is_left(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """Not while it is typed; and until it is corrected, also while something else is typed."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s")
        dialog = await screen_of(pilot, SendDialog)
        to = dialog.query_one("#to")
        to.focus()
        await typed(pilot, "ann.example.com")
        assert WRONG not in said(dialog, "#overall")
        await pilot.press("tab")
        await until(pilot, lambda: said(dialog, "#overall") == WRONG, "what is wrong")
        dialog.query_one("#downloads").focus()
        await typed(pilot, "3")
        assert said(dialog, "#overall") == WRONG
        to.focus()
        await pilot.press("backspace", "end")
        assert WRONG not in said(dialog, "#overall")


async def test_what_is_offered_covers_no_message(sample_server: ServerProcess, tmp_path: Path) -> None:
    """An address that others follow is looked at as they are typed; and what is refused closes what is offered."""
    values = {"mail_query_command": "printf 'anna@example.com\\tAnna Arp\\nann@example.com\\t\\n'"}
    for size in ((120, 40), (80, 24)):
        app = app_for(sample_server, tmp_path, preferences=Preferences(mail_values=values))
        async with app.run_test(size=size) as pilot:
            put_cursor_on(await main_screen(pilot), "Letter of Intent.pdf")
            await pilot.press("s")
            dialog = await screen_of(pilot, SendDialog)
            matches, overall = dialog.query_one(Matches), dialog.query_one("#overall")
            dialog.query_one("#to").focus()
            await typed(pilot, "ann.example.com")
            assert WRONG not in said(dialog, "#overall")
            await pilot.press("comma")
            await until(pilot, lambda d=dialog: said(d, "#overall") == WRONG, "what is wrong")
            await typed(pilot, " an")
            await until(pilot, lambda m=matches: m.display and m.option_count == 2, "the addresses")
            await pilot.pause()
            assert said(dialog, "#overall") == WRONG
            assert not matches.region.overlaps(overall.region), size
            await pilot.press("ctrl+s")
            await until(pilot, lambda m=matches: not m.display, "the message alone")
            assert said(dialog, "#overall") == WRONG
            assert dialog.query_one("#to").has_focus


@more
async def test_a_draft_notices_it_too(sample_server: ServerProcess, tmp_path: Path) -> None:
    """And, where it was refused for it, notices that it is right."""
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        await typed(pilot, "ann.example.com")
        assert said(draft, "#done") == ""
        await pilot.press("tab")
        await until(pilot, lambda: said(draft, "#done") == WRONG, "what is wrong")
        await pilot.press("shift+tab", "end", *["left"] * 11, "backspace", "@")
        await pilot.press("tab")
        await until(pilot, lambda: "ann@example.com" in said(draft, "#done"), "it to be right, and new")
        assert WRONG not in said(draft, "#done")
        await pilot.press("shift+tab", "ctrl+a", "ctrl+k")
        await typed(pilot, "ann.example.com")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(draft, "#done") == WRONG, "what is wrong")
        await pilot.press(*["left"] * 11, "backspace", "@", "tab")
        await until(pilot, lambda: WRONG not in said(draft, "#done"), "it to be right")


@more
async def test_what_became_of_a_draft_is_not_covered_by_what_is_odd_about_it(
    sample_server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The addresses are looked at a while after the last key: whoever saves by then, or is refused, reads both."""
    # They are looked at when this test says so.
    monkeypatch.setattr("tui.ui.send.recipients._REST_SECONDS", 3600)
    monkeypatch.chdir(tmp_path)
    async with running(sample_server, tmp_path, size=(80, 24)) as (pilot, main):
        put_cursor_on(main, "Letter of Intent.pdf")
        await pilot.press("s", "ctrl+s")
        draft = await screen_of(pilot, DraftScreen)
        recipients = draft.query_one(Recipients)
        await typed(pilot, "never@example.com")
        await until(pilot, lambda: recipients.notes, "the earlier recipients to be known")
        await until(pilot, lambda: said(draft, "#done") == NEVER, "what is odd")
        await pilot.press("ctrl+a", "ctrl+k")
        await typed(pilot, "ann.example.com")
        await pilot.press("ctrl+s")
        await says(pilot, draft, WRONG)
        assert recipients.look() == []
        await pilot.pause()
        assert said(draft, "#done") == WRONG
        await pilot.press("ctrl+a", "ctrl+k")
        await typed(pilot, "never@example.com")
        await pilot.press("ctrl+s")
        await says(pilot, draft, "Saved as ")
        saved = said(draft, "#done")
        assert recipients.look()
        await says(pilot, draft, NEVER)
        assert said(draft, "#done") == f"{saved} {NEVER}"
        # Of other addresses, nothing was saved.
        await typed(pilot, ", other@example.org")
        recipients.look()
        await says(pilot, draft, "other@example.org")
        assert "Saved as" not in said(draft, "#done")


async def test_what_is_offered_never_covers_the_field_and_has_whole_addresses(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    """On a small terminal there is more room above the field. A name is cut before its address is."""
    long = "anna.arpenheim-lindqvist@halyard-chambers.example"
    values = {"mail_query_command": f"printf '{long}\\tAnna Arpenheim-Lindqvist\\nann@varga.example\\t\\n'"}
    for size in ((40, 12), (60, 20), (80, 24)):
        app = app_for(sample_server, tmp_path, preferences=Preferences(mail_values=values))
        async with app.run_test(size=size) as pilot:
            put_cursor_on(await main_screen(pilot), "Letter of Intent.pdf")
            await pilot.press("s")
            dialog = await screen_of(pilot, SendDialog)
            recipients = dialog.query_one(Recipients)
            recipients.field.focus()
            await typed(pilot, "an")
            matches = recipients.matches
            await until(pilot, lambda matches=matches: matches.display and matches.option_count == 2)
            assert not matches.region.overlaps(recipients.field.region), size
            assert app.screen.region.contains_region(matches.region), size
            for index, address in enumerate((long, "ann@varga.example")):
                lines = str(matches.get_option_at_index(index).prompt).split("\n")
                assert address in "".join(line.strip() for line in lines), size
                assert max(map(len, lines)) <= matches.scrollable_content_region.width, size
            shown = "".join(line.strip(" │") for line in screen_text(pilot).splitlines())
            assert long.partition("@")[0] in shown, size
            assert long.partition("@")[2].removesuffix(".example") in shown, size


@few(1)
@pytest.mark.parametrize("in_list", [False, True], ids=["typing", "choosing"])
async def test_what_is_offered_stays_beside_its_field_in_another_size(
    in_list: bool, sample_server: ServerProcess, tmp_path: Path
) -> None:
    """The field is in sight, and so are the addresses, above or below it: in the send dialog, and in the draft."""
    values = {"mail_query_command": "printf 'anna@example.com\\tAnna Arp\\nann@varga.example\\t\\n'"}
    app = app_for(sample_server, tmp_path, preferences=Preferences(mail_values=values))
    async with app.run_test(size=(80, 24)) as pilot:
        put_cursor_on(await main_screen(pilot), "Letter of Intent.pdf")
        await pilot.press("s")
        await is_kept_beside(pilot, await screen_of(pilot, SendDialog), in_list=in_list)
        await pilot.press("escape", "ctrl+a", "ctrl+k", "ctrl+s")
        await is_kept_beside(pilot, await screen_of(pilot, DraftScreen), in_list=in_list)


async def is_kept_beside(pilot: Pilot[Any], screen: AppScreen, *, in_list: bool) -> None:
    """Has addresses offered on a screen, and looks at them in several sizes."""
    recipients = screen.query_one(Recipients)
    field, matches = recipients.field, recipients.matches
    field.focus()
    await typed(pilot, "an")
    await until(pilot, lambda: matches.display and matches.option_count == 2, "the addresses")
    if in_list:
        await pilot.press("down")
        await until(pilot, lambda: matches.has_focus, "the list")
    for size in ((40, 12), (60, 20), (40, 10), (120, 40), (40, 12), (80, 24)):
        await resized(pilot, *size)

        def both_are_seen() -> bool:
            seen = screen.find_widget(field).visible_region
            return (
                seen == field.region
                and seen.area > 0
                and screen.region.contains_region(matches.region)
                and not matches.region.overlaps(field.region)
            )

        await until(pilot, both_are_seen, f"the field and the addresses at {size}")
        await settled(pilot, screen)
        assert both_are_seen(), size
