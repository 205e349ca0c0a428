"""What a server does by itself, every few seconds or minutes.

Each job can run in several processes at once and be cut off at any moment. Nothing depends on its running in time:
what is due is also looked at by whoever asks. A job that fails is logged and tried again.

What is kept, and for how long after it is over:

========================= =========================================================================================
documents, folders, audit until somebody removes them; the audit for ever
grants                    7 days, for downloads that began before and are still under way
openings of a link        1 minute (they keep the audit from saying *viewed* more often)
wrong passwords, sign-ins 1 hour (what they slow down is forgotten then; the audit tells of them)
refused sign-ins' counts  1 hour (then the audit has them)
answers of repeated calls 7 days
unfinished uploads        7 days after the last byte; their bytes go with them
sends without a document  30 days
access tokens             30 days after they were revoked, expired or fell idle; the data folder's until revoked
removed documents' bytes  until the next minute
========================= =========================================================================================
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from . import audit, people, refusals, tries
from .context import Context
from .gc import bury
from .pages import housekeeping
from .share import idempotency, links, sends, uploads

log = logging.getLogger("sentlinks")


@dataclass(frozen=True, slots=True)
class Job:
    """``work`` is done at the start, and again ``seconds`` after it was done."""

    name: str
    seconds: float
    work: Callable[[Context], Awaitable[object]]


async def _put_by(context: Context) -> None:
    await asyncio.to_thread(context.disk.put_by)


JOBS = (
    Job("writing what has expired", 5, links.sweep),
    Job("sealing the audit", 60, audit.seal),
    Job("removing expired uploads", 300, uploads.remove_expired),
    Job("removing bytes that nothing has", 60, bury),
    Job("putting room by on the disk", 60, _put_by),
    Job("forgetting old idempotency keys", 600, idempotency.forget_old),
    Job("forgetting openings and grants that are over", 600, housekeeping.forget_old),
    Job("writing refused sign-ins", 60, refusals.close_hours),
    Job("forgetting wrong sign-ins", 600, tries.forget_old),
    Job("forgetting sends without documents", 3600, sends.forget_old),
    Job("forgetting tokens that are over", 3600, people.forget_old),
)


@asynccontextmanager
async def running(context: Context) -> AsyncIterator[None]:
    """The jobs run while the block does; at its end the audit is sealed once more."""
    tasks = [asyncio.create_task(_repeat(job, context), name=job.name) for job in JOBS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _once(Job("sealing the audit", 0, audit.seal), context)


async def _repeat(job: Job, context: Context) -> None:
    while True:
        await _once(job, context)
        await asyncio.sleep(job.seconds)


async def _once(job: Job, context: Context) -> None:
    try:
        await job.work(context)
    except Exception as error:
        log.error("%s failed and will be tried again", job.name, exc_info=error)


async def run_all(context: Context) -> None:
    """Each job once."""
    for job in JOBS:
        await job.work(context)
