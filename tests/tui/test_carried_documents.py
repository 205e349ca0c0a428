"""The send dialog says what the documents carry, and asks once for a version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from tests.support.app.app import (
    app_for,
    question_of,
    resized,
    said,
    screen_of,
    screen_text,
    settled,
    until,
)
from tests.support.carried.office import docx, paragraph, run
from tests.support.checks.long import more
from tests.support.sends.killed_sends import open_dialog
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.config.preferences import Preferences
from tui.inspection.inspector import Inspector
from tui.locations.rows import cell_text
from tui.rules.carried import Report
from tui.sending.carried import CarriedReports
from tui.ui.app import SentlinksApp
from tui.ui.dialogs.details import Details
from tui.ui.draft.draft import DraftScreen
from tui.ui.send.send import SendDialog
from tui.wire.share import Document

CHANGED = docx(paragraph('<w:ins w:id="1" w:author="An\u202en">', run("secret words"), "</w:ins>") * 12)
PLAIN = docx(paragraph(run("a")))
WITH_CHANGES = "Send this document with what it carries?"


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of the current folder, as they are listed."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    found = []
    for name, content in (("a.zip", b"PK\3\4x"), ("changed.docx", CHANGED), ("plain.docx", PLAIN)):
        path = folder / name
        path.write_bytes(content)
        found.append(path)
    return found


def audited(server: ServerProcess, documents: Iterable[Document]) -> dict[str, tuple[Any, ...]]:
    """What the audit says of what each document carried: looked, found, overruled."""
    found = {}
    with Sender(server) as me:
        for document in documents:
            details = me.get(f"/documents/{document.id}/audit")["events"][-1]["details"]
            found[document.name] = tuple(details.get(key) for key in ("looked", "carries", "overruled"))
    return found


@asynccontextmanager
async def opened(
    server: ServerProcess,
    tmp_path: Path,
    documents: list[Path],
    *,
    carries: str = "warn",
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Pilot[Any], SendDialog]]:
    """The app with the send dialog open, and what the settings say of what documents carry."""
    app = app_for(server, tmp_path / "state", preferences=Preferences(carries=carries))
    async with app.run_test(size=size) as pilot:
        yield pilot, await open_dialog(pilot, documents)


async def looked(pilot: object, dialog: SendDialog) -> None:
    await until(pilot, lambda: all(dialog.rows.carried.report(row.source) for row in dialog.state.plan.rows))  # type: ignore[arg-type]


@more
async def test_a_column_where_there_is_room(
    server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    async with opened(server, tmp_path, documents, size=(120, 40)) as (pilot, dialog):
        await looked(pilot, dialog)
        await settled(pilot)
        cells = [cell_text(row.cells[4]) for row in dialog.table.rows]
        assert cells == ["not looked into", "! 12 tracked changes", "nothing found"]
        assert said(dialog, "#cause") == ""
        assert (
            "1 document carries more than its text; 1 was not looked into. I on a row with ! shows it."
            in said(dialog, "#overall")
        )
        await pilot.press("down")
        assert said(dialog, "#cause") == "Carries 12 tracked changes."
        assert "secret" not in screen_text(pilot)
        await resized(pilot, 80, 24)
        await until(pilot, lambda: cell_text(dialog.table.rows[1].cells[-1]) == "! 12 tracked changes")


@more
async def test_a_mark_in_place_of_the_status_where_there_is_none(
    server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        await looked(pilot, dialog)
        await settled(pilot)
        marks = [cell_text(row.cells[-1]) for row in dialog.table.rows]
        assert marks == ["○ pending", "! 12 tracked changes", "○ pending"]
        await resized(pilot, 120, 40)
        await resized(pilot, 80, 24)
        assert [cell_text(row.cells[-1]) for row in dialog.table.rows] == marks


@more
async def test_what_was_said_stays_when_more_is_known(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has asked for the generated password is reading it."""
    go_on = asyncio.Event()
    look = CarriedReports.look

    async def looks_later(carried: CarriedReports, *given: Any) -> Any:
        await go_on.wait()
        return await look(carried, *given)

    monkeypatch.setattr(CarriedReports, "look", looks_later)
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        await pilot.press("ctrl+g", "ctrl+r")
        shown = said(dialog, "#overall")
        assert shown.startswith("Password: ")
        go_on.set()
        await looked(pilot, dialog)
        await until(pilot, lambda: cell_text(dialog.table.rows[1].cells[-1]) == "! 12 tracked changes")
        assert said(dialog, "#overall") == shown


@more
async def test_details_of_a_document(server: ServerProcess, tmp_path: Path, documents: list[Path]) -> None:
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        await looked(pilot, dialog)
        await pilot.press("down", "I")
        details = await screen_of(pilot, Details)
        assert details.heading == "changed.docx"
        await until(pilot, lambda: "An\ufffdn 12; body" in screen_text(pilot))
        assert "! 12 tracked changes" in screen_text(pilot)
        await pilot.press("escape")
        await screen_of(pilot, SendDialog)
        await pilot.press("home", "I")
        await screen_of(pilot, Details)
        await until(pilot, lambda: "It is damaged, or not what its name says." in screen_text(pilot))


