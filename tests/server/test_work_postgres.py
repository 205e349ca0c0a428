"""The library on PostgreSQL: the tests of its parts, run on another database, whose server is started here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.bench.library import FINDS
from tests.server.test_work_catalog import (  # noqa: F401
    test_classes_are_those_that_documents_have,
    test_my_matters_are_changed,
    test_summaries_of_the_history,
    test_what_one_makes_is_in_my_matters,
)
from tests.server.test_work_edits import (  # noqa: F401
    test_a_document_is_moved_with_all_its_versions,
    test_a_profile_is_changed_and_what_is_left_out_stays,
    test_content_is_replaced_in_its_version,
    test_security_of_a_document,
)
from tests.server.test_work_emails import test_an_email_tells_what_its_header_says, test_name_value_pairs  # noqa: F401
from tests.server.test_work_every_list import lists, test_every_list_is_filled_counted_paged_and_ones_own  # noqa: F401
from tests.server.test_work_places import (  # noqa: F401
    kept,
    test_a_folder_is_moved_with_all_in_it,
    test_a_folder_is_removed_and_its_documents_are_in_the_trash,
    test_moves_that_are_none,
    test_what_inherits_follows,
    test_what_is_not_ones_own_keeps_a_folder,
    tree,
)
from tests.server.test_work_trash import (  # noqa: F401
    test_restoring_into_another_folder,
    test_two_who_delete_at_once,
    test_versions_are_deleted_one_by_one_and_restored,
    test_what_is_purged_is_gone_with_its_bytes,
)
from tests.server.test_work_words import (  # noqa: F401
    found,
    library,
    test_a_change_is_in_it_at_once,
    test_a_full_name_finds_its_author,
    test_a_number_finds_its_document,
    test_many_rules_find_the_same,
    test_other_filters_in_addition_to_words,
    test_sent_documents_are_found_by_who_may_see_them,
    test_what_was_edited_last_comes_first,
    test_who_may_not_see_it_does_not_find_it,
    test_words_and_beginnings_of_words,
    work,
)
from tests.support.checks.derived_data import check_kept
from tests.support.checks.long import more
from tests.support.servers.fill import fill
from tests.support.servers.postgres import Postgres
from tests.support.servers.rows import tell
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.server.database.engine import open_database
from tui.server.database.migrations import versions
from tui.server.library import lookup
from tui.server.library.name_match import Words

#: Where the servers of these tests keep their data.
DATABASE = "postgres"


@pytest.fixture(scope="module")
def second(server: ServerProcess) -> Iterator[Worker]:
    """The same user at another process that serves the same installation."""
    with ServerProcess(server.data) as process, Worker(process) as worker:
        yield worker


def test_what_is_put_in_while_its_folder_is_closed_is_closed_too(
    work: Worker,  # noqa: F811
    other: Worker,
    second: Worker,
    kept: None,  # noqa: F811
) -> None:
    """Of two processes, one adds documents while the other changes who sees the folder: no document is left out."""
    place = work.workspace("Closing")
    inner = work.folder(place, "Inner")
    seen = other.get("documents", total="true", limit=500)

    def put(number: int) -> None:
        work.upload(inner, f"Paper {number}")
        work.folder(inner, f"Folder {number}")

    def close(number: int) -> None:
        security = "private" if number % 2 else "inherit"
        answer = second.request("PATCH", f"folders/{inner}", json={"default_security": security})
        assert answer.status_code == 200, answer.text

    with ThreadPoolExecutor(6) as threads:
        tasks = [threads.submit(close if n % 3 == 0 else put, n) for n in range(20)]
        for task in tasks:
            task.result()
    work.request("PATCH", f"folders/{inner}", json={"default_security": "private"}).raise_for_status()
    assert other.get("documents", total="true", limit=500) == seen
    assert other.items(f"folders/{place}/children") == []
    assert len(work.items(f"folders/{inner}/children")) == 26


def test_two_folders_are_not_moved_into_each_other(
    work: Worker,  # noqa: F811
    second: Worker,
    kept: None,  # noqa: F811
) -> None:
    place = work.workspace("Moving")
    for number in range(5):
        left, right = work.folder(place, f"L{number}"), work.folder(place, f"R{number}")

        def move(of: tuple[Worker, str, str]) -> int:
            worker, folder, to = of
            return worker.request("POST", f"folders/{folder}/move", json={"destination_id": to}).status_code

        with ThreadPoolExecutor(2) as threads:
            statuses = list(threads.map(move, [(work, left, right), (second, right, left)]))
        assert sorted(statuses) == [200, 400]
        assert len(work.data(f"folders/{left}/path")) in (1, 2)


def test_a_page_is_full_though_one_of_it_is_deleted_while_it_is_read(
    fresh_server: ServerProcess,
) -> None:
    """A page with fewer entries than requested is taken for the last one."""
    with Worker(fresh_server) as one:
        place = one.workspace("Busy")
        numbers = {}
        for number in range(7):
            paper = one.upload(place, f"Paper {number}")
            numbers[paper["name"]] = paper["document_number"]
        searching: dict[str, str] = {"anywhere": "paper"}
        for path, words in (("documents", searching), (f"folders/{place}/children", {})):

            def read(path: str = path, words: dict[str, str] = words) -> list[str]:
                return [item["name"] for page in one.pages(path, limit=2, **words) for item in page]

            expected = read()
            doomed = expected.pop(1)
            assert asyncio.run(_read_while_deleting(fresh_server, read, numbers[doomed])) == expected


async def _read_while_deleting(
    server: ServerProcess, read: Callable[[], list[str]], number: int
) -> list[str]:
    """What is read while a document is deleted: after its page was found, and before its rows are read."""
    import asyncpg

    connection = await asyncpg.connect(server.database_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE versions")
            reading = asyncio.create_task(asyncio.to_thread(read))
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'versions'::regclass"
            while not await connection.fetchval(waits):
                assert not reading.done()
                await asyncio.sleep(0.01)
            for table in ("documents", "versions"):
                gone = f"UPDATE {table} SET deleted_at = edited_at WHERE number = $1"
                await connection.execute(gone, number)
        return await reading
    finally:
        await connection.close()


#: Without those that find nearly what "a" and "agree" find.
_TEXTS = ["", *(text for text in FINDS.values() if text not in ("ag", "agr"))]


@more
@pytest.mark.long
def test_a_large_library_gives_the_same_answers_as_sqlites(postgres: Postgres, tmp_path: Path) -> None:
    """The same documents in both; some words are so common that they are found in a different way from rare ones. Of
    these, pages at the beginning, further on and at the end are compared: they differ if one is missing before."""
    url = postgres.database()
    made = [asyncio.run(fill(tmp_path / name, 9500, at)) for name, at in (("lite", None), ("post", url))]
    with ServerProcess(tmp_path / "lite") as lite, ServerProcess(tmp_path / "post", database_url=url) as post:
        for turn, who in enumerate(made[0].tokens):
            with Worker(lite, made[0].tokens[who]) as one, Worker(post, made[1].tokens[who]) as another:

                def same(path: str, **asked: Any) -> int:
                    total, _ = told = _told(one, path, **asked)
                    assert told == _told(another, path, **asked), asked
                    return total

                # Each by two of the three.
                for number, text in enumerate(_TEXTS):
                    if number % 3 == turn:
                        continue
                    count = same("documents", anywhere=text, limit=40, total="true")
                    same("documents", anywhere=text, limit=3)
                    # To find the end, all that may match is read if the words aren't found by the index alone.
                    exact = Words(text, beginnings=True).exact
                    for offset in {min(800, max(count - 30, 0)), max(count - 80, 0) if exact else 0}:
                        same("documents", anywhere=text, limit=80, offset=offset)
                    # Sorted in one way or the other within a folder, by one of the three.
                    if number % 3 == (turn + 1) % 3:
                        sort = ("name", "-edited")[number // 2 % 2]
                        same(
                            f"folders/{made[0].large}/children", name=text, limit=50, sort=sort, total="true"
                        )
                # With a cursor, through everything that a common word and a rarer one find.
                for text, limit in (("agree", 2500), ("lease", 250)):
                    pages = one.pages("documents", anywhere=text, limit=limit)
                    others = another.pages("documents", anywhere=text, limit=limit)
                    assert list(map(_ids, pages)) == list(map(_ids, others)), text
    check_kept(post)


def test_a_search_of_many_words(work: Worker) -> None:  # noqa: F811
    """With so many words that they are grouped into fewer queries, each still counts, however often it is repeated."""
    words = [f"w{number}" for number in range(60)]
    work.upload(work.workspace("Many words"), " ".join(words[:50]))
    for said, number in ((words[:50] * 4, 1), (words[:40], 1), (words[:51], 0), (words[50:], 0)):
        assert len(work.items("documents", anywhere=" ".join(said))) == number


async def test_a_statement_that_fails_leaves_its_connection_as_it_was(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = await open_database(postgres.database(), tmp_path)
    try:
        with pytest.raises(DBAPIError):
            async with database.read() as connection, lookup.planned(connection):
                await connection.execute(text("SELECT 1 / 0"))
        async with database.read() as connection:
            assert (await connection.execute(text("SHOW plan_cache_mode"))).scalar() == "auto"
    finally:
        await database.close()


async def test_no_statement_is_compiled(postgres: Postgres, tmp_path: Path) -> None:
    """PostgreSQL compiles statements it considers expensive, every time again, which takes longer than running them."""
    database = await open_database(postgres.database(), tmp_path)
    try:
        for opened in (database.read, database.scan, database.write):
            async with opened() as connection:
                assert (await connection.execute(text("SHOW jit"))).scalar() == "off"
    finally:
        await database.close()


def test_an_older_index_is_brought_up_to_date(postgres: Postgres, tmp_path: Path) -> None:
    """What migration 0002 does to an earlier version's index, on enough documents to be found in different ways."""
    url = postgres.database()
    asyncio.run(fill(tmp_path / "data", 500, url))
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
    present = tell(url, indexes)
    tell(url, "UPDATE documents SET words = ts_delete(words, '-' || (edited_at >> 44))")
    script = Path(versions.__path__[0]) / "0002_postgresql.sql"
    for statement in script.read_text(encoding="utf-8").split(";\n\n"):
        tell(url, statement)
    with ServerProcess(tmp_path / "data", database_url=url) as server:
        check_kept(server)
    assert tell(url, indexes) == present


def _told(worker: Worker, path: str, **params: Any) -> tuple[int, list[str]]:
    # With thousands of entries, looking for empty values in each would take as long as finding them.
    answer = worker.request("GET", path, params=params).raise_for_status().json()
    data = answer["data"]
    items = data["results"] if isinstance(data, dict) else data
    return answer.get("total_count", 0), [f"{item['id']} {item['name']}" for item in items]


def _ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]
