"""What an installation has in the tests' S3 store, seen from outside: by requests of their own, not by those of the
server."""

from __future__ import annotations

import asyncio
import re
import secrets
from functools import cache
from urllib.parse import quote

from tests.support.servers.seaweed import Answer, Seaweed


class S3Bucket:
    """A place of its own below a prefix, in a bucket that it shares with others."""

    def __init__(self, store: Seaweed) -> None:
        self.store = store
        self._place = f"{_shared(store)}/firm-{secrets.token_hex(6)}"
        #: As the server is told.
        self.url = f"s3://{self._place}"

    async def objects(self) -> dict[str, bytes]:
        """What is stored there, by name."""
        return await asyncio.to_thread(self._objects)

    def _objects(self) -> dict[str, bytes]:
        return {each: self.content(each) for each in self.listed()}

    def listed(self) -> dict[str, str]:
        """What the list says of each object, by name: its time, length and digest."""
        name, _, prefix = self._place.partition("/")
        found: dict[str, str] = {}
        after = ""
        while True:
            query = f"list-type=2&max-keys=1000&prefix={prefix}%2F&start-after={quote(after, safe='')}"
            status, listed = self.store.request("GET", f"{name}?{query}")
            assert status == 200
            text = listed.decode()
            for entry in re.findall(r"<Contents>.*?</Contents>", text, re.DOTALL):
                assert "<ETag>" in entry
                (after,) = re.findall(r"<Key>([^<]+)</Key>", entry)
                found[after.removeprefix(f"{prefix}/")] = entry
            if "<IsTruncated>true" not in text:
                return found

    def content(self, name: str) -> bytes:
        """What is stored under a name."""
        return self._ask("GET", name).body

    async def put(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._ask, "PUT", name, content)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self._ask, "DELETE", name)

    def _ask(self, method: str, name: str, content: bytes | None = None) -> Answer:
        done = self.store.request(method, f"{self._place}/{name}", content)
        assert done.status in (200, 204)
        return done


@cache
def _shared(store: Seaweed) -> str:
    """Each bucket takes volumes of its own, of which there aren't many."""
    return store.bucket()