async def test_it_asks_once_for_a_version(
    server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        # At once: it waits until they have been looked into.
        await pilot.press("ctrl+s")
        await question_of(pilot, WITH_CHANGES)
        assert "changed.docx: 12 tracked changes" in screen_text(pilot)
        assert "You are asked once about this version." in screen_text(pilot)
        assert "Looking into" not in said(dialog, "#overall")
        await pilot.press("enter")
        await screen_of(pilot, SendDialog)
        assert dialog.state.editable, "the safe answer sends nothing"
        await pilot.press("ctrl+s")
        await question_of(pilot, WITH_CHANGES)
        await pilot.press("y")
        draft = await screen_of(pilot, DraftScreen)
        assert audited(server, draft.documents) == {
            "a.zip": ("not", None, None),
            "changed.docx": ("whole", {"tracked_changes": 12}, ["tracked_changes"]),
            "plain.docx": ("whole", None, None),
        }
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, DraftScreen | SendDialog))
        await open_dialog(pilot, documents)
        await pilot.press("ctrl+s")
        await screen_of(pilot, DraftScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, DraftScreen | SendDialog))
        documents[1].write_bytes(docx(paragraph('<w:ins w:id="1" w:author="Bob"/>')))
        await open_dialog(pilot, documents)
        await pilot.press("ctrl+s")
        await question_of(pilot, WITH_CHANGES)


async def test_what_the_policy_warns_of_since_then_is_asked_about(
    fresh_server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    """That one was asked about the same version before says nothing of it."""
    with Sender(fresh_server) as me:
        me.request("PATCH", "/policy", json={"carries_warn": "tracked_changes"}).raise_for_status()
        async with opened(fresh_server, tmp_path, documents) as (pilot, _):
            await pilot.press("ctrl+s")
            await question_of(pilot, WITH_CHANGES)
            await pilot.press("y")
            await screen_of(pilot, DraftScreen)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(pilot.app.screen, DraftScreen | SendDialog))
            me.request("PATCH", "/policy", json={"carries_unreadable": "warn"}).raise_for_status()
            await open_dialog(pilot, documents)
            await pilot.press("ctrl+s")
            await question_of(pilot, WITH_CHANGES)
            shown = screen_text(pilot).partition("Send this document")[2]
            assert "a.zip: not looked into" in shown
            assert "changed.docx" not in shown


