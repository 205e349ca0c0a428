"""Documents that others have made: where they lie, and what they carry by an independent reader (``reader.py``).

They are Apache Tika's test data, which nothing here was tuned with. They stay there: that project's licence is
Apache-2.0, but many of them were sent in with reports of bugs, and say themselves whose they are. To get them::

    git clone --filter=blob:none --no-checkout https://github.com/apache/tika
    git -C tika checkout 2b70202aaec3db48fd5ff4d996d974444a750a11
    WILD_DOCUMENTS=$PWD/tika python -m pytest tests/system/test_wild_documents.py
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("documents.toml")
_HEAD = """\
# Documents that others have made, and what they carry by an independent reader. Written by reader.py.
repository = "https://github.com/apache/tika"
commit = "2b70202aaec3db48fd5ff4d996d974444a750a11"
licence = "Apache-2.0"
"""


@dataclass(frozen=True)
class WildDocument:
    """``path`` is that within the repository, ``writer`` the program that wrote it, by its own account; ``carries`` has
    what the independent reader has counted."""

    path: str
    sha256: str
    writer: str
    carries: dict[str, int]


def listed() -> list[WildDocument]:
    """The documents of the list."""
    found = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return [WildDocument(**each) for each in found["document"]]


def written(documents: Iterable[WildDocument]) -> str:
    """The list of documents, as it is kept."""
    return _HEAD + "".join(
        f"\n[[document]]\npath = {json.dumps(each.path)}\nsha256 = {json.dumps(each.sha256)}\n"
        f"writer = {json.dumps(each.writer, ensure_ascii=False)}\n"
        f"carries = {{{', '.join(f'{kind} = {count}' for kind, count in sorted(each.carries.items()))}}}\n"
        for each in documents
    )
