"""What every request handler works with, made once at the start of a server process."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from .blobs import Blobs
from .clock import Clock
from .database import Database
from .disk import Disk
from .keys import Keys
from .lanes import Lanes
from .passwords import Passwords
from .quotas import Quotas
from .settings import Settings


@dataclass(slots=True)
class Context:
    """``public_url`` is the beginning of links' addresses, without a slash at its end."""

    settings: Settings
    database: Database
    blobs: Blobs
    disk: Disk
    keys: Keys
    clock: Clock
    #: Of people who sign in or are given a password.
    passwords: Passwords
    #: Of recipients.
    link_passwords: Passwords
    lanes: Lanes
    quotas: Quotas
    public_url: str = ""

    @property
    def prefix(self) -> str:
        """The path that all addresses of the server begin with, without a slash at its end; mostly empty."""
        return urlsplit(self.public_url).path.rstrip("/")

    async def close(self) -> None:
        self.passwords.close()
        self.link_passwords.close()
        await self.database.close()


def context_of(request: Request) -> Context:
    """The context of the server that answers ``request`` (a FastAPI dependency)."""
    context: Context = request.app.state.context
    return context
