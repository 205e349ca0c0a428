"""What a sent document is and does, by the rules: the model that the server is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: Stands for a setting that is left out, and so keeps its value.
KEEP: Any = object()

_HOUR = timedelta(hours=1)
_FREE_TRIES = 5
#: Half a minute, and the extra time for a slow connection.
_UNDO = timedelta(seconds=40)


@dataclass
class Tries:
    """The wrong passwords from the only network in the model."""

    count: int = 0
    last: datetime | None = None
    until: datetime | None = None
    #: The last attempt that was checked: the id of its press, and the password.
    attempt: tuple[str, str] | None = None

    def waiting(self, now: datetime) -> bool:
        return self.until is not None and now < self.until and not self.forgotten(now)

    def forgotten(self, now: datetime) -> bool:
        return self.last is None or self.last <= now - _HOUR

    def known(self, now: datetime, attempt: tuple[str, str] | None) -> bool:
        """Whether ``attempt`` repeats the last one."""
        return attempt is not None and attempt == self.attempt and not self.forgotten(now)

    def status(self, now: datetime) -> int:
        """The status that the last attempt gets."""
        return 429 if self.count == _FREE_TRIES + 1 and self.waiting(now) else 403

    def wrong(self, now: datetime, attempt: tuple[str, str] | None) -> int:
        """Records a wrong password, and returns the status that it gets."""
        self.count = 1 if self.forgotten(now) else self.count + 1
        self.last, self.attempt = now, attempt
        over = self.count - _FREE_TRIES
        self.until = now + min(timedelta(seconds=2**over), _HOUR) if over > 0 else None
        return self.status(now)


@dataclass
class Grant:
    """A granted download; ``given`` counts complete fetches of the file."""

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
            and self.given < 4
        )

    def fetched(self, now: datetime) -> None:
        self.given += 1
        self.ends = min(self.ends, now + timedelta(minutes=10))


@dataclass
class ModelDocument:
    """One document. Each of its events has the time that the audit gives."""

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
    #: Counts the changes that end all earlier grants.
    settings: int = 0
    #: When it was unpublished by hand, as long as nothing but undoing that, or what was undone, has happened since.
    unpublished_at: datetime | None = None
    undone: bool = False
    #: When it was deleted, until it is restored; and whether it was published until then.
    deleted_at: datetime | None = None
    deleted_published: bool = False
    viewed: datetime | None = None
    tries: Tries = field(default_factory=Tries)
    #: The grants of presses with an id, by the settings that were in force and the id.
    presses: dict[tuple[int, str], Grant] = field(default_factory=dict)
    events: list[tuple[str, datetime]] = field(default_factory=list)

    def note(self, event: str, at: datetime) -> None:
        self.events.append((event, at))

    # ------------------------------------------------------------ time

    def settle(self, now: datetime) -> None:
        """Applies the expiry, which happens on its own."""
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
        """Presses the button and returns the status; 303 for a known id stands for the grant that it got before."""
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
            self.unpublished_at = None
            self.note("limit reached", now)
        return 303

    # ------------------------------------------------------------ the owner

    def unpublish(self, now: datetime) -> None:
        if self.alive(now):
            self.state, self.reason = "unpublished", "by hand"
            self.settings += 1
            self.unpublished_at, self.undone = now, False
            self.note("unpublished", now)
        elif self.state == "unpublished" and self.reason == "limit":
            self.reason = "by hand"
            self.settings += 1
            self.unpublished_at, self.undone = now, False
            self.note("unpublished", now)

    def undo(self, now: datetime, meant: datetime) -> str:
        """Undoes the unpublishing at ``meant``; returns the code of the problem, or an empty text if it is undone."""
        self.settle(now)
        if self.unpublished_at != meant:
            return "undo.changed"
        at_limit = self.state == "unpublished" and self.reason == "limit"
        if self.undone and (self.state == "published" or at_limit):
            return ""
        if self.state != "unpublished" or self.reason != "by hand":
            return "undo.changed"
        if self.expires_at is not None and self.expires_at <= now:
            return "undo.expired"
        if now > meant + _UNDO:
            return "undo.late"
        self.undone = True
        self.settings -= 1
        if self.permitted is not None and self.downloads >= self.permitted:
            self.reason = "limit"
            self.note("limit reached", now)
        else:
            self.state, self.reason = "published", None
            self.note("published", now)
        return ""

    def resend(self, now: datetime, password: Any, expires_at: Any, permitted: Any) -> bool:
        """Returns ``False`` if it is refused: in the trash, or with an expiry that has been kept and is past."""
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
        published = self.alive(now)
        if published:
            self.reason = "by hand"
        if self.state != "trashed":
            self.state = "trashed"
            self.settings += 1
            if published:
                self.unpublished_at = None
            self.deleted_at, self.deleted_published = now, published
            self.note("deleted", now)

    def undelete(self, now: datetime, meant: datetime) -> str:
        """Undoes the deletion at ``meant``, as :meth:`undo` does an unpublishing."""
        self.settle(now)
        if self.state != "trashed":
            return "" if self.deleted_at == meant else "undo.changed"
        if self.deleted_at != meant:
            return "undo.changed"
        if now > meant + _UNDO:
            return "undo.late"
        self.state = "unpublished"
        self.settings -= 1
        expired = self.expires_at is not None and self.expires_at <= now
        if self.deleted_published and expired:
            self.reason = "expired"
        elif self.deleted_published:
            self.state, self.reason = "published", None
        self.note("published" if self.state == "published" else "restored", now)
        return ""

    def restore(self, now: datetime) -> None:
        self.settle(now)
        if self.state == "trashed":
            self.state, self.deleted_at, self.unpublished_at = "unpublished", None, None
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
        by_hand = self.reason == "by hand"
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
            "unpublished_at": self.unpublished_at if by_hand and self.state != "trashed" else None,
        }
