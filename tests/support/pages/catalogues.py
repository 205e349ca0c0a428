"""The recipients' pages' sentences: ``python -m tests.support.pages.catalogues`` brings the catalogues up to date.

New sentences are added empty, to be translated; sentences that are no longer used are removed.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from tui.server.pages.kinds import KINDS
from tui.server.pages.languages import ENGLISH, NAMES

PAGES = Path(__file__).resolve().parents[3] / "tui" / "server" / "pages"
CATALOGUES = PAGES / "catalogues"
_KEYWORDS = {"_": None, "text": None, "plural": (1, 2)}
#: A sentence, or one for one thing and one for several.
Sentence = str | tuple[str, ...]


def sentences() -> dict[Sentence, list[tuple[str, int]]]:
    """All English sentences in templates and code, with the files and lines they occur in."""
    found: dict[Sentence, list[tuple[str, int]]] = {}
    for pattern, method in (("templates/*.html", "jinja2"), ("*.py", "python")):
        for path in sorted(PAGES.glob(pattern)):
            name = str(path.relative_to(PAGES))
            for line, message, *_ in extract(method, BytesIO(path.read_bytes()), _KEYWORDS):
                assert isinstance(message, str | tuple)
                found.setdefault(message, []).append((name, line))
    for kind in KINDS:
        found.setdefault(kind, []).append(("kinds.py", 1))
    return found


def english(message: Message) -> str:
    """A message in English; of one with a number, the sentence for one thing."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """What a message is in its language: one sentence, or one for each category of numbers."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def catalogue(tag: str) -> Catalog:
    """The catalogue as its file has it."""
    with (CATALOGUES / f"{tag}.po").open("rb") as file:
        return read_po(file, locale=tag.replace("-", "_"), abort_invalid=True)


def main() -> None:
    said = sentences()
    for tag in NAMES:
        if tag == ENGLISH:
            continue
        known = {m.id: m.string for m in catalogue(tag)} if (CATALOGUES / f"{tag}.po").exists() else {}
        made = Catalog(
            locale=tag.replace("-", "_"), fuzzy=False, project="Secure Sent Links", charset="utf-8"
        )
        for message, places in said.items():
            made.add(
                message,
                known.get(message, ""),
                locations=[(name, 0) for name in {name for name, _ in places}],
            )
        with (CATALOGUES / f"{tag}.po").open("wb") as file:
            write_po(file, made, width=120, omit_header=True, include_lineno=False, sort_output=True)


if __name__ == "__main__":
    main()
