"""Another key in the place of the installation's, while servers use it: ``admin rotate-key``."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from tests.support.checks.long import cases, more
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch, until
from tests.system.command import Running, run
from tui.server.base.keys import WrongContentKey
from tui.server.blobs.sealing import rows, wrapping
from tui.server.blobs.sealing.contents import SealedContent
from tui.server.context import Context
from tui.server.database.tables import processes, sealed_contents
from tui.server.installation import key_change
from tui.server.installation.installation import open_context, open_to_look

DATABASE = "both"


class Firm:
    """A server, and what was sent to it."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.sent: dict[str, bytes] = {}
        self.me = Sender(server)

    @property
    def options(self) -> list[str]:
        url = self.server.database_url
        return ["--data", str(self.server.data), *(["--database-url", url] if url else [])]

    def send(self, count: int) -> None:
        for number in range(count):
            text = secrets.token_bytes(3000)
            self.sent[urlsplit(self.me.send(f"{number}.bin", text)["url"]).path] = text

    def all_is_whole(self, server: ServerProcess | None = None) -> None:
        for path, text in self.sent.items():
            assert fetch(server or self.server, path) == text

    def change_key(self, **environ: str) -> Any:
        done = run("admin", "rotate-key", "--json", *self.options, **environ)
        assert done.status == 0, done.err
        return done.json

    def ask(self, question: Any) -> Any:
        """The first column of a query's rows."""

        async def answer(context: Context) -> Any:
            async with context.database.read() as connection:
                return list((await connection.execute(question)).scalars())

        return self.opened(answer)

    def opened(self, work: Any) -> Any:
        async def opened() -> Any:
            context = await open_to_look(self.server.settings)
            try:
                return await work(context)
            finally:
                await context.close()

        return asyncio.run(opened())

    def restarted(self) -> ServerProcess:
        self.server.stop(signal.SIGKILL)
        return ServerProcess(self.server.data)


@pytest.fixture
def firm(fresh_server: ServerProcess) -> Iterator[Firm]:
    made = Firm(fresh_server)
    with made.me:
        yield made


def key_of(data: Path) -> str:
    return (data / "key").read_text().strip()


def test_while_serving_and_the_earlier_key_is_refused_afterwards(firm: Firm) -> None:
    firm.send(3)
    data = firm.server.data
    before, ids = key_of(data), set(firm.ask(select(sealed_contents.c.wrapped_by)))
    for number in range(2):
        # A second time, too: the first key is kept for links and tokens, wrapped by the newest.
        assert firm.change_key() == {"rewrapped": 3 + number, "damaged": 0}
        now = firm.ask(select(sealed_contents.c.wrapped_by))
        assert len(now) == 3 + number
        assert len(set(now)) == 1
        assert not ids & set(now)
        ids |= set(now)
        assert len({before, key_of(data)}) == 2
        assert not (data / "key.new").exists()
        firm.all_is_whole()
        firm.send(1)
    firm.all_is_whole()
    assert firm.me.get("/audit/verify")["broken"] is None
    assert firm.me.events("/audit/installation").count("key changed") == 2
    newest = key_of(data)
    with firm.restarted() as again:
        firm.server = again
        # Signed in as before, and links are the same.
        firm.all_is_whole()
        with Sender(again) as me:
            assert me.get("/audit/verify")["broken"] is None
        (data / "key").write_text(before)
        again.stop()
        with pytest.raises(AssertionError, match="The key doesn't belong to this data"):
            ServerProcess(data)
        refused = run("admin", "check", *firm.options)
        assert refused.status == 1
        assert "The key doesn't belong to this data" in refused.out
        (data / "key").write_text(newest)


def test_two_processes_each_take_it_up(firm: Firm, tmp_path: Path) -> None:
    """With PostgreSQL, of two machines, each with the key in its data folder."""
    firm.send(2)
    data = firm.server.data
    other = data
    if firm.server.database_url:
        other = tmp_path / "other"
        other.mkdir(mode=0o700)
        for name in ("key", "signing.key", "token"):
            shutil.copy(data / name, other)
        shutil.copytree(data / "blobs", other / "blobs", copy_function=os.link)
    with ServerProcess(other, database_url=firm.server.database_url) as second:
        firm.all_is_whole(second)
        assert firm.change_key() == {"rewrapped": 2, "damaged": 0}
        firm.all_is_whole(second)
        firm.all_is_whole()
        with Sender(second) as me:
            me.send("new.bin", b"by the other")
        assert len(set(firm.ask(select(sealed_contents.c.wrapped_by)))) == 1
        until(lambda: key_of(other) == key_of(data))
        assert not (other / "key.new").exists()
        assert len(firm.ask(select(processes.c.id))) == 2
        second.stop(signal.SIGKILL)
    with ServerProcess(other) as second:
        firm.all_is_whole(second)


