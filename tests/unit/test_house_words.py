"""What the code is called and said to be: docstrings say more than names, and groups of commands are called as their
modules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.unit.test_house import _name, modules, nodes

#: Words that say nothing by themselves.
_EMPTY = frozenset(
    """a all an and are be for from get has have if in is it its of on or return s set that the this to with""".split()  # noqa: SIM905
)


def _words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return {_stem(word) for word in re.findall(r"[a-z]+", spaced.lower())}


def _stem(word: str) -> str:
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) > 2:
            word = word.removesuffix(end)
            break
    return word.removesuffix("e")


def repeats(docstring: str, *names: str) -> bool:
    """Whether a docstring has no word that isn't in the names of what it describes, and no example."""
    said = _words(docstring) - {_stem(word) for word in _EMPTY}
    return "``" not in docstring and said <= set().union(*map(_words, names))


def test_what_repeats_a_name() -> None:
    assert repeats("Return the folder's name.", "folder_name")
    assert repeats("The sessions.", "Sessions")
    assert repeats("Closed files of a tree.", "close_files", "Tree")
    assert not repeats("The name of the folder, without its date.", "folder_name")


def test_no_docstring_repeats_the_name_of_what_it_describes() -> None:
    repeated = []
    for name, tree in modules().items():
        for node, owner in _described(tree):
            docstring = ast.get_docstring(node)
            # What a command says is its help.
            is_command = any(".command(" in ast.unparse(each) for each in node.decorator_list)
            if docstring is not None and not is_command and repeats(docstring, node.name, owner):
                repeated.append(f"{name}:{node.lineno} {node.name}: {docstring}")
    assert not repeated, "\n".join(repeated)


def _described(
    node: ast.AST, owner: str = ""
) -> Iterator[tuple[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """All definitions, each with the class that it is in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield child, owner
        yield from _described(child, child.name if isinstance(child, ast.ClassDef) else owner)


def test_a_group_of_commands_is_called_as_its_module() -> None:
    """``lists.py`` has ``ListCommands``."""
    for name in modules():
        groups = [
            node.name
            for node in nodes(name)
            if isinstance(node, ast.ClassDef) and "CommandGroup" in map(_name, node.bases)
        ]
        if groups:
            words = name.rpartition(".")[2].removesuffix("s").title().replace("_", "")
            assert groups == [f"{words}Commands"], name
