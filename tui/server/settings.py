"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` 0 takes a free one. ``socket`` is a Unix socket that is served as well."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8480
    database_url: str | None = None
    store: str | None = None
    public_url: str | None = None
    user: str | None = None
    socket: Path | None = None
    #: The longest upload that is taken, in bytes.
    max_upload: int = 100 * 1024**3
