"""The Secure Sent Links folder and its shortcut (F1, F3), with the real Work and Share."""

from __future__ import annotations

import asyncio
import itertools
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import LoseAnswer, Say
from tests.support.sends.jobs import QUICK, Bytes, connected, fetch, states
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.users.share import Sender
from tui.clients.share import ShareClient
from tui.clients.work import WorkClient
from tui.rules.errors import Unreachable
from tui.rules.link_settings import LinkSettings
from tui.sending.folder import ensure
from tui.sending.job.job import SendJob
from tui.sending.plan import Plan
from tui.wire.folders import Folder
from tui.wire.work import Shortcut

DATED = re.compile(r"SENDER\d+ - Secure Sent Links \d{4}-\d{2}-\d{2} \d{2}\.\d{2}\.\d{2}( \(\d+\))?")

Clients = tuple[ShareClient, WorkClient]
_numbers = itertools.count()


@pytest.fixture
def name() -> str:
    return f"SENDER{next(_numbers)}"


@pytest.fixture
def plain(name: str) -> str:
    """The name of their first folder."""
    return f"{name} - Secure Sent Links"


@pytest.fixture
def token(me: Sender, name: str) -> str:
    """A new user's, who has no folder yet."""
    with me.add_user(name) as sender:
        return sender.http.headers["X-Auth-Token"]


@pytest.fixture
async def clients(server: ServerProcess, token: str) -> AsyncIterator[Clients]:
    async with connected(server.url, token) as found:
        yield found


@pytest.fixture
async def through_proxy(proxy: Misbehaving, token: str) -> AsyncIterator[Clients]:
    async with connected(proxy.url, token) as found:
        yield found


async def delete_folder(share: ShareClient, folder: Folder) -> None:
    answer = await share.http.delete(f"/share/v1/folders/{folder.id}")
    assert answer.status_code == 200, answer.text


def leading_to(favorites: list[Shortcut], folder: Folder) -> list[str]:
    return [f.name for f in favorites if f.target is not None and f.target.id == folder.work_id]


async def shortcut_names(work: WorkClient) -> list[str]:
    return [f.name for f in await work.favorites()]


async def confirmed(share: ShareClient) -> bool:
    return (await share.current_folder()).confirmed


async def test_neither_there_makes_both(clients: Clients, plain: str) -> None:
    """F3, no and no"""
    share, work = clients
    folder = await ensure(share, work)
    assert folder.name == plain
    assert await shortcut_names(work) == [plain]
    assert leading_to(await work.favorites(), folder) == [plain]
    assert await confirmed(share)


async def test_both_there_uses_the_folder_whatever_the_shortcut_is_called(clients: Clients) -> None:
    """F3, yes and yes"""
    share, work = clients
    folder = await ensure(share, work)
    await work.rename_favorite((await work.favorites())[0].id, "My links")
    again = await ensure(share, work)
    assert again.id == folder.id
    assert await shortcut_names(work) == ["My links"]
    assert len(await share.folders()) == 1


async def test_a_shortcut_that_was_put_into_a_category_is_found(clients: Clients) -> None:
    share, work = clients
    folder = await ensure(share, work)
    answer = await share.http.post(
        "/work/api/v2/customers/1/libraries/ACTIVE/my-favorites/categories", json={"name": "Sent"}
    )
    assert answer.is_success, answer.text
    category = answer.json()["data"]["id"]
    top = next(f for f in await work.favorites() if not f.is_category)
    await work.add_favorite(folder.work_id, "Links", category)
    await work.remove_favorite(top.id)
    assert (await ensure(share, work)).id == folder.id
    assert [f.name for f in await work.favorites(category)] == ["Links"]


async def test_folder_gone_makes_a_new_one_and_renames_the_shortcut(clients: Clients, plain: str) -> None:
    """F3, yes and no"""
    share, work = clients
    await delete_folder(share, await ensure(share, work))
    shortcut = (await work.favorites())[0]
    offset = 5 * 60 + 30
    folder = await ensure(share, work, offset)
    assert DATED.fullmatch(folder.name)
    made = datetime.strptime(folder.name[len(plain) + 1 :], "%Y-%m-%d %H.%M.%S").replace(tzinfo=UTC)
    assert abs(made - timedelta(minutes=offset) - datetime.now(UTC)) < timedelta(minutes=1)
    found = await work.favorites()
    assert [(f.id, f.name) for f in found] == [(shortcut.id, folder.name)]
    assert leading_to(found, folder) == [folder.name]
    assert (await ensure(share, work)).id == folder.id


