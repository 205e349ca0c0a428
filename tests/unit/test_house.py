"""Measures of the code's structure, which must not get worse. If a figure gets smaller, lower its limit here."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tui.locations.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
TUI = ROOT / "tui"
#: Names of location kinds; some also mean something else, such as a server (``share``) or where a file is.
KIND_NAMES = set(KINDS) - {""}
#: The attributes that say which kind a location is.
TELL_KIND = {"kind", "kinds", "location_kind"}
#: Modules where ``kind`` is something else's: that of a signed-in user's session or of a control sequence.
OTHER_KINDS = {"accounts", "sessions", "celldiff"}

#: The packages of the app.
UI = ("commands", "locations", "session", "ui")

# These are the targets; for circles, the target is 0, for private names of Textual 15, in one folder.
MOST_CLASSES_ABOVE = 3
MOST_LINES_WITH_BASES = 470
STUBS = 0
ANY_SELF = 2
COMPARISONS_WITH_A_KIND = 1
CIRCLES = 1
PRIVATE_FOLDER = "textual_patches"
MOST_PRIVATE_NAMES = 14


@cache
def modules() -> dict[str, ast.Module]:
    """Every file of the program by module name, except those that never run on a user's machine."""
    found = {}
    for path in sorted(TUI.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "versions" not in parts or "migrations" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


def ui_modules() -> Iterator[tuple[str, ast.Module]]:
    """The modules of the app."""
    for name, tree in modules().items():
        if name.split(".")[1:2] not in (["server"], ["cli"], ["sample"], ["wire"], ["rules"], ["clients"]):
            yield name, tree


# ---------------------------------------------------------------- classes


def classes() -> dict[str, tuple[list[str], int]]:
    """The bases of every class of the app, and its number of lines without docstrings and ``@override``, by name."""
    found: dict[str, tuple[list[str], int]] = {}
    for _, tree in ui_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = [base for each in node.bases if (base := _name(each))]
                lines = (node.end_lineno or node.lineno) - node.lineno + 1 - _unwritten(node)
                found[node.name] = (bases, lines)
    return found


def _unwritten(node: ast.ClassDef) -> int:
    """The number of lines that do nothing: docstrings, and ``@override``."""
    lines = 0
    for each in ast.walk(node):
        if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            lines += sum(_name(decorator) == "override" for decorator in each.decorator_list)
            first = each.body[0]
            if ast.get_docstring(each) is not None:
                lines += (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def above(name: str, known: dict[str, tuple[list[str], int]]) -> set[str]:
    """The base classes of a class, direct and indirect, that are the app's."""
    found: set[str] = set()
    waiting = [base for base in known[name][0] if base in known]
    while waiting:
        base = waiting.pop()
        if base not in found and base != name:
            found.add(base)
            waiting += [b for b in known[base][0] if b in known]
    return found


def test_no_tower_of_classes_grows() -> None:
    known = classes()
    towers = {name: above(name, known) for name in known}
    highest = max(towers, key=lambda name: len(towers[name]))
    assert len(towers[highest]) <= MOST_CLASSES_ABOVE, (highest, towers[highest])
    lines = {name: known[name][1] + sum(known[base][1] for base in towers[name]) for name in known}
    longest = max(lines, key=lambda name: lines[name])
    assert lines[longest] <= MOST_LINES_WITH_BASES, (longest, lines[longest])


def test_no_base_class_waits_for_what_only_a_subclass_has() -> None:
    stubs = [
        f"{name}:{node.lineno}"
        for name, tree in ui_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and "NotImplementedError" in ast.unparse(node.exc)
    ]
    assert len(stubs) <= STUBS, stubs


def test_the_types_of_the_app_are_told() -> None:
    """No new ``self: Any``, and no new functions that return ``Any``."""
    untold = [
        f"{name}:{node.lineno}"
        for name, tree in ui_modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and name.split(".")[1] in UI
        and (
            any(a.arg == "self" and a.annotation is not None for a in node.args.args)
            or (node.returns is not None and ast.unparse(node.returns) == "Any")
        )
    ]
    assert len(untold) <= ANY_SELF, untold


# ---------------------------------------------------------------- kinds of location


def test_nothing_outside_asks_which_kind_a_location_is() -> None:
    asked = [
        f"{name}:{node.lineno}"
        for name, tree in ui_modules()
        if not name.startswith("tui.locations") and name.rpartition(".")[2] not in OTHER_KINDS
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and _asks_kind(node)
    ]
    assert len(asked) <= COMPARISONS_WITH_A_KIND, asked


def _asks_kind(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _name(node.func) == "is_a"
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    if any(isinstance(side, ast.Attribute) and side.attr in TELL_KIND for side in sides):
        return True
    named = any(isinstance(side, ast.Name) and side.id == "kind" for side in sides)
    return named and any(_literals(side) & KIND_NAMES for side in sides)


def _literals(node: ast.expr) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


# ---------------------------------------------------------------- imports


def imports(name: str, tree: ast.Module, known: set[str]) -> set[str]:
    """The modules that a module imports: at the top, inside functions, or only for its types, as a reader follows
    them."""
    found: set[str] = set()
    package = (
        name if (TUI.parent / Path(*name.split(".")) / "__init__.py").exists() else name.rpartition(".")[0]
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                found |= {start, f"{start}.{alias.name}"} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    # Importing a package's module doesn't count as importing the package.
    return {each for each in found if each != name and not any(o.startswith(f"{each}.") for o in found)}


def circles() -> list[list[str]]:
    """The groups of modules that import each other, directly or indirectly."""
    trees = modules()
    known = set(trees)
    graph = {name: imports(name, tree, known) for name, tree in trees.items()}
    reach: dict[str, set[str]] = {}
    for name in graph:
        seen: set[str] = set()
        waiting = list(graph[name])
        while waiting:
            other = waiting.pop()
            if other not in seen:
                seen.add(other)
                waiting += graph[other]
        reach[name] = seen
    groups: dict[frozenset[str], list[str]] = {}
    for name in graph:
        if name in reach[name]:
            group = frozenset(other for other in reach[name] if name in reach[other])
            groups[group] = sorted(group)
    return list(groups.values())


def test_no_circle_of_imports_is_added() -> None:
    found = circles()
    assert len(found) <= CIRCLES, found


# ---------------------------------------------------------------- private parts of Textual


def private_parts() -> dict[str, set[str]]:
    """The names starting with ``_`` that the app uses but does not define, by the folder that uses them."""
    own: set[str] = set()
    used: dict[str, set[str]] = defaultdict(set)
    for _, tree in ui_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                own.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                own.add(node.id)
    for name, tree in ui_modules():
        for node in ast.walk(tree):
            names = {node.attr} if isinstance(node, ast.Attribute) else set()
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("textual", "rich"):
                names = {alias.name for alias in node.names} | set((node.module or "").split("."))
            private = {n for n in names if n.startswith("_") and not n.startswith("__")} - own
            if private:
                used[name.rpartition(".")[0].rpartition(".")[2]] |= private
    return used


def test_private_parts_of_textual_spread_no_further() -> None:
    found = private_parts()
    assert set(found) == {PRIVATE_FOLDER}, found
    assert len(found[PRIVATE_FOLDER]) <= MOST_PRIVATE_NAMES, found
