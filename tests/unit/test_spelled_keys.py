"""Texts name commands in braces. Users read the keys: each such text is spelled before it is shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import tui
from tui.commands.lookup import find

PACKAGE = Path(tui.__file__).parent
NAMED = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
#: What the help, an empty list or the caller spells: attributes of classes, and what functions return. The list spells
#: all that locations say.
SPELLED_BY_OTHERS = {
    "ABOUT", "HINT", "RULES", "_CHANGES", "_REQUIRED",
    "_failure_text", "_gone_text", "at_end", "brief_result", "offer", "overall", "summary",
}  # fmt: skip
FOLDERS_LEFT_OUT = {"commands", "locations"}


def texts(tree: ast.AST) -> Iterator[tuple[ast.expr, list[str]]]:
    """Each literal that names commands, and their names."""
    inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
            text = node.value
        else:
            continue
        if names := [name for name in NAMED.findall(text) if find(name) is not None]:
            yield node, names


def ancestors(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}


def is_spelled(node: ast.AST, above: dict[ast.AST, ast.AST], tree: ast.AST, depth: int = 0) -> bool:
    """Whether a text gets to ``spelled``: itself, or by the name that it is kept under."""
    part: ast.AST = node
    while part in above:
        part = above[part]
        match part:
            case ast.Call(func=ast.Name(id="spelled") | ast.Attribute(attr="spelled")):
                return True
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
                | (ast.AugAssign(target=ast.Name(id=name)))
            ):
                return name in SPELLED_BY_OTHERS or (
                    depth < 3 and name_is_spelled(name, part, above, tree, depth)
                )
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return name in SPELLED_BY_OTHERS
    return False


def name_is_spelled(
    name: str, kept: ast.AST, above: dict[ast.AST, ast.AST], tree: ast.AST, depth: int
) -> bool:
    """Whether what is kept as ``name`` is spelled: where a function keeps it, there; elsewhere, wherever it is used."""
    room: ast.AST = kept
    while room in above and not isinstance(room, ast.FunctionDef | ast.AsyncFunctionDef):
        room = above[room]
    inside = isinstance(room, ast.FunctionDef | ast.AsyncFunctionDef)
    uses = [
        node
        for node in ast.walk(room if inside else tree)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    found = [is_spelled(use, above, tree, depth + 1) for use in uses]
    return bool(found) and (any(found) if inside else all(found))


def test_each_text_that_names_a_command_is_spelled() -> None:
    left: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name in FOLDERS_LEFT_OUT:
            continue
        tree = ast.parse(path.read_text())
        above = ancestors(tree)
        left += [
            f"{path.relative_to(PACKAGE)}:{node.lineno} {names}"
            for node, names in texts(tree)
            if not is_spelled(node, above, tree)
        ]
    assert left == []
