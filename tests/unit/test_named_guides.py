"""The guides that messages name: each exists, and tells what it is named for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import tui
from tui import guides
from tui.rules.carried import KINDS

ROOT = Path(tui.__file__).parent
#: A guide by its name or title, in quotation marks or before what it does; or by its command, which also searches.
NAMED = re.compile(
    r"\bguide “([^”]+)”|\bguide ([A-Za-z-]+) (?:says|lists|tells|has)\b"
    r"|\bsentlinks help (?!lists\b|clipboard tmux)([a-z-]+)"
)
#: What a guide has to have, by the words of the message that names it. Those that only say that there is more aren't
#: here.
TOLD = {
    "There are none yet; the guide Presets says how to make one.": ("presets", ["[presets.", "ctrl+n"]),
    "No presets yet. The guide Presets says how to make one.": ("presets", ["[presets.", "ctrl+n"]),
    "has no kind": ("carries", [*KINDS]),
    "Exit with 3 if one of these kinds is found": ("carries", [*KINDS]),
    "The guide Colours says what is in them.": ("colours", ["themes/", "ground", "accent"]),
    "templates of e-mails, commands": ("configuration", ["mail_template", "password_command", "[keys]"]),
    "For others: guide “server”.": ("server", ["--public-url"]),
    "How others reach them": ("server", ["--public-url"]),
    "set sendmail": ("sendmail", ["set sendmail", "--over"]),
    "What to do: sentlinks help proof": ("proof", ["audit accept"]),
}


def said() -> Iterator[tuple[str, str]]:
    """The texts of all modules, each with the module's name; not their docstrings."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                pieces = (str(each.value) if isinstance(each, ast.Constant) else "{" for each in node.values)
                yield "".join(pieces), path.name
            elif (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            ):
                yield node.value, path.name


@cache
def messages() -> list[tuple[str, str, str]]:
    """Each text that names a guide, the module it is in, and the guide's name; read when needed, in seconds."""
    return [
        (text, where, name)
        for text, where in said()
        for found in NAMED.finditer(text)
        for name in found.groups()
        if name
    ]


def topic_of(name: str) -> str | None:
    """The guide of that name or title."""
    titles = {guides.title(topic).casefold(): topic for topic in guides.TOPICS}
    return name.casefold() if name.casefold() in guides.TOPICS else titles.get(name.casefold())


def test_messages_name_guides() -> None:
    assert len({topic_of(name) for _, _, name in messages()}) >= 10


def test_they_exist() -> None:
    assert [f"{where}: {text}" for text, where, name in messages() if not topic_of(name)] == []


@pytest.mark.parametrize("words", TOLD)
def test_it_tells_what_it_is_named_for(words: str) -> None:
    topic, wanted = TOLD[words]
    named = [name for text, _, name in messages() if words in text]
    assert named
    assert {topic_of(name) for name in named} == {topic}
    text = guides.read(topic)
    assert [each for each in wanted if each not in text] == []
