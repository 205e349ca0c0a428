"""What one person's requests leave to others: ``python -m tests.bench.lanes [--documents N] [--data FILLED]
[--database-url URL] [--only PATTERN]``.

Each route of the OpenAPI document, of Work's API and of the recipients' pages is called 64 times at once by one person,
in a library of N documents (100,000) with a few hundred sent ones. Meanwhile others ask for ``/healthz``, for a link's
page, and press its button. The row has the longest of their waits, of several rounds that with the shortest, since a
busy machine adds to each of them; and the statuses of the 64. The exit status is 1 if others waited for too long or
got no answer, or if the person was told of an internal error.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import selectors
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.figures import Row, table
from tests.support.servers.fill import Filled, fill
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.share import NOBODY, TUS, Sender, b64
from tests.support.users.work import CUSTOMER, LIBRARY, PASSWORD, Worker
from tui.server.app import application
from tui.server.pages.routes import ROUTES as PAGES
from tui.wire.batch import MEDIA_TYPE
from tui.wire.changes import MOST_DOCUMENTS as MOST_CHANGED

AT_ONCE = 64
#: Milliseconds that others may wait.
MOST_WAITED = 250.0
#: Documents that the person has sent.
SENT = 300
#: How often, and for how many seconds, a route is called again and again.
ROUNDS, SECONDS = 3, 0.5
_PATIENCE = 120.0
_PARAMETER = re.compile(r"\{(\w+)(:\w+)?\}")
_OFFSETS = "application/offset+octet-stream"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="profile"\r\nContent-Type: application/json\r\n\r\n'
    '{"doc_profile": {"name": "New", "extension": "txt"}}\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="New.txt"\r\n\r\nbytes\r\n--x--\r\n'
)
#: Searches that cost more than a list's first page.
_SEARCHES = (
    f"{LIBRARY}/documents?comments=zz&total=true",
    f"{LIBRARY}/documents?name=*a*e*i*o*u*",
    f"{LIBRARY}/documents?anywhere=*a*e*t*&total=true&limit=500",
    f"{LIBRARY}/folders/{{large}}/children?limit=9999",
)


@dataclass(frozen=True)
class Call:
    """One request, as it is sent 64 times."""

    method: str
    path: str
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    #: In place of ``path``, one for each request, over and over again.
    paths: Iterator[str] | None = None

    def sent(self, token: str) -> bytes:
        path = self.path if self.paths is None else next(self.paths)
        lines = [f"{self.method} {path} HTTP/1.1", "Host: x", "Connection: close"]
        lines += [f"X-Auth-Token: {token}"] if token else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines += [f"Content-Type: {self.kind}", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Attacker:
    """The person who calls each route, with something for each of its parameters."""

    def __init__(self, server: ServerProcess, filled: Filled) -> None:
        self.server, self.filled = server, filled
        with Sender(server) as admin:
            admin.request("POST", "/users", json={"name": "MALLORY", "password": PASSWORD})
        self.token = ""
        self._send = ""

    def prepare(self) -> dict[str, str]:
        """Values for the parameters of paths, made anew since an earlier route may have removed them."""
        with Sender(self.server) as admin:
            self.token = admin.sign_in("MALLORY")["token"]
        with Sender(self.server, self.token) as me, Worker(self.server, self.token) as work:
            if self._send:
                # Those that an earlier route has begun would leave no room for more.
                me.delete(f"/sends/{self._send}/uploads")
            send = me.open()
            self._send = send["id"]
            have = me.get("/documents", limit=1)["total"]
            if have < SENT:
                for start in range(have, SENT, 50):
                    me.publish_together(send["id"], [f"{start + n}.txt" for n in range(50)])
            document = me.publish_together(send["id"], ["again.txt"])[0]
            space = work.workspace("Mine")
            folder = work.folder(space, "Mine")
            return {
                "document_id": document["id"],
                "beginning": document["id"][:8],
                "folder_id": document["folder"]["id"],
                "send_id": send["id"],
                "many": " ".join(
                    each["id"] for each in me.get("/documents", limit=MOST_CHANGED)["documents"]
                ),
                "upload_id": me.begin(send["id"], 10).rpartition("/")[2],
                "ident": NOBODY,
                "document": work.upload(folder, "Paper")["id"],
                "workspace": space,
                "folder": folder,
                "container": folder,
                "user": "MALLORY",
                "name": "MALLORY",
                "group": "none",
                "category": "none",
                "shortcut": "1",
                "favorite": "1",
                "file_name": "Paper.txt",
                "large": self.filled.large,
                "secret": path_of(document).removeprefix("/s/"),
            }

    def without_value(self) -> set[str]:
        """The parameters of paths that no value is known for."""
        paths = (route.path for route in (*application().routes, *PAGES))  # type: ignore[attr-defined]
        return (
            {name for path in paths for name, _ in _PARAMETER.findall(path)}
            - self.prepare().keys()
            - {"scope"}
        )

    def calls(self) -> Iterator[tuple[str, Callable[[], Call]]]:
        """Each route by its name, with what makes its request when its turn comes."""
        for route in (*application().routes, *PAGES):
            for method in sorted(route.methods or ()):  # type: ignore[attr-defined]
                if method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    yield f"{method} {_short(route.path)}", _maker(self, method, route.path)  # type: ignore[attr-defined]
        for path in _SEARCHES:
            yield f"GET {_short(path)}", _maker(self, "GET", path)
        yield "GET a grant's file", self._grant

    def uploads(self) -> Iterator[str]:
        """The addresses of uploads that have no byte yet, as many as several volleys take."""
        with Sender(self.server, self.token) as me:
            send = me.open()["id"]
            return cycle([me.begin(send, 10) for _ in range(4 * AT_ONCE)])

    def _grant(self) -> Call:
        with self.server.guest() as guest:
            pressed = guest.post(f"/s/{self.prepare()['secret']}")
        return Call("GET", pressed.headers["location"])


def _short(path: str) -> str:
    return path.replace("/{scope:work_scope}", "/…").replace(LIBRARY, "/…")


def _maker(attacker: Attacker, method: str, path: str) -> Callable[[], Call]:
    def make() -> Call:
        values = attacker.prepare()
        place = path.replace("/{scope:work_scope}", LIBRARY if "librar" not in path[24:] else CUSTOMER)
        place = _PARAMETER.sub(lambda found: values[found[1]], place)
        if method == "GET":
            return Call(method, place)
        if method == "PATCH" and "/uploads" in path:
            headers = (*TUS.items(), ("Upload-Offset", "0"))
            return Call(method, place, b"x" * 10, _OFFSETS, headers, attacker.uploads())
        return _with_body(method, path, place, values)

    return make


def _with_body(method: str, path: str, place: str, values: dict[str, str]) -> Call:
    if path.startswith("/s/") or path.startswith("/g/"):
        return Call(method, place, b"go=1", _FORM)
    if path.startswith("/auth/"):
        form = f"grant_type=password&username=MALLORY&password={PASSWORD}&access_token=x&client_id=x"
        return Call(method, place, form.encode(), _FORM)
    if "/uploads" in path:
        metadata = (("Upload-Length", "10"), ("Upload-Metadata", f"send {b64(values['send_id'])}"))
        return Call(method, place, b"", _OFFSETS, (*TUS.items(), *metadata))
    if path.endswith("/batch"):
        return Call(method, place, _batch(), MEDIA_TYPE)
    uploads = ("/versions", "/file", "/folders/{folder}/documents")
    if path.startswith("/{scope") and path.endswith(uploads):
        return Call(method, place, _MULTIPART.encode(), "multipart/form-data; boundary=x")
    return Call(method, place, json.dumps(_body(path, values)).encode())


def _batch() -> bytes:
    """Fifty small documents in one body, which are published once."""
    content, digest = b"content", hashlib.sha256(b"content").hexdigest()
    documents = [
        {
            "name": f"{n}.txt",
            "size": len(content),
            "sha256": digest,
            "source": {"label": f"file:{n}"},
            "key": f"k{n}",
        }
        for n in range(50)
    ]
    return json.dumps({"documents": documents}).encode() + b"\n" + content * len(documents)


def _body(path: str, values: dict[str, str]) -> dict[str, Any]:
    """A body that the route accepts, as far as one is needed for it to do its work."""
    bodies: dict[str, dict[str, Any]] = {
        "/login": {"user": "MALLORY", "password": PASSWORD},
        "/session/login": {"user_id": "MALLORY", "password": PASSWORD},
        "/sends": {"folder": values["folder_id"], "password": PASSWORD},
        "/resend": {"password": PASSWORD},
        "/members": {"name": "DJONES"},
        "/folder": {"generation": 1, "shortcut": True},
        "/folder/confirm": {"folder": values["folder_id"], "generation": 1},
        "/heads/check": {"chains": [{"subject": f"document:{values['document_id']}", "sequence": 1}]},
        "/recipients": {"recipients": "Bob <bob@example.com>"},
        "/password": {"password": PASSWORD, "current": PASSWORD},
        "/documents/changes": {
            "change": "unpublish",
            "documents": [{"id": ident} for ident in values["many"].split()],
        },
        "/documents/search": {"filters": {"comments": "zz"}},
        "/folders/search": {"filters": {"name": "*a*"}},
        "/workspaces/search": {"filters": {"name": "*a*"}},
    }
    found = (body for end, body in bodies.items() if path.endswith(end))
    return next(found, {"name": "Renamed", "comment": "again", "activity": "view"})


# ---------------------------------------------------------------- measuring


def volley(server: ServerProcess, call: Call, token: str) -> Counter[int]:
    """Sends the request 64 times at once; the statuses of the answers."""
    target = urlsplit(server.url)
    found: Counter[int] = Counter()
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        socks = [
            stack.enter_context(socket.create_connection((target.hostname or "", target.port or 0), 60))
            for _ in range(AT_ONCE)
        ]
        for sock in socks:
            sock.sendall(call.sent(token))
            selector.register(sock, selectors.EVENT_READ, sock)
        ends, unanswered, waiting = time.monotonic() + _PATIENCE, set(socks), set(socks)
        while waiting and time.monotonic() < ends:
            for key, _ in selector.select(1):
                piece = key.data.recv(1 << 20)
                if piece and key.data in unanswered:
                    found[int(piece.split(None, 2)[1])] += 1
                    unanswered.discard(key.data)
                if not piece or b"text/event-stream" in piece:
                    selector.unregister(key.data)
                    waiting.discard(key.data)
        found[0] += len(unanswered)
    return +found


class Others:
    """Someone at another address who asks for what must always be answered soon."""

    def __init__(self, server: ServerProcess) -> None:
        page = path_of(publish(server, b"content", "Open.pdf"))
        self._target = urlsplit(server.url)
        get = "GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        press = f"POST {page} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        self._asked = {"healthz": get.format("/healthz"), "page": get.format(page), "press": press}
        self.waits: dict[str, float] = {}

    def ask(self) -> None:
        for what, request in self._asked.items():
            began = time.perf_counter()
            with socket.create_connection(
                (self._target.hostname or "", self._target.port or 0), 60, ("127.0.0.99", 0)
            ) as line:
                line.sendall(request.encode())
                answer = line.recv(65536)
            assert answer.split()[1] in (b"200", b"303"), (what, answer[:200])
            waited = (time.perf_counter() - began) * 1000
            self.waits[what] = max(self.waits.get(what, 0.0), waited)

    def longest(self, work: Callable[[], None]) -> tuple[float, str]:
        """Ask again and again until ``work`` is done; the longest wait, and for what."""
        self.waits.clear()
        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            self.ask()
        thread.join()
        return max((waited, what) for what, waited in self.waits.items())


def rows(server: ServerProcess, filled: Filled, only: str) -> Iterator[Row]:
    attacker, others = Attacker(server, filled), Others(server)
    if unknown := attacker.without_value():
        sys.exit(f"No value is known for {', '.join(sorted(unknown))}.")
    idle, _ = min(others.longest(lambda: time.sleep(SECONDS)) for _ in range(ROUNDS))
    yield Row("nothing", idle, MOST_WAITED, "ms")
    for name, make in attacker.calls():
        if not re.search(only, name):
            continue
        statuses = Counter[int]()

        def attack(call: Call, statuses: Counter[int] = statuses) -> None:
            ends = time.monotonic() + SECONDS
            while time.monotonic() < ends:
                statuses.update(volley(server, call, attacker.token))

        waited, whose = min(others.longest(partial(attack, make())) for _ in range(ROUNDS))
        seen = ", ".join(f"{count} × {status or 'none'}" for status, count in sorted(statuses.items()))
        # No wait is short enough where a request has failed.
        most = MOST_WAITED if not statuses[500] else 0.0
        yield Row(name, waited, most, "ms", idle, f"{whose}; {seen}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--data", type=Path, help="a library that tests.support.servers.fill has made")
    parser.add_argument("--database-url", help="a fresh PostgreSQL database, or that of --data")
    parser.add_argument("--only", default="", help="routes whose names this regular expression finds")
    options = parser.parse_args()
    url, found = options.database_url, list[Row]()
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or Path(folder) / "data"
        if options.data:
            filled = Filled(**json.loads(data.with_name(data.name + ".json").read_text()))
        else:
            filled = asyncio.run(fill(data, options.documents, url))
        arguments = ("--presses-per-hour", "0", *(("--database-url", url) if url else ()))
        with ServerProcess(data, arguments=arguments) as server:
            for row in rows(server, filled, options.only):
                found.append(row)
                print(table([row]).splitlines()[1], flush=True)
    print(f"{filled.documents:,} documents, {'PostgreSQL' if url else 'SQLite'}, {AT_ONCE} at once")
    print(table(found))
    return 0 if all(row.passed is not False for row in found) else 1


if __name__ == "__main__":
    sys.exit(main())
