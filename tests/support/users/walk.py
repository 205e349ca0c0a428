"""Tries all actions of Work and Share, over HTTP, as every kind of user who can be related to what they act on.

A table says what is expected: ``+`` done, ``-`` not allowed (403), ``0`` not found (404). Differences are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, TypeVar

import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import LIBRARY, Worker, add_person
from tui.rules.authorization import Action

#: Who does the actions. The owner has write access to the walled workspace; the namesake has the name of the owner, who
#: has been removed by then; the author is named in documents, and has no other rights.
RELATIONS = ("OWNER", "HOST", "AUTHOR", "READER", "WRITER", "FULL", "STRANGER", "DJONES", "namesake")
SECURITIES = ("open", "public", "view", "private", "walled")
WORKSPACE_SECURITIES = ("public", "view", "private")
#: Who has just enough rights to what is private, and who would have been given some most easily by mistake.
CLOSEST = ("READER", "DJONES")
_TRUSTEES = {"READER": "read", "WRITER": "read_write", "FULL": "full_access"}
_NAMES = ("OWNER", "HOST", "AUTHOR", "READER", "WRITER", "FULL", "STRANGER", "MEMBER", "MOVER")
_FILES = {"profile": (None, "{}"), "file": ("x.txt", b"x")}
T = TypeVar("T")
Table = Mapping[str, str]
#: Method, path and other arguments of each request.
Requests = list[tuple[str, str, dict[str, Any]]]


def trustees(**levels: str) -> list[dict[str, str]]:
    return [{"id": name, "access_level": level} for name, level in levels.items()]


@dataclass
class Walk:
    """The users, their locations, and the requests that were made."""

    server: ServerProcess
    people: dict[str, Worker] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    later: list[tuple[str, Requests, str]] = field(default_factory=list)
    kept: dict[Any, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.people = {name: Worker(self.server, add_person(self.server, name)) for name in _NAMES}
        self.people["DJONES"] = Worker(self.server)
        host = self.people["HOST"]
        self.places["open"] = host.folder(host.workspace("Open"), "Folder")
        walled = host.workspace(
            "Walled",
            default_security="private",
            user_trustees=trustees(OWNER="read_write", **_TRUSTEES),
        )
        self.places["walled"] = host.folder(walled, "Folder")
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.people.values():
            worker.http.close()

    def namesakes(self) -> Iterator[str]:
        """Removes the owner, adds a user with their name, and yields what differs for this one."""
        with Sender(self.server) as admin:
            admin.delete("/users/OWNER")
        self.people.pop("OWNER").http.close()
        self.people["namesake"] = Worker(self.server, add_person(self.server, "OWNER"))
        for what, requests, expected in self.later:
            sign = self.outcome(self.people["namesake"], requests)
            if sign != expected:
                yield f"{what}: {sign} for {expected} by a namesake"

    def ask(self, worker: Worker, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        full = path if path.startswith("/") else f"{LIBRARY}/{path}"
        self.asked.append((method, full))
        return worker.request(method, full, **more)

    def outcome(self, worker: Worker, requests: Requests) -> str:
        """The sign of what all the requests lead to; if they differ, the sign of each."""
        signs = [
            _sign(self.ask(worker, method, path, more), f"{method} {path}") for method, path, more in requests
        ]
        return signs[0] if len(set(signs)) == 1 else " ".join(signs)

    # ------------------------------------------------------------ things

    def thing(self, key: object, make: Callable[[], T]) -> T:
        """What was made under this key, or makes it now if there is nothing (any more)."""
        if key not in self.kept:
            self.kept[key] = make()
        made: T = self.kept[key]
        return made

    def spend(self, key: object) -> None:
        """Forgets a thing that is no longer as it was made."""
        self.kept.pop(key)

    def undone(self, relation: str, act: Done, key: object) -> bool:
        """Whether the user who did it has made the thing what it was again."""
        return act.undo is not None and self.outcome(self.people[relation], act.undo(self.kept[key])) == "+"

    def document(self, security: str) -> str:
        """A document of the owner's that names another user as its author."""
        place = self.places["walled" if security == "walled" else "open"]
        more: dict[str, Any] = {"author": "AUTHOR"} | self._security(security)
        return str(self.people["OWNER"].upload(place, "Paper", **more)["id"])

    def deleted(self, security: str) -> str:
        ident = self.document(security)
        self.people["OWNER"].request("DELETE", f"documents/{ident}").raise_for_status()
        return ident

    def folder(self, security: str) -> str:
        place = self.places["walled" if security == "walled" else "open"]
        return self.people["OWNER"].folder(place, "Folder", **self._security(security))

    def workspace(self, security: str) -> str:
        return self.people["OWNER"].workspace("Workspace", **self._security(security))

    def _security(self, security: str) -> dict[str, Any]:
        if security in ("open", "walled"):
            return {}
        named = {} if security == "public" else {"user_trustees": trustees(**_TRUSTEES)}
        return {"default_security": security, **named}


