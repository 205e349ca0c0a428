"""What a sent document is and does, by the rules: the model that the server is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: Of a setting: it is left out, and so kept.
KEEP: Any = object()

_HOUR = timedelta(hours=1)
_FREE_TRIES = 5
#: Half a minute, and the time that the line is given.
_UNDO = timedelta(seconds=40)


@dataclass
class Tries:
    """The wrong passwords of the one network that there is."""

    count: int = 0
    last: datetime | None = None
    until: datetime | None = None
    #: The last that was looked at: the id of its press, and the password.
    attempt: tuple[str, str] | None = None

    def waiting(self, now: datetime) -> bool:
        return self.until is not None and now < self.until and not self.forgotten(now)

    def forgotten(self, now: datetime) -> bool:
        return self.last is None or self.last <= now - _HOUR

    def known(self, now: datetime, attempt: tuple[str, str] | None) -> bool:
        """Whether it is the last one again."""
        return attempt is not None and attempt == self.attempt and not self.forgotten(now)

    def status(self, now: datetime) -> int:
        """What the last one gets."""
        return 429 if self.count == _FREE_TRIES + 1 and self.waiting(now) else 403

    def wrong(self, now: datetime, attempt: tuple[str, str] | None) -> int:
        """Notes one, and answers the status that it gets."""
        self.count = 1 if self.forgotten(now) else self.count + 1
        self.last, self.attempt = now, attempt
        over = self.count - _FREE_TRIES
        self.until = now + min(timedelta(seconds=2**over), _HOUR) if over > 0 else None
        return self.status(now)


@dataclass
class Grant:
    """``given`` counts whole files."""

    address: str
    document: ModelDocument
    settings: int
    ends: datetime
    given: int = 0

    def good(self, now: datetime) -> bool:
        return (
            self.settings == self.document.settings
            and self.document.gives_what_was_granted(now)
            and now < self.ends
            and self.given < 3
        )

    def fetched(self, now: datetime) -> None:
        self.given += 1
        self.ends = min(self.ends, now + timedelta(minutes=10))


@dataclass
class ModelDocument:
    """One document. ``at`` of an event is the moment that the audit says."""

    id: str
    url: str
    content: bytes
    password: str | None
    expires_at: datetime | None
    permitted: int | None
    state: str = "published"
    reason: str | None = None
    downloads: int = 0
    last_download: datetime | None = None
    #: Counts whatever ends the grants that were given before.
    settings: int = 0
    #: When it was unpublished by hand, while nothing but undoing that has happened since.
    unpublished_at: datetime | None = None
    #: Whether its grants were ended after it had reached its limit.
    ended: bool = False
    undone: bool = False
    viewed: datetime | None = None
    tries: Tries = field(default_factory=Tries)
    #: What presses with an id were given, by the settings that they were made under.
    presses: dict[tuple[int, str], Grant] = field(default_factory=dict)
    events: list[tuple[str, datetime]] = field(default_factory=list)

    def note(self, event: str, at: datetime) -> None:
        self.events.append((event, at))

    # ------------------------------------------------------------ time

    def settle(self, now: datetime) -> None:
        """Its expiry, which comes by itself."""
        if self.state == "published" and self.expires_at is not None and self.expires_at <= now:
            self.state, self.reason = "unpublished", "expired"
            self.settings += 1
            self.unpublished_at = None
            self.note("expired", self.expires_at)

    def alive(self, now: datetime) -> bool:
        self.settle(now)
        return self.state == "published"

    def gives_what_was_granted(self, now: datetime) -> bool:
        self.settle(now)
        past = self.expires_at is not None and self.expires_at <= now
        by_limit = self.state == "unpublished" and self.reason == "limit"
        return (self.state == "published" or by_limit) and not past

    # ------------------------------------------------------------ recipients

    def open(self, now: datetime) -> int:
        if not self.alive(now):
            return 404
        if self.viewed is None or self.viewed <= now - timedelta(minutes=1):
            self.viewed = now
            self.note("viewed", now)
        return 200

    def press(self, now: datetime, password: str | None, ident: str | None = None) -> int:
        """What the button gets, and what it does; 303 with an id that is known stands for the grant that it had."""
        alive, had = self.alive(now), self.presses.get((self.settings, ident or ""))
        if not alive and not (had and had.good(now)):
            return 404
        if self.password is not None:
            if not password:
                return 403
            attempt = (ident, password) if ident else None
            if self.tries.known(now, attempt):
                return self.tries.status(now)
            if self.tries.waiting(now):
                return 429
            if password != self.password:
                self.note("wrong password", now)
                return self.tries.wrong(now, attempt)
            self.tries = Tries()
        if had:
            return 303 if had.good(now) else 409
        self.downloads += 1
        self.last_download = now
        self.note("downloaded", now)
        if self.downloads == self.permitted:
            self.state, self.reason = "unpublished", "limit"
            self.unpublished_at, self.ended = None, False
            self.note("limit reached", now)
        return 303

    # ------------------------------------------------------------ the owner

    def unpublish(self, now: datetime) -> None:
        if self.alive(now):
            self.state, self.reason = "unpublished", "by hand"
            self.settings += 1
            self.unpublished_at, self.undone = now, False
            self.note("unpublished", now)
        elif self.state == "unpublished" and self.reason == "limit" and not self.ended:
            self.settings += 1
            self.ended = True
            self.note("unpublished", now)

    def undo(self, now: datetime, meant: datetime) -> str:
        """The code of the problem with undoing the unpublishing of that moment; empty where it is undone."""
        self.settle(now)
        if self.unpublished_at != meant:
            return "undo.changed"
        if self.state == "published" and self.undone:
            return ""
        if self.state != "unpublished" or self.reason != "by hand":
            return "undo.changed"
        if self.expires_at is not None and self.expires_at <= now:
            return "undo.expired"
        if now > meant + _UNDO:
            return "undo.late"
        self.state, self.reason, self.undone = "published", None, True
        self.settings -= 1
        self.note("published", now)
        return ""

    def resend(self, now: datetime, password: Any, expires_at: Any, permitted: Any) -> bool:
        """``False`` where it is refused: in the trash, or with a kept expiry that is past."""
        self.settle(now)
        expires_at = self.expires_at if expires_at is KEEP else expires_at
        if self.state in ("trashed", "purged") or (expires_at is not None and expires_at <= now):
            return False
        self.expires_at = expires_at
        self.password = self.password if password is KEEP else password
        self.permitted = self.permitted if permitted is KEEP else permitted
        self.state, self.reason, self.downloads = "published", None, 0
        self.settings += 1
        self.unpublished_at = None
        self.tries = Tries()
        self.note("resent", now)
        return True

    def delete(self, now: datetime) -> None:
        if self.alive(now):
            self.reason = "by hand"
        if self.state != "trashed":
            self.state = "trashed"
            self.settings += 1
            self.unpublished_at = None
            self.note("deleted", now)

    def restore(self, now: datetime) -> None:
        self.settle(now)
        if self.state == "trashed":
            self.state = "unpublished"
            self.note("restored", now)

    def purge(self, now: datetime) -> bool:
        if self.state != "trashed":
            return False
        self.state = "purged"
        self.settings += 1
        self.note("purged", now)
        return True

    # ------------------------------------------------------------ what its owner sees

    def shown(self, now: datetime) -> dict[str, Any]:
        self.settle(now)
        return {
            "id": self.id,
            "url": self.url,
            "published": self.state == "published",
            "reason": self.reason,
            "has_password": self.password is not None,
            "locked": False,
            "expires_at": self.expires_at,
            "downloads_permitted": self.permitted,
            "downloads": self.downloads,
            "last_download_at": self.last_download,
            "unpublished_at": self.unpublished_at if self.reason == "by hand" else None,
        }
