"""How many connections a server process has, and from whom.

Each address has a limited number of connections, and all of them together leave file descriptors for the server's own
work. What a single connection may use up is in ``http_protocol.py``.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Iterable
from contextlib import suppress
from operator import itemgetter
from typing import Protocol

from ..base.settings import Budgets, Network
from .proxies import is_trusted
from .visitor import network_of

#: File descriptors reserved for the database and the documents, in addition to one for each connection.
_RESERVE = 128
#: Maximum number of connections, however many descriptors there are.
_MAX_CONNECTIONS = 8192


def raise_limit() -> int:
    """Raise the process's limit of file descriptors as far as allowed, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems report no limit, but have one.
    for limit in (hard, 10240):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return limit if limit != resource.RLIM_INFINITY else 10240
    return soft


class OpenConnection(Protocol):
    """What is counted: a connection that a client has opened, from its address."""

    @property
    def idle_since(self) -> float | None:
        """Since when the server has had nothing to do for the client; ``None`` while a request is handled."""

    def drop(self) -> None:
        """Close the connection immediately to make room."""

    def check_stalled(self, now: float) -> None:
        """Close the connection if it has stalled for too long."""


class FrontDoor:
    """The open connections of a server process."""

    def __init__(self, budgets: Budgets, proxies: tuple[Network, ...], descriptors: int) -> None:
        self.budgets = budgets
        self._proxies = proxies
        # An upload or download needs a descriptor in addition to its connection's.
        self._max_connections = max(16, min((descriptors - _RESERVE) // 2, _MAX_CONNECTIONS))
        #: Number of connections that were refused on arrival and aren't closed yet.
        self.lingering = 0
        self._connections: dict[OpenConnection, str | None] = {}
        self._count_by_network: dict[str, int] = {}

    def admit(self, connection: OpenConnection, address: str | None) -> bool:
        """Admit a connection; ``False`` if there is no room.

        If ``address`` has all of its connections, or all connections are taken, the one among them that has been
        without a complete request the longest is dropped to make room.
        """
        network = None if not address or is_trusted(address, self._proxies) else network_of(address)
        if (
            network is not None
            and self._count_by_network.get(network, 0) >= self.budgets.connections_per_address
        ):
            if not self._make_room(
                other for other, its_network in self._connections.items() if its_network == network
            ):
                return False
        elif len(self._connections) >= self._max_connections and not self._make_room(self._connections):
            return False
        self._connections[connection] = network
        if network is not None:
            self._count_by_network[network] = self._count_by_network.get(network, 0) + 1
        return True

    def _make_room(self, candidates: Iterable[OpenConnection]) -> bool:
        idle = [(since, other) for other in candidates if (since := other.idle_since) is not None]
        if not idle:
            return False
        min(idle, key=itemgetter(0))[1].drop()
        return True

    def remove(self, connection: OpenConnection) -> None:
        """A connection has ended; one that isn't known is ignored."""
        network = self._connections.pop(connection, None)
        if network is not None:
            self._count_by_network[network] -= 1
            if not self._count_by_network[network]:
                del self._count_by_network[network]

    async def watch(self) -> None:
        """Close stalled connections; runs until cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self.budgets.head_seconds / 4))
            for connection in list(self._connections):
                connection.check_stalled(time.monotonic())
