"""Work on its own server, next to the one that publishes: what comes from which, and which token goes where."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Say
from tests.support.sends.jobs import job_of_versions
from tests.support.servers.put_back import put_back
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import PASSWORD, Worker, add_person
from tui.clients.connection import open_http
from tui.clients.share import ShareClient
from tui.clients.target import Target
from tui.clients.timeline import timeline
from tui.clients.two_servers import MARK, MarkedShareClient, MergedWorkClient, connected
from tui.clients.work import WorkClient
from tui.clients.work_target import TokenGrant, WorkTarget
from tui.config.sign_ins import SignIns, StoredSignIn
from tui.config.work_server import Keeper
from tui.rules.errors import Failed, NotSignedIn
from tui.rules.link_settings import LinkSettings
from tui.sending import folder
from tui.sending.job.job import SendJob
from tui.sending.plan import Plan
from tui.sending.sources import WorkSource

Clients = tuple[ShareClient, WorkClient]


@pytest.fixture(scope="module")
def publishing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server that publishes, whose only user has a different name from the one in Work."""
    data = tmp_path_factory.mktemp("publishing") / "share"
    with ServerProcess(data, arguments=("--user", "SHARER")) as process:
        yield process


@pytest.fixture
def share_server(publishing: ServerProcess) -> Iterator[ServerProcess]:
    """The same, without a folder."""
    with put_back(publishing):
        yield publishing


@pytest.fixture
async def both(server: ServerProcess, share_server: ServerProcess) -> AsyncIterator[Clients]:
    target = Target(share_server.url, share_server.token)
    async with connected(target, WorkTarget(Target(server.url, server.token))) as clients:
        yield clients


async def test_a_document_of_the_one_is_published_by_the_other(
    server: ServerProcess, share_server: ServerProcess, both: Clients
) -> None:
    share, work = both
    with Worker(server) as worker:
        paper = worker.upload(worker.workspace("Matter"), "Deed", b"the deed", "pdf")["id"]
        job = await job_of_versions(share, work, paper)
        await job.run()
        sent = job.documents[0]
        assert (sent.source, sent.name) == (paper, "Deed.pdf")
        assert sent.url is not None
        assert sent.url.startswith(share_server.url)
        assert worker.history(paper)[:2] == ["SHARED", "EXPORT"]
    with share_server.guest() as guest:
        assert guest.post(sent.url, follow_redirects=True).content == b"the deed"


async def test_my_favorites_are_both_together(server: ServerProcess, both: Clients) -> None:
    """Both servers count from one, so the same ids exist on both; neither is mistaken for the other."""
    share, work = both
    with Worker(server) as worker:
        space = worker.workspace("Space")
    mine = await work.add_favorite(space, "Space")
    made = await folder.ensure(share, work)
    assert made.work_id.startswith(MARK)
    found = await work.favorites()
    assert [(f.name, f.target and f.target.id) for f in found] == [
        ("SHARER - Secure Sent Links", made.work_id),
        ("Space", space),
    ]
    shortcut = found[0].id
    assert shortcut.startswith(MARK)
    assert (await work.rename_favorite(shortcut, "Links")).id == shortcut
    assert [f.name for f in await work.favorites()] == ["Links", "Space"]
    await work.remove_favorite(shortcut)
    await work.remove_favorite(mine.id)
    assert await work.favorites() == []


async def test_the_folder_and_its_shortcut_are_kept_in_step(both: Clients) -> None:
    """F3, all four cases, with the shortcut kept on the folder's server."""
    share, work = both
    first = await folder.ensure(share, work)
    assert (await folder.ensure(share, work)).id == first.id
    await share.delete_folder(first.id)
    second = await folder.ensure(share, work)
    assert second.name.startswith("SHARER - Secure Sent Links 20")
    targets = [f.target.id for f in await work.favorites() if f.target]
    assert targets == [second.work_id]
    await work.remove_favorite((await work.favorites())[0].id)
    third = await folder.ensure(share, work)
    assert third.id != second.id
    assert [f.target.id for f in await work.favorites() if f.target] == [third.work_id]


async def test_a_work_server_without_favorites(server: ServerProcess, share_server: ServerProcess) -> None:
    with Misbehaving(server.url) as proxy:
        target = Target(share_server.url, share_server.token)
        async with connected(target, WorkTarget(Target(proxy.url, server.token))) as (share, work):
            proxy.spoil("GET", Say(404), "/my-favorites", times=ALWAYS)
            with pytest.raises(Failed) as caught:
                await work.favorites()
            assert caught.value.code == "favorites.unsupported"
            made = await folder.ensure(share, work)
            assert [f.target.id for f in await work.favorites() if f.target] == [made.work_id]


