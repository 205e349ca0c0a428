"""What every request handler works with, created once when a server process starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from .base.clock import Clock, ClockWatch
from .base.disk import Disk
from .base.keys import Keys
from .base.settings import Settings
from .blobs import Blobs
from .blobs.reserved_keys import ReservedKeys
from .blobs.stores import Stores
from .database import Database
from .limits.buffers import Buffers
from .limits.gathering import Gathering
from .limits.link_views import Openings
from .limits.passwords import Passwords
from .limits.query_limits import Lanes
from .limits.quotas import Quotas


@dataclass(slots=True)
class Context:
    """The parts of a running server. ``public_url`` is what the links' URLs begin with, without a trailing slash."""

    settings: Settings
    database: Database
    blobs: Blobs
    #: What their pieces are kept in.
    stores: Stores
    disk: Disk
    keys: Keys
    clock: Clock
    #: For users who sign in or set a password.
    passwords: Passwords
    #: For recipients.
    link_passwords: Passwords
    lanes: Lanes
    buffers: Buffers
    upload_buffers: Buffers
    quotas: Quotas
    reserved_keys: ReservedKeys
    openings: Openings
    clock_watch: ClockWatch
    #: Whether downloads under way may go on (``pages/grants.py``).
    under_way: Gathering[Any, bool]
    #: The same of those of people who are signed in (``library/still_allowed.py``).
    still_allowed: Gathering[Any, bool | Exception]
    public_url: str = ""

    @property
    def prefix(self) -> str:
        """The path that all URLs of the server begin with, without a trailing slash; usually empty."""
        return urlsplit(self.public_url).path.rstrip("/")

    async def close(self) -> None:
        """Stop hashing passwords, and close the database; what is being read fails."""
        self.passwords.close()
        self.link_passwords.close()
        await self.database.close()


def context_of(request: Request) -> Context:
    """The context of the server that handles ``request`` (a FastAPI dependency)."""
    context: Context = request.app.state.context
    return context
