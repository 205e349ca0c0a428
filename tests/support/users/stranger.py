"""A client that knows nothing of Share but its OpenAPI description: it does what the numbered steps of the text say."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from tests.support.servers.server import ServerProcess

_ADDRESS = "/share/v1/openapi.json"
_STEP = re.compile(r"^(\d)\. (.*?)(?=^\d\. |^$)", re.MULTILINE | re.DOTALL)
_REQUEST = re.compile(r"`(GET|POST|PATCH|HEAD) (\S+)`")
_CONDITION = re.compile(r"If `(\w+)` is `false` in the response, $")
_HEADER = re.compile(r"`([A-Z][A-Za-z-]+): ([^`]+)`")
_BODY = re.compile(r"`(\{[^`]*\})`")
_STRING_OR_WORD = re.compile(r'"[^"]*"|[A-Za-z][\w.]*')
_BASE64 = re.compile(r"BASE64\(([\w.]+)\)")
_PART_OF_PATH = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True)
class Request:
    """A request as a step describes it. ``unless``: not made if this field of the last response is true."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None
    unless: str | None


def steps_of(text: str) -> dict[int, list[Request]]:
    """The requests of each numbered step."""
    return {int(number): _requests(" ".join(step.split())) for number, step in _STEP.findall(text)}


def _requests(step: str) -> list[Request]:
    found = list(_REQUEST.finditer(step))
    requests = []
    for request, end in zip(found, [*(each.start() for each in found[1:]), len(step)], strict=True):
        rest = step[request.end() : end]
        body, condition = _BODY.search(rest), _CONDITION.search(step[: request.start()])
        requests.append(
            Request(
                request[1],
                request[2],
                dict(_HEADER.findall(rest)),
                body and body[1],
                condition and condition[1],
            )
        )
    return requests


class Stranger:
    """``known`` holds what the text leaves to its reader, in capitals, and what the responses have said."""

    def __init__(self, server: ServerProcess, name: str, password: str) -> None:
        self.http = server.guest()
        self.known: dict[str, Any] = {"NAME": name, "PASSWORD": password}
        self._description = self.http.get(_ADDRESS).raise_for_status().json()
        self.steps = steps_of(self._description["info"]["description"])

    def __enter__(self) -> Stranger:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def take(self, *numbers: int) -> None:
        """Takes these steps, with all requests that the text asks for."""
        for number in numbers:
            for request in self.steps[number]:
                if request.unless is None or not self._value(request.unless):
                    self.make(request)

    def make(self, request: Request, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Makes a request, with ``content`` as its body if the text has none, and ``headers`` instead of the text's.

        Asserts that the operation's own description has everything that is sent and learned.
        """
        address = self._address(request.path)
        operation = self._operation(request.method, urlsplit(address).path)
        sent = {name: value for name, value in request.headers.items() if name not in self._token_headers}
        sent = {name: self._header(value) for name, value in sent.items()}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        described = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
        assert sent.keys() <= described | {"Content-Type"}, (request, described)
        body = None if request.body is None else json.loads(_STRING_OR_WORD.sub(self._json, request.body))
        if body is not None:
            schema = self._schema(operation["requestBody"])
            assert set(schema.get("required", ())) <= body.keys() <= schema["properties"].keys(), request
        if content is not None:
            assert sent["Content-Type"] in operation["requestBody"]["content"], request
        response = self.http.request(request.method, address, headers=sent, json=body, content=content)
        assert response.is_success, (request, response.text)
        self._learn(request, operation["responses"][str(response.status_code)], response)
        return response

    def _learn(self, request: Request, described: dict[str, Any], response: httpx.Response) -> None:
        for name in described.get("headers", {}):
            self.known[name.upper()] = response.headers[name]
        if "LOCATION" in self.known:
            self.known["LOCATION"] = urljoin(str(response.url), self.known["LOCATION"])
            self.known["UPLOAD"] = self.known["LOCATION"].rpartition("/")[2]
        if response.content:
            properties = self._schema(described)["properties"]
            fields = {name: value for name, value in response.json().items() if name in properties}
            self.known |= fields
            if request.path.endswith("s"):
                # One was added to a collection.
                self.known[request.path.rpartition("/")[2].removesuffix("s")] = fields
        for name in self._token_headers & request.headers.keys():
            self.http.headers[name] = self._header(request.headers[name])

    # ---------------------------------------------------------------- words of the text

    def _value(self, word: str) -> Any:
        """What ``folder.id`` or a word in capitals stands for."""
        value: Any = self.known
        for part in word.split("."):
            value = value[part]
        return value

    def _json(self, found: re.Match[str]) -> str:
        return found[0] if found[0].startswith('"') else json.dumps(self._value(found[0]))

    def _header(self, text: str) -> str:
        if text in self.known:
            return str(self.known[text])
        return _BASE64.sub(lambda word: base64.b64encode(self._value(word[1]).encode()).decode(), text)

    def _address(self, path: str) -> str:
        return _PART_OF_PATH.sub(lambda word: self._value(word[1]), self.known.get(path, path))

    # ---------------------------------------------------------------- the description of the operations

    @property
    def _token_headers(self) -> set[str]:
        schemes = self._description["components"]["securitySchemes"].values()
        return {scheme["name"] for scheme in schemes if scheme.get("in") == "header"}

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        (found,) = (
            operations[method.lower()]
            for template, operations in self._description["paths"].items()
            if re.fullmatch(_PART_OF_PATH.sub("[^/]+", template), path) and method.lower() in operations
        )
        operation: dict[str, Any] = found
        return operation

    def _schema(self, described: dict[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = described["content"]["application/json"]["schema"]
        while "$ref" in schema:
            schema = self._description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema
