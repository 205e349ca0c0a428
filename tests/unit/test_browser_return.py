"""The address on this machine that a browser returns to: anybody here can connect to it (S39)."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from tui.clients import browser
from tui.clients.browser import BrowserSignIn
from tui.clients.work_target import Registration
from tui.rules.errors import NotSignedIn


async def asked(port: int, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_requests_without_an_end_and_many_at_once_are_hung_up_on() -> None:
    async with BrowserSignIn("https://work.example", Registration()) as asking:
        port = urlsplit(asking.redirect).port or 0
        assert await asked(port, b"GET /signed-in?x=", b"y" * 200_000) == b""
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(browser._MOST_CONNECTIONS)]
        assert await asked(port, b"GET /signed-in HTTP/1.1\r\n\r\n") == b""
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()
        # The browser, then, is heard.
        state = parse_qs(urlsplit(asking.address).query)["state"][0]
        answer = b""
        while not answer:
            answer = await asked(port, f"GET /signed-in?state={state}&code=c0de HTTP/1.1\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 200")
        assert await asking.code(5) == "c0de"


async def test_a_server_that_declines_at_length_is_cut_short() -> None:
    async with BrowserSignIn("https://work.example", Registration()) as asking:
        state = parse_qs(urlsplit(asking.address).query)["state"][0]
        asking.give(f"?state={state}&error=no&error_description={'n' * 100_000}")
        with pytest.raises(NotSignedIn) as declined:
            await asking.code(5)
        assert len(declined.value.message) < 300
