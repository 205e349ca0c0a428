"""The first page, fetched with the standard library alone, is the one that the app's own client would show."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.servers.server import ROOT, ServerProcess
from tui.clients.connection import open_http
from tui.clients.first_page import FirstPage, first_page
from tui.clients.target import Target
from tui.clients.work import WorkClient


def shown(page: FirstPage) -> list[tuple[object, ...]]:
    return [
        (d.id, d.file_name, d.version, d.size, d.checked_out_by, d.author, d.edit_date)
        for d in page.documents
    ]


async def listed(server: ServerProcess, container: str | None) -> list[tuple[object, ...]]:
    async with open_http(Target(server.url, server.token)) as http:
        work = WorkClient(http)
        page = await work.children(container) if container else await work.recent()
        return [
            (d.id, d.file_name, d.version, d.size, d.checked_out_by, d.author, d.edit_date)  # type: ignore[union-attr]
            for d in page.items
        ]


def test_the_demo_begins_with_a_folder(sample_server: ServerProcess) -> None:
    page = first_page(Target(sample_server.url, sample_server.token), demo=True)
    assert page is not None
    assert page.name == "Deal Documents"
    assert shown(page) == asyncio.run(listed(sample_server, page.id))


def test_otherwise_it_is_the_worklist(sample_server: ServerProcess) -> None:
    page = first_page(Target(sample_server.url, sample_server.token), demo=False)
    assert page is not None
    assert page.kind == "worklist"
    assert shown(page) == asyncio.run(listed(sample_server, None))


def test_an_empty_library_a_wrong_token_and_a_server_that_is_not_there_give_nothing(
    server: ServerProcess,
) -> None:
    assert first_page(Target(server.url, server.token), demo=True) is None
    assert first_page(Target(server.url, server.token), demo=False) is None
    assert first_page(Target(server.url, "wrong"), demo=False) is None
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert first_page(Target(f"http://127.0.0.1:{port}", "x"), demo=False) is None


def test_the_token_goes_nowhere_but_to_this_machine() -> None:
    assert first_page(Target("http://links.example.com", "secret"), demo=False) is None
    assert first_page(Target("https://127.0.0.1:1", "secret"), demo=False) is None


def test_over_the_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ServerProcess(tmp_path / "data", sample=True, arguments=("--socket", str(path))) as server:
        page = first_page(Target(server.url, server.token, path), demo=True)
        assert page is not None
        assert len(page.documents) == 12


def test_nothing_heavy_is_imported_for_it() -> None:
    heavy = "[m for m in ('httpx', 'pydantic', 'textual', 'rich') if m in sys.modules]"
    code = f"import sys, tui.clients.first_page; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
