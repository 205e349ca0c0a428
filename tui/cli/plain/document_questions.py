"""Asking what is to be sent: files of this computer, and documents of Work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ...clients.work import pages
from ...rules.display import counted, size_text
from ...rules.errors import InvalidValue, Problem
from ...rules.search import checked
from ...rules.text import printable
from ...wire.work import Container, Document, Entry
from ..base.output import note
from .asking import Questions

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...clients.work import WorkClient
    from ...clients.work_session import Page
    from ..base.common import CommandSession

E = TypeVar("E")

#: The most that is read of a place: more are found by a search.
_MOST = 1000
_UP = "Back"
_HERE, _WORKSPACES, _WORKLIST, _SEARCH = (
    "On this computer", "In a workspace", "In the Document Worklist", "Search for them in Work",
)  # fmt: skip


class DocumentQuestions:
    """Asks for documents. Each is an item of ``sentlinks send``."""

    def __init__(self, session: CommandSession, questions: Questions) -> None:
        self._session = session
        self._questions = questions

    def ask(self) -> tuple[str, ...]:
        """Ask until there are some, and the user wants no more."""
        items: dict[str, str] = {}
        while True:
            items |= self._some()
            if items:
                note(f"{counted(len(items), 'document')} to send: {', '.join(items.values())}.")
                if self._questions.choice("More documents?", ("That is all", "More")) == 0:
                    return tuple(items)

    def _some(self) -> dict[str, str]:
        """Items with their names, of one place; none if the user goes back."""
        places: dict[str, Callable[[], dict[str, str]]] = {
            _HERE: self._files,
            _WORKSPACES: self._in_workspaces,
            _WORKLIST: self._worklist,
            _SEARCH: self._found,
        }
        chosen = list(places)[self._questions.choice("Where are the documents?", list(places))]
        try:
            return places[chosen]()
        except Problem as problem:
            if problem.code in ("input.ended", "declined"):
                raise
            note(problem.message)
            return {}

    def _opened_or_chosen(self, title: str, names: Sequence[str], folders: Collection[int]) -> list[int]:
        """The indexes of what was chosen of a list: one of the ``folders``, or others; none to go back."""
        while True:
            chosen = [number - 1 for number in self._questions.some(title, [_UP, *names])]
            if -1 in chosen:
                return []
            if len(chosen) == 1 or not any(number in folders for number in chosen):
                return chosen
            note("Choose one folder to open it, or documents.")

    # ------------------------------------------------------------ this computer

    def _files(self) -> dict[str, str]:
        folder = Path.cwd()
        while True:
            entries = _entries(folder)
            folders = {number for number, each in enumerate(entries) if each.is_dir()}
            names = [_entry_text(each, is_folder=number in folders) for number, each in enumerate(entries)]
            chosen = self._opened_or_chosen(f"In {folder}:", names, folders)
            if not chosen and folder == folder.parent:
                return {}
            if not chosen:
                folder = folder.parent
            elif chosen[0] in folders:
                folder = entries[chosen[0]]
            else:
                return {str(entries[number]): entries[number].name for number in chosen}

    # ------------------------------------------------------------ Work

    def _in_workspaces(self) -> dict[str, str]:
        """Open workspaces and folders until documents are chosen, or the user goes back from the workspaces."""
        way: list[Entry] = []
        while True:
            inside = self._inside(way)
            folders = {number for number, each in enumerate(inside) if not isinstance(each, Document)}
            title = f"{way[-1].name}:" if way else "Workspaces:"
            if not inside:
                note(f"{title} there is nothing.")
            chosen = self._opened_or_chosen(title, list(map(_work_text, inside)), folders) if inside else []
            if not chosen and not way:
                return {}
            if not chosen:
                way.pop()
            elif chosen[0] in folders:
                way.append(inside[chosen[0]])
            else:
                return {inside[number].id: _work_text(inside[number]) for number in chosen}

    def _inside(self, way: Sequence[Entry]) -> Sequence[Entry]:
        if not way:
            return self._read(lambda work: pages(work.workspaces))
        found = self._read(lambda work: work.child_pages(way[-1].id))
        return [each for each in found if isinstance(each, Document | Container)]

    def _worklist(self) -> dict[str, str]:
        found = self._read(lambda work: pages(work.recent))
        return self._chosen("The Document Worklist:", found)

    def _found(self) -> dict[str, str]:
        text = self._questions.checked("Words to search for:", checked)
        found = self._read(lambda work: pages(partial(work.find, text)))
        return self._chosen(f"Found with “{text}”:", found)

    def _chosen(self, title: str, found: Sequence[Entry]) -> dict[str, str]:
        if not found:
            note("There are no documents.")
            return {}
        chosen = self._opened_or_chosen(title, list(map(_work_text, found)), ())
        return {found[number].id: _work_text(found[number]) for number in chosen}

    def _read(self, ask: Callable[[WorkClient], AsyncIterator[Page[E]]]) -> list[E]:
        """What Work has, up to :data:`_MOST`."""

        async def read(_: ShareClient, work: WorkClient) -> list[E]:
            found: list[E] = []
            async for page in ask(work):
                found += page.items
                if len(found) >= _MOST:
                    break
            return found[:_MOST]

        found = self._session.both(read)
        if len(found) == _MOST:
            note(f"Only the first {_MOST:,} are listed; a search finds the others.")
        return found


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, without hidden files: folders first. Raises :class:`InvalidValue`."""
    try:
        found = [each for each in folder.iterdir() if not each.name.startswith(".")]
    except OSError as error:
        raise InvalidValue("folder.unreadable", f"{printable(str(folder))}: {error.strerror}.") from error
    return sorted(found, key=lambda each: (not each.is_dir(), each.name.casefold()))


def _entry_text(path: Path, *, is_folder: bool) -> str:
    if is_folder:
        return f"{path.name}, folder"
    try:
        return f"{path.name}, {size_text(path.stat().st_size)}"
    except OSError:
        return f"{path.name}, unreadable"


def _work_text(entry: Entry) -> str:
    if isinstance(entry, Document):
        name = f"{entry.name}.{entry.extension}" if entry.extension else entry.name
        return f"{name}, version {entry.version}" if entry.version else name
    return entry.name if isinstance(entry, Container) and entry.is_workspace else f"{entry.name}, folder"
