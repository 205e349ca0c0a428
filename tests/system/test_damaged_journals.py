"""Journals of sends that are damaged, which the commands treat as if they weren't there, or that can't be written."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ServerProcess
from tests.system.command import Client
from tui.rules.link_settings import LinkSettings
from tui.sending.journal import FOLDER, SUFFIX, Journal


def left(state: Path, client: Client, name: str) -> Journal:
    """The journal of a send that was interrupted before it was opened."""
    user = client("whoami", "--json").json["user"]
    journal = Journal(state, client.environ["SENTLINKS_SERVER"], user)
    file = client.file(name)
    source = {"file": str(file), "name": name, "label": f"file:{name}", "size": file.stat().st_size}
    journal.begin([(source, name, f"key-{name}")], LinkSettings(), datetime.now(UTC))
    journal.release()
    return journal


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"recipients": 5}},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"rows": [{"source": {}, "name": "damaged.txt", "key": "key"}]},
    ],
    ids=["recipients", "at", "rows"],
)
def test_the_others_are_listed(change: dict[str, Any], server: ServerProcess, tmp_path: Path) -> None:
    client = Client(server.url, server.token, tmp_path)
    state = Path(os.environ["SENTLINKS_HOME"]) / "state"
    whole, damaged = left(state, client, "whole.txt"), left(state, client, "damaged.txt")
    path = state / FOLDER / f"{damaged.id}{SUFFIX}"
    plan = json.loads(path.read_bytes().split(b"\n")[1])["plan"]
    path.write_text(json.dumps({"plan": plan | change}))
    os.mkfifo(path.with_name(f"{'0' * 12}{SUFFIX}"))
    listed = client("sends")
    assert (listed.status, listed.err) == (0, "")
    assert whole.id in listed.out
    assert damaged.id not in listed.out
    assert [each["id"] for each in client("sends", "--json").json["sends"]] == [whole.id]
    resumed = client("send", "--resume", damaged.id, "--json")
    assert (resumed.status, resumed.error) == (5, "send.unknown")
    assert [d["name"] for d in client("send", "--resume", whole.id, "--json").documents] == ["whole.txt"]


@pytest.mark.parametrize("anew", [(), ("--anew",)], ids=["", "anew"])
def test_one_that_cannot_be_written_is_told(
    anew: tuple[str, ...], server: ServerProcess, tmp_path: Path
) -> None:
    client = Client(server.url, server.token, tmp_path)
    client.file("unrecorded.txt")
    folder = Path(os.environ["SENTLINKS_HOME"]) / "state" / FOLDER
    folder.parent.mkdir(parents=True)
    folder.write_text("a file in its place")
    done = client("send", "unrecorded.txt", "--json", *anew)
    assert [d["name"] for d in done.documents] == ["unrecorded.txt"]
    assert done.err == f"sentlinks: This send can't be resumed if it is interrupted: {folder}: File exists.\n"
