"""Two users who combine their actions against a document that belongs to neither (:class:`Pair`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from tests.support.users.work import Worker

PRIVATE = {"default_security": "private"}
PUBLIC = {"default_security": "public"}
#: The locations of the two: a folder that each has made in the host's workspace (F), and a workspace of each (M).
PLACES = ("FB", "FC", "MB", "MC")


class Do(Protocol):
    def __call__(self, pair: Pair, by: str, /) -> bool: ...


@dataclass
class Pair:
    """The owner's public document in the host's public workspace, and locations of two other users, ``B`` and ``C``,
    who may write there like everyone."""

    people: Mapping[str, Worker]
    places: dict[str, str] = field(default_factory=dict)
    workspace: str = ""
    document: str = ""

    def __post_init__(self) -> None:
        host = self.people["HOST"]
        self.workspace = host.workspace("Matter")
        self.places["HERE"] = host.folder(self.workspace, "Here")
        for name in "BC":
            self.places[f"F{name}"] = self.people[name].folder(self.workspace, f"Of {name}")
            self.places[f"M{name}"] = self.people[name].workspace(f"Mine, {name}")
        self.document = str(self.people["OWNER"].upload(self.places["HERE"], "Paper")["id"])

    def ask(self, by: str, method: str, path: str, body: Any = None) -> bool:
        answer = self.people[by].request(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code < 500, answer.text
        return answer.is_success

    def secure(self, place: str, security: dict[str, str], by: str) -> bool:
        return self.ask(by, "PATCH", f"folders/{self.places[place]}", security)

    def where(self) -> str:
        """The folder that the document is in, as the owner sees it."""
        answer = self.people["OWNER"].request("GET", f"documents/{self.document}/path")
        return str(answer.json()["data"][0][-1]["id"]) if answer.is_success else self.places["HERE"]

    def move(self, place: str, by: str) -> bool:
        path = f"folders/{self.where()}/documents/{self.document}/move"
        return self.ask(by, "POST", path, {"destination_id": self.places[place]})

    def move_folder(self, folder: str, place: str, by: str) -> bool:
        path = f"folders/{self.places[folder]}/move"
        return self.ask(by, "POST", path, {"destination_id": self.places[place]})

    def restore(self, place: str, by: str) -> bool:
        path = f"trash-bin/documents/{self.document}/restore"
        return self.ask(by, "POST", path, {"folder_ids": [self.places[place]]})

    # ------------------------------------------------------------ the outcome

    def close_all(self) -> None:
        """Each of the two does everything they can to get the document for themselves."""
        for by in "BC":
            for place in PLACES:
                self.secure(place, PRIVATE, by)
            self.ask(by, "PATCH", f"documents/{self.document}", PRIVATE)
        if self.ask("OWNER", "GET", f"documents/{self.document}"):
            return
        # Then it may be in the trash.
        for by in "BC":
            for place in PLACES:
                self.restore(place, by)
            self.ask(by, "DELETE", f"trash-bin/documents/{self.document}")

    def lost(self) -> list[str]:
        """What the owner has lost of the document. They must be able to read, change and secure it, or to restore it
        from the trash; unless it is there, everyone must be able to read it."""
        owner, ident = self.people["OWNER"], self.document
        if not self.ask("OWNER", "GET", f"documents/{ident}"):
            own = owner.workspace("Own")
            body = {"folder_ids": [own]}
            if not self.ask("OWNER", "POST", f"trash-bin/documents/{ident}/restore", body):
                return ["the owner has no access"]
        elif not self.ask("STRANGER", "GET", f"documents/{ident}"):
            return ["others have no access"]
        lost = []
        if not self.ask("OWNER", "PATCH", f"documents/{ident}", {"comment": "mine"}):
            lost.append("the owner may not change it")
        if not self.ask("OWNER", "PATCH", f"documents/{ident}", PRIVATE):
            lost.append("the owner may not secure it")
        return lost


def _secure(letter: str, security: dict[str, str], pair: Pair, by: str, /) -> bool:
    return pair.secure(f"{letter}{by}", security, by)


def _move(place: str, pair: Pair, by: str, /) -> bool:
    return pair.move(place, by)


def _restore(place: str, pair: Pair, by: str, /) -> bool:
    return pair.restore(place, by)


def _move_folder(folder: str, place: str, pair: Pair, by: str, /) -> bool:
    return pair.move_folder(folder, place, by)


def _document(method: str, body: Any, pair: Pair, by: str, /) -> bool:
    return pair.ask(by, method, f"documents/{pair.document}", body)


def _remove(pair: Pair, by: str, /) -> bool:
    return pair.ask(by, "DELETE", f"folders/{pair.places['HERE']}")


#: What one of the two does before both close everything they can.
ACTS: Mapping[str, Do] = {
    "make one's folder public by itself": partial(_secure, "F", PUBLIC),
    "close one's folder": partial(_secure, "F", PRIVATE),
    **{f"move it to {place}": partial(_move, place) for place in PLACES},
    **{f"move its folder to {place}": partial(_move_folder, "HERE", place) for place in ("FC", "MC")},
    "move FB to MC": partial(_move_folder, "FB", "MC"),
    "move FC to MB": partial(_move_folder, "FC", "MB"),
    "delete it": partial(_document, "DELETE", None),
    **{f"restore it to {place}": partial(_restore, place) for place in ("FC", "MC")},
    "remove its folder": _remove,
    "make it inherit": partial(_document, "PATCH", {"default_security": "inherit"}),
    "be its author": partial(_document, "PATCH", {"author": "B"}),
}


def played(people: Mapping[str, Worker], first: str, second: str | None = None) -> list[str] | None:
    """What is lost when B does ``first`` and C does ``second``, and both then close everything they can; ``None`` if
    one of these is refused."""
    pair = Pair(people)
    if not ACTS[first](pair, "B") or (second is not None and not ACTS[second](pair, "C")):
        return None
    pair.close_all()
    return pair.lost()
