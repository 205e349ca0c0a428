"""What a command has done with each document, as it is told and as it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...rules.errors import NotSignedIn, Problem, Unreachable
from ...rules.text import printable, shortened
from .next_command import name_next, server_words
from .output import emit, tell, until_closed

if TYPE_CHECKING:
    from ...wire.share import Document
    from .common import CommandSession

#: The most IDs that are repeated in a command.
_MOST_IDS = 5
#: The most characters of a name that precedes a message.
_MOST_SHOWN = 260


def _fields() -> list[str]:
    """The fields of a document that failed: those of one that was sent, as far as it could have them."""
    from ...wire.share import Document

    return [name for name in Document.model_fields if name not in ("work_id", "deleted_at")]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome for one document: ``document`` if it succeeded, ``error`` if it failed."""

    id: str | None
    document: Document | None = None
    error: Problem | None = None
    #: The fields that are known of a document that failed.
    known: dict[str, Any] | None = None
    #: Of a send: whether the source changed meanwhile, so that ``size`` and ``sha256`` aren't those of its beginning.
    changed: bool | None = None
    #: Of a send: what the document carries, if it was looked into.
    carries: dict[str, Any] | None = None
    #: Of a document that was sent again: what it had of the settings that are less now, as printed.
    before: dict[str, Any] | None = None

    def fields(self) -> dict[str, Any]:
        """The document's fields as printed."""
        if self.document is not None:
            shown = self.document.model_dump(mode="json")
        else:
            shown = dict.fromkeys(_fields()) | {"id": self.id, "published": False} | (self.known or {})
        error = {"code": self.error.code, "message": self.error.message} if self.error else None
        changed = {} if self.changed is None else {"changed_while_sent": self.changed}
        carries = {} if self.carries is None else {"carries": self.carries}
        before = {"before": self.before} if self.before else {}
        return (
            shown
            | changed
            | carries
            | before
            | {"status": "failed" if self.error else "succeeded", "error": error}
        )


async def for_each(ids: Sequence[str], act: Callable[[str], Awaitable[Document]]) -> list[Result]:
    """Apply ``act`` to each of ``ids`` and collect the results.

    An error that would affect all of them (not signed in, server unreachable) is raised if nothing has succeeded yet;
    otherwise it counts for all that are left.
    """
    results: list[Result] = []
    for identity in ids:
        try:
            results.append(Result(identity, await act(identity)))
        except (NotSignedIn, Unreachable) as problem:
            if not any(r.document for r in results):
                raise
            name_next(problem)
            results += [Result(i, error=problem) for i in ids[len(results) :]]
            break
        except Problem as problem:
            name_next(problem, identity)
            results.append(Result(identity, error=problem))
    return results


def exit_status(results: Sequence[Result]) -> int:
    """0 if all succeeded, the common status if all failed with the same one, else 1."""
    statuses = {result.error.exit_status if result.error else 0 for result in results}
    return statuses.pop() if len(statuses) == 1 else 1 if statuses else 0


def tell_undo(session: CommandSession, command: str, ids: Sequence[str], one: str, many: str = "") -> None:
    """Say, as the last line of a command, which ``command`` undoes what was done to ``ids``. ``one`` says what that
    does to one of them, ``many`` to several."""
    if ids:
        which = " ".join(ids) if len(ids) <= _MOST_IDS else "ID..."
        line = f"sentlinks {command} {printable(which)}{server_words()}"
        session.inform(f"{line} {one if len(ids) == 1 else many or one}.")


def finish(session: CommandSession, results: Sequence[Result], **extra_fields: Any) -> int:
    """Report failures, print the results (with ``--json``), and return the exit status."""
    for result in results:
        if result.error:
            name = (result.known or {}).get("name") or result.id or ""
            tell(f"{printable(shortened(name, _MOST_SHOWN))}: {result.error.message}")
    if session.json:
        with until_closed():
            emit(documents_object(results) | extra_fields)
    return exit_status(results)


def documents_object(results: Sequence[Result]) -> dict[str, Any]:
    """The object printed for documents; if all of them failed, it also has the first error at its top level."""
    printed: dict[str, Any] = {"documents": [result.fields() for result in results]}
    first = results[0].error if results else None
    if first and all(result.error for result in results):
        printed["error"] = {"code": first.code, "message": first.message}
    return printed
