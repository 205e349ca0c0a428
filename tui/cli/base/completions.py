"""What shells offer for a partly typed word that only the server knows: ids, recipients.

Nothing is started for that, and nothing said: a server that isn't running, or doesn't answer soon, offers nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from click import Context, Parameter
from click.shell_completion import CompletionItem

from ...rules.errors import Problem
from ...rules.ids import DIGITS, fewest_digits, is_short
from ...rules.text import printable

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.target import Target

T = TypeVar("T")

#: Seconds that a server has to answer.
PATIENCE = 2.0
#: Of how many documents, the last sent first, the ids are offered.
_LAST = 200


def documents(context: Context, incomplete: str, wanted: str = "") -> list[CompletionItem[str]]:
    """The ids of one's own documents; of those sent last, only those that fit the filter ``wanted``."""

    async def found(share: ShareClient) -> list[tuple[str, str]]:
        page = await share.all_documents(limit=_LAST, wanted=wanted)
        last = [(each.id, each.name) for each in page.documents]
        older = (await share.ids(incomplete.lower())).documents if is_short(incomplete) and not wanted else []
        return [*last, *((each.id, each.name) for each in older)]

    return _offered(context, incomplete, found)


def trashed(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """The ids of documents in the trash."""

    async def found(share: ShareClient) -> list[tuple[str, str]]:
        return [(each.id, each.name) for each in (await share.trash(limit=_LAST)).documents]

    return _offered(context, incomplete, found)


def folders(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """The ids of the folders in Share that one sees."""

    async def found(share: ShareClient) -> list[tuple[str, str]]:
        return [(each.id, each.name) for each in await share.folders()]

    return _offered(context, incomplete, found)


def _offered(
    context: Context, incomplete: str, found: Callable[[ShareClient], Awaitable[list[tuple[str, str]]]]
) -> list[CompletionItem[str]]:
    """The ids that begin as typed, as short as they can be told apart, without those that are in the line already."""
    typed = incomplete.lower()
    names = dict(_asked(context, found) or ())
    digits = max(fewest_digits(list(names)), len(typed)) if names else DIGITS
    given = [str(each) for each in context.params.get("ids") or ()]
    return [
        CompletionItem(ident[:digits], help=printable(name))
        for ident, name in names.items()
        if ident.startswith(typed) and not any(each and ident.startswith(each.lower()) for each in given)
    ]


def recipients(context: Context, _: Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """The addresses that one has sent to, those used most first and look-alikes last; of several with commas between
    them, the last one."""
    from ...rules.address_book import LOOK_ALIKE, odd_last
    from ...rules.addresses import mailbox_of
    from ...rules.look_alikes import look_alikes

    before, comma, typed = incomplete.rpartition(",")
    earlier = _asked(context, lambda share: share.sends.earlier_recipients()) or []
    odd = look_alikes(map(mailbox_of, earlier))
    mailboxes = ((mailbox_of(each), each) for each in odd_last(earlier, odd))
    return [
        CompletionItem(
            before + comma + mailbox, help=f"{printable(each)}{LOOK_ALIKE if mailbox in odd else ''}"
        )
        for mailbox, each in mailboxes
        if mailbox.startswith(typed.casefold())
    ]


def policy_values(
    context: Context, incomplete: str, keys: Iterable[str], flags: Iterable[str]
) -> list[CompletionItem[str]]:
    """The ``keys`` with an equals sign, and behind one of the ``flags`` its values."""
    key, equals, value = incomplete.partition("=")
    if equals:
        return [CompletionItem(f"{key}={each}") for each in _BOTH if key in flags and each.startswith(value)]
    words = [str(each) for each in context.params.get("values") or ()]
    # bash takes an equals sign for a word of its own.
    if words and words[-1] == "=":
        words.pop()
    if words and words[-1] in keys:
        return [CompletionItem(each) for each in _BOTH if words[-1] in flags and each.startswith(incomplete)]
    return [CompletionItem(f"{each}=") for each in keys if each.startswith(incomplete)]


_BOTH = ("true", "false")


def _asked(context: Context, body: Callable[[ShareClient], Awaitable[T]]) -> T | None:
    """What the server answers; ``None`` if there is none that does, and soon."""
    from ...clients.connection import open_http
    from ...clients.share import ShareClient

    async def ask(target: Target) -> T:
        async with open_http(target) as http:
            return await asyncio.wait_for(body(ShareClient(http)), PATIENCE)

    try:
        target = _target(context)
        return None if target is None else asyncio.run(ask(target))
    except (Problem, TimeoutError):
        return None


def _target(context: Context) -> Target | None:
    """The server that the command would use, if it is there: the local one isn't started."""
    from ... import config
    from ...local_server import local_server

    loaded, server = config.load(), context.params.get("server")
    if loaded.server(server) is None and local_server.look(loaded.data) is None:
        return None
    return local_server.chosen(loaded, server)