async def test_shortcut_gone_makes_a_new_folder_and_leaves_the_old_one(clients: Clients, plain: str) -> None:
    """F3, no and yes"""
    share, work = clients
    old = await ensure(share, work)
    await work.remove_favorite((await work.favorites())[0].id)
    folder = await ensure(share, work)
    assert folder.id != old.id
    assert DATED.fullmatch(folder.name)
    assert leading_to(await work.favorites(), folder) == [folder.name]
    assert {f.name for f in await share.folders()} == {plain, folder.name}
    # The old one can be added by hand, and is not mistaken for the current one.
    await work.add_favorite(old.work_id, old.name)
    assert (await ensure(share, work)).id == folder.id


async def test_both_gone_makes_a_plain_one_again(clients: Clients, plain: str) -> None:
    share, work = clients
    await delete_folder(share, await ensure(share, work))
    await work.remove_favorite((await work.favorites())[0].id)
    folder = await ensure(share, work)
    assert folder.name == plain
    assert await shortcut_names(work) == [plain]


async def test_both_gone_with_an_older_folder_makes_a_dated_one(clients: Clients, plain: str) -> None:
    """F3: with a dated name if an old folder has the plain one. In UTC, unless it is said where the user is."""
    share, work = clients
    await ensure(share, work)
    await work.remove_favorite((await work.favorites())[0].id)
    second = await ensure(share, work)
    await delete_folder(share, second)
    await work.remove_favorite((await work.favorites())[0].id)
    third = await ensure(share, work)
    assert third.name.startswith(f"{plain} {third.created_at:%Y-%m-%d %H.%M.%S}")
    assert DATED.fullmatch(third.name)
    assert await shortcut_names(work) == [third.name]


async def test_without_favorites_the_folder_is_made_once_and_kept(clients: Clients, plain: str) -> None:
    """F3: if Work offers no My Favorites, there is no shortcut."""
    share, work = clients
    folder = await ensure(share, None)
    assert folder.name == plain
    assert (await ensure(share, None)).id == folder.id
    assert not await confirmed(share)
    # As soon as Work has favorites, the same folder gets its shortcut.
    assert (await ensure(share, work)).id == folder.id
    assert leading_to(await work.favorites(), folder) == [plain]
    assert await confirmed(share)
    # Without them again, nothing new is made.
    assert (await ensure(share, None)).id == folder.id
    assert len(await share.folders()) == 1


async def test_favorites_that_are_refused_do_not_stop_a_send(
    proxy: Misbehaving, through_proxy: Clients
) -> None:
    share, _ = through_proxy
    statuses = (401, 403, 404, 500, 503)
    for status in statuses:
        proxy.behave()
        for method in ("GET", "POST", "PATCH", "DELETE"):
            proxy.spoil(method, Say(status), "/my-favorites", times=ALWAYS)
        folder = await ensure(share, WorkClient(share.http))
        assert (await share.folders()) == [folder], status
    for status in statuses:
        proxy.behave()
        proxy.spoil("POST", Say(status), "/my-favorites", times=ALWAYS)
        assert (await ensure(share, WorkClient(share.http))).id == folder.id, status
        assert not await confirmed(share), status


async def test_a_shortcut_whose_making_was_not_answered_is_not_made_twice(
    proxy: Misbehaving, through_proxy: Clients, plain: str
) -> None:
    share, work = through_proxy
    proxy.spoil("POST", LoseAnswer(), "/my-favorites")
    proxy.spoil("POST", LoseAnswer(), "/folder/confirm")
    for _ in range(2):
        try:
            folder = await ensure(share, work)
        except Unreachable:
            continue
    assert leading_to(await work.favorites(), folder) == [plain]
    assert len(await share.folders()) == 1


@pytest.mark.parametrize("gone", [False, True])
async def test_sends_that_begin_together_make_one_folder_and_one_shortcut(
    server: ServerProcess, token: str, clients: Clients, gone: bool
) -> None:
    """F1, several clients in one process; also if the folder was deleted before."""
    share, work = clients
    if gone:
        await delete_folder(share, await ensure(share, work))

    async def one() -> Folder:
        async with connected(server.url, token) as (share, work):
            return await ensure(share, work)

    found = await asyncio.gather(*(one() for _ in range(5)))
    assert len({folder.id for folder in found}) == 1
    assert await shortcut_names(work) == [found[0].name]
    assert len(await share.folders()) == 1
    assert await confirmed(share)


ENSURE = """
import asyncio, sys
from tests.support.sends.jobs import connected
from tui.sending.folder import ensure
async def main():
    async with connected(*sys.argv[1:]) as clients:
        print("ready", flush=True)
        sys.stdin.read()
        print((await ensure(*clients)).id)
asyncio.run(main())
"""


async def test_sends_of_several_processes_make_one_folder(
    server: ServerProcess, token: str, clients: Clients
) -> None:
    """F1, in several processes"""
    share, work = clients
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ENSURE, server.url, token),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    (there, _), here = await asyncio.gather(process.communicate(b""), ensure(share, work))
    assert there.decode().strip() == here.id
    (folder,) = await share.folders()
    assert await shortcut_names(work) == leading_to(await work.favorites(), folder) == [folder.name]


@pytest.mark.parametrize("password", [None, "correct horse 7!"])
async def test_a_folder_deleted_during_a_send_is_replaced(clients: Clients, password: str | None) -> None:
    """Only without a password: since it isn't stored, a send with one has to be started again."""
    share, work = clients
    deleted: list[Folder] = []
    content = Bytes("b.txt", b"b")

    async def delete_first() -> None:
        if job.folder is not None and not deleted:
            deleted.append(job.folder)
            await delete_folder(share, job.folder)

    content.check = delete_first  # type: ignore[method-assign]
    job = SendJob(share, work, Plan([content]), LinkSettings(password=password), patience=QUICK)
    await job.run()
    assert len(deleted) == 1
    if password is None:
        assert states(job) == ["succeeded"]
        assert job.documents[0].folder.id != deleted[0].id
        assert leading_to(await work.favorites(), (await share.folders())[0]) == [
            job.documents[0].folder.name
        ]
    else:
        assert states(job) == ["failed"]
        assert job.rows[0].error is not None
        assert job.rows[0].error.code == "send.gone"
        assert job.documents == []


async def test_a_folder_with_its_shortcut_is_used_as_it_is(
    proxy: Misbehaving, through_proxy: Clients
) -> None:
    """Share is asked to decide only if there is something to decide: it would cost another round trip."""
    share, work = through_proxy
    folders, asked = [], []
    for name in ("a.bin", "b.bin"):
        job = SendJob(share, work, Plan([Bytes(name, b"a")]), LinkSettings(), patience=QUICK)
        await job.run()
        assert states(job) == ["succeeded"]
        assert job.folder is not None
        folders.append(job.folder.id)
        asked.append(proxy.count("POST", "/v1/folder"))
    assert folders[0] == folders[1]
    assert asked[0] == asked[1]
    for favorite in await work.favorites():
        await work.remove_favorite(favorite.id)
    job = SendJob(share, work, Plan([Bytes("c.bin", b"a")]), LinkSettings(), patience=QUICK)
    await job.run()
    assert proxy.count("POST", "/v1/folder") > asked[1]
    assert job.folder is not None
    assert DATED.fullmatch(job.folder.name)


async def test_a_folder_deleted_after_it_was_read_is_replaced(
    server: ServerProcess, clients: Clients
) -> None:
    share, work = clients
    first = SendJob(share, work, Plan([Bytes("a.bin", b"a")]), LinkSettings(), patience=QUICK)
    await first.run()
    assert first.folder is not None
    second = SendJob(
        share, work, Plan([Bytes("b.bin", b"b")]), LinkSettings(password="Blue-Harbour7"), patience=QUICK
    )
    await second.check()
    await delete_folder(share, first.folder)
    await second.run()
    assert states(second) == ["succeeded"]
    current = (await share.current_folder()).folder
    assert second.folder is not None
    assert current is not None
    assert second.folder.id == current.id != first.folder.id
    assert leading_to(await work.favorites(), second.folder) == [second.folder.name]
    assert fetch(server, second.documents[0], "Blue-Harbour7") == b"b"
