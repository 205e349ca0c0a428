"""W3, W4: later versions and check-outs of many documents are found with one request per document, several at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.app.app import app_for, main_screen, running, screen_of, settled, until
from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Together
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker, add_person
from tests.system.command import Client
from tui.rules.versions import Version
from tui.rules.versions import WhichVersion as VersionsOf
from tui.ui.base.question import Question
from tui.ui.send.send import SendDialog
from tui.ui.send.versions import VersionQuestion
from tui.ui.widgets.table import Table

COUNT = 8
#: The app reserves one of its connections for the server's events.
AT_ONCE = 4


def _fill(server: ServerProcess) -> list[str]:
    with Worker(server) as worker:
        space = worker.workspace("Matter", default_security="public")
        return [worker.upload(space, f"Paper {n:02}")["id"] for n in range(COUNT)]


@pytest.fixture
def papers(stocks: Stocks, tmp_path: Path) -> list[str]:
    """``COUNT`` documents; the worklist has the latest first."""
    return stocks.copy(_fill, tmp_path / "data")


@pytest.fixture
def fresh_server(papers: list[str], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with those documents."""
    with ServerProcess(tmp_path / "data") as process:
        yield process


@pytest.fixture
def proxy(fresh_server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(fresh_server.url) as found:
        yield found


def change(server: ServerProcess, papers: list[str]) -> None:
    """Two documents get a later version; another user checks out one of these and another document."""
    with Worker(server) as worker:
        for paper in papers[:2]:
            worker.new_version(paper, "Paper", b"changed")
    with Worker(server, add_person(server, "BSMITH")) as other:
        for paper in (f"{papers[0].rpartition('.')[0]}.2", papers[5]):
            other.request("POST", f"documents/{paper}/lock", json={}).raise_for_status()


async def test_in_the_app(
    fresh_server: ServerProcess, papers: list[str], proxy: Misbehaving, tmp_path: Path
) -> None:
    app = app_for(fresh_server, tmp_path, demo=False, url=proxy.url)
    async with app.run_test(size=(80, 24)) as pilot:
        main = await main_screen(pilot)
        await until(pilot, lambda: len(main.table.rows) == COUNT, "the worklist")
        change(fresh_server, papers)
        proxy.seen.clear()
        proxy.spoil("GET", Together(AT_ONCE), "/versions", times=COUNT)
        await pilot.press("ctrl+a", "s")
        asked = await screen_of(pilot, VersionQuestion)
        assert sorted(q.selected.id for q in asked._questions) == sorted(papers[:2])
        assert proxy.count("GET", "/versions") == COUNT
        assert proxy.count("GET", "/documents/") == COUNT, "one request a document, and no other"
        await pilot.press("enter")
        question = await screen_of(pilot, Question)
        text = " ".join(str(widget.render()) for widget in question.query("Static"))
        assert len(re.findall(r"by BSMITH since \w{3} \d", text)) == 2, text
        await pilot.press("y")
        dialog = await screen_of(pilot, SendDialog)
        chosen = {row.source.label for row in dialog.state.plan.rows}
        assert chosen == {f"{p.rpartition('.')[0]}.2" for p in papers[:2]} | set(papers[2:])
        assert proxy.count("GET", "/documents/") == COUNT


@more
def test_on_the_command_line(
    fresh_server: ServerProcess, papers: list[str], proxy: Misbehaving, tmp_path: Path
) -> None:
    change(fresh_server, papers)
    items = [*papers[:4], *(paper.rpartition(".")[0] for paper in papers[4:])]
    proxy.spoil("GET", Together(AT_ONCE), "/libraries/ACTIVE/documents", times=COUNT)
    done = Client(proxy.url, fresh_server.token, tmp_path)("send", *items, "--json")
    assert done.status == 0, done.err
    assert [d["source"] for d in done.documents] == papers
    asked = proxy.count("GET", "/libraries/ACTIVE/documents") - proxy.count("GET", "/download")
    assert asked == COUNT
    assert done.err.count("is not the latest version; version 2 is") == 2
    assert len(re.findall(r"is checked out by BSMITH since \w{3} \d", done.err)) == 1


@more
async def test_a_long_comment_leaves_several_documents_in_sight(
    sample_server: ServerProcess, tmp_path: Path
) -> None:
    ids = ("ACTIVE!1.2", "ACTIVE!1.1")
    latest, first = (Version(ident, 1, int(ident[-1]), "Offer", comment="word " * 600) for ident in ids)
    async with running(sample_server, tmp_path, size=(60, 20)) as (pilot, _):
        dialog = VersionQuestion([VersionsOf(first, (latest, first))] * 3)
        pilot.app.push_screen(dialog)
        await settled(pilot)
        assert dialog.query_one("#versions", Table).size.height == 1 + 3
        assert dialog.query_one("#details", Table).size.height >= 2
