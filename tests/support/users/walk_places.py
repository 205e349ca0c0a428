"""The walk of :mod:`tests.support.users.walk` over moving and restoring, and over Share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.support.users.share import BASE, Sender
from tests.support.users.walk import Requests, Table, Walk, trustees
from tui.rules.authorization import Action

#: Where the mover puts things: into locations of the host's and their own.
DESTINATIONS = ("open", "mine", "mine alone", "full", "write", "shown", "hidden")
#: Who acts in Share; a member has read access.
SENDERS = ("OWNER", "MEMBER", "STRANGER", "DJONES", "namesake")


@dataclass(frozen=True)
class _Source:
    """Who made something, in which location, and with which security."""

    by: str
    place: str
    security: str = "inherit"


SOURCES: Mapping[str, _Source] = {
    "own, open": _Source("MOVER", "open"),
    "another's, open": _Source("OWNER", "open"),
    "another's, public by itself": _Source("OWNER", "open", "public"),
    "where the mover has full access": _Source("HOST", "full"),
    "where the mover may write": _Source("HOST", "write"),
    "own, private": _Source("MOVER", "mine alone"),
    "another's, in the mover's open place": _Source("OWNER", "mine"),
}


#: What puts things elsewhere.
MOVING = (Action.MOVE_DOCUMENT, Action.MOVE_FOLDER)
PUTTING = (*MOVING, Action.RESTORE_VERSION)


def of_places(walk: Walk, table: Table, actions: Iterable[Action]) -> Iterator[str]:
    """What differs from the table when a document or folder is moved, or a document restored: it has a row for each
    source, with a sign for each destination; nothing is tried where it has a ``.`` instead."""
    shelves = {name: walk.thing(("shelf", name), partial(_shelf, walk, name)) for name in DESTINATIONS}
    for action in actions:
        for name, row in table.items():
            source, ident = SOURCES[name], None
            for destination, expected in zip(DESTINATIONS, row.split(), strict=True):
                if expected == ".":
                    continue
                ident = ident or _make(walk, action, source, shelves[source.place][0])
                requests = _requests(action, ident, shelves[source.place][0], shelves[destination][1])
                sign = walk.outcome(walk.people["MOVER"], requests)
                if sign != expected:
                    yield f"{action.name}, {name}, to {destination}: {sign} for {expected}"
                if sign not in "-0":
                    ident = None


def _shelf(walk: Walk, name: str) -> tuple[str, str]:
    """Two folders in a location: one where things are, and one where they are put."""
    named = {"full": {"MOVER": "full_access"}, "write": {"MOVER": "read_write"}}.get(name, {})
    security = {"open": "public", "mine": "public", "shown": "view"}.get(name, "private")
    by = walk.people["MOVER" if name.startswith("mine") else "HOST"]
    space = by.workspace(name.title(), default_security=security, user_trustees=trustees(**named))
    return by.folder(space, "Here"), by.folder(space, "There")


def _make(walk: Walk, action: Action, source: _Source, place: str) -> str:
    by = walk.people[source.by]
    if action is Action.MOVE_FOLDER:
        return by.folder(place, "Folder", default_security=source.security)
    ident = str(by.upload(place, "Paper", default_security=source.security)["id"])
    if action is Action.RESTORE_VERSION:
        by.request("DELETE", f"documents/{ident}").raise_for_status()
    return ident


def _requests(action: Action, ident: str, place: str, to: str) -> Requests:
    body: dict[str, Any] = {"destination_id": to}
    if action is Action.MOVE_FOLDER:
        return [("POST", f"folders/{ident}/move", {"json": body})]
    if action is Action.MOVE_DOCUMENT:
        return [("POST", f"folders/{place}/documents/{ident}/move", {"json": body})]
    return [("POST", f"trash-bin/documents/{ident}/restore", {"json": {"folder_ids": [to]}})]


# ---------------------------------------------------------------- Share


@dataclass(frozen=True)
class Shared:
    """An action of Share, as requests to the ids of a document and its folder."""

    action: Action
    requests: Callable[[str, str], Requests]
    deleted: bool = False
    #: What it undoes: the field of the document that says when that was done.
    undone: str = ""
    spends: bool = True


def _gets(*paths: str) -> Callable[[str, str], Requests]:
    return lambda document, folder: [
        ("GET", BASE + path.format(document=document, folder=folder), {}) for path in paths
    ]


def _does(method: str, path: str, body: Any = None) -> Callable[[str, str], Requests]:
    def requests(document: str, folder: str) -> Requests:
        said = {key: folder if value == "FOLDER" else value for key, value in (body or {}).items()}
        more = {"json": said} if body is not None else {}
        return [(method, BASE + path.format(document=document, folder=folder), more)]

    return requests


SHARED: Mapping[str, Shared] = {
    "read the folder": Shared(
        Action.READ_FOLDER,
        _gets("/folders/{folder}/documents", "/folders/{folder}/members", "/folders/{folder}/audit"),
        spends=False,
    ),
    "read": Shared(
        Action.READ_SENT,
        _gets(
            "/documents/{document}",
            "/documents/{document}/audit",
            "/documents/{document}/audit/verify",
            "/documents/{document}/downloads",
        ),
        spends=False,
    ),
    "fetch": Shared(Action.FETCH_SENT, _gets("/documents/{document}/content"), spends=False),
    "confirm": Shared(
        Action.CONFIRM_FOLDER,
        _does("POST", "/folder/confirm", {"folder": "FOLDER", "generation": 0}),
        spends=False,
    ),
    "send": Shared(Action.SEND, _does("POST", "/sends", {"folder": "FOLDER"}), spends=False),
    "add a member": Shared(
        Action.CHANGE_MEMBERS, _does("POST", "/folders/{folder}/members", {"name": "READER"}), spends=False
    ),
    "remove a member": Shared(
        Action.CHANGE_MEMBERS, _does("DELETE", "/folders/{folder}/members/READER"), spends=False
    ),
    "unpublish": Shared(Action.UNPUBLISH, _does("POST", "/documents/{document}/unpublish"), spends=False),
    "undo unpublishing": Shared(
        Action.UNDO_UNPUBLISH,
        _does("POST", "/documents/{document}/unpublish/undo"),
        undone="unpublished_at",
    ),
    "undo deleting": Shared(
        Action.UNDO_DELETE, _does("POST", "/trash/{document}/undo"), deleted=True, undone="deleted_at"
    ),
    "send again": Shared(Action.RESEND, _does("POST", "/documents/{document}/resend", {}), spends=False),
    "unlock": Shared(Action.UNLOCK, _does("POST", "/documents/{document}/unlock"), spends=False),
    "delete": Shared(Action.DELETE_SENT, _does("DELETE", "/documents/{document}")),
    "restore": Shared(Action.RESTORE_SENT, _does("POST", "/trash/{document}/restore"), deleted=True),
    "delete the folder": Shared(Action.DELETE_FOLDER, _does("DELETE", "/folders/{folder}")),
}


def of_share(walk: Walk, table: Table) -> Iterator[str]:
    """What differs from the table in Share, which has a row for each action, with a sign for each of
    :data:`SENDERS`."""
    with Sender(walk.server, walk.people["OWNER"].http.headers["X-Auth-Token"]) as owner:
        for name, row in table.items():
            done = SHARED[name]
            key = done.deleted, done.undone
            for relation, expected in zip(SENDERS[:-1], row, strict=False):
                made = walk.thing(key, partial(_prepared, owner, done))
                sign = walk.outcome(walk.people[relation], made.requests(done))
                if sign != expected:
                    yield f"{name} in Share: {sign} for {expected} by {relation}"
                if sign not in "-0" and done.spends:
                    walk.spend(key)
        # At the end, in a folder that still exists.
        for name, row in table.items():
            done = SHARED[name]
            made = walk.thing((done.deleted, done.undone, "later"), partial(_prepared, owner, done))
            walk.later.append((f"{name} in Share", made.requests(done), row[-1]))


@dataclass(frozen=True)
class _Prepared:
    """A document whose folder has a member, and the body of a request that undoes what was done to it, if any."""

    document: str
    folder: str
    body: dict[str, Any]

    def requests(self, done: Shared) -> Requests:
        requests = done.requests(self.document, self.folder)
        if not self.body:
            return requests
        return [(method, path, {"json": self.body}) for method, path, _ in requests]


def _prepared(owner: Sender, done: Shared) -> _Prepared:
    document = owner.send()
    ident, folder = document["id"], document["folder"]["id"]
    owner.post(f"/folders/{folder}/members", {"name": "MEMBER"})
    if done.deleted:
        owner.delete(f"/documents/{ident}")
    elif done.undone:
        owner.post(f"/documents/{ident}/unpublish")
    return _Prepared(ident, folder, {done.undone: owner.document(ident)[done.undone]} if done.undone else {})
