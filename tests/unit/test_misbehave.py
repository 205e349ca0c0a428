"""The tests' proxy, which does to requests what a network does, leaves no connection open itself."""

from __future__ import annotations

import gc
import socket
import threading
import warnings

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call
from tests.system.proxy import wait_until


def test_who_comes_as_it_begins_to_refuse_is_closed() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _refused_at_once(5)
        gc.collect()
    assert [str(each.message) for each in caught] == []


def _refused_at_once(others: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as target:
        with Misbehaving(f"http://127.0.0.1:{target.getsockname()[1]}") as proxy:

            def lose() -> None:
                proxy.refuse()
                raise ConnectionResetError

            proxy.spoil("GET", Call(lose))
            first = socket.create_connection(("127.0.0.1", proxy.port))
            wait_until(lambda: bool(proxy._open))
            # The proxy's thread is blocked, so that the request and the others arrive in one round of its loop.
            go_on = threading.Event()
            proxy._loop.call_soon_threadsafe(go_on.wait, 10)
            first.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            more = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(others)]
            go_on.set()
            wait_until(lambda: bool(proxy.seen))
        for each in (first, *more):
            each.close()
