"""Periodic jobs of a server, run every few seconds or minutes.

Each job may run in several processes at once and be interrupted at any time. Nothing depends on it running on time:
requests check themselves what has expired. A job that fails is logged and tried again.

How long data is kept after it is no longer in use:

========================= =========================================================================================
documents, folders, audit until a user removes them; the audit is kept forever
grants                    7 days, for downloads that are still under way
openings of a link        1 minute (so that the audit has at most one *viewed* in this time)
wrong passwords, sign-ins 1 hour (the waits they cause end then; the audit keeps a record)
undelivered notifications 2 days
refused sign-ins' counts  1 hour (then they are written to the audit)
idempotency keys          7 days, with the responses to repeat
unfinished uploads        7 days after the last byte, with their bytes
sends without a document  30 days
access tokens             30 days after they were revoked, expired or went idle; the data folder's until revoked
removed documents' bytes  1 minute at most
bytes that no row knows   a day or two, in an S3 store
========================= =========================================================================================
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

from ...rules.errors import Problem
from .. import audit, notifications
from ..accounts import refused_sign_ins, sign_in_throttle, users
from ..base import memory
from ..context import Context
from ..database.file_identity import DatabaseReplaced
from ..database.outages import DatabaseAway
from ..library import orphans, plain_bytes
from ..library.gc import collect
from ..pages import given_bytes, housekeeping
from ..share import expiry, idempotency, sends, upload_ends
from . import key_change, store_change

log = logging.getLogger("sentlinks")

#: How many seconds pass until the log says the same of a job again.
_TOLD_AGAIN = 3600.0
#: How long what was written stays unsealed while more is written.
SEAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class RegularJob:
    """``work`` runs when the server starts, and again ``seconds`` after it finished. If it ends or deletes what is
    over ``by_clock``, it is left out while the clock isn't believed."""

    name: str
    seconds: float
    work: Callable[[Context], Awaitable[object]]
    by_clock: bool = True


async def _restore_reserve(context: Context) -> None:
    await asyncio.to_thread(context.disk.restore_reserve)


async def _return_memory(_context: Context) -> None:
    await asyncio.to_thread(memory.trim)


JOBS = (
    # It asks about the clock itself.
    RegularJob("recording expired links", 5, expiry.sweep, by_clock=False),
    RegularJob("sealing the audit", 60, audit.seal, by_clock=False),
    RegularJob("taking up a new key", 5, key_change.follow, by_clock=False),
    RegularJob("taking up another store", 5, store_change.follow, by_clock=False),
    RegularJob("deleting expired uploads", 300, upload_ends.remove_expired),
    RegularJob("deleting unused bytes", 60, collect),
    RegularJob("restoring the disk reserve", 60, _restore_reserve, by_clock=False),
    RegularJob("returning unused memory", 60, _return_memory, by_clock=False),
    RegularJob("deleting old idempotency keys", 600, idempotency.forget_old),
    RegularJob("deleting old openings and grants", 600, housekeeping.forget_old),
    RegularJob("releasing bytes of killed downloads", 60, given_bytes.release_lost),
    RegularJob("recording refused sign-ins", 60, refused_sign_ins.close_hours),
    RegularJob("deleting old failed sign-ins", 600, sign_in_throttle.forget_old),
    RegularJob("deleting sends without documents", 3600, sends.forget_old),
    RegularJob("deleting old tokens", 3600, users.forget_old),
    # Last, because a mail server may take its time, and so may large documents and a store elsewhere.
    RegularJob("notifying senders", 5, notifications.send_due),
    RegularJob("encrypting documents", 5, plain_bytes.seal_some, by_clock=False),
    RegularJob("looking for unused bytes in the store", 12 * 3600, orphans.sweep),
)


class _Failures:
    """What the log says of jobs that fail: the same of one job once an hour, however often the job is tried again."""

    def __init__(self) -> None:
        #: When it was last told, by the job's name and what had failed.
        self._told: dict[tuple[str, str], float] = {}

    def failed(self, job: RegularJob, error: Exception) -> None:
        # Without the name of a file, which may be another one each time.
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        failure, now = (job.name, f"{type(error).__name__}: {why}"), monotonic()
        if now - self._told.get(failure, -_TOLD_AGAIN) < _TOLD_AGAIN:
            return
        self._told = {each: at for each, at in self._told.items() if now - at < _TOLD_AGAIN} | {failure: now}
        # What the system refuses, such as a file on a full disk, is no fault to be looked for in the program.
        if isinstance(error, OSError | Problem):
            log.error("%s failed and will be retried: %s", job.name, why)
        else:
            log.error("%s failed and will be retried", job.name, exc_info=error)


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[None]:
    """Run the jobs during the block; seal the audit once more at its end."""
    # Together, the jobs would open a database connection each, and the server would keep them all.
    turn, failures = asyncio.Lock(), _Failures()
    tasks = [asyncio.create_task(_repeat(job, context, turn, failures), name=job.name) for job in JOBS]
    something_written = asyncio.Event()
    context.database.committed = something_written.set
    tasks.append(
        asyncio.create_task(seal_soon(context, something_written, failures), name="sealing the audit")
    )
    try:
        yield
    finally:
        context.database.committed = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _once(RegularJob("sealing the audit", 0, audit.seal, by_clock=False), context, failures)


async def seal_soon(context: Context, something_written: asyncio.Event, failures: _Failures) -> None:
    """Seal the audit as soon as something was written after a quiet time, then every :data:`SEAL_SECONDS`: rows that
    aren't sealed yet could be put back as they were without being noticed."""
    job = RegularJob("sealing the audit", SEAL_SECONDS, audit.seal, by_clock=False)
    while True:
        await something_written.wait()
        something_written.clear()
        await _once(job, context, failures)
        await asyncio.sleep(job.seconds)


async def _repeat(job: RegularJob, context: Context, first_turn: asyncio.Lock, failures: _Failures) -> None:
    async with first_turn:
        await _once(job, context, failures)
    while True:
        await asyncio.sleep(job.seconds)
        await _once(job, context, failures)


async def _once(job: RegularJob, context: Context, failures: _Failures) -> None:
    try:
        await _run(job, context)
    except (DatabaseAway, DatabaseReplaced):
        # The log has an outage already, and a server whose database was replaced is about to end.
        pass
    except Exception as error:
        failures.failed(job, error)


async def _run(job: RegularJob, context: Context) -> None:
    if not job.by_clock or context.clock_watch.is_steady():
        await job.work(context)


async def run_all(context: Context) -> None:
    """Run each job once."""
    for job in JOBS:
        await _run(job, context)