async def test_each_token_goes_to_its_own_server(server: ServerProcess, share_server: ServerProcess) -> None:
    """S17: even if one server returns an address of the other."""
    with Misbehaving(server.url) as work_proxy, Misbehaving(share_server.url) as share_proxy:
        said = {
            "user": {"customer_id": 1, "id": "DJONES"},
            "work": {"preferred_library": "ACTIVE"},
            "versions": [{"name": "v2", "url": f"{share_proxy.url}/work/api/v2"}],
        }
        work_proxy.spoil("GET", Say(200, json.dumps({"data": said}).encode(), "application/json"), "/api")
        target = Target(share_proxy.url, share_server.token)
        async with connected(target, WorkTarget(Target(work_proxy.url, server.token))) as (share, work):
            with Worker(server) as worker:
                paper = worker.upload(worker.workspace("M"), "Paper")["id"]
            plan = Plan([WorkSource(work, await work.document(paper))])
            await SendJob(share, work, plan, LinkSettings()).run()
            await share.http.get(f"{work_proxy.url}/api")
            await work.http.get(f"{share_proxy.url}/api")
        tokens = {seen.headers.get("x-auth-token", "") for seen in work_proxy.seen}
        assert tokens == {server.token, ""}
        assert {seen.headers.get("x-auth-token", "") for seen in share_proxy.seen} == {share_server.token, ""}


async def test_the_timeline_knows_who_one_is_on_either_side(
    server: ServerProcess, share_server: ServerProcess, both: Clients
) -> None:
    share, work = both
    with Worker(server) as worker:
        paper = worker.upload(worker.workspace("M"), "Told")["id"]
        with Worker(server, add_person(server, "READER")) as reader:
            reader.download(paper)
    await (await job_of_versions(share, work, paper)).run()
    entries = [e async for piece in timeline(share, work, me="SHARER") for e in piece.entries]
    shown = {(e.side, e.event, e.actor) for e in entries}
    assert {("share", "sent", "SHARER"), ("work", "SHARED", "DJONES")} <= shown
    assert not any(e.actor == "READER" for e in entries)


async def test_a_work_server_that_is_not_there_hides_nothing_of_share(share_server: ServerProcess) -> None:
    target = Target(share_server.url, share_server.token)
    with Sender(share_server) as sender:
        sent = sender.open()["id"]
        upload = sender.upload(sent, b"x")
        sender.publish(sent, upload, "Own.pdf", b"x", source="ACTIVE!1.1").raise_for_status()
    async with connected(target, WorkTarget(Target("http://127.0.0.1:1"))) as (share, work):
        pieces = [piece async for piece in timeline(share, work, me="SHARER")]
        assert any(entry.event == "sent" for piece in pieces for entry in piece.entries)
        assert "Can't read Work's history" in pieces[0].notes[0]
        made = await folder.ensure(share, work)
        assert [f.target.id for f in await work.shortcuts() if f.target] == [made.work_id]


# ---------------------------------------------------------------- signing in and staying signed in


@pytest.fixture(scope="module")
def with_signer(server: ServerProcess) -> ServerProcess:
    add_person(server, "SIGNER")
    return server


@pytest.fixture
def aging(with_signer: ServerProcess) -> Iterator[ServerProcess]:
    """A server whose clock a test may turn."""
    yield with_signer
    with_signer.turn_clock(0)


@pytest.fixture
def sign_ins(tmp_path: Path) -> SignIns:
    return SignIns(tmp_path / "state", "work-sign-ins")


@asynccontextmanager
async def signed_in(server: ServerProcess, sign_ins: SignIns) -> AsyncIterator[WorkClient]:
    """The client as another process would open it with the stored sign-in."""
    kept = sign_ins.of(server.url)
    grant = TokenGrant(kept.token, kept.refresh_token, kept.expires_at) if kept else None
    async with (
        open_http(Target("http://127.0.0.1:1")) as nowhere,
        open_http(Target(server.url, kept.token if kept else None)) as http,
    ):
        yield MergedWorkClient(
            http, MarkedShareClient(nowhere), grant=grant, store=Keeper(sign_ins, server.url)
        )


async def sign_in(server: ServerProcess, sign_ins: SignIns) -> None:
    async with open_http(Target(server.url)) as http:
        grant = await WorkClient(http).session.sign_in("SIGNER", PASSWORD)
    # The client's clock doesn't move with the server's: it only finds out by being refused.
    sign_ins.keep(server.url, StoredSignIn("SIGNER", grant.access, grant.refresh))


