"""``sentlinks audit``: what happened, on both sides, as one timeline."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..files.user_files import open_given, with_home
from ..rules import heads
from ..rules.activity_filter import ActivityFilter, none_fits, unknown_kind
from ..rules.activity_kinds import UNREADABLE
from ..rules.broken_audit import broken_sentence
from ..rules.display import counted
from ..rules.errors import InvalidValue, NotFound
from ..rules.send_activities import Happened, in_sends, read_send
from ..rules.similar import near, question
from ..rules.text import printable
from .audit_accept import accept_command
from .audit_events import account_events, as_csv, is_wanted, sentence_of, timeline
from .base import common
from .base.common import CommandSession
from .base.next_command import NEXT, with_next
from .base.options import DOCUMENT_ID, Choice, option
from .base.output import emit, say, tell
from .base.short_ids import whole_document
from .base.table import TableColumn, table
from .links import moment

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..wire.audit import AuditVerdict

_ONE = (TableColumn("AT"), TableColumn("WHAT", least=40))
#: Of several documents, each event has to say of which.
_ALL = (TableColumn("AT"), TableColumn("WHAT", least=30), TableColumn("DOCUMENT", least=20, names=True))
#: The largest file of signed heads that is read; one has about 120 bytes per document.
_MAX_BYTES = 64 << 20


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
@option(
    "--format",
    "form",
    type=Choice(("jsonl", "csv")),
    show_default="a table",
    help="One event per line, for other programs.",
)
@option("--verify", is_flag=True, help="Check that no row of Share's audit was changed, added or removed.")
@option(
    "--against",
    metavar="FILE",
    help="With --verify: compare with signed heads kept earlier (- for standard input).",
)
@option(
    "--filter",
    "words",
    metavar="WORDS",
    show_default="all",
    help="Only events with these words; kind:downloaded, by:anna and doc:offer look at one thing.",
)
@option("--account", is_flag=True, help="Your own account: sign-ins and password changes.")
@option("--installation", is_flag=True, help="People and policy, for administrators.")
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
    """Show the activity of a document, or of all that you have sent.

    The latest comes first, from both sides: Share's, and Work's of documents sent from there, with all their versions.
    With ID, that is only what is about this link, not about others of the same document in Work.

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
    wanted = ActivityFilter.parse(words or "")
    if unknown := unknown_kind(wanted):
        raise InvalidValue("filter.kind", unknown, "filter")
    if id_ is not None:
        id_ = whole_document(session, id_)
    if account or installation:
        events = session.share(lambda share: account_events(share, "account" if account else "installation"))
    else:
        with _naming_words(id_), common.about(id_):
            events = session.both(lambda share, work: timeline(share, work, id_))
    status = _report_unreadable(events)
    events = [event for event in events if is_wanted(event, wanted)]
    verdict = session.share(lambda share: share.audit.verify(id_)) if verify else None
    more = {"verified": verdict.model_dump(mode="json")} if verdict else {}
    nothing = none_fits(wanted, "No activity fits.") if wanted else "No activity yet."
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
        for line in as_csv(events).splitlines():
            say(line)
    elif not events:
        tell(nothing)
    else:
        table(_ONE if one else _ALL, [_row(group, one) for group in in_sends(events, _happened)])


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


def _row(group: Sequence[dict[str, Any]], one: bool) -> tuple[str, ...]:
    """The row of an event, or of those of a send."""
    first = _happened(group[0])
    what, about = sentence_of(group[0]), first.about
    if len(group) > 1:
        what, names = read_send([_happened(event) for event in group])
        about = ", ".join(names)
    return (moment(first.at), what, *(() if one else (about,)))


def _happened(event: Mapping[str, Any]) -> Happened:
    about = event["name"] or event["document"] or event["folder"] or "-"
    at = datetime.fromisoformat(event["at"]) if event["at"] else None
    return Happened(event["event"], at, event["actor"], event["details"], about)
