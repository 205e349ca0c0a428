"""Importing a folder tree into the library: what is added, what changes meanwhile, and the workspace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Call
from tests.support.users.imports import counts, failures, imported, listed, made
from tests.support.users.work import Worker
from tui.clients.library import LibraryClient
from tui.clients.tree import CHUNK, Tree
from tui.rules.errors import InvalidValue, NotAllowed
from tui.sending.importing import Import, key_of


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Offer.DOCX", ("Offer", "docx")),
        (" Offer .docx", ("Offer", "docx")),
        ("README", ("README", "")),
        (".hidden", (".hidden", "")),
        ("   ", ("", "")),
    ],
)
def test_what_a_file_is_called_in_work(name: str, key: tuple[str, str]) -> None:
    assert key_of(name) == key


async def test_a_tree_and_later_what_has_changed_of_it(
    worker: Worker, library: LibraryClient, tree: Path
) -> None:
    with Tree(tree) as opened:
        done: list[int] = []
        first = await Import(
            library, opened, " Changing ", None, lambda outcome: done.append(outcome.done)
        ).run()
    assert (counts(first), first.failed, first.stopped) == ((4, 0, 0), [], None)
    assert done == [1, 2, 3, 4]
    assert first.workspace is not None
    assert (first.workspace.name, first.workspace.default_security) == ("Changing", "public")
    (tree / "README").unlink()
    made(tree, {"Letters/First.txt": "FIRST", "Letters/New/x.txt": "x"})
    done.clear()
    with Tree(tree) as opened:
        second = await Import(
            library, opened, "Changing", "public", lambda outcome: done.append(outcome.done)
        ).run()
    # What hasn't changed is progress, too.
    assert done == [1, 2, 3, 4]
    assert (counts(second), second.failed) == ((1, 1, 2), [])
    assert second.workspace is not None
    assert second.workspace.id == first.workspace.id
    assert listed(worker, second) == {
        "Offer.docx": (1, b"offer"), "Letters/First.txt": (2, b"FIRST"), "Letters/Old/Second.pdf": (1, b"second"),
        "Letters/New/x.txt": (1, b"x"), "README": (1, b"read me"),
    }  # fmt: skip


async def test_files_with_one_name_in_work_and_large_ones(
    worker: Worker, library: LibraryClient, tmp_path: Path
) -> None:
    """Their bytes aren't kept between comparing and sending, but read again."""
    large = "x" * (2 * CHUNK + 1)
    root = made(tmp_path / "tree", {"A.txt": "lower", "A.TXT": "upper", "B.bin": large, "empty": ""})
    assert counts(await imported(library, root, "Twins")) == (4, 0, 0)
    made(root, {"A.TXT": "UPPER"})
    assert counts(await imported(library, root, "Twins")) == (0, 1, 3)
    again = await imported(library, root, "Twins")
    assert counts(again) == (0, 0, 4)
    assert again.workspace is not None
    papers = worker.items(f"folders/{again.workspace.id}/children")
    assert sorted(worker.download(paper["id"]).content for paper in papers) == [
        b"", b"UPPER", b"lower", large.encode(),
    ]  # fmt: skip


# ---------------------------------------------------------------- a tree that changes, or can't be read


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda path: path.unlink(), "file.missing"),
        (lambda path: path.write_text("others"), "file.changed"),
        (lambda path: (path.unlink(), path.symlink_to("/etc/passwd")), "link.outside"),
    ],
    ids=["gone", "changed", "replaced"],
)
async def test_a_file_that_changes_before_it_is_sent_fails_alone(
    worker: Worker,
    library: LibraryClient,
    spoiled: Misbehaving,
    tmp_path: Path,
    change: Callable[[Path], object],
    code: str,
) -> None:
    root = made(tmp_path / "tree", {"A.TXT": "upper", "A.txt": "lower"})
    # The first of the two is being sent; the second has been compared already.
    spoiled.spoil("POST", Call(lambda: change(root / "A.txt")), "/documents")
    outcome = await imported(library, root, f"Before sending {code}")
    assert (counts(outcome), failures(outcome)) == ((1, 0, 0), {"A.txt": code})
    assert listed(worker, outcome) == {"A.txt": (1, b"upper")}


async def test_a_file_that_goes_before_it_is_compared_fails_alone(
    library: LibraryClient, spoiled: Misbehaving, tree: Path
) -> None:
    await imported(library, tree, "Before comparing")
    # Its folder has been read already.
    spoiled.spoil("GET", Call((tree / "Offer.docx").unlink), "/children")
    outcome = await imported(library, tree, "Before comparing")
    assert (counts(outcome), failures(outcome)) == ((0, 0, 3), {"Offer.docx": "file.missing"})


async def test_a_folder_that_goes_meanwhile_fails_alone(
    library: LibraryClient, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", Call(lambda: shutil.rmtree(tree / "Letters")), "/workspaces/")
    outcome = await imported(library, tree, "A folder goes")
    assert (counts(outcome), failures(outcome)) == ((2, 0, 0), {"Letters": "folder.missing"})


async def test_names_and_links_that_are_refused(library: LibraryClient, tree: Path) -> None:
    (tree / "  ").write_text("blank")
    (tree / "out").symlink_to("/etc/passwd")
    outcome = await imported(library, tree, "Refused")
    assert counts(outcome) == (4, 0, 0)
    assert failures(outcome) == {"  ": "name.blank", "out": "link.outside"}


# ---------------------------------------------------------------- the workspace


async def test_a_workspace_needs_a_name(library: LibraryClient, tree: Path) -> None:
    with pytest.raises(InvalidValue) as refused:
        await imported(library, tree, "  ")
    assert refused.value.code == "workspace.empty"


async def test_of_several_workspaces_of_one_name_your_own_is_used(
    worker: Worker, other: Worker, library: LibraryClient, tree: Path
) -> None:
    theirs = [other.workspace("Shared name"), other.workspace("Shared name")]
    outcome = await imported(library, tree, "Shared name")
    assert outcome.workspace is not None
    assert outcome.workspace.id == theirs[0]
    mine = worker.workspace("Shared name")
    outcome = await imported(library, tree, "Shared name")
    assert outcome.workspace is not None
    assert outcome.workspace.id == mine


async def test_a_workspace_that_cannot_be_changed_or_has_another_security(
    worker: Worker, other: Worker, library: LibraryClient, tree: Path
) -> None:
    other.workspace("Only to read", default_security="view")
    with pytest.raises(NotAllowed) as refused:
        await imported(library, tree, "Only to read")
    assert refused.value.code == "workspace.read_only"
    worker.workspace("Mine", default_security="private")
    with pytest.raises(InvalidValue) as wrong:
        await imported(library, tree, "Mine", "public")
    assert wrong.value.code == "workspace.security"
    assert counts(await imported(library, tree, "Mine", "private")) == (4, 0, 0)
