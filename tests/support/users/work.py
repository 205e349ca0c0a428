"""A user of Work over HTTP, for tests: as iManage clients do, without our own client in between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Self

import httpx

from tests.support.servers.server import ServerProcess

CUSTOMER = "/work/api/v2/customers/1"
LIBRARY = f"{CUSTOMER}/libraries/ACTIVE"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DOCUMENT_ID = re.compile(r"ACTIVE!\d+\.\d+")
CONTAINER_ID = re.compile(r"ACTIVE!\d+")
PASSWORD = "Blue-Heron-48"


def error(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error object of a response, after checking it closely."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()["error"]
    assert found["code"] == code, found
    assert found["message"]
    assert found["code_message"]
    assert found["dms_version"]
    assert found["transaction"]
    return found


def no_absent(value: Any, path: str = "") -> None:
    """Nothing may be null, and nothing may be empty but an extension or a list."""
    assert value is not None, path
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "extension":
                assert inner != "", f"{path}.{key}"
            if inner is None or isinstance(inner, dict | list):
                no_absent(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            no_absent(inner, f"{path}[]")


def kind(name: str) -> dict[str, Any]:
    """A profile's class; ``class`` can't be the name of an argument."""
    return {"class": name}


class Worker:
    """One user's client of Work."""

    def __init__(self, server: ServerProcess, token: str | None = None) -> None:
        self.server = server
        self.http = server.client(token)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.http.request(method, path if path.startswith("/") else f"{LIBRARY}/{path}", **more)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """The whole response of a call that must succeed, without any null or empty values."""
        response = self.request("GET", path, params=params or None)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        no_absent(found)
        return found

    def data(self, path: str, **params: Any) -> Any:
        return self.get(path, **params)["data"]

    def items(self, path: str, **params: Any) -> list[dict[str, Any]]:
        data = self.data(path, **params)
        found: list[dict[str, Any]] = data["results"] if isinstance(data, dict) else data
        return found

    def pages(self, path: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """All pages, as read by a client that continues as long as there is a ``cursor`` key."""
        params |= {"paging_mode": "standard_cursor"}
        while True:
            answer = self.get(path, **params)
            data = answer["data"]
            yield data["results"] if isinstance(data, dict) else data
            if "cursor" not in answer:
                return
            assert answer["cursor"]
            params["cursor"] = answer["cursor"]

    # ------------------------------------------------------------ actions

    def workspace(self, name: str, **more: Any) -> str:
        response = self.request("POST", "workspaces", json={"name": name, **more})
        assert response.status_code == 201, response.text
        return str(response.json()["data"]["id"])

    def folder(self, parent: str, name: str, **more: Any) -> str:
        response = self.request("POST", f"folders/{parent}/subfolders", json={"name": name, **more})
        assert response.status_code == 201, response.text
        return str(response.json()["data"]["id"])

    def upload(
        self, folder: str, name: str, content: bytes = b"x", extension: str = "txt", **profile: Any
    ) -> dict[str, Any]:
        """Uploads a document and returns its profile."""
        return self._sent(f"folders/{folder}/documents", name, content, extension, profile)

    def new_version(
        self, document: str, name: str, content: bytes = b"y", extension: str = "txt", **more: Any
    ) -> dict[str, Any]:
        return self._sent(f"documents/{document}/versions", name, content, extension, more)

    def _sent(
        self, path: str, name: str, content: bytes, extension: str, more: dict[str, Any]
    ) -> dict[str, Any]:
        outer = {key: more.pop(key) for key in ("keep_locked", "audit", "user_trustees") if key in more}
        profile = {"doc_profile": {"name": name, "extension": extension, **more}, **outer}
        files = {
            "profile": (None, json.dumps(profile), "application/json"),
            "file": (f"{name.encode('ascii', 'replace').decode()}.{extension}", content),
        }
        response = self.request("POST", path, files=files)
        assert response.status_code == 201, response.text
        found = response.json()
        assert found["warnings"] == []
        no_absent(found)
        made: dict[str, Any] = found["data"]
        return made

    def download(self, document: str, **params: Any) -> httpx.Response:
        return self.request("GET", f"documents/{document}/download", params=params)

    def history(self, document: str, **params: Any) -> list[str]:
        """The names of what happened, latest first."""
        return [entry["activity"] for entry in self.items(f"documents/{document}/history", **params)]


def add_person(server: ServerProcess, name: str) -> str:
    """Adds a user with :data:`PASSWORD`, and returns an access token of theirs."""
    with server.client() as client:
        client.post("/share/v1/users", json={"name": name, "password": PASSWORD}).raise_for_status()
    with server.guest() as guest:
        form = {"grant_type": "password", "username": name, "password": PASSWORD, "client_id": "web"}
        return str(guest.post("/auth/oauth2/token", data=form).raise_for_status().json()["access_token"])
