"""Documents that Word, Excel, PowerPoint, LibreOffice and Acrobat wrote: what they carry is found, and little else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.carried.trial import trials
from tests.support.carried.wild.documents import WildDocument, listed
from tui.rules.carried import WARNINGS

#: A checkout of the repository that the documents lie in; ``documents.py`` says how to get it.
CHECKOUT = os.environ.get("WILD_DOCUMENTS")
PROGRAMS = ("Word", "Excel", "PowerPoint", "LibreOffice", "Acrobat")
#: The least share of what is carried that is found, and the largest of documents without any of it that are marked.
RECALL, MARKED = 0.95, 1 / 20


def test_the_list_has_documents_of_each_program() -> None:
    documents = listed()
    assert len(documents) >= 40
    assert (
        len({each.sha256 for each in documents}) == len({each.path for each in documents}) == len(documents)
    )
    for program in PROGRAMS:
        assert any(program in each.writer for each in documents), program
    carried = {kind for each in documents for kind in each.carries}
    assert carried <= set(WARNINGS), "the independent reader speaks of the same kinds"
    assert sum(not each.carries for each in documents) >= 20


def contents(documents: list[WildDocument]) -> Iterator[tuple[str, bytes]]:
    for each in documents:
        content = (Path(CHECKOUT or "") / each.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == each.sha256, each.path
        yield each.path.rpartition("/")[2], content


@pytest.mark.skipif(not CHECKOUT, reason="WILD_DOCUMENTS names no checkout of the documents")
def test_what_they_carry_is_found(tmp_path: Path) -> None:
    """Nearly all that the independent reader finds, and hardly a mark on what it finds nothing in."""
    documents = listed()
    found, missed, marked = 0, [], []
    for document, trial in zip(documents, trials(contents(documents), tmp_path), strict=True):
        warned = {kind: count for kind, count in trial.counts.items() if kind in WARNINGS}
        found += sum(kind in warned for kind in document.carries)
        missed += [(document.path, kind, trial.last) for kind in document.carries if kind not in warned]
        if warned and not document.carries:
            marked.append((document.path, warned))
    clean = sum(not each.carries for each in documents)
    print(f"{found} of {found + len(missed)} found, {len(marked)} of {clean} clean ones marked")
    assert found / (found + len(missed)) >= RECALL, missed
    assert len(marked) / clean <= MARKED, marked