def _sign(answer: httpx.Response, request: str) -> str:
    signs = {403: "-", 404: "0"}
    if answer.is_success:
        return "+"
    return signs.get(answer.status_code, f"{request}: {answer.status_code}")


@dataclass(frozen=True)
class Done:
    """An action, as requests to the id of what it is done to. If it ``spends`` that, the next action gets a new one,
    unless whoever did it can also ``undo`` it. What it leaves in a container that is kept ``apart`` affects no other
    action."""

    action: Action
    requests: Callable[[str], Requests]
    make: Callable[[Walk, str], str]
    spends: bool = True
    undo: Callable[[str], Requests] | None = None
    apart: bool = False


def _asked(requests: Requests, security: str, relation: str = "namesake") -> Requests:
    return requests if security == "private" and relation in (*CLOSEST, "namesake") else requests[:1]


def _read(kind: str, *paths: str) -> Callable[[str], Requests]:
    return lambda ident: [("GET", f"{kind}/{ident}{path}", {}) for path in paths]


def _one(method: str, path: str, **more: Any) -> Callable[[str], Requests]:
    return lambda ident: [(method, path.format(ident), more)]


_DELETE = _one("DELETE", "documents/{}")
_RELEASE = _one("DELETE", "documents/{}/lock")
_RESTORE = _one("POST", "trash-bin/documents/{}/restore")
_CLOSED = {"default_security": "private", "user_trustees": trustees(STRANGER="read")}
_OF_DOCUMENTS = (
    "", "/versions", "/history/versions", "/path", "/operations", "/security", "/name-value-pairs", "/history",
    "/history/activities", "/history/users", "/download", "/download/x.txt",
)  # fmt: skip

