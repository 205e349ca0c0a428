"""Measures of the code's structure, which must not get worse. If a figure gets smaller, lower its limit here."""

from __future__ import annotations

import ast
import re
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
APP = tuple(f"tui.{name}" for name in UI)

# Where the code stands.
MOST_CLASSES_ABOVE = 3
#: Class names with two meanings or more.
MOST_AMBIGUOUS_NAMES = 7
MOST_LINES_WITH_BASES = 470
STUBS = 0
#: ``hasattr``, ``getattr`` with a default, and parameters ``: Any``, in the app.
MOST_GUESSES = 3
MOST_ANY_PARAMETERS = 8
ANY_SELF = 2
COMPARISONS_WITH_A_KIND = 1
#: It is filled while addresses are read.
CHANGEABLE_VALUES = ["tui.rules.address_headers._BetweenCommas"]
CIRCLES = 0
#: Of what the first screen and the app are for their parts.
MOST_MEMBERS = 15


#: At the top, besides what tools ask for and what is made there.
AT_THE_TOP = {"LICENSE", "README.md", "pyproject.toml", "screenshots", "tests", "tui"}
MADE = re.compile(r"\..*|__pycache__|build|dist|.*\.egg-info")


@cache
def modules() -> dict[str, ast.Module]:
    """Every file of the program by module name, except those that never run on a user's machine."""
    found = {}
    for path in sorted(TUI.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "versions" not in parts or "migrations" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = ast.parse(path.read_text())
    return found


@cache
def nodes(name: str) -> list[ast.AST]:
    """All nodes of a module: most tests go through them, and finding them takes longest."""
    return list(ast.walk(modules()[name]))


def ui_modules() -> Iterator[str]:
    """The names of the app's modules."""
    for name in modules():
        if name.split(".")[1:2] not in (["server"], ["cli"], ["sample"], ["wire"], ["rules"], ["clients"]):
            yield name


# ---------------------------------------------------------------- classes


@cache
def run_time_names(module: str) -> dict[str, str]:
    """What the names of a module stand for at run time, by what is imported, defined and assigned there."""
    names: dict[str, str] = {}
    for node in _at_run_time(modules()[module]):
        if isinstance(node, ast.ImportFrom):
            start = _imported_from(module, node)
            names |= {alias.asname or alias.name: f"{start}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ClassDef):
            names[node.name] = f"{module}.{node.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            names |= {each.id: node.value.id for each in node.targets if isinstance(each, ast.Name)}
    return names


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, except those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from child.orelse
        else:
            yield child
            yield from _at_run_time(child)


def _imported_from(module: str, node: ast.ImportFrom) -> str:
    """The absolute name of what an import is from."""
    is_package = (ROOT / Path(*module.split(".")) / "__init__.py").exists()
    package = module.split(".") if is_package else module.split(".")[:-1]
    base = package[: len(package) - node.level + 1] if node.level else []
    return ".".join([*base, *(node.module or "").split(".")]).strip(".")


@cache
def classes() -> dict[str, tuple[list[str], int]]:
    """The bases (those that are ours) of every class, and its number of lines without docstrings and ``@override``; by
    module and name."""
    found: dict[str, tuple[list[ast.expr], int]] = {}
    for module, tree in modules().items():
        for node in _at_run_time(tree):
            if isinstance(node, ast.ClassDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1 - _unwritten(node)
                found[f"{module}.{node.name}"] = (node.bases, lines)
    return {
        name: ([base for each in bases if (base := _class_of(name, each, set(found)))], lines)
        for name, (bases, lines) in found.items()
    }


def _class_of(user: str, base: ast.expr, known: set[str]) -> str:
    """The class that a base stands for; empty if it isn't ours."""
    module = user.rpartition(".")[0]
    if isinstance(base, ast.Subscript):
        return _class_of(user, base.value, known)
    if isinstance(base, ast.Attribute):
        name = f"{run_time_names(module).get(_name(base.value), '')}.{base.attr}"
    else:
        name = _name(base)
    # Until nothing else stands for it: names may be imported from where they are imported to.
    for _ in range(9):
        name = run_time_names(module).get(name, name)
        if name in known or "." not in name:
            continue
        module, _, name = name.rpartition(".")
        if module not in modules():
            return ""
    return name if name in known else ""


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


def above(name: str) -> set[str]:
    """The base classes of a class, direct and indirect, that are ours."""
    found: set[str] = set()
    waiting = list(classes()[name][0])
    while waiting:
        base = waiting.pop()
        if base not in found and base != name:
            found.add(base)
            waiting += classes()[base][0]
    return found


def test_nothing_else_is_at_the_top() -> None:
    """Such as what a test has left there."""
    assert {path.name for path in ROOT.iterdir() if not MADE.fullmatch(path.name)} == AT_THE_TOP


def test_no_tower_of_classes_grows() -> None:
    known = classes()
    towers = {name: above(name) for name in known}
    assert any(len(tower) == MOST_CLASSES_ABOVE for tower in towers.values()), "the limit can be lowered"
    too_high = {name: tower for name, tower in towers.items() if len(tower) > MOST_CLASSES_ABOVE}
    assert not too_high, too_high
    lines = {name: known[name][1] + sum(known[base][1] for base in towers[name]) for name in known}
    too_long = {name: count for name, count in lines.items() if count > MOST_LINES_WITH_BASES}
    assert not too_long, too_long


def test_one_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for name in modules():
        for node in nodes(name):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name}:{node.lineno}")
    ambiguous = {name: found for name, found in places.items() if len(found) > 1}
    assert len(ambiguous) <= MOST_AMBIGUOUS_NAMES, ambiguous


def test_no_base_class_waits_for_what_only_a_subclass_has() -> None:
    stubs = [
        f"{name}:{node.lineno}"
        for name in ui_modules()
        for node in nodes(name)
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and "NotImplementedError" in ast.unparse(node.exc)
    ]
    assert len(stubs) <= STUBS, stubs


def test_the_types_of_the_app_are_told() -> None:
    """No new ``self: Any``, and no new functions that return ``Any``."""
    untold = [
        f"{name}:{node.lineno}"
        for name in ui_modules()
        for node in nodes(name)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and name.split(".")[1] in UI
        and (
            any(a.arg == "self" and a.annotation is not None for a in node.args.args)
            or (node.returns is not None and ast.unparse(node.returns) == "Any")
        )
    ]
    assert len(untold) <= ANY_SELF, untold


def test_parts_are_asked_for_what_they_declare() -> None:
    """Whether something has an attribute is hardly ever found out at run time."""
    guesses = [
        f"{name}:{node.lineno}"
        for name in ui_modules()
        if name.startswith(APP)
        for node in nodes(name)
        if isinstance(node, ast.Call)
        and (
            (_name(node.func) == "getattr" and len(node.args) > len(("object", "name")))
            or _name(node.func) == "hasattr"
        )
    ]
    assert len(guesses) <= MOST_GUESSES, guesses


def test_the_types_of_parameters_are_told() -> None:
    untold = [
        f"{name}:{each.lineno} {each.arg}"
        for name in ui_modules()
        if name.startswith(APP)
        for node in nodes(name)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if each.annotation is not None and ast.unparse(each.annotation) == "Any"
    ]
    assert len(untold) <= MOST_ANY_PARAMETERS, untold


def test_values_of_the_rules_cannot_be_changed() -> None:
    """Whoever gets one may keep it."""
    changeable = [
        f"{name}.{node.name}"
        for name in modules()
        if name.startswith(("tui.rules.", "tui.wire."))
        for node in nodes(name)
        if isinstance(node, ast.ClassDef)
        for decorator in map(ast.unparse, node.decorator_list)
        if decorator.startswith("dataclass") and "frozen=True" not in decorator
    ]
    assert changeable == CHANGEABLE_VALUES


# ---------------------------------------------------------------- kinds of location


def test_nothing_outside_asks_which_kind_a_location_is() -> None:
    asked = [
        f"{name}:{node.lineno}"
        for name in ui_modules()
        if not name.startswith("tui.locations") and name.rpartition(".")[2] not in OTHER_KINDS
        for node in nodes(name)
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


def test_files_that_are_named_exist() -> None:
    """A module's name in a docstring or a comment is one that can be opened: it changes with the file."""
    named = re.compile(r"``([\w/]*\w\.py)``")
    there = {path.name for path in ROOT.rglob("*.py") if ".venv" not in path.parts}
    lost = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in sorted(TUI.rglob("*.py"))
        for found in named.findall(path.read_text())
        if found.rpartition("/")[2] not in there
    ]
    assert not lost, lost


# ---------------------------------------------------------------- imports


def imports(name: str, known: set[str]) -> set[str]:
    """The modules that a module imports: at the top, inside functions, or only for its types, as a reader follows
    them."""
    found: set[str] = set()
    for node in nodes(name):
        if isinstance(node, ast.ImportFrom):
            start = _imported_from(name, node)
            for alias in node.names:
                found |= {start, f"{start}.{alias.name}"} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    # Importing a package's module doesn't count as importing the package.
    return {each for each in found if each != name and not any(o.startswith(f"{each}.") for o in found)}


def circles() -> list[list[str]]:
    """The groups of modules that import each other, directly or indirectly."""
    known = set(modules())
    graph = {name: imports(name, known) for name in modules()}
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


# ---------------------------------------------------------------- what the parts know of the whole


def members(module: str, name: str) -> set[str]:
    """The names that a class declares."""
    (found,) = (
        node for node in ast.walk(modules()[module]) if isinstance(node, ast.ClassDef) and node.name == name
    )
    return {
        node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ast.unparse(node.target)
        for node in found.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.AnnAssign)
    }


def test_commands_need_little_of_the_first_screen() -> None:
    host, app = members("tui.ui.base.host", "Host"), members("tui.ui.base.screens_app", "AppOfScreens")
    assert len(host) <= MOST_MEMBERS, host
    assert len(app) <= MOST_MEMBERS, app
