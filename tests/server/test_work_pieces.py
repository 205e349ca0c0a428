"""Searches without the beginning of a word, whose pieces the database looks for first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tui.server.base.settings import Settings
from tui.server.installation.installation import open_context
from tui.server.library.problems import BadRequest
from tui.server.limits import query_limits
from tui.server.limits.query_limits import count_rows
from tui.server.work import query_runner

DATABASE = "both"
#: Names and comments; those that are not ASCII, or have what stands for others in a pattern of the database.
DOCUMENTS = {
    "Lease of the house": "zz top",
    "Release notes": "Jazz; and more",
    "a_b": "",
    "axb": "a_b",
    "Aeiou": "100 percent",
    "a e i o u": "axb",
    "Ärger": "Straße \ufb01nal",
    "house/lease": "\u212alein zZ",
}


@pytest.fixture(scope="module")
def library(server: ServerProcess) -> str:
    """The folder with the documents."""
    with Worker(server) as work:
        folder = work.folder(work.workspace("Pieces"), "Pieces")
        for name, comment in DOCUMENTS.items():
            work.upload(folder, name, comment=comment)
        return folder


@few(7)
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"comments": "zz"}, {"Lease of the house", "house/lease"}),
        ({"comments": "*zz"}, {"Lease of the house", "Release notes", "house/lease"}),
        ({"comments": "jazz more"}, {"Release notes"}),
        ({"comments": "a_b"}, {"axb"}),
        ({"comments": "fin*l"}, {"Ärger"}),
        ({"comments": "strasse"}, {"Ärger"}),
        ({"comments": "klein"}, {"house/lease"}),
        ({"comments": "nothing"}, set()),
        ({"name": "*a*e*i*o*u*"}, {"Aeiou"}),
        ({"name": "*a_b"}, {"a_b"}),
        ({"name": "*lease"}, {"Lease of the house", "Release notes", "house/lease"}),
        ({"name": "*rger"}, {"Ärger"}),
        ({"anywhere": "*x*b"}, {"axb", "a e i o u"}),
        ({"anywhere": "*e*t"}, {"Aeiou"}),
        ({"name": "*e*", "comments": "*x*"}, {"a e i o u"}),
    ],
)
def test_what_is_found(server: ServerProcess, library: str, asked: dict[str, str], found: set[str]) -> None:
    """In the library and in the folder, counted and page by page."""
    with Worker(server) as work:
        for path in ("documents", f"folders/{library}/children"):
            answer = work.get(path, **asked, total="true")
            items = answer["data"]["results"] if isinstance(answer["data"], dict) else answer["data"]
            assert {item["name"] for item in items} == found, path
            assert answer["total_count"] == len(found)
            pages = [item["name"] for page in work.pages(path, **asked, limit=1) for item in page]
            assert sorted(pages) == sorted(found)
            for offset in range(len(found) + 1):
                rest = work.get(path, **asked, total="true", limit=1, offset=offset)
                assert rest["total_count"] == len(found)


def test_many_words(server: ServerProcess, library: str) -> None:
    """More than the database takes as conditions."""
    words = " ".join(f"*w{number}" for number in range(100))
    with Worker(server) as work:
        for what in ("name", "comments", "anywhere"):
            response = work.request("POST", "documents/search", json={"filters": {what: words}})
            assert response.status_code == 200, response.text
            assert response.json()["data"] == []


async def test_a_search_has_an_end(
    database_url: Callable[[], str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused in words, and nothing of it goes on."""
    monkeypatch.setattr(query_runner, "SEARCH_SECONDS", 0.1)
    context = await open_context(Settings(data=tmp_path / "data", database_url=database_url()))
    endless = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")

    async def look(connection: AsyncConnection) -> query_runner.Pieces:
        count_rows(query_limits.LIGHT_ROWS + 1)
        await connection.execute(endless)
        raise AssertionError

    try:
        for _ in range(3):
            with pytest.raises(BadRequest) as refused:
                await query_runner._in_lane(context, "ME", Request({"type": "http"}), look)
            assert refused.value.code == "NRC_SEARCH_TOO_BROAD"
        async with context.database.read() as connection:
            assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    finally:
        await context.close()
