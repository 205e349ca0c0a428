"""Whether the store of documents can be reached, if it isn't the data folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ...rules.check_results import Check, bad, ok
from ..blobs.s3.failures import SKEWED
from ..blobs.s3.store import S3Pieces
from ..context import Context
from .clocks import SET_CLOCK

_REMEDY = "Put right its address or the credentials (AWS_...), or wait; the server goes on by itself."


async def check_store(context: Context) -> AsyncIterator[Check]:
    """A row for each, but none for the data folder, whose disk has a row of its own."""
    for store in context.stores.connected:
        if not isinstance(store, S3Pieces):
            continue
        url = store.address.url
        trouble = await store.trouble()
        yield (
            ok("store", f"{url} can be reached.")
            if trouble is None
            else bad("store", f"{url}: {trouble}", SET_CLOCK if SKEWED in trouble else _REMEDY)
        )
