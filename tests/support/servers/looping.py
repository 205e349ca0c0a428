"""Asynchronous servers for tests that aren't."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

from anyio.from_thread import start_blocking_portal

Served = TypeVar("Served")


@contextmanager
def in_a_thread(server: AbstractAsyncContextManager[Served]) -> Iterator[Served]:
    """Enters and leaves an asynchronous context in a thread with a loop of its own."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(server) as served:
        yield served
