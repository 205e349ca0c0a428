"""Zip archives, their parts read as streams within a budget."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from . import xml_stream
from .document import DocumentBytes
from .refusals import Unreadable

_CHUNK, _SMALL_CHUNK = 64 * 1024, 16 * 1024
_MOST_PARTS = 20_000
#: The most bytes that one part, and all parts together, may unpack to.
_MOST_OF_A_PART, _MOST_OF_ALL = 64 * 1024 * 1024, 256 * 1024 * 1024
_ENCRYPTED = 1
#: What zipfile raises for damaged archives: places before the beginning, unknown methods, wrong sums, names in no code.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, NotImplementedError, RuntimeError,
    ValueError, OverflowError, IndexError,
)  # fmt: skip


class Archive:
    """A zip file. Of parts with the same name, each is read."""

    def __init__(self, document: DocumentBytes) -> None:
        """Raises :class:`Unreadable` if it isn't one that can be read."""
        try:
            self._zip = zipfile.ZipFile(document)
        except _DAMAGED as error:
            raise Unreadable("damaged") from error
        self.entries = self._zip.infolist()
        if len(self.entries) > _MOST_PARTS:
            raise Unreadable("limits")
        self.names = [entry.filename for entry in self.entries]
        self._left = _MOST_OF_ALL

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def named(self, matches: Callable[[str], bool]) -> list[str]:
        """The names of parts that match, without those of folders."""
        return [name for name in dict.fromkeys(self.names) if not name.endswith("/") and matches(name)]

    def chunks(self, name: str, size: int = _CHUNK) -> Iterator[bytes]:
        """The content of a part, in pieces of a ``size``. Raises :class:`Unreadable`."""
        for entry in self.entries:
            if entry.filename == name:
                yield from self._chunks(entry, size)

    def _chunks(self, entry: zipfile.ZipInfo, size: int) -> Iterator[bytes]:
        if entry.flag_bits & _ENCRYPTED:
            raise Unreadable("encrypted")
        taken = 0
        try:
            with self._zip.open(entry) as part:
                while chunk := part.read(size):
                    taken += len(chunk)
                    self._left -= len(chunk)
                    if taken > _MOST_OF_A_PART or self._left < 0:
                        raise Unreadable("limits")
                    yield chunk
        except _DAMAGED as error:
            raise Unreadable("damaged") from error

    def start(self, name: str, most: int = _CHUNK) -> bytes:
        """The first bytes of a part. Raises :class:`Unreadable`."""
        found = b""
        for chunk in self.chunks(name):
            found += chunk
            if len(found) >= most:
                break
        return found[:most]

    def parse(
        self,
        name: str,
        start: xml_stream.Start,
        end: xml_stream.End | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Read a part as XML. Raises :class:`Unreadable`."""
        xml_stream.parse(self.chunks(name), start, end, text)

    def steps(
        self, name: str, start: xml_stream.Start, end: xml_stream.End, text: Callable[[str], None]
    ) -> Iterator[None]:
        """Read a part as XML, in steps so small that little is read which isn't wanted. Raises :class:`Unreadable`."""
        return xml_stream.steps(self.chunks(name, _SMALL_CHUNK), start, end, text)
