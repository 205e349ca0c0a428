"""The command line of ``smart-attach --sendmail COMMAND``: which words are ours, and which are those of COMMAND.

A mail program adds what it wants of its sendmail to the end of the line, such as ``-f ADDRESS -- RECIPIENT...``. So
everything after COMMAND is COMMAND's, as it came, except our own long options that stand directly after it.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import click

OPTION = "--sendmail"
#: How much a word has to resemble one of our options to be taken for a mistyped one.
_RESEMBLES = 0.81
#: Options of sendmail whose value may hold an address: the sender's, and for notifications.
WITH_ADDRESS = ("-f", "-r", "-F", "-N", "-R")


@dataclass(frozen=True, slots=True)
class SendmailLine:
    """``own``: our words, with :data:`OPTION` and the command; ``passed``: what the command gets."""

    own: tuple[str, ...]
    passed: tuple[str, ...]


def read_line(words: Sequence[str], options: Mapping[str, bool]) -> SendmailLine | None:
    """The line in its two parts; ``None`` if it is none with :data:`OPTION` and a command.

    ``options``: whether each of our long options takes a value. Raises :class:`click.UsageError` for a word after the
    command that seems to be a mistyped option of ours.
    """
    before = _own(words, options)
    if before == len(words) or words[before].partition("=")[0] != OPTION:
        return None
    _, given, command = words[before].partition("=")
    rest = list(words[before + 1 :])
    if not given:
        if not rest:
            return None
        command = rest.pop(0)
    command, rest = _closed(command, rest)
    after = _own_after(rest, options)
    own = (*words[:before], OPTION, command, *rest[:after])
    return SendmailLine(own, tuple(_passed(rest[after:])))


def _own(words: Sequence[str], options: Mapping[str, bool]) -> int:
    """How many words come before :data:`OPTION`, or all if it isn't among them."""
    at = 0
    while at < len(words) and words[at] != "--":
        if words[at].partition("=")[0] == OPTION:
            return at
        at += 2 if options.get(words[at]) else 1
    return len(words)


def _closed(command: str, rest: list[str]) -> tuple[str, list[str]]:
    """The command with the words that belong to it, if a quotation in it doesn't end: mutt splits its setting at each
    blank, within quotation marks too, and leaves them in."""
    for count in range(len(rest) + 1):
        try:
            unquoted = shlex.split(" ".join([command, *rest[:count]]))
        except ValueError:
            continue
        return (" ".join(unquoted) if count else command), rest[count:]
    return command, rest


def _own_after(words: Sequence[str], options: Mapping[str, bool]) -> int:
    """How many of the words after the command are our options and their values."""
    at = 0
    while at < len(words) and words[at].startswith("--") and words[at] != "--":
        name, given, _ = words[at].partition("=")
        if name not in options:
            if meant := get_close_matches(name, options, 1, _RESEMBLES):
                # Passed on, it would be missed here: a link without an expiry, say.
                raise click.NoSuchOption(name, possibilities=meant)
            break
        at += 2 if options[name] and not given else 1
    return at


def _passed(words: list[str]) -> list[str]:
    """What the command gets of the words after our own: without the ``--`` between the two."""
    if words[:1] != ["--"]:
        return words
    rest = words[1:]
    # An address that begins with a hyphen would become an option of the command.
    exposed = any(word.startswith("-") and "@" in word and word[:2] not in WITH_ADDRESS for word in rest)
    return words if exposed and "--" not in rest else rest
