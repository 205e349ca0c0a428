"""Importing a folder tree into the library while the server refuses, fails, goes away or tells less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.network.misbehave import ALWAYS, Misbehaving
from tests.support.network.spoiling import Call, Cut, Say
from tests.support.users.imports import JSON, REFUSED, counts, failures, imported, listed, made
from tests.support.users.work import Worker
from tui.clients.library import LibraryClient
from tui.rules.errors import NotSignedIn, Problem
from tui.sending.importing import ImportOutcome

SIGNED_OUT = Say(401, b'{"error": {"code": "NRC_TOKEN_INVALID", "message": "The token is invalid."}}', JSON)


def stopped_by(outcome: ImportOutcome) -> str | None:
    """The code of what stopped the import."""
    return outcome.stopped.code if outcome.stopped is not None else None


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
    assert (outcome.added, len(outcome.failed), stopped_by(outcome)) == (3, 1, None)
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
    root = made(tmp_path / "tree", {f"folder/{number:03}.txt": str(number) for number in range(24)})
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
    assert outcome.added + outcome.unchanged == 24


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
    assert stopped_by(outcome) == "server.unreachable"
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
