"""A mailbox that answers as a test wants: what a real server does only when something is wrong with it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.support.network.hostile import HostileServer, Pieces
from tests.support.servers.certificates import Authority

_LITERAL = re.compile(rb"\{(\d+)\}$")


@dataclass
class ScriptedMailbox:
    """Each answer is a line without its end, and without the tag. ``hangs_up``: it does so with the whole message."""

    greeting: bytes = b"* OK ready"
    capabilities: bytes = b"IMAP4rev1 AUTH=PLAIN"
    signed_in: bytes = b"OK signed in"
    folders: tuple[bytes, ...] = (b'(\\Drafts) "/" "Drafts"',)
    #: To the command that appends, instead of asking for the message.
    refusal: bytes = b""
    stored: bytes = b"OK stored"
    hangs_up: bool = False
    #: The commands that append, and what was appended.
    appends: list[bytes] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)

    def on(self, authority: Authority | None) -> AbstractContextManager[HostileServer]:
        """A server with TLS from the start; without ``authority``, one without."""
        return HostileServer(self._talk, authority.server_context() if authority else None)

    def _talk(self, connection: socket.socket) -> Pieces:
        with connection.makefile("rb") as lines:
            yield self.greeting + b"\r\n"
            while line := lines.readline():
                tag, _, command = line.strip().partition(b" ")
                if command.startswith(b"APPEND"):
                    self.appends.append(command)
                    if self.refusal:
                        yield tag + b" " + self.refusal + b"\r\n"
                        continue
                    found = _LITERAL.search(command)
                    assert found
                    yield b"+ go on\r\n"
                    self.messages.append(lines.read(int(found[1])))
                    lines.readline()
                    if self.hangs_up:
                        return
                    yield tag + b" " + self.stored + b"\r\n"
                elif command.startswith(b"AUTHENTICATE"):
                    yield b"+ \r\n"
                    lines.readline()
                    yield tag + b" " + self.signed_in + b"\r\n"
                else:
                    yield from self._listed(command)
                    yield tag + b" OK done\r\n"

    def _listed(self, command: bytes) -> Iterator[bytes]:
        if command == b"CAPABILITY":
            yield b"* CAPABILITY " + self.capabilities + b"\r\n"
        elif command.startswith(b"LIST"):
            yield from (b"* LIST " + each + b"\r\n" for each in self.folders)
