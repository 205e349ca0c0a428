"""What a server may send: how much, and in what time. Every answer is read through :class:`BoundedClient`.

A server that is broken, or that somebody else has taken over, may send a line, a body or compressed bytes without end,
or a byte a second. Sizes are of what was decoded. The head of an answer must be there within the time in which its
first byte must be; its body has a whole time and a least rate. A document is as long as it was announced, and may take
as long as its bytes keep coming.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

import httpx

from ..override import override
from ..rules.errors import Failed
from ..rules.text import printable

MIB = 1 << 20
#: The longest line: of a head, and of the event stream.
MOST_LINE = 64 * 1024
_MOST_ERROR = 1 * MIB
#: The most pages of a list, and the most in a row that have nothing: what a person may not see is left out of a page.
_MOST_PAGES, _MOST_EMPTY_PAGES = 20_000, 200
#: How much is decoded at once.
_PIECE = 64 * 1024
#: In JSON, a value takes more of the memory than of the body: one of these bytes, at most, may be a value.
_BYTES_A_VALUE = 16


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of an answer's body. ``most`` is in bytes, decoded; ``None`` for what has no end of its own.

    After ``grace`` seconds, at least ``rate`` bytes must have arrived each second since; ``whole`` is the longest that
    all of it may take. Without ``timed``, there is only the time from one byte to the next.
    """

    most: int | None = 4 * MIB
    timed: bool = True
    grace: float = 30.0
    rate: float = 1024.0
    whole: float = 300.0

    @property
    def most_values(self) -> int:
        """How many values the JSON may have."""
        return (self.most or 4 * MIB) // _BYTES_A_VALUE


#: Of most answers: a page has 500 documents at most, of about 2 KiB each.
ANSWER = Bounds()
#: Of those that list everything at once: the heads of all chains of an installation, the documents of a send.
LONG_ANSWER = Bounds(most=32 * MIB, whole=3600.0)
#: Of a document's content, whose size is known elsewhere, and of the event stream, whose events are bounded there.
UNENDING = Bounds(most=None, timed=False)


def bounded_by(bounds: Bounds) -> dict[str, Any]:
    """The ``extensions`` of a request whose answer has these bounds."""
    return {"bounds": bounds}


def bounds_of(response: httpx.Response) -> Bounds:
    """The bounds that the response's request has set."""
    try:
        found = response.request.extensions.get("bounds", ANSWER)
    except RuntimeError:
        return ANSWER
    return cast("Bounds", found)


class BoundedClient(httpx.AsyncClient):
    """A client whose responses are bounded, whichever way they are read."""

    @override
    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """As httpx does. Raises :class:`Failed` if the client is closed."""
        if self.is_closed:
            # Something was still under way when the program ended.
            raise Failed("connection.closed", "The program is ending; nothing more is sent.")
        is_streamed = options.pop("stream", False)
        response = await self._head(request, options)
        try:
            _check_head(response)
            response.stream = _Body(response)
            # It is decoded here.
            response.headers.pop("content-encoding", None)
            if not is_streamed:
                await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _head(self, request: httpx.Request, options: dict[str, Any]) -> httpx.Response:
        """Send the request and read the head of its response. Raises :class:`httpx.ReadTimeout` if it is late."""
        timeouts, clock = request.extensions["timeout"], asyncio.get_running_loop().time
        seconds = timeouts.get("read")
        waits = [timeouts.get(step) for step in ("pool", "connect", "read")]
        # Until it is being sent: through a proxy, there is another answer first.
        connected = None if None in waits else sum(waits)
        async with in_time(request, connected) as late:

            def sends(is_sending: bool) -> None:
                # Sending a document takes as long as it takes. A server that didn't want it may have answered by now.
                with suppress(RuntimeError):
                    late.reschedule(None if is_sending or seconds is None else clock() + seconds)

            assert isinstance(request.stream, httpx.AsyncByteStream)
            request.stream = _Sending(request.stream, sends)
            return await super().send(request, stream=True, **options)


