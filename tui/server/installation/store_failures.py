"""What is said of a store while documents are moved, when it takes nothing or can't be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...rules.errors import Failed
from ..base.disk import DiskFull, ReadOnly
from ..blobs import StoreAway


@contextmanager
def told(what: str, ending: str = "") -> Iterator[None]:
    """Where something in the block fails because of a store, raises :class:`Failed`: what can't be done, why, and
    ``ending`` as the last sentence."""
    try:
        yield
    except DiskFull as error:
        raise _failed(error.code, what, error.message, ending) from error
    except ReadOnly as error:
        why = "The disk of the data folder is read-only now; mount it writable again."
        raise _failed(error.code, what, why, ending) from error
    except OSError as error:
        why = error.why if isinstance(error, StoreAway) else error.strerror or str(error)
        raise _failed("store.unusable", what, f"{why.rstrip('.')}.", ending) from error


def _failed(code: str, *parts: str) -> Failed:
    what, why, ending = parts
    return Failed(code, f"{what}: {why} {ending}".rstrip())
