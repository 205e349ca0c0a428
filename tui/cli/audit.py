"""``sentlinks audit``: what happened, on both sides, as one timeline."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..files.user_files import open_given, with_home
from ..rules import heads
from ..rules.activities import UNREADABLE, activity_text, sentence
from ..rules.activity_filter import ActivityFilter, unknown_kind
from ..rules.broken_audit import broken_sentence
from ..rules.display import counted
from ..rules.errors import InvalidValue, NotFound, Problem
from ..rules.ids import is_version
from ..rules.similar import near, question
from ..rules.text import printable
from .audit_accept import accept_command
from .base import common
from .base.common import CommandSession
from .base.next_command import NEXT, with_next
from .base.options import DOCUMENT_ID, Choice, Option
from .base.output import emit, rfc3339, say, tell
from .base.short_ids import whole_document
from .base.table import TableColumn, table
from .links import moment

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..wire.audit import AuditEvent, AuditVerdict
    from ..wire.work import Activity

#: A new one comes last: scripts may read them by position.
_COLUMNS = ("at", "side", "event", "actor", "address", "agent", "document", "details", "name", "sentence")
_ONE = (TableColumn("AT"), TableColumn("WHAT", least=40))
#: Of several documents, each event has to say of which.
_ALL = (TableColumn("AT"), TableColumn("WHAT", least=30), TableColumn("DOCUMENT", least=20, names=True))
#: The largest file of signed heads that is read; one has about 120 bytes per document.
_MAX_BYTES = 64 << 20
#: First characters of what a spreadsheet takes for a formula, also in the wide forms that some take for the same.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


#: The words that can be in place of an ID.
_WORDS = ("heads", "accept")


class _Audit(click.Command):
    """Dispatches to ``accept``, which is a separate command with other options, since it doesn't use a server."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["accept"]:
            return accept_command.make_context(f"{info_name} accept", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@contextmanager
def _naming_words(id_: str | None) -> Iterator[None]:
    """Within it, say of an ID that there isn't which of the words it was probably meant to be."""
    try:
        yield
    except NotFound as problem:
        meant = question([f"sentlinks audit {word}" for word in near(id_ or "", _WORDS)])
        raise NotFound(problem.code, f"{problem.message} {meant}".rstrip()) from problem


def _complete(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    words = [CompletionItem(word) for word in _WORDS if word.startswith(incomplete)]
    return [*words, *DOCUMENT_ID.shell_complete(context, parameter, incomplete)]


@click.command("audit", cls=_Audit)
@click.argument(
    "id_", type=DOCUMENT_ID, metavar="[ID|heads|accept]", required=False, shell_complete=_complete
)
@click.option(
    "--format",
    "form",
    cls=Option,
    type=Choice(("jsonl", "csv")),
    show_default="a table",
    help="One event per line, for other programs.",
)
@click.option(
    "--verify", is_flag=True, help="Check that no row of Share's audit was changed, added or removed."
)
@click.option(
    "--against",
    metavar="FILE",
    help="With --verify: compare with signed heads kept earlier (- for standard input).",
)
@click.option(
    "--filter",
    "words",
    cls=Option,
    metavar="WORDS",
    show_default="all",
    help="Only events with these words; kind:downloaded, by:anna and doc:offer look at one thing.",
)
@click.option("--account", is_flag=True, help="Your own account: sign-ins and password changes.")
@click.option("--installation", is_flag=True, help="People and policy, for administrators.")
@common.remote
def audit_command(
    session: CommandSession,
    id_: str | None,
    form: str | None,
    verify: bool,
    against: str | None,
    words: str | None,
    account: bool,
    installation: bool,
) -> int:
    """Show the activity of a document, or all of yours.

    The latest comes first, from both sides: Share's, and Work's for what was sent from there.

    "audit heads" prints the signed heads of the audit's chains. Keep them elsewhere, with the fingerprint of the key:
    "audit --verify --against FILE" finds what was cut or rewritten since.

    "audit accept" runs on the server's machine: after a backup was restored or audit.seal was lost, the audit counts as
    intact from then on. Every later --verify says so.
    """
    if form and session.json:
        raise click.UsageError("Give --json or --format, not both.")
    if against is not None:
        if not verify or id_ is not None or account or installation or form or words:
            raise click.UsageError("--against FILE works only with --verify.")
        return _verify_against(session, against)
    if id_ == "heads":
        if verify or account or installation or form or words:
            raise click.UsageError('"audit heads" takes only --json and --server.')
        return _heads(session)
    if sum((id_ is not None, account, installation)) > 1:
        raise click.UsageError("Give one of ID, --account and --installation.")
    if id_ is not None:
        id_ = whole_document(session, id_)
    if account or installation:
        events = session.share(lambda share: _account_events(share, "account" if account else "installation"))
    else:
        with _naming_words(id_), common.about(id_):
            events = session.both(lambda share, work: _timeline(share, work, id_))
    status = _report_unreadable(events)
    wanted = ActivityFilter.parse(words or "")
    events = [event for event in events if _is_wanted(event, wanted)]
    verdict = session.share(lambda share: share.audit.verify(id_)) if verify else None
    more = {"verified": verdict.model_dump(mode="json")} if verdict else {}
    nothing = (unknown_kind(wanted) or "No activity fits.") if wanted else "No activity yet."
    _show(session, events, form, more, nothing, one=id_ is not None or account or installation)
    return (_report_verdict(session, verdict) if verdict else 0) or status


def _show(
    session: CommandSession,
    events: list[dict[str, Any]],
    form: str | None,
    more: dict[str, Any],
    nothing: str,
    *,
    one: bool,
) -> None:
    """``one``: all of it is about the same, so that rows needn't name it. ``nothing`` is said if there are none."""
    if session.json:
        emit({"events": events} | more)
    elif form == "jsonl":
        for event in events:
            say(json.dumps(event))
    elif form == "csv":
        for line in _csv(events).splitlines():
            say(line)
    elif not events:
        tell(nothing)
    else:
        table(_ONE if one else _ALL, [_row(event, one) for event in events])


def _report_unreadable(events: Iterable[dict[str, Any]]) -> int:
    """Say how many rows can't be shown, and return the exit status."""
    count = sum(event["event"] == UNREADABLE for event in events)
    if count:
        rows = counted(count, "row was changed and", "rows were changed and")
        tell(f"{rows} can't be shown. Check the audit with: sentlinks audit --verify")
    return 1 if count else 0


def _heads(session: CommandSession) -> int:
    signed = session.share(lambda share: share.audit.heads())
    if session.json:
        listed = [{"id": h.subject, "sequence": h.sequence, "digest": h.digest} for h in signed.heads]
        emit({"heads": listed, "at": signed.at, "public_key": signed.public_key,
              "fingerprint": signed.fingerprint, "signature": signed.signature})  # fmt: skip
    else:
        for line in heads.written(signed).splitlines():
            say(line)
    return 0


def _verify_against(session: CommandSession, path: str) -> int:
    """Compare the audit with the signed heads in a file, and return the exit status."""
    signed = heads.read(_kept_text(path))
    heads.check_signature(signed)
    kept, own_key = session.share(lambda share: share.audit.kept_of(signed.heads))
    broken: list[dict[str, Any]] = []
    if signed.public_key != own_key:
        broken.append({"id": "key", "sequence": 0, "why": "signed with a different key than this server's"})
        tell(f"These heads were signed with a different key than this server's: {signed.fingerprint}.")
    for head, now in zip(signed.heads, kept, strict=True):
        found = heads.compare(head, now)
        if found is not None:
            broken.append({"id": head.subject, "sequence": found[0], "why": found[1]})
            tell(f"The audit is broken at row {found[0]:,} of {printable(head.subject)}: {found[1]}.")
    if broken:
        tell(NEXT["audit.broken"])
    session.inform(f"The heads date from {signed.at}, signed with the key {signed.fingerprint}.")
    if not broken:
        session.inform(f"All {len(kept):,} chains continue from these heads.")
    if session.json:
        emit({"broken": broken, "at": signed.at, "fingerprint": signed.fingerprint, "chains": len(kept)})
    return 1 if broken else 0


def _kept_text(path: str) -> str:
    """The content of the file of heads, or of standard input for ``-``. Raises :class:`InvalidValue`."""
    name = "Standard input" if path == "-" else printable(path)
    try:
        if path == "-":
            data = sys.stdin.buffer.read(_MAX_BYTES + 1) if sys.stdin else b""
        else:
            with open_given(Path(with_home(path))) as file:
                data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InvalidValue(
                "heads.unreadable",
                f"{name} is over {_MAX_BYTES >> 20} MB, so it is not a file of signed heads.",
            )
        # Some editors put a byte-order mark before the text.
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InvalidValue("heads.unreadable", f"{name} cannot be read: {why}.") from None


def _report_verdict(session: CommandSession, verdict: AuditVerdict) -> int:
    """Report the verdict and return the exit status."""
    broken = verdict.broken
    for each in verdict.accepted:
        session.inform(
            f"It was accepted on {moment(each.at)} by {printable(each.operator)} on the server's machine, "
            f"from seal {each.seal:,} on: {printable(each.why)}."
        )
    if broken:
        tell(with_next("audit.broken", broken_sentence(broken.subject, broken.sequence, broken.why)))
        return 1
    since = f" since {moment(verdict.accepted[-1].at)}" if verdict.accepted else ""
    rows, chains = counted(verdict.rows, "row"), counted(verdict.chains, "chain")
    session.inform(f"The audit is intact{since}: {rows} in {chains}, unchanged.")
    return 0


async def _account_events(
    share: ShareClient, whose: Literal["account", "installation"]
) -> list[dict[str, Any]]:
    return [_of_share(event) async for event in share.audit.events_of(whose)]


async def _timeline(share: ShareClient, work: WorkClient, id_: str | None) -> list[dict[str, Any]]:
    from ..clients.timeline import name_source

    events, names = [], dict[str, str]()
    async for event in share.audit.events(id_):
        events.append(_of_share(event))
        name_source(names, event)
    sources = await _sources(share, events, id_)
    me = None if id_ else await work.me((await share.me()).user)
    for source in sources:
        events += [
            event
            for event in await _history(work, source, names.get(source))
            if me is None or event["actor"] == me
        ]
    return _newest_first(events)


def _newest_first(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort events; one whose moment can't be read stays after the one that it came after."""
    placed: list[tuple[datetime, dict[str, Any]]] = []
    place = datetime.max.replace(tzinfo=UTC)
    for event in events:
        place = datetime.fromisoformat(event["at"]) if event["at"] else place
        placed.append((place, event))
    placed.sort(key=lambda entry: entry[0], reverse=True)
    return [event for _, event in placed]


async def _sources(share: ShareClient, events: Sequence[dict[str, Any]], id_: str | None) -> list[str]:
    """The versions in Work that were sent; those of purged documents are known only from the audit."""
    found = {str(event["details"].get("source", "")) for event in events}
    if id_:
        try:
            found.add((await share.document(id_)).source)
        except NotFound:
            pass  # Purged, but it still has its audit.
    return sorted(filter(is_version, found))


async def _history(work: WorkClient, source: str, name: str | None) -> list[dict[str, Any]]:
    from ..clients.work import pages

    found: list[dict[str, Any]] = []
    try:
        async for page in pages(lambda cursor: work.history(source, cursor)):
            found += [
                _of_work(activity, source, n, name) for n, activity in enumerate(page.items, len(found))
            ]
    except Problem as problem:
        tell(f"Can't read Work's history of {source}: {problem.message}")
    return found


def _of_share(event: AuditEvent) -> dict[str, Any]:
    return event.model_dump(mode="json")


def _of_work(activity: Activity, source: str, number: int, name: str | None) -> dict[str, Any]:
    at = (activity.at or datetime.fromtimestamp(0, UTC)).astimezone(UTC)
    details = {"application": activity.application_name, "comments": activity.comments}
    return {
        "id": f"{source}#{number}",
        "at": rfc3339(at),
        "side": "work",
        "event": activity.name,
        "actor": activity.user,
        "address": activity.location,
        "agent": None,
        "details": {key: value for key, value in details.items() if value},
        "document": source,
        "folder": None,
        "person": None,
        "name": name,
    }


def _row(event: dict[str, Any], one: bool) -> tuple[str, ...]:
    about = event["name"] or event["document"] or event["folder"] or "-"
    return (
        moment(datetime.fromisoformat(event["at"]) if event["at"] else None),
        _sentence(event),
        *(() if one else (about,)),
    )


def _sentence(event: Mapping[str, Any]) -> str:
    return sentence(
        event["event"],
        event["details"],
        actor=event["actor"],
        address=event["address"],
        agent=event["agent"],
    )


def _is_wanted(event: Mapping[str, Any], wanted: ActivityFilter) -> bool:
    return wanted.lets_through(
        kind=activity_text(event["event"]),
        by=event["actor"] or event["address"] or "",
        document=event["name"] or event["document"] or "",
        text=" ".join((_sentence(event), event["side"], event["name"] or "", event["actor"] or "")),
    )


def _csv(events: Iterable[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for event in events:
        row = event | {"details": json.dumps(event["details"]), "sentence": _sentence(event)}
        writer.writerow(_cell(row[column]) for column in _COLUMNS)
    return text.getvalue()


def _cell(value: Any) -> str:
    """The text of a cell. What a spreadsheet would take for a formula, also after blanks, gets an apostrophe."""
    text = "" if value is None else printable(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
