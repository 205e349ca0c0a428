"""The settings of a send, and what is checked before anything of it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.sends.jobs import Bytes, connected, count_sent, fetch, job_of, states, through_proxy
from tests.support.servers.server import ServerProcess
from tui.clients.share import ShareClient
from tui.rules.errors import InvalidValue, NotSignedIn, PolicyBreach, Unreachable
from tui.sending.job.job import Phase
from tui.sending.sources import FileSource

# ---------------------------------------------------------------- settings


async def test_settings_hold_and_the_password_is_dropped_once_the_send_is_open(
    server: ServerProcess, share: ShareClient
) -> None:
    expiry = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    job = job_of(
        share, Bytes("a.txt", b"a"), password="correct horse 7!", expires_at=expiry, downloads_permitted=2
    )
    await job.run()
    document = job.documents[0]
    assert (document.has_password, document.expires_at, document.downloads_permitted) == (True, expiry, 2)
    assert fetch(server, document, "correct horse 7!") == b"a"
    assert job.settings.password is None
    assert "correct horse" not in repr(vars(job))


async def test_defaults_of_the_policy_are_taken_unless_none_is_said(
    restored_server: ServerProcess,
) -> None:
    async with connected(restored_server.url, restored_server.token) as (share, _):
        await share.change_policy({"expires_default": "7d", "downloads_default": "4"})
        job = job_of(share, Bytes("a.txt", b"a"))
        await job.run()
        assert job.documents[0].downloads_permitted == 4
        assert job.documents[0].expires_at is not None
        job = job_of(share, Bytes("a.txt", b"a"), expires_at=None, downloads_permitted=None)
        await job.run()
        assert job.documents[0].downloads_permitted is None
        assert job.documents[0].expires_at is None


# ---------------------------------------------------------------- checked before anything is sent


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}, "expires.past"),
        ({"expires_at": datetime(2090, 1, 1, tzinfo=UTC)}, "expires.too_far"),
        ({"downloads_permitted": 0}, "downloads.out_of_range"),
        ({"downloads_permitted": 10**12}, "downloads.out_of_range"),
        ({"password": ""}, "password.empty"),
        ({"password": "a\x07b"}, "password.control_character"),
    ],
)
async def test_a_value_that_is_wrong_sends_nothing(
    share: ShareClient, proxy: Misbehaving, settings: dict[str, Any], code: str
) -> None:
    job = job_of(share, Bytes("a.txt", b"a"), **settings)
    for attempt in (job.check, job.run):
        with pytest.raises(InvalidValue) as caught:
            await attempt()
        assert caught.value.code == code
    assert states(job) == ["pending"]
    assert {seen.method for seen in proxy.seen} <= {"GET"}


async def test_a_breach_of_the_policy_sends_nothing(restored_server: ServerProcess) -> None:
    async with through_proxy(restored_server) as (proxy, share, _):
        await share.change_policy({"password_required": "true", "downloads_max": "3"})
        cases: list[tuple[dict[str, Any], str]] = [
            ({}, "policy.password_required"),
            ({"password": "horse battery", "downloads_permitted": 4}, "policy.downloads_too_many"),
        ]
        for settings, code in cases:
            job = job_of(share, Bytes("a.txt", b"a"), **settings)
            with pytest.raises(PolicyBreach) as caught:
                await job.run()
            assert caught.value.code == code
        assert proxy.count("POST") == 0


async def test_a_policy_that_changes_after_the_check_is_met_at_the_server(
    restored_server: ServerProcess,
) -> None:
    async with connected(restored_server.url, restored_server.token) as (share, _):
        job = job_of(share, Bytes("a.txt", b"a"))
        before = await count_sent(share)
        await job.check()
        await share.change_policy({"password_required": "true"})
        with pytest.raises(PolicyBreach) as caught:
            await job.run()
        assert caught.value.code == "policy.password_required"
        assert states(job) == ["pending"]
        assert await count_sent(share) == before
        await share.change_policy({"password_required": ""})
        await job.run()
        assert states(job) == ["succeeded"]


async def test_a_file_that_is_gone_by_now_sends_nothing(
    share: ShareClient, proxy: Misbehaving, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    job = job_of(share, FileSource.of(tmp_path / "a"), FileSource.of(tmp_path / "b"))
    (tmp_path / "b").unlink()
    with pytest.raises(InvalidValue) as caught:
        await job.run()
    assert caught.value.code == "file.missing"
    assert proxy.seen == []


async def test_an_empty_plan_is_nothing_to_send(share: ShareClient) -> None:
    with pytest.raises(InvalidValue, match="nothing to send"):
        await job_of(share).run()


async def test_a_server_that_is_not_there_and_a_token_that_is_wrong(
    server: ServerProcess, proxy: Misbehaving
) -> None:
    proxy.down()
    async with connected(proxy.url, server.token) as (share, _):
        job = job_of(share, Bytes("a.txt", b"a"))
        with pytest.raises(Unreachable) as caught:
            await job.run()
        assert caught.value.exit_status == 6
        assert (states(job), job.phase) == (["pending"], Phase.IDLE)
        proxy.up()
        await job.run()
        assert states(job) == ["succeeded"]
    async with connected(server.url, "wrong") as (share, _):
        with pytest.raises(NotSignedIn):
            await job_of(share, Bytes("a.txt", b"a")).run()
