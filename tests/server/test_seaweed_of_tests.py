"""The S3 store that the tests start for themselves: it keeps what it has confirmed, and takes signed requests only."""

from __future__ import annotations

import secrets

import httpx

from tests.support.servers.seaweed import Seaweed, seaweed


def test_objects_and_ranges_also_after_it_was_killed() -> None:
    # Kept as one object of several chunks.
    stored = secrets.token_bytes(9 * 1024 * 1024 + 1)
    with seaweed() as store:
        bucket, other = store.bucket(), store.bucket()
        path = f"{bucket}/pieces/a"
        assert store.request("PUT", path, stored).status == 200
        _has(store, path, stored)
        store.kill()
        store.start()
        _has(store, path, stored)
        assert store.request("GET", f"{other}/pieces/a").status == 404
        assert store.request("DELETE", path).status == 204
        assert store.request("GET", path).status == 404


def _has(store: Seaweed, path: str, stored: bytes) -> None:
    # Nobody reads or writes there without the secret.
    assert httpx.get(f"{store.url}/{path}").status_code == 403
    assert httpx.put(f"{store.url}/{path}", content=b"changed").status_code == 403
    assert store.request("GET", path) == (200, stored)
    start, end = len(stored) - 1000, len(stored) - 2
    assert store.request("GET", path, None, f"Range: bytes={start}-{end}") == (206, stored[start : end + 1])
