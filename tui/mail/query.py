"""Completing recipients from the user's address book: khard, notmuch, abook and others that mutt can ask, too."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from tui.rules.address_book import MOST_OFFERED
from tui.rules.addresses import check_address, join_address, parse_addresses, split_address, split_list
from tui.rules.errors import InvalidValue
from tui.terminal.processes import run_quietly

#: How long the command may take, in seconds.
SECONDS = 0.3
#: Shorter texts would find too much.
_LEAST = 2


def fragment(text: str) -> str:
    """What is being typed at the end of a line of addresses."""
    return split_list(text)[-1].strip()


def completed(text: str, address: str) -> str:
    """The line with ``address`` instead of what is being typed at its end."""
    before = [part.strip() for part in split_list(text)[:-1]]
    return ", ".join([*before, address, ""])


def find_addresses(command: str, typed: str) -> list[str]:
    """The addresses that ``command`` finds for what was ``typed``; none if it fails or takes too long.

    It is run without a shell; ``%s`` in it stands for what was typed, which is otherwise its last argument. It prints
    lines like mutt's query commands (address, tab, name), or whole addresses; other lines are ignored.
    """
    # Nothing typed becomes an option.
    if len(typed) < _LEAST or typed.startswith("-") or not typed.isprintable():
        return []
    try:
        words = shlex.split(command)
    except ValueError:
        return []
    if not words:
        return []
    argv = [word.replace("%s", typed) for word in words]
    if argv == words:
        argv.append(typed)
    printed = run_quietly(argv, os.environ, seconds=SECONDS) or b""
    return list(dict.fromkeys(_addresses(printed.decode("utf-8", "replace"))))[:MOST_OFFERED]


def _addresses(text: str) -> Iterator[str]:
    # A name with another kind of line break is one that can't be mailed to, not two addresses.
    for line in text.replace("\r\n", "\n").split("\n"):
        address, tab, rest = line.partition("\t")
        try:
            if tab:
                own_name, mailbox = split_address(address)
                yield check_address(join_address(rest.partition("\t")[0].strip() or own_name, mailbox))
            else:
                yield from parse_addresses(line)
        except InvalidValue:
            # A heading, or something that can't be mailed to.
            continue