async def test_what_one_process_renews_the_others_take(aging: ServerProcess, sign_ins: SignIns) -> None:
    """A refresh token is good for one use: eight processes' worth of clients make one renewal between them."""
    await sign_in(aging, sign_ins)
    with Misbehaving(aging.url) as proxy:
        kept = sign_ins.of(aging.url)
        assert kept is not None
        sign_ins.keep(proxy.url, kept)
        through = type("Through", (), {"url": proxy.url})()
        aging.turn_clock(1801)

        async def one() -> str:
            async with signed_in(through, sign_ins) as work:
                found = await asyncio.gather(work.discover(), work.workspaces(), work.recent())
                return str(found[0].user_id)

        assert await asyncio.gather(*(one() for _ in range(8))) == ["SIGNER"] * 8
        assert proxy.count("POST", "/auth/oauth2/token") == 1
    renewed = sign_ins.of(proxy.url)
    assert renewed is not None
    assert renewed.token != kept.token
    assert renewed.refresh_token != kept.refresh_token


async def test_a_renewal_survives_the_caller_that_waited_for_it(
    aging: ServerProcess, sign_ins: SignIns
) -> None:
    """By then the refresh token is used up: a cancelled caller must not have signed everyone out."""
    await sign_in(aging, sign_ins)
    with Misbehaving(aging.url) as proxy:
        kept = sign_ins.of(aging.url)
        assert kept is not None
        sign_ins.keep(proxy.url, kept)
        through = type("Through", (), {"url": proxy.url})()
        aging.turn_clock(1801)
        async with signed_in(through, sign_ins) as work:
            with proxy.holding("POST", "/auth/oauth2/token", answer=True):
                given_up = asyncio.create_task(work.discover())
                while not any(seen.held for seen in proxy.seen):
                    await asyncio.sleep(0.01)
                given_up.cancel()
                await asyncio.wait({given_up})
            assert (await work.discover()).user_id == "SIGNER"
    renewed = sign_ins.of(proxy.url)
    assert renewed is not None
    assert renewed.token != kept.token


async def test_a_renewal_waits_for_another_process(aging: ServerProcess, sign_ins: SignIns) -> None:
    """The lock is on a file, so it works across processes; a caller cancelled while it waits doesn't keep it."""
    await sign_in(aging, sign_ins)
    aging.turn_clock(1801)
    async with signed_in(aging, sign_ins) as one, signed_in(aging, sign_ins) as other:
        with sign_ins.renewing():
            waiting = asyncio.create_task(one.discover())
            given_up = asyncio.create_task(other.discover())
            done, _ = await asyncio.wait({waiting, given_up}, timeout=1)
            assert not done
            given_up.cancel()
            await asyncio.wait({given_up})
        assert (await waiting).user_id == "SIGNER"
        assert (await other.discover()).user_id == "SIGNER"


async def test_a_sign_in_made_meanwhile_is_found(aging: ServerProcess, sign_ins: SignIns) -> None:
    """The app names the command to sign in with; afterwards it continues without a restart."""
    async with signed_in(aging, sign_ins) as work:
        with pytest.raises(NotSignedIn) as caught:
            await work.recent()
        assert caught.value.code == "work.not_signed_in"
        assert "sentlinks login --work" in caught.value.message
        await sign_in(aging, sign_ins)
        assert (await work.recent()).items == []


async def test_a_token_is_renewed_before_its_end(aging: ServerProcess, sign_ins: SignIns) -> None:
    """So that a large file is not sent in vain."""
    await sign_in(aging, sign_ins)
    kept = sign_ins.of(aging.url)
    assert kept is not None
    sign_ins.keep(aging.url, StoredSignIn("SIGNER", kept.token, kept.refresh_token, expires_at=1.0))
    async with signed_in(aging, sign_ins) as work:
        await work.discover()
        await work.recent()
        assert work.session.generation == 1
    renewed = sign_ins.of(aging.url)
    assert renewed is not None
    assert renewed.token != kept.token
    assert renewed.expires_at is not None
    assert renewed.expires_at > 1_000_000_000


async def test_tokens_that_cannot_be_kept_still_serve(
    aging: ServerProcess, sign_ins: SignIns, tmp_path: Path
) -> None:
    await sign_in(aging, sign_ins)
    async with signed_in(aging, sign_ins) as work:
        aging.turn_clock(1801)
        path = tmp_path / "state" / "work-sign-ins.lock"
        path.unlink()
        path.mkdir()
        assert (await work.discover()).user_id == "SIGNER"