class _Sending(httpx.AsyncByteStream):
    """A request's body. ``sends`` is called when its sending begins (true) and ends (false)."""

    def __init__(self, stream: httpx.AsyncByteStream, sends: Callable[[bool], None]) -> None:
        self._stream = stream
        self._sends = sends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._sends(True)
        try:
            async for piece in self._stream:
                yield piece
        finally:
            # Also if the server doesn't want all of it.
            self._sends(False)

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def in_time(request: httpx.Request, seconds: float | None) -> AsyncIterator[asyncio.Timeout]:
    """A block that may take some seconds (``None``: until a time is set). Then raises :class:`httpx.ReadTimeout`."""
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield timeout
    except TimeoutError:
        raise httpx.ReadTimeout("The answer is too slow.", request=request) from None


def _check_head(response: httpx.Response) -> None:
    if any(len(name) + len(value) > MOST_LINE for name, value in response.headers.raw):
        raise too_large(response)
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        # Only gzip was asked for. Several, one in the other, would decode to more than can be counted.
        raise Failed(
            "answer.not_understood",
            f"The server sent an answer in the encoding {printable(encoding)[:80]}, which wasn't asked for; "
            "check the address.",
        )
    announced, most = response.headers.get("content-length", ""), _most(response)
    if (
        most is not None
        and response.request.method != "HEAD"
        and announced.isdigit()
        and int(announced) > most
    ):
        raise too_large(response)


def too_large(response: httpx.Response) -> Failed:
    """The problem of an answer that is longer than it may be."""
    url = response.request.url
    server = printable(f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}")
    return Failed(
        "answer.too_large", f"The server {server} sends more than it can be expected to; check the address."
    )


def _most(response: httpx.Response) -> int | None:
    """How long the body may be. Errors, and redirects, are short, whatever was asked for."""
    return bounds_of(response).most if response.is_success else _MOST_ERROR


class _Body(httpx.AsyncByteStream):
    """A response's body, decoded, within its bounds."""

    def __init__(self, response: httpx.Response) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream = response.stream
        self._response = response
        self._bounds = bounds_of(response) if response.is_success else ANSWER
        self._is_encoded = response.headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self._timely() if self._bounds.timed else aiter(self._stream)
        if self._is_encoded:
            pieces = _decoded(pieces)
        most, total = _most(self._response), 0
        async for piece in pieces:
            total += len(piece)
            if most is not None and total > most:
                raise too_large(self._response)
            yield piece

    async def _timely(self) -> AsyncIterator[bytes]:
        bounds, clock = self._bounds, asyncio.get_running_loop().time
        began, total, pieces = clock(), 0, aiter(self._stream)
        while True:
            until = began + min(bounds.whole, bounds.grace + total / bounds.rate)
            try:
                async with in_time(self._response.request, until - clock()):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                return
            total += len(piece)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _decoded(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes that were compressed with gzip, never more than :data:`_PIECE` at once."""
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        async for piece in pieces:
            rest = piece
            while rest and not decoder.eof:
                decoded, rest = decoder.decompress(rest, _PIECE), decoder.unconsumed_tail
                if decoded:
                    yield decoded
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error
    if not decoder.eof:
        raise httpx.DecodingError("The compressed bytes are cut off.")


class PageCount:
    """Counts the pages of a list, which a server may continue for ever."""

    def __init__(self) -> None:
        self._count = self._empty = 0

    def add(self, entries: int) -> None:
        """One more page, with so many entries. Raises :class:`Failed` if there are too many, or too many are empty."""
        self._count += 1
        self._empty = 0 if entries else self._empty + 1
        if self._count > _MOST_PAGES or self._empty > _MOST_EMPTY_PAGES:
            raise Failed("answer.too_large", "The server sends a list without an end; check its address.")


async def bounded_lines(
    pieces: AsyncIterable[bytes], too_long: Callable[[], Exception]
) -> AsyncIterator[list[str]]:
    """The lines of a text in UTF-8, without their ends, as many as arrive together. Raises ``too_long()`` for one of
    over :data:`MOST_LINE`."""
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        if any(len(line) > MOST_LINE for line in (*lines, rest)):
            raise too_long()
        if lines:
            yield [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]
