"""Documents of the same name, told apart where a question is asked about them."""

from __future__ import annotations

from pathlib import Path

from tests.support.app.app import name_of, running, screen_of, sent_folder, until
from tests.support.checks.long import more
from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.work import Worker, add_person
from tui.rules.display import moment_text
from tui.ui.base.question import Question
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.table import Table
from tui.wire.share import Document

SIZE = (100, 30)
ANNA, BEN = ["Anna Arp <anna@arp.example>"], ["Ben Born <ben@born.example>"]


async def test_what_is_deleted(server: ServerProcess, tmp_path: Path) -> None:
    """By when and from what it was sent, as in the list; sent in the same minute, by its id. Other names stay as they
    are."""
    add_shortcut(server)
    for content in (b"1", b"2"):
        publish(server, content, "Offer.pdf")
    publish(server, b"x", "Terms.pdf")
    async with running(server, tmp_path, size=SIZE) as (pilot, _):
        main = await sent_folder(pilot)
        asked = set()
        for index, row in enumerate(main.table.rows):
            main.table.move_to(index)
            await pilot.press("d")
            question = (await screen_of(pilot, Question)).text[0]
            asked.add(question)
            if row.data.name == "Offer.pdf":
                sent = f"sent {moment_text(row.data.sent_at)} from a local file"
                assert question.startswith(f"Delete Offer.pdf ({sent})")
            else:
                assert question == "Delete Terms.pdf?"
            await pilot.press("n")
            await until(pilot, lambda: pilot.app.screen is main)
        assert len(asked) == 3


async def test_to_whom_it_was_sent(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """By recipient where that tells them apart; what none was named for, or went to the same person twice, by when it
    was sent as well."""
    add_shortcut(fresh_server)
    for number, recipients in enumerate((ANNA, BEN, BEN, [])):
        publish(fresh_server, str(number).encode(), "Annex.docx", recipients=recipients)
    async with running(fresh_server, tmp_path, size=SIZE) as (pilot, _):
        main = await sent_folder(pilot)
        ids: dict[tuple[str, ...], list[Document]] = {}
        for row in main.table.rows:
            ids.setdefault(tuple(row.data.recipients), []).append(row.data)
        sent = f"(sent {moment_text(main.table.rows[0].data.sent_at)} from a local file)"
        bens = [f"Annex.docx (to Ben Born) {sent}", *(f" (ID {each.id})" for each in ids[tuple(BEN)])]
        await pilot.press("ctrl+a")
        for key, ask in (("u", "Unpublish 4 links?"), ("d", "Delete 4 documents?")):
            await pilot.press(key)
            question, detail = (await screen_of(pilot, Question)).text[:2]
            assert question == ask
            lines = detail.split("\n")[1:]
            assert "Annex.docx (to Anna Arp)" in lines
            assert f"Annex.docx {sent}" in lines
            assert {*lines} >= {f"{bens[0]}{ident}" for ident in bens[1:]}
            await pilot.press("n")
            await until(pilot, lambda: pilot.app.screen is main)


@more
async def test_what_has_later_versions_or_is_checked_out(server: ServerProcess, tmp_path: Path) -> None:
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        papers = [worker.upload(space, name)["id"] for name in ("Paper", "Paper", "Plan")]
    async with running(server, tmp_path, size=SIZE) as (pilot, _):
        # Changed after the list was loaded.
        with Worker(server) as worker:
            for paper in papers:
                worker.new_version(paper, "Paper" if paper in papers[:2] else "Plan", b"changed")
        with Worker(server, add_person(server, "BSMITH")) as other:
            for paper in papers:
                latest = f"{paper.rpartition('.')[0]}.2"
                other.request("POST", f"documents/{latest}/lock", json={}).raise_for_status()
        await pilot.press("ctrl+a", "s")
        versions = await screen_of(pilot, VersionQuestion)
        names = {name_of(row) for row in versions.query_one("#versions", Table).rows}
        assert names == {"Plan.txt", *(f"Paper.txt ({paper})" for paper in papers[:2])}
        await pilot.press("enter")
        out = (await screen_of(pilot, Question)).text[1].split("\n")
        assert {line.partition(": by")[0] for line in out} == {
            "Plan.txt",
            *(f"Paper.txt ({paper.rpartition('.')[0]}.2)" for paper in papers[:2]),
        }