@more
async def test_the_policy_turns_it_on_and_says_what_is_asked(
    fresh_server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    """Whatever the user's own setting is."""
    with Sender(fresh_server) as me:
        values = {"carries_warn": "none", "carries_unreadable": "warn"}
        me.request("PATCH", "/policy", json=values).raise_for_status()
    async with opened(fresh_server, tmp_path, documents, carries="off") as (pilot, _):
        await pilot.press("ctrl+s")
        await question_of(pilot, WITH_CHANGES)
        assert "a.zip: not looked into" in screen_text(pilot)
        assert "changed.docx" not in screen_text(pilot).partition("Send this document")[2]
        await pilot.press("y")
        draft = await screen_of(pilot, DraftScreen)
        found = audited(fresh_server, draft.documents)
        assert found["a.zip"] == ("not", None, ["unreadable"])
        assert found["changed.docx"] == ("whole", {"tracked_changes": 12}, None)


async def test_what_the_policy_refuses_is_said_before_anything_is_sent(
    fresh_server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    with Sender(fresh_server) as me:
        me.request("PATCH", "/policy", json={"carries_refuse": "tracked_changes"}).raise_for_status()
    async with opened(fresh_server, tmp_path, documents, carries="off") as (pilot, dialog):
        await pilot.press("ctrl+s")
        await until(
            pilot, lambda: said(dialog, "#overall").startswith("changed.docx carries 12 tracked changes.")
        )
        assert dialog.state.editable


async def test_what_could_not_be_looked_into_is_refused_for_that(
    fresh_server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> None:
    with Sender(fresh_server) as me:
        me.request("PATCH", "/policy", json={"carries_unreadable": "refuse"}).raise_for_status()
    async with opened(fresh_server, tmp_path, documents, carries="off", size=(80, 24)) as (pilot, dialog):
        await pilot.press("ctrl+s")
        await until(
            pilot,
            lambda: said(dialog, "#overall").startswith(
                "a.zip can't be looked into, and your firm's policy asks for that."
            ),
        )
        assert cell_text(dialog.table.rows[0].cells[-1]) == "! not looked into"


async def test_refuse_sends_nothing_of_it(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes to look into the documents."""
    monkeypatch.setattr("tui.ui.send.carried_documents._PATIENCE", 0.0)
    go_on, inspect = asyncio.Event(), Inspector.inspect

    async def inspect_later(self: Inspector, *args: Any, **given: Any) -> Report:
        await go_on.wait()
        return await inspect(self, *args, **given)

    monkeypatch.setattr(Inspector, "inspect", inspect_later)
    async with opened(server, tmp_path, documents, carries="refuse") as (pilot, dialog):
        await pilot.press("ctrl+s")
        await until(pilot, lambda: said(dialog, "#overall") == "Looking into the documents…")
        assert dialog.state.editable
        go_on.set()
        await until(
            pilot, lambda: said(dialog, "#overall").startswith("changed.docx carries more than its text")
        )
        assert dialog.state.editable
        await pilot.press("home", "down", "d", "ctrl+s")
        await screen_of(pilot, DraftScreen)


async def test_off_looks_into_nothing(server: ServerProcess, tmp_path: Path, documents: list[Path]) -> None:
    async with opened(server, tmp_path, documents, carries="off", size=(120, 40)) as (pilot, dialog):
        await settled(pilot)
        assert "carried" not in cast("SentlinksApp", pilot.app).session.__dict__
        assert len(dialog.table.rows[0].cells) == 5
        await pilot.press("I")
        assert pilot.app.screen is dialog


class Held:
    """Lets documents be looked into only when it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        """``names``: those that are held; without any, all."""
        self.go_on = asyncio.Event()
        inspect = Inspector.inspect

        async def later(inspector: Inspector, document: Any, name: str, *given: Any, **more: Any) -> Report:
            if not names or name in names:
                await self.go_on.wait()
            return await inspect(inspector, document, name, *given, **more)

        monkeypatch.setattr(Inspector, "inspect", later)
        monkeypatch.setattr("tui.ui.send.carried_documents._PATIENCE", 0.0)


async def test_what_is_not_looked_into_yet_is_asked_about(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes: who waits is asked about what was found by then."""
    held = Held(monkeypatch, "changed.docx")
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        await until(pilot, lambda: dialog.rows.carried.report(dialog.state.plan.rows[2].source) is not None)
        await pilot.press("ctrl+s")
        await question_of(pilot, "Send this document, which wasn't looked into yet?")
        text = screen_text(pilot)
        assert "changed.docx" in text.partition("looked into yet?")[2]
        assert "plain.docx" not in text.partition("looked into yet?")[2]
        await pilot.press("n")
        await until(pilot, lambda: said(dialog, "#overall") == "Looking into the documents…")
        assert dialog.state.editable
        held.go_on.set()
        await question_of(pilot, WITH_CHANGES)
        assert "changed.docx: 12 tracked changes" in screen_text(pilot)
        assert "Looking into" not in said(dialog, "#overall")
        await pilot.press("y")
        draft = await screen_of(pilot, DraftScreen)
        assert audited(server, draft.documents)["changed.docx"][2] == ["tracked_changes"]


@asynccontextmanager
async def asked_too_early(
    server: ServerProcess, tmp_path: Path, documents: list[Path]
) -> AsyncIterator[tuple[Pilot[Any], SendDialog]]:
    """The same once the user has sent, and is asked about what hasn't been looked into yet."""
    async with opened(server, tmp_path, documents) as (pilot, dialog):
        await pilot.press("ctrl+s")
        await question_of(pilot, "Send 3 documents, which weren't looked into yet?")
        yield pilot, dialog


@more
async def test_what_is_sent_without_a_look_is_no_answer_to_what_it_carries(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look ends while the first question is open: another one follows, on what was found."""
    held = Held(monkeypatch)
    async with asked_too_early(server, tmp_path, documents) as (pilot, dialog):
        held.go_on.set()
        await looked(pilot, dialog)
        await pilot.press("y")
        await until(pilot, lambda: "changed.docx: 12 tracked changes" in screen_text(pilot))
        assert dialog.state.editable
        await pilot.press("n")
        await screen_of(pilot, SendDialog)
        assert dialog.state.editable


@more
async def test_what_was_not_looked_into_can_be_sent(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    async with asked_too_early(server, tmp_path, documents) as (pilot, _):
        await pilot.press("y")
        draft = await screen_of(pilot, DraftScreen)
        assert set(audited(server, draft.documents).values()) == {(None, None, None)}
        held.go_on.set()


async def test_what_is_changed_while_it_waits_is_not_sent(
    server: ServerProcess, tmp_path: Path, documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    async with asked_too_early(server, tmp_path, documents) as (pilot, dialog):
        await pilot.press("n")
        await screen_of(pilot, SendDialog)
        # The documents with something to ask about and without a look.
        await pilot.press("home", "down", "d")
        held.go_on.set()
        await until(pilot, lambda: said(dialog, "#overall").startswith("Something was changed meanwhile:"))
        assert dialog.state.editable
        await pilot.press("ctrl+s")
        await screen_of(pilot, DraftScreen)
