"""What a send reads before it begins: all at once, and nothing twice."""

from __future__ import annotations

import asyncio

from tests.support.sends.jobs import QUICK, Bytes, states, through_proxy
from tests.support.servers.server import ServerProcess
from tui.rules.link_settings import LinkSettings
from tui.sending.job.job import Phase, SendJob
from tui.sending.job.look_ahead import LookAhead
from tui.sending.plan import Plan


async def test_the_folder_is_looked_for_while_the_policy_is_awaited(restored_server: ServerProcess) -> None:
    """On a distant server each request costs a round trip: the reading ones are under way at the same time."""
    async with through_proxy(restored_server) as (proxy, share, work):
        job = SendJob(share, work, Plan([Bytes("a.bin", b"a")]), LinkSettings(), patience=QUICK)
        with proxy.holding("GET", "/policy", answer=True) as go_on:
            running = asyncio.create_task(job.run())
            while not proxy.count("GET", "/v1/folder"):
                await asyncio.sleep(0.01)
            assert job.phase is Phase.CHECKING
            go_on.set()
            await running
        assert states(job) == ["succeeded"]
        assert proxy.count("GET", "/v1/folder") == 1


async def test_what_a_send_begins_with_is_read_at_once(restored_server: ServerProcess) -> None:
    """None of it waits for who the user is, and none is read twice."""
    async with through_proxy(restored_server) as (proxy, share, work):
        ahead = LookAhead(share, work)
        with proxy.holding("GET", "/me", answer=True) as go_on:
            asking = asyncio.create_task(share.me())
            assert await ahead.policy() is not None
            assert await ahead.found() is not None
            assert not asking.done()
            go_on.set()
            ahead.me = await asking
        plan = Plan([Bytes("a.bin", b"a")])
        job = SendJob(share, work, plan, LinkSettings(), patience=QUICK, ahead=ahead)
        await job.run()
        assert states(job) == ["succeeded"]
        read = {path: proxy.count("GET", path) for path in ("/me", "/policy", "/v1/folder")}
        assert read == {"/me": 1, "/policy": 1, "/v1/folder": 1}


async def test_what_could_not_be_read_at_once_is_read_again(restored_server: ServerProcess) -> None:
    async with through_proxy(restored_server) as (proxy, share, work):
        proxy.down()
        ahead = LookAhead(share, work)
        assert (await ahead.policy(), await ahead.found()) == (None, None)
        proxy.up()
        plan = Plan([Bytes("a.bin", b"a")])
        job = SendJob(share, work, plan, LinkSettings(), patience=QUICK, ahead=ahead)
        await job.run()
        assert states(job) == ["succeeded"]
