"""The state of a sent document in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .display import counted, documents_text, joined, wait_text
from .text import printable

#: How many files a note names, and how much of a digest is enough to compare it by eye.
_NAMED, _FEW_DIGITS = 3, 16
#: How many recipients are named where documents are told apart by them.
_RECIPIENTS = 2
#: The address of a recipient who has a name.
_ADDRESS_OF_NAME = re.compile(r"(?<=\S) <[^<>]*>(?=, |$)")
#: The name of a source behind its number.
_NAME_OF_SOURCE = re.compile(r"^[^(]*\((.*)\)$")
#: What the sources of this machine's files begin with.
_FILE = "file:"
#: The reasons of :class:`tui.rules.state.Reason` in words, and in few: :class:`tui.rules.state.EndedBy` says more of
#: those by hand.
_REASONS = {
    "by hand": "unpublished",
    "owner": "unpublished",
    "deletion": "was deleted",
    "administrator": "stopped by an administrator",
    "expired": "expired",
    "limit": "limit reached",
}
_FEW_WORDS = {
    "unpublished": "by hand",
    "owner": "by owner",
    "deletion": "deleted",
    "administrator": "stopped",
}

#: What to say of links of which :func:`work_here_only`.
WORK_HERE_ONLY = "These links work on this machine only."
_LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")


def work_here_only(links: Iterable[str | None]) -> bool:
    """Whether there are links among these that lead to this machine, whoever opens them."""
    return any(link is not None and link.startswith(_LOOPBACK) for link in links)


def reason_text(reason: str | None) -> str:
    """Why a document's link doesn't work: ``limit reached``; empty if there is no reason."""
    return _REASONS.get(reason or "", reason or "")


def ended_text(reason: str | None, *, by_you: bool = False) -> str:
    """The same in a column: ``limit``, ``expired``, ``by you``, ``deleted``, and ``by hand`` if it isn't known by
    whom. ``by_you``: the owner, who may be the reader, is."""
    text = _FEW_WORDS.get(reason or "", reason or "")
    return "by you" if by_you and text in ("by hand", "by owner") else text


def external_text(published: bool, reason: str | None) -> str:
    """Whether a document's link works: ``On``, ``Off · limit reached``, ``Off``."""
    if published:
        return "On"
    return f"Off · {reason_text(reason)}" if reason else "Off"


def stopped_text(published: bool, reason: str | None, *, deleted: bool) -> str:
    """Why a document's link doesn't work, also of one that was deleted; empty if it works."""
    if published:
        return ""
    return "in the trash" if deleted else reason_text(reason) or "unpublished"


def changed_text(size: int, sha256: str) -> str:
    """What went out of a file that changed while it was sent: the end of a sentence that begins with its name."""
    return f"changed while it was sent: what went out has {size:,} bytes and the SHA-256 {sha256}."


def changed_note(found: Sequence[tuple[str, int, str]]) -> str:
    """The same of several files (names, sizes, digests), of which the first ones are named; empty if there are none."""
    if not found:
        return ""
    name, size, sha256 = found[0]
    if len(found) == 1:
        return f"{printable(name)} {changed_text(size, sha256)}"
    named = ", ".join(
        f"{printable(name)} ({size:,} bytes, SHA-256 {sha256[:_FEW_DIGITS]}…)"
        for name, size, sha256 in found[:_NAMED]
    )
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return f"Changed while they were sent; what went out: {named}{more}."


def published_text(published: int, documents: int) -> str:
    """How far a send got: ``nothing published yet``, ``1 of 3 documents published``."""
    return f"{published:,} of {documents_text(documents)} published" if published else "nothing published yet"


def source_text(source: str, name: str = "") -> str:
    """What a document was sent from: ``Board Minutes.docx (ACTIVE!453, v1)``, ``ACTIVE!453, v1`` if its ``name`` isn't
    given, ``a local file``."""
    if source.startswith(_FILE):
        return "a local file"
    number, dot, version = source.rpartition(".")
    text = f"{number}, v{version}" if dot and version.isdecimal() else source
    return f"{name} ({text})" if name else text


def other_source_text(source: str, name: str | None, link_name: str) -> str:
    """The same beside the name of the link: ``ACTIVE!453, v1 (Board Minutes.docx)``, with the ``name`` of what it was
    sent from only if that is another one, and last, as it may be cut. A file's is that of its source."""
    named = source.removeprefix(_FILE) if source.startswith(_FILE) else name
    text = source_text(source)
    return f"{text} ({named})" if named and named != link_name else text


def source_name(text: str) -> str:
    """:func:`other_source_text` where there is little room: the name alone, if there is one."""
    named = _NAME_OF_SOURCE.search(text)
    return text if named is None else named[1]


def recipients_text(recipients: Sequence[str]) -> str:
    """Whom a document was sent to, by the sender's note: ``Anna Arp <anna@example.com>, bob@example.com``."""
    return ", ".join(recipients)


def recipients_names(text: str) -> str:
    """:func:`recipients_text` where there is little room: ``Anna Arp, bob@example.com``."""
    return _ADDRESS_OF_NAME.sub("", text)


def recipients_apart(each: Sequence[Sequence[str]]) -> list[str]:
    """Whom each of several documents was sent to, as short as it tells them apart: ``Anna Arp and bob@example.com``."""
    whole = list(map(recipients_text, each))
    names = list(map(recipients_names, whole))
    for texts in ([_first_recipients(recipients) for recipients in each], names):
        if len(set(texts)) == len(set(whole)):
            return texts
    return whole


def _first_recipients(recipients: Sequence[str]) -> str:
    more = len(recipients) - _RECIPIENTS
    names = [recipients_names(each) for each in recipients[:_RECIPIENTS]]
    return joined([*names, f"{more:,} more"] if more > 0 else names)


def downloads_text(downloads: int, permitted: int | None, *, anew: bool = False) -> str:
    """How often a document was downloaded: ``3``, ``3 of 5``; ``0 of 5 anew`` of one that was sent again, whose earlier
    downloads aren't counted."""
    text = f"{downloads:,}" if permitted is None else f"{downloads:,} of {permitted:,}"
    return f"{text} anew" if anew else text


def sent_times(sent: str, again: str) -> str:
    """When a document was sent, and when it was ``again`` for the last time: ``14:12 and again 14:15``."""
    return f"{sent} and again {again}" if again else sent


def taken_text(downloads: int, permitted: int | None, delivered: int, *, anew: bool = False) -> str:
    """How often a document was downloaded, and how often all of it arrived: ``1 of 2 taken, 1 arrived``; ``none``. Of
    one that was sent again, ``anew``, it is said that earlier downloads don't count."""
    since = " since it was sent again" if anew else ""
    if not downloads and permitted is None:
        return f"none{since}"
    arrived = f", {delivered:,} arrived" if downloads else ""
    return f"{downloads_text(downloads, permitted)} taken{arrived}{since}"


def wrong_passwords_text(count: int, *, locked: bool = False, seconds: float = 0) -> str:
    """What wrong passwords have done to a link: ``6 wrong passwords; next try in 30 s``. ``count`` is 0 if a server
    doesn't say how many there were, ``seconds`` how long some recipient has to wait."""
    tried = counted(count, "wrong password") if count else "wrong passwords"
    if locked:
        return f"{tried}; locked, with one try a minute"
    return f"{tried}; next try in {wait_text(seconds)}" if seconds > 0 else tried
