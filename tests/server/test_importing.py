"""Importing a folder tree into the library: files and folders that change meanwhile, and servers that fail."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.misbehave import ALWAYS, Call, Cut, Misbehaving, Say
from tests.support.server import ServerProcess
from tests.support.work import Worker
from tui.clients.connection import Target, open_http
from tui.clients.library import LibraryClient
from tui.clients.tree import CHUNK, Tree
from tui.rules.errors import InvalidValue, NotAllowed, NotSignedIn, Problem
from tui.sending.importing import Import, Outcome, key_of

JSON = "application/json"
SIGNED_OUT = Say(401, b'{"error": {"code": "NRC_TOKEN_INVALID", "message": "The token is invalid."}}', JSON)
REFUSED = Say(403, b'{"error": {"code": "NRC_FORBIDDEN", "message": "You may not."}}', JSON)


@pytest.fixture
async def library(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[LibraryClient]:
    """The library through ``spoiled``."""
    async with open_http(Target(spoiled.url, server.token)) as http:
        yield LibraryClient(http)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return made(
        tmp_path / "tree",
        {
            "Offer.docx": "offer",
            "Letters/First.txt": "first",
            "Letters/Old/Second.PDF": "second",
            "README": "read me",
        },
    )


def made(root: Path, contents: dict[str, str]) -> Path:
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


async def imported(
    library: LibraryClient, root: Path, workspace: str, security: str | None = None
) -> Outcome:
    with Tree(root) as tree:
        return await Import(library, tree, workspace, security).run()


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.added, outcome.versions, outcome.unchanged


def failures(outcome: Outcome) -> dict[str, str]:
    """The codes of what failed, by path. Each has a sentence."""
    assert all(failure.message.endswith(".") for failure in outcome.failed), outcome.failed
    return {failure.path: failure.code for failure in outcome.failed}


def listed(worker: Worker, outcome: Outcome) -> dict[str, tuple[int, bytes]]:
    """Versions and bytes of all documents of the workspace, by path."""
    found: dict[str, tuple[int, bytes]] = {}

    def walk(container: str, path: str) -> None:
        for item in worker.items(f"folders/{container}/children", limit=9999):
            if item["wstype"] == "document":
                name = ".".join(part for part in (item["name"], item["extension"]) if part)
                found[path + name] = item["version"], worker.download(item["id"]).content
            else:
                walk(item["id"], f"{path}{item['name']}/")

    assert outcome.workspace is not None
    walk(outcome.workspace.id, "")
    return found


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
    second = await imported(library, tree, "Changing", "public")
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


# ---------------------------------------------------------------- a server that fails


async def test_a_folder_that_cannot_be_made_fails_alone(
    library: LibraryClient, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", REFUSED, "/workspaces/")
    outcome = await imported(library, tree, "No folder")
    assert (counts(outcome), failures(outcome)) == ((2, 0, 0), {"Letters": "NRC_FORBIDDEN"})
    assert counts(await imported(library, tree, "No folder")) == (2, 0, 2)


async def test_a_folder_that_cannot_be_listed_in_work_fails_alone(
    library: LibraryClient, spoiled: Misbehaving, tree: Path
) -> None:
    await imported(library, tree, "Not listed")
    spoiled.spoil("GET", REFUSED, "/children", skip=1)
    outcome = await imported(library, tree, "Not listed")
    assert (counts(outcome), failures(outcome)) == ((0, 0, 2), {"Letters": "NRC_FORBIDDEN"})


async def test_an_upload_that_breaks_off_fails_alone(
    library: LibraryClient, spoiled: Misbehaving, tree: Path
) -> None:
    spoiled.spoil("POST", Cut(0), "/documents")
    outcome = await imported(library, tree, "Broken off")
    assert (outcome.added, len(outcome.failed), outcome.stopped) == (3, 1, None)
    assert counts(await imported(library, tree, "Broken off")) == (1, 0, 3)


@pytest.mark.parametrize(
    ("path", "skip", "arrived"),
    [("/documents", 2, 2), ("/children", 1, 0)],
    ids=["while sending", "while listing"],
)
async def test_a_sign_in_that_ends_stops_it(
    library: LibraryClient, spoiled: Misbehaving, tmp_path: Path, path: str, skip: int, arrived: int
) -> None:
    """Many more files wait to be sent, and none of them is tried."""
    root = made(tmp_path / "tree", {f"folder/{number:03}.txt": str(number) for number in range(200)})
    if path == "/children":
        await imported(library, made(tmp_path / "first", {"folder/000.txt": "0"}), f"Ended {arrived}")
    before = spoiled.count("POST", "/documents")
    spoiled.spoil("GET" if path == "/children" else "POST", SIGNED_OUT, path, skip=skip, times=ALWAYS)
    if arrived:
        outcome = await imported(library, root, f"Ended {arrived}")
        assert isinstance(outcome.stopped, NotSignedIn)
        assert outcome.added == arrived
        assert set(failures(outcome).values()) == {"NRC_TOKEN_INVALID"}
    else:
        with pytest.raises(NotSignedIn):
            await imported(library, root, f"Ended {arrived}")
    assert spoiled.count("POST", "/documents") - before <= 8 + arrived
    spoiled.behave()
    outcome = await imported(library, root, f"Ended {arrived}")
    assert outcome.added + outcome.unchanged == 200


@pytest.mark.parametrize("code", ["disk_full", "NRC_DISK_FULL", "NRC_QUOTA_KEPT"])
async def test_a_full_server_stops_it(
    library: LibraryClient, spoiled: Misbehaving, tree: Path, code: str
) -> None:
    body = json.dumps({"error": {"code": code, "message": "There is no room."}}).encode()
    spoiled.spoil("POST", Say(507, body, JSON), "/documents", times=ALWAYS)
    with pytest.raises(Problem) as full:
        await imported(library, tree, f"Full {code}")
    assert full.value.code == code


async def test_a_server_that_goes_away_stops_it_and_the_next_run_goes_on(
    library: LibraryClient, spoiled: Misbehaving, tmp_path: Path
) -> None:
    """A connection that breaks may be a single misfortune; a server that can't be reached again isn't."""
    # They are sent one after the other, because they have the same name in Work.
    root = made(tmp_path / "tree", {"A.TXT": "first", "A.Txt": "second", "A.txt": "third"})

    def go_away() -> None:
        spoiled.refuse()
        raise ConnectionResetError

    spoiled.spoil("POST", Call(go_away), "/documents", skip=1)
    outcome = await imported(library, root, "Away")
    assert counts(outcome) == (1, 0, 0)
    assert failures(outcome) == {"A.Txt": "connection.broken", "A.txt": "server.unreachable"}
    assert outcome.stopped is not None
    assert outcome.stopped.code == "server.unreachable"
    spoiled.up()
    again = await imported(library, root, "Away")
    assert (again.failed, counts(again)) == ([], (2, 0, 1))


async def test_a_server_that_tells_no_digests_has_the_bytes_compared(
    worker: Worker, library: LibraryClient, spoiled: Misbehaving, tmp_path: Path
) -> None:
    """Unless the size says enough. What can't be downloaded fails alone."""
    root = made(tmp_path / "tree", {"a.txt": "same", "b.txt": "longer", "c.txt": "other", "d.txt": "lost"})
    outcome = await imported(library, root, "Undigested")
    assert outcome.workspace is not None
    found: dict[str, Any] = worker.get(f"folders/{outcome.workspace.id}/children", total="true")
    for item in found["data"]:
        item.pop("checksum", None)
    made(root, {"b.txt": "longest", "c.txt": "OTHER"})
    spoiled.spoil("GET", Say(200, json.dumps(found).encode(), JSON), "/children")
    lost = next(item["id"] for item in found["data"] if item["name"] == "d")
    spoiled.spoil("GET", REFUSED, f"/documents/{lost}/download")
    outcome = await imported(library, root, "Undigested")
    assert (counts(outcome), failures(outcome)) == ((0, 2, 1), {"d.txt": "NRC_FORBIDDEN"})
    assert spoiled.count("GET", "/download") == 3
    assert listed(worker, outcome)["c.txt"] == (2, b"OTHER")
