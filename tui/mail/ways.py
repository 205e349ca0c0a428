"""Where a draft can go: the programs here, the mailbox's Drafts folder, and the server that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.config.mail import MailPreferences
from tui.rules.errors import InvalidValue

from .account import Account, Protocol, parse_account
from .programs import FoundPrograms, Program


@dataclass(frozen=True, slots=True)
class MailTarget:
    """A ``program`` that opens the draft, or a mail server's ``account``.

    ``id`` is its name in the configuration (``mail_program``), ``name`` its name for users, ``offer`` what it does.
    """

    id: str
    name: str
    offer: str
    program: Program | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class MailTargets:
    """The ways in the order in which they are tried; ``faults`` are sentences about those that can't be used."""

    ways: tuple[MailTarget, ...]
    faults: tuple[str, ...] = ()

    def find(self, ident: str) -> MailTarget | None:
        """The usable one of that id; ``None`` if there is none."""
        return next((way for way in self.ways if way.id == ident), None)


def find_ways(found: FoundPrograms, preferences: MailPreferences) -> MailTargets:
    """All ways that are here: first the one that the user has chosen, then the programs, then the servers."""
    ways = [
        MailTarget(each.id, each.name, f"opens the draft in {each.name}", program=each)
        for each in found.programs
    ]
    faults = list(found.faults)
    for protocol, text in (
        (Protocol.IMAP, preferences.mail_imap_url),
        (Protocol.SMTP, preferences.mail_smtp_url),
    ):
        if not text.strip():
            continue
        try:
            ways.append(_server(parse_account(text, protocol)))
        except InvalidValue as problem:
            faults.append(problem.message)
    chosen = preferences.mail_program
    if chosen != "auto" and not any(way.id == chosen for way in ways):
        faults.append(_missing(chosen))
    ways.sort(key=lambda way: way.id != chosen)
    return MailTargets(tuple(ways), tuple(faults))


def _server(account: Account) -> MailTarget:
    if account.protocol is Protocol.IMAP:
        name = f"the Drafts folder at {account.host}"
        return MailTarget("drafts", name, f"puts the draft into {name}", account=account)
    return MailTarget("smtp", account.host, f"sends the e-mail through {account.host}", account=account)


def _missing(chosen: str) -> str:
    if chosen in ("drafts", "smtp"):
        key = (Protocol.IMAP if chosen == "drafts" else Protocol.SMTP).key
        return f"The mail program in the settings is {chosen}, but {key} is not set."
    return f"The mail program in the settings, {chosen}, is not on this machine."


def next_way(ways: Sequence[MailTarget], failed: Sequence[str]) -> MailTarget | None:
    """The way to take now: the first that hasn't failed, else the one that failed longest ago."""
    untried = [way for way in ways if way.id not in failed]
    tried = sorted((way for way in ways if way.id in failed), key=lambda way: failed.index(way.id))
    return next(iter([*untried, *tried]), None)
