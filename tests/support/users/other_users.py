"""Other activity in the same folder: by recipients, and by the same user with another program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import httpx

from tests.support.pictures.scene_start import add_shortcut
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish

NAMES = ("Offer.pdf", "Grüße 👩‍👩‍👧 [b].txt", "秘密保持契約書.docx", "Exhibit " + "x" * 120 + ".png")


class Others:
    """Random actions through the server's API; those that it refuses, or can't answer now, are ignored."""

    def __init__(self, server: ServerProcess, random: Random) -> None:
        self.server = server
        self.random = random
        self.count = 0
        self._acts: list[Callable[[], object]] = [
            self.download,
            self.download,
            self.download,
            self.wrong_password,
            self.send,
            self.unpublish,
            self.delete,
            self.restore,
            self.member,
            self.policy,
        ]

    def prepare(self, people: Iterable[str], password: str) -> None:
        """Gives ``people`` a password to sign in with, and makes the folder, with its shortcut and some documents."""
        with self.server.client() as client:
            for name in people:
                given = client.put(f"/share/v1/users/{name}/password", json={"password": password})
                given.raise_for_status()
        add_shortcut(self.server)
        for name in NAMES:
            self.send(name)

    def act(self) -> str:
        """Does something, and returns what."""
        chosen = self.random.choice(self._acts)
        self.count += 1
        try:
            chosen()
        except httpx.HTTPError:
            return f"no {chosen.__name__}"
        return chosen.__name__

    def _some(self, address: str = "/share/v1/documents") -> dict[str, Any]:
        with self.server.client() as client:
            found = client.get(address).raise_for_status().json()["documents"]
        return self.random.choice(found) if found else {"id": "none", "url": None}

    def _ask(self, method: str, path: str, **arguments: Any) -> None:
        with self.server.client() as client:
            client.request(method, f"/share/v1{path}", **arguments).raise_for_status()

    def download(self) -> None:
        url = self._some()["url"]
        if url:
            with self.server.guest() as guest:
                answer = guest.post(url, data={"password": "Blue-Harbour7"})
                if answer.status_code == 303:
                    guest.get(answer.headers["location"])

    def wrong_password(self) -> None:
        url = self._some()["url"]
        if url:
            with self.server.guest() as guest:
                guest.post(url, data={"password": "wrong"})

    def send(self, name: str = "") -> None:
        permitted = self.random.choice([None, 1, 3])
        publish(self.server, b"x" * 5000, name or self.random.choice(NAMES), downloads_permitted=permitted)

    def unpublish(self) -> None:
        self._ask("POST", f"/documents/{self._some()['id']}/unpublish")

    def delete(self) -> None:
        self._ask("DELETE", f"/documents/{self._some()['id']}")

    def restore(self) -> None:
        self._ask("POST", f"/trash/{self._some('/share/v1/trash')['id']}/restore")

    def member(self) -> None:
        with self.server.client() as client:
            folder = client.get("/share/v1/folder").raise_for_status().json()["folder"]
        if folder:
            self._ask("POST", f"/folders/{folder['id']}/members", json={"name": "MKELLER"})

    def policy(self) -> None:
        """An administrator resets all rules."""
        with self.server.client() as client:
            rules = client.get("/share/v1/policy").raise_for_status().json()
            client.patch("/share/v1/policy", json=dict.fromkeys(rules))
