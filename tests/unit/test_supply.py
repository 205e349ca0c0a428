"""The dependencies: bounded version ranges, and a lock file with one release of each and its hashes."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.servers.server import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
WRITTEN = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["test"],
]
LOCK = ROOT / ".ci" / "requirements.txt"


def locked() -> dict[str, str]:
    """The locked release of each package for this Python and this system."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", LOCK.read_text()):
        line = entry.split(" \\")[0]
        requirement = Requirement(line)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), f"{line} has no hash"
        (exact,) = requirement.specifier
        assert exact.operator == "=="
        if requirement.marker is None or requirement.marker.evaluate():
            found[canonicalize_name(requirement.name)] = exact.version
    return found


@pytest.mark.parametrize("written", WRITTEN)
def test_a_range_ends_somewhere(written: str) -> None:
    operators = {specifier.operator for specifier in Requirement(written).specifier}
    assert "==" in operators or {">=", "<"} <= operators


@pytest.mark.parametrize("written", [*WRITTEN, "editables>=0.3", "uv>=0.13"])
def test_the_lock_has_what_is_asked_for(written: str) -> None:
    requirement = Requirement(written)
    if requirement.marker is None or requirement.marker.evaluate():
        assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


def test_the_lock_has_whatever_that_needs_in_turn() -> None:
    """Nothing is installed without a hash in the lock."""
    lock = locked()
    seen: set[str] = set()
    queue = [Requirement(written) for written in WRITTEN[len(PROJECT["build-system"]["requires"]) :]]
    while queue:
        requirement = queue.pop()
        extras = requirement.extras or {""}
        if requirement.marker is not None and not any(
            requirement.marker.evaluate({"extra": e}) for e in extras
        ):
            continue
        name = canonicalize_name(requirement.name)
        assert name in lock, f"{name} is not in the lock"
        for extra in extras:
            if f"{name}[{extra}]" in seen:
                continue
            seen.add(f"{name}[{extra}]")
            for needed in map(Requirement, metadata.requires(name) or ()):
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    needed.marker = None
                    queue.append(needed)


#: Required without being imported, and by what they are used.
USED_BY_OTHERS = {
    "sniffio": "httpcore asks it which event loop runs",
    "tzdata": "zoneinfo, where the system has no time zones",
}


def test_every_requirement_is_imported() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "tui").rglob("*.py"))
    imported = {name.partition(".")[0] for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.M)}
    modules: dict[str, set[str]] = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            modules.setdefault(canonicalize_name(package), set()).add(module)
    names = [canonicalize_name(Requirement(each).name) for each in PROJECT["project"]["dependencies"]]
    unused = {name for name in names if not modules.get(name, set()) & imported}
    assert unused == set(USED_BY_OTHERS)


def test_ci_runs_with_each_python_of_the_classifiers() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    named = [
        each.rpartition(" ")[2]
        for each in PROJECT["project"]["classifiers"]
        if each.startswith("Programming Language :: Python :: 3.")
    ]
    (written,) = re.findall(r"^ +python: \[(.*)\]$", workflow, re.M)
    assert re.findall(r'"([\d.]+)"', written) == named
    assert "\n        run: .ci/run\n" in workflow