def _troubles(server: ServerProcess) -> list[str]:
    with server.guest() as guest:
        answer = guest.get("/readyz")
    assert answer.status_code == 200
    troubles = answer.json().get("troubles", [])
    assert all("sentlinks admin rotate-key" in each["detail"] for each in troubles)
    return [each["id"] for each in troubles]


@more
def test_killed_at_any_point_it_goes_on(firm: Firm) -> None:
    firm.send(4)
    before = firm.ask(select(sealed_contents.c.wrapped_by))[0]

    async def many(context: Context) -> None:
        """So many that it takes a while."""
        async with context.database.write() as connection:
            await rows.add(connection, context.keys, [SealedContent.new(f"{n:032x}") for n in range(3000)])

    firm.opened(many)
    under_way = Running(["admin", "rotate-key", *firm.options], cwd=None, env=dict(os.environ))
    until(lambda: _troubles(firm.server) == ["key"])
    for number in range(1, cases(3, 6)):
        under_way.kill()
        under_way.ended()
        firm.all_is_whole()
        firm.send(1)
        under_way = Running(["admin", "rotate-key", *firm.options], cwd=None, env=dict(os.environ))
        time.sleep(0.2 * number)
    assert under_way.done().status == 0
    assert before not in firm.ask(select(sealed_contents.c.wrapped_by))
    firm.all_is_whole()
    assert _troubles(firm.server) == []


def test_killed_when_only_the_file_was_left(firm: Firm) -> None:
    firm.send(1)
    data = firm.server.data
    before = key_of(data)
    firm.server.stop(signal.SIGKILL)
    firm.change_key()
    # As it was a moment before the end.
    (data / "key").rename(data / "key.new")
    shutil.copy(data / "key.new", data / "copy")
    (data / "key").write_text(before)
    (data / "key").chmod(0o600)
    assert run("admin", "check", *firm.options).status == 0
    assert firm.change_key() == {"rewrapped": 0, "damaged": 0}
    assert key_of(data) == (data / "copy").read_text().strip()
    # So does a server.
    (data / "key").rename(data / "key.new")
    (data / "key").write_text(before)
    (data / "key").chmod(0o600)
    with ServerProcess(data) as again:
        firm.all_is_whole(again)
        until(lambda: not (data / "key.new").exists())
        assert key_of(data) == (data / "copy").read_text().strip()


def test_a_key_that_the_environment_gives(firm: Firm, tmp_path: Path) -> None:
    firm.send(1)
    data = firm.server.data
    firm.server.stop(signal.SIGKILL)
    kept = {"SENTLINKS_KEY": key_of(data)}
    (data / "key").unlink()
    new = secrets.token_hex(32)
    for environ, code in (
        (kept, "key.needed"),
        (kept | {"SENTLINKS_NEW_KEY": "abc"}, "key.malformed"),
        (kept | {"SENTLINKS_NEW_KEY": kept["SENTLINKS_KEY"]}, "key.same"),
    ):
        assert run("admin", "rotate-key", "--json", *firm.options, **environ).error == code
    assert firm.change_key(**kept, SENTLINKS_NEW_KEY=new) == {"rewrapped": 1, "damaged": 0}
    # Nothing of it is on the disk.
    assert not [each for each in data.iterdir() if each.name.startswith("key")]
    assert run("admin", "check", *firm.options, **kept).status == 1
    assert run("admin", "check", *firm.options, SENTLINKS_KEY=new).status == 0


async def test_whoever_has_not_heard_of_it_writes_nothing_with_the_earlier_key(
    fresh_server: ServerProcess,
) -> None:
    """A process that hung through it all, whose file has the earlier key."""
    settings = fresh_server.settings
    hung = await open_context(settings)
    try:
        (settings.data / "kept").write_text(key_of(settings.data))
        await key_change.change_key(settings, None, "me", lambda _: None)
        newest = key_of(settings.data)
        (settings.data / "key").write_text((settings.data / "kept").read_text())
        with pytest.raises(WrongContentKey):
            async with hung.database.write() as connection:
                await rows.add(connection, hung.keys, [SealedContent.new("0" * 32)])
        # As soon as it is there, it does.
        (settings.data / "key").write_text(newest)
        async with hung.database.write() as connection:
            await rows.add(connection, hung.keys, [SealedContent.new("0" * 32)])
            assert (await wrapping.look(connection, hung.keys)).wrapped_by == hung.keys.wrapping_id
    finally:
        await hung.close()


def test_keys_that_were_changed_by_hand_stay_as_they_are(firm: Firm) -> None:
    firm.send(2)

    async def change(context: Context) -> None:
        async with context.database.write() as connection:
            key = (await connection.execute(select(sealed_contents.c.key).limit(1))).scalar_one()
            changed = update(sealed_contents).where(sealed_contents.c.key == key)
            await connection.execute(changed.values(wrapped=bytes(60)))

    firm.opened(change)
    done = run("admin", "rotate-key", *firm.options)
    assert done.status == 0, done.err
    assert "those of 1 document are" in done.err
    assert "1 key couldn't be read" in done.err
