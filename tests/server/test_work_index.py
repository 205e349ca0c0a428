"""Large folders: pages come from an index, wherever they are in the list, and totals from counters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.checks.effort import Effort
from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker, add_person
from tui.server.accounts.users import Person, first_person
from tui.server.accounts.users import add_person as add_account
from tui.server.base.settings import Settings
from tui.server.context import Context
from tui.server.installation.installation import open_context
from tui.server.library import rights
from tui.server.library.batch import Batch
from tui.server.library.model import Actor, NewVersion, TargetContainer
from tui.server.work.children import parts_of, workspaces
from tui.server.work.filters import Filter
from tui.server.work.pages import Order, page_of
from tui.server.work.parameters import Paging, read_cursor

COUNT = 3000
# Walking these row by row would make the cost of a page grow with its folder.
LARGE = re.compile(r"^SCAN (documents|versions|containers|history|recent|sent_documents|users)\b")


async def fill(context: Context, me: Actor, other: Actor) -> TargetContainer:
    """A folder of :data:`COUNT` documents, every tenth of which is private to ``other``."""
    now = context.clock()
    async with context.database.write() as connection:
        batch = Batch(context, connection, COUNT)
        space = await batch.workspace(me, "Large")
        folder = await batch.folder(space, me, "Many")
        for number in range(COUNT):
            at = now - timedelta(minutes=number * 7919 % COUNT)
            version = NewVersion(
                name=f"Document {number * 7919 % COUNT:06}",
                extension="txt",
                type="ANSI",
                document_class="DOC",
                author=me.name,
                operator=me.name,
                size=0,
                sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                blob=f"{number:032x}",
                created_at=at,
                edited_at=at,
            )
            if number % 10:
                await batch.document(folder, me, [version])
            else:
                await batch.document(folder, other, [version], security="private")
        await batch.write()
    return folder


class Plans:
    """The statements that were run, and how the database would find their rows."""

    def __init__(self, context: Context) -> None:
        self.seen: list[tuple[str, Any]] = []
        event.listen(context.database.engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        self.seen.append((statement, parameters))

    async def steps(self, connection: Any) -> list[str]:
        found = []
        for statement, parameters in list(self.seen):
            if statement.startswith("SELECT"):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found += [row[3] for row in plan]
        return found


async def test_pages_are_found_by_index(tmp_path: Path) -> None:
    context = await open_context(Settings(data=tmp_path / "data"))
    try:
        await first_person(context, "OWNER")
        async with context.database.write() as connection:
            ids = {
                name: await add_account(context, connection, name, admin=False)
                for name in ("ME", "OTHER", "THIRD")
            }
        folder = await fill(context, Actor(ids["ME"], "ME"), Actor(ids["OTHER"], "OTHER"))
        for name, ident in ids.items():
            await _found_by_index(context, folder.number, Person(ident, name, False, ""))
    finally:
        await context.close()


async def _found_by_index(context: Context, folder: int, me: Person) -> None:
    visible = COUNT if me.name == "OTHER" else COUNT - COUNT // 10
    plans = Plans(context)
    async with context.database.read() as connection:
        for sort in ("name", "-name", "edited", "-edited"):
            parent = await rights.container(connection, me, folder)
            cursor, seen = None, 0
            while True:
                order = Order.parse(sort)
                parts = await parts_of(connection, me, parent, order, Filter(), Filter())
                found = await page_of(parts, Paging(700, position=read_cursor(cursor), total=True))
                seen += len(found.rows)
                assert found.total == visible
                if (cursor := found.cursor) is None:
                    break
            assert seen == visible
        await page_of(await workspaces(connection, me, Order.parse("name"), Filter()), Paging(50, total=True))
        steps = await plans.steps(connection)
    # A user who has hundreds of rules there and sees most of it reads it in order; others read by rule.
    by = ("by_name (parent=? AND acl=?", "by_edit (parent=? AND acl=?")
    if me.name == "OTHER":
        by = ("names (parent=?", "edits (parent=?")
    for name in by:
        assert any(f"ix_documents_{name}" in step for step in steps), steps
    assert [step for step in steps if LARGE.match(step)] == []
    assert not [s for s, _ in plans.seen if "count(" in s.lower()], "totals are kept, not counted"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Effort, str, str]]:
    """A server with two folders, of 100 and of 3,000 documents."""
    import asyncio

    data = tmp_path_factory.mktemp("large") / "data"

    async def prepare() -> tuple[str, str]:
        context = await open_context(Settings(data=data))
        await first_person(context, "DJONES")
        async with context.database.write() as connection:
            me = Actor(await add_account(context, connection, "FILLER", admin=False), "FILLER")
            batch = Batch(context, connection, 3_100)
            space = await batch.workspace(me, "Sizes")
            folders = []
            blob = 0
            for count in (100, 3_000):
                folder = await batch.folder(space, me, f"With {count}")
                folders.append(f"ACTIVE!{folder.number}")
                for number in range(count):
                    blob += 1
                    at = context.clock()
                    await batch.document(
                        folder,
                        me,
                        [
                            NewVersion(
                                f"D {number:06}",
                                "txt",
                                "ANSI",
                                "DOC",
                                "X",
                                "X",
                                0,
                                "0" * 64,
                                f"{blob:032x}",
                                at,
                                at,
                            )
                        ],
                    )
            await batch.write()
        await context.close()
        return folders[0], folders[1]

    small, big = asyncio.run(prepare())
    effort = Effort(data.with_name("work"))
    with ServerProcess(data, arguments=effort.arguments) as process:
        yield process, effort, small, big


@few(2)
@pytest.mark.parametrize("who", ["somebody", "somebody with a rule of their own"])
@pytest.mark.parametrize("sort", ["name", "-edited"])
def test_a_page_costs_the_same_in_a_large_folder(
    large: tuple[ServerProcess, Effort, str, str], sort: str, who: str
) -> None:
    server, effort, small, big = large
    token = None if who == "somebody" else add_person(server, f"P{sort.strip('-').upper()}")
    with Worker(server, token) as work:
        if token:
            for folder in (small, big):
                work.upload(folder, "Z own", default_security="private")

        def page(folder: str, **more: str) -> int:
            params = {"limit": 100, "sort": sort, **more}
            return effort.steps(lambda: work.items(f"folders/{folder}/children", **params))

        base = page(small, total="true")
        assert 0 < page(big, total="true") < base * 1.5
        deep = work.get(f"folders/{big}/children", offset=2_800, limit=1, cursor="", sort=sort)["cursor"]
        assert page(big, cursor=deep) < base * 1.5


@more
def test_the_data_that_the_bench_is_run_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MANY sees about 61 % of it, FEW six documents; stored counters match the data; and the benchmark runs on it."""
    import asyncio

    from tests.bench import library
    from tests.support.checks.derived_data import check_kept
    from tests.support.servers.fill import fill

    filled = asyncio.run(fill(tmp_path / "data", 800))
    with ServerProcess(tmp_path / "data") as server:
        check_kept(server)
        seen = {}
        for name, token in filled.tokens.items():
            with Worker(server, token) as work:
                answer = work.get(f"folders/{filled.large}/children", total="true", limit=9999)
                assert answer["total_count"] == len(answer["data"])
                seen[name] = answer["total_count"]
                assert work.get("documents", total="true", limit=1)["total_count"] >= seen[name]
        assert seen["DJONES"] == 800
        assert seen["FEW"] == 6
        assert 0.57 < seen["MANY"] / 800 < 0.65
        with Worker(server) as work:
            made = work.upload(filled.large, "Put in afterwards", b"x")
            assert made["document_number"] > 800
        monkeypatch.setattr(library, "_REQUESTS", 2)
        monkeypatch.setattr(library, "_OPENINGS", 2)
        bench = library.Bench(server, filled)
        rows = list(bench.rows())
        bench.close()
    assert len(rows) == len({row.name for row in rows}) > 40
