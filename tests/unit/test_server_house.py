"""No two modules of the server import each other, directly or indirectly; imports for types count too."""

from __future__ import annotations

import grimp


def test_no_circles_between_files() -> None:
    graph = grimp.build_graph("tui")
    ours = {name for name in graph.modules if name.startswith("tui.server")}
    left = {name: {to for to in graph.find_modules_directly_imported_by(name) if to in ours} for name in ours}
    # A package may import its modules; being in a package doesn't count as importing it.
    while free := [name for name, knows in left.items() if not knows]:
        for name in free:
            del left[name]
        for knows in left.values():
            knows.difference_update(free)
    assert not left, sorted(left)
