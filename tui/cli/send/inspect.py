"""``sentlinks inspect``: what files carry besides their text, before they are sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ...files.user_files import with_home
from ...rules.carried import KINDS, CarriedLevel, Looked, Report
from ...rules.errors import InvalidValue, Problem
from ...rules.policy import Policy
from ...rules.similar import with_question
from ...rules.text import printable
from ..base import common
from ..base.common import CommandSession
from ..base.options import option
from ..base.output import emit, say, tell
from .fields import complete_files

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ...sending.sources import FileSource

#: The width of a finding's words, before who and where.
_WIDTH = 28
_PIECE = 1024 * 1024


class _Inspected(NamedTuple):
    """The report on a file, its digest, and how many milliseconds it took."""

    report: Report
    sha256: str | None
    took: float


class Kinds(click.ParamType[frozenset[str]]):
    """Kinds of what documents carry, with commas between them."""

    name = "kinds"

    def convert(  # noqa: D102
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        found = [word.strip() for word in str(value).split(",")]
        for word in found:
            if word not in KINDS:
                message = f"There is no kind {printable(word)!r}; sentlinks help carries lists them."
                raise InvalidValue("kind.unknown", with_question(message, word, KINDS), "kind")
        return frozenset(found)

    def shell_complete(  # noqa: D102
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        before, comma, begun = incomplete.rpartition(",")
        given = set(before.split(","))
        return [
            CompletionItem(f"{before}{comma}{name}", help=kind.about)
            for name, kind in KINDS.items()
            if name.startswith(begun) and name not in given
        ]


@click.command("inspect")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete_files)
@option(
    "--fail-on",
    "refused",
    type=Kinds(),
    multiple=True,
    metavar="KIND,...",
    show_default="none",
    help="Exit with 3 if one of these kinds is found; sentlinks help carries lists them.",
)
@common.remote
def inspect_command(
    session: CommandSession, files: tuple[str, ...], refused: tuple[frozenset[str], ...]
) -> int:
    """Show what files carry besides their text.

    Comments, tracked changes, hidden text, covered text and more, before they are sent. Nothing is changed, and nothing
    leaves this machine. If a server is configured, its policy says what is a warning.
    """
    from ...rules.carried_policy import judged, unread_refusal
    from ...rules.carried_policy import refused as refused_by
    from ...sending.sources import FileSource

    if "" in files:
        raise InvalidValue("item.empty", "A file is empty; name one.", "file")
    sources = [FileSource.of(with_home(file)) for file in files]
    policy = _policy(session)
    found = [each._replace(report=judged(each.report, policy)) for each in _reports(sources)]
    if session.json:
        emit({"documents": [_fields(*each) for each in zip(files, sources, found, strict=True)]})
    else:
        for file, each in zip(files, found, strict=True):
            _show(file, each.report)
    reports = [each.report for each in found]
    if any(report.has(frozenset().union(*refused)) for report in reports):
        return 3
    by_policy = [
        unread_refusal(printable(file), report, policy)
        or f"{printable(file)} carries {what}, which your firm's policy refuses."
        for file, report in zip(files, reports, strict=True)
        if (what := refused_by(report, policy))
    ]
    for sentence in by_policy:
        tell(sentence)
    if by_policy:
        return 3
    return int(any(is_lacking(report) for report in reports))


def _policy(session: CommandSession) -> Policy:
    """The policy of the server that is configured; without one, or if it isn't reached, there are no rules."""
    if session.config.server(session.server) is None:
        return Policy()
    try:
        return session.share(lambda share: share.policy())
    except Problem as problem:
        tell(f"Your firm's policy wasn't read. {problem.message}")
        return Policy()


def is_lacking(report: Report) -> bool:
    """Whether a document couldn't be looked into, or not as far as those of its kind are."""
    return report.looked is Looked.NOT or bool(report.reason)


def _reports(sources: list[FileSource]) -> list[_Inspected]:
    """The report on each file, its digest, and how many milliseconds it took."""
    import asyncio

    from ...inspection.inspector import Inspector
    from ...sending.carried import inspect

    async def look() -> list[_Inspected]:
        inspector = Inspector()
        found = []
        try:
            for left, source in zip(reversed(range(len(sources))), sources, strict=True):
                began = time.perf_counter()
                report = await inspect(inspector, source, another=left > 0)
                took = (time.perf_counter() - began) * 1000
                found.append(_Inspected(report, await asyncio.to_thread(_digest, source), took))
        finally:
            inspector.close()
        return found

    return asyncio.run(look())


def _digest(source: FileSource) -> str | None:
    import hashlib

    from ...files.user_files import open_given

    try:
        digest = hashlib.sha256()
        with open_given(source.path) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()
    except OSError:
        return None


def _fields(file: str, source: FileSource, found: _Inspected) -> dict[str, Any]:
    report = found.report
    lacking = is_lacking(report)
    error = {"code": f"carries.{report.reason}", "message": report.why} if lacking else None
    return {
        "id": source.label,
        "name": printable(source.name),
        "file": printable(file),
        "size": source.size,
        "sha256": found.sha256,
        "status": "failed" if lacking else "succeeded",
        "error": error,
        "ms": round(found.took),
        **report.fields(),
    }


def _show(file: str, report: Report) -> None:
    say(printable(file))
    if report.looked is Looked.NOT:
        say(f"  not looked into: {report.why}")
        return
    for finding in report.shown:
        mark = "!" if finding.level is CarriedLevel.WARN else " "
        say(f"  {mark} {finding.text:<{_WIDTH}} {finding.more}".rstrip())
    if not report.shown and report.looked is Looked.WHOLE:
        say("    nothing found")
    if report.looked is Looked.PART:
        say(f"  partly looked into: {report.why}")
