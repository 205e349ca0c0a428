"""Work that needs responses, but doesn't wait for them itself: the caller decides when each one is delivered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
#: A request that is yet to be made; it raises :class:`Problem`.
Request = Callable[[], Awaitable[Any]]
#: Yields one request after the other; the response is sent in, or the error of a failed request thrown in.
Steps = Generator[Request, Any, Result]