DOCUMENTS: Mapping[str, Done] = {
    "read": Done(Action.READ_DOCUMENT, _read("documents", *_OF_DOCUMENTS), Walk.document, spends=False),
    "note": Done(
        Action.NOTE_HISTORY,
        _one("POST", "documents/{}/history", json={"activity": "PRINT"}),
        Walk.document,
        spends=False,
    ),
    "profile": Done(
        Action.CHANGE_PROFILE,
        lambda ident: [
            ("PATCH", f"documents/{ident}", {"json": {"name": "Changed", "author": "STRANGER"}}),
            ("POST", f"documents/{ident}/name-value-pairs", {"json": {"a": "b"}}),
            ("PATCH", f"documents/{ident}/name-value-pairs", {"json": {"a": None}}),
        ],
        Walk.document,
        spends=False,
    ),
    "secure": Done(Action.SECURE_DOCUMENT, _one("PATCH", "documents/{}", json=_CLOSED), Walk.document),
    "replace": Done(
        Action.REPLACE_CONTENT, _one("PUT", "documents/{}/file", files=_FILES), Walk.document, spends=False
    ),
    "version": Done(
        Action.ADD_VERSION, _one("POST", "documents/{}/versions", files=_FILES), Walk.document, spends=False
    ),
    "lock": Done(Action.CHECK_OUT, _one("POST", "documents/{}/lock"), Walk.document, undo=_RELEASE),
    "check out": Done(Action.CHECK_OUT, _one("POST", "documents/{}/checkout"), Walk.document, undo=_RELEASE),
    "release": Done(Action.RELEASE, _RELEASE, Walk.document, spends=False),
    "delete": Done(Action.DELETE_VERSION, _DELETE, Walk.document, undo=_RESTORE),
    "restore": Done(Action.RESTORE_VERSION, _RESTORE, Walk.deleted, undo=_DELETE),
    "purge": Done(Action.PURGE_VERSION, _one("DELETE", "trash-bin/documents/{}"), Walk.deleted),
}
_OF_FOLDERS = (
    "", "/children", "/documents", "/operations", "/path", "/security", "/name-value-pairs"
)  # fmt: skip
FOLDERS: Mapping[str, Done] = {
    "read": Done(Action.READ_CONTAINER, _read("folders", *_OF_FOLDERS), Walk.folder, spends=False),
    "put in": Done(
        Action.CREATE_DOCUMENT,
        _one("POST", "folders/{}/documents", files=_FILES),
        Walk.folder,
        spends=False,
        apart=True,
    ),
    "put in a folder": Done(
        Action.CREATE_FOLDER,
        _one("POST", "folders/{}/subfolders", json={"name": "x"}),
        Walk.folder,
        spends=False,
        apart=True,
    ),
    "rename": Done(
        Action.CHANGE_CONTAINER, _one("PATCH", "folders/{}", json={"name": "x"}), Walk.folder, spends=False
    ),
    "secure": Done(Action.SECURE_CONTAINER, _one("PATCH", "folders/{}", json=_CLOSED), Walk.folder),
    "remove": Done(Action.REMOVE_FOLDER, _one("DELETE", "folders/{}"), Walk.folder),
}
_OF_WORKSPACES = ("", "/children", "/documents", "/operations", "/security", "/name-value-pairs")
WORKSPACES: Mapping[str, Done] = {
    "read": Done(Action.READ_CONTAINER, _read("workspaces", *_OF_WORKSPACES), Walk.workspace, spends=False),
    "put in a folder": Done(
        Action.CREATE_FOLDER,
        _one("POST", "workspaces/{}/folders", json={"name": "x"}),
        Walk.workspace,
        spends=False,
        apart=True,
    ),
    "rename": Done(
        Action.CHANGE_CONTAINER,
        _one("PATCH", "workspaces/{}", json={"name": "x"}),
        Walk.workspace,
        spends=False,
    ),
    "secure": Done(Action.SECURE_CONTAINER, _one("PATCH", "workspaces/{}", json=_CLOSED), Walk.workspace),
    "remove": Done(Action.REMOVE_WORKSPACE, _one("DELETE", "workspaces/{}"), Walk.workspace),
    "remove as a folder": Done(Action.REMOVE_WORKSPACE, _one("DELETE", "folders/{}"), Walk.workspace),
}


def of_things(
    walk: Walk, done: Mapping[str, Done], table: Table, securities: tuple[str, ...]
) -> Iterator[str]:
    """What differs from the table, which has a row for each action, with a group of signs for each security and in it a
    sign for each relation; nothing is tried where it has a ``.`` instead. The first request of each action stands for
    all of them, because they look up the right in the same way; except for private things, which :data:`CLOSEST` and
    the namesake try by each of them. The namesake's results come with :meth:`Walk.namesakes`."""
    for name, row in table.items():
        act = done[name]
        for security, group in zip(securities, row.split(), strict=True):
            if group == ".":
                continue
            assert len(group) == len(RELATIONS), f"{name}: {group}"
            # The namesake's actions that must have no effect are all done to the same thing.
            spends = act.spends and group[-1] == "+"
            ident = walk.thing(
                (act.make, security, act.apart, "later", name * spends), partial(act.make, walk, security)
            )
            walk.later.append((f"{name}, {security}", _asked(act.requests(ident), security), group[-1]))
            for relation, expected in zip(RELATIONS[:-1], group, strict=False):
                key = act.make, security, act.apart
                requests = _asked(
                    act.requests(walk.thing(key, partial(act.make, walk, security))), security, relation
                )
                sign = walk.outcome(walk.people[relation], requests)
                if sign != expected:
                    yield f"{name}, {security}: {sign} for {expected} by {relation}"
                if sign not in "-0" and act.spends and not walk.undone(relation, act, key):
                    walk.spend(key)
