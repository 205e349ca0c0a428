"""Journals of sends that are damaged, which the commands treat as if they weren't there, or that can't be written."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.sends.journals import SEND, damage
from tests.support.servers.server import ServerProcess
from tests.system.command import SCRIPT, Client
from tui.rules.link_settings import LinkSettings
from tui.sending.journal.journal import FOLDER, SUFFIX, Journal
from tui.sending.journal.journal_file import ASIDE
from tui.sending.journal.unfinished import KEPT_FOR
from tui.wire.share import Document


def left(state: Path, client: Client, name: str) -> Journal:
    """The journal of a send that was interrupted before it was opened."""
    user = client("whoami", "--json").json["user"]
    journal = Journal(state, client.environ["SENTLINKS_SERVER"], user)
    file = client.file(name)
    source = {"file": str(file), "name": name, "label": f"file:{name}", "size": file.stat().st_size}
    journal.begin([(source, name, f"key-{name}")], LinkSettings(), datetime.now(UTC))
    journal.release()
    return journal


def test_the_others_are_listed(server: ServerProcess, tmp_path: Path) -> None:
    client = Client(server.url, server.token, tmp_path)
    state = Path(os.environ["SENTLINKS_HOME"]) / "state"
    changes: tuple[dict[str, Any], ...] = (
        {"settings": {"recipients": 5}},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"rows": [{"source": {}, "name": "damaged.txt", "key": "key"}]},
    )
    whole, *damaged = (left(state, client, f"{number}.txt") for number in range(1 + len(changes)))
    for each, change in zip(damaged, changes, strict=True):
        path = state / FOLDER / f"{each.id}{SUFFIX}"
        plan = json.loads(path.read_bytes().split(b"\n")[1])["plan"]
        path.write_text(json.dumps({"plan": plan | change}))
    os.mkfifo(state / FOLDER / f"{'0' * 12}{SUFFIX}")
    listed = client("sends")
    assert (listed.status, listed.err) == (
        0,
        f"sentlinks: To resume it: sentlinks send --resume {whole.id}\n",
    )
    assert whole.id in listed.out
    assert [each["id"] for each in client("sends", "--json").json["sends"]] == [whole.id]
    resumed = client("send", "--resume", damaged[0].id, "--json")
    assert (resumed.status, resumed.error) == (5, "send.unknown")
    assert [d["name"] for d in client("send", "--resume", whole.id, "--json").documents] == ["0.txt"]


@few(1)
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
    assert (
        done.err == f"sentlinks: This send can't be resumed if it is interrupted: {folder}: it is a file.\n"
    )


def published(client: Client, journal: Journal) -> str:
    """Has the journal a document of the server; returns the link."""
    (document,) = client("send", client.file(f"of {journal.id}.txt"), "--json", "--anew").documents
    with journal.path.open("ab") as file:
        fields = {name: document[name] for name in Document.model_fields if name in document}
        file.write(b"\n" + json.dumps({"published": {"row": 0, "document": fields}}).encode())
    return str(document["url"])


def test_the_links_of_a_damaged_one_are_shown_once(server: ServerProcess, tmp_path: Path) -> None:
    client = Client(server.url, server.token, tmp_path)
    state = Path(os.environ["SENTLINKS_HOME"]) / "state"
    journal = left(state, client, "a.txt")
    url = published(client, journal)
    damage(journal, ("rows",), {})
    listed = client("sends")
    assert listed.err == (
        f"sentlinks: The journal {journal.path} is damaged: it may not have all links of its send.\n"
    )
    assert f"{journal.id}  sent" in listed.out
    assert url in listed.out
    client.file("other.txt")
    told = client("send", "other.txt")
    assert f"is now {journal.path.with_suffix(ASIDE)}. It published 1 document:" in told.err
    assert url in told.err
    assert journal.path.with_suffix(ASIDE).exists()
    assert client("send", "other.txt").err == ""
    assert (client("sends").out, client("sends").err) == ("", "sentlinks: No send is unfinished.\n")


@few(1)
@pytest.mark.parametrize(("option", "status"), [("--resume", 1), ("--discard", 0)])
def test_a_damaged_one_can_be_resumed_or_discarded(
    option: str, status: int, server: ServerProcess, tmp_path: Path
) -> None:
    """It has nothing to send: that gives its links, and says that they may not be all.

    Which is a failure for those who want all of it sent.
    """
    client = Client(server.url, server.token, tmp_path)
    journal = left(Path(os.environ["SENTLINKS_HOME"]) / "state", client, "a.txt")
    url = published(client, journal)
    damage(journal, ("settings",), [])
    done = client("send", option, journal.id, "--json")
    assert (done.status, [d["url"] for d in done.documents]) == (status, [url])
    assert done.err == (
        "sentlinks: The send's journal was damaged, and may not have all of its documents. "
        f"It is now {journal.path.with_suffix(ASIDE)}.\n"
    )
    assert journal.path.with_suffix(ASIDE).exists()
    assert client("sends", "--json").json == {"sends": []}


@few(1)
@pytest.mark.parametrize("read", [1, 0], ids=["one", "none"])
def test_what_only_the_server_knows_of_it_is_shown_too(
    read: int, server: ServerProcess, tmp_path: Path
) -> None:
    """The journal may have lost lines about documents, too, even all of them, but not the one about the send."""
    client = Client(server.url, server.token, tmp_path)
    journal = left(Path(os.environ["SENTLINKS_HOME"]) / "state", client, "a.txt")
    files = [client.file(f"{number} of two.txt") for number in range(2)]
    documents = client("send", *files, "--json", "--anew").documents
    opened = SEND.model_copy(update={"id": documents[0]["send_id"]}).model_dump(mode="json")
    with journal.path.open("ab") as file:
        file.write(b"\n" + json.dumps({"opened": opened}).encode())
        for row, document in enumerate(documents[:read]):
            known = {name: document[name] for name in Document.model_fields if name in document}
            file.write(b"\n" + json.dumps({"published": {"row": row, "document": known}}).encode())
    damage(journal, ("rows",), {})
    urls = [document["url"] for document in documents]
    (listed,) = client("sends", "--json").json["sends"]
    assert [d["url"] for d in listed["documents"]] == urls
    client.file("other.txt")
    told = client("send", "other.txt").err
    assert "It published 2 documents:" in told
    assert all(url in told for url in urls)
    assert client("sends", "--json").json == {"sends": []}


def test_one_of_which_nothing_is_known_is_left_alone(server: ServerProcess, tmp_path: Path) -> None:
    """Another server may have documents of it, however old it is."""
    client = Client(server.url, server.token, tmp_path)
    journal = left(Path(os.environ["SENTLINKS_HOME"]) / "state", client, "a.txt")
    with journal.path.open("ab") as file:
        file.write(b"\n" + json.dumps({"opened": SEND.model_dump(mode="json")}).encode())
    damage(journal, ("by",), {})
    old = (datetime.now(UTC) - KEPT_FOR - timedelta(days=1)).timestamp()
    os.utime(journal.path, (old, old))
    client.file("other.txt")
    assert client("send", "other.txt").err == ""
    assert (client("sends").out, client("sends").err) == ("", "sentlinks: No send is unfinished.\n")
    assert journal.path.exists()
    resumed = client("send", "--resume", journal.id, "--json")
    assert (resumed.status, resumed.documents) == (1, [])
    assert f"It is now {journal.path.with_suffix(ASIDE)}" in resumed.err


@more
def test_an_old_one_goes_when_the_server_has_no_links_of_it(server: ServerProcess, tmp_path: Path) -> None:
    client = Client(server.url, server.token, tmp_path)
    state = Path(os.environ["SENTLINKS_HOME"]) / "state"
    without, having = (left(state, client, name) for name in ("a.txt", "b.txt"))
    url = published(client, having)
    old = (datetime.now(UTC) - KEPT_FOR - timedelta(days=1)).timestamp()
    for journal in (without, having):
        taken = Journal.take(state, journal.contents)
        taken.opened(SEND)
        taken.release()
        os.utime(journal.path, (old, old))
    (kept,) = client("sends", "--json").json["sends"]
    assert (kept["id"], [d["url"] for d in kept["documents"]]) == (having.id, [url])
    assert not without.path.exists()
    client.file("other.txt")
    assert url in client("send", "other.txt").err
    assert not having.path.exists()


#: Runs a program as a user for whom the modes of files hold.
WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="setpriv isn't installed")
def test_the_links_of_one_that_cannot_be_written_are_shown(server: ServerProcess, tmp_path: Path) -> None:
    """Again and again, since that can't be noted; each time with the reason."""
    client = Client(server.url, server.token, tmp_path)
    journal = left(Path(os.environ["SENTLINKS_HOME"]) / "state", client, "a.txt")
    url = published(client, journal)
    with journal.path.open("ab") as file:
        file.write(b"\n" + json.dumps({"opened": SEND.model_dump(mode="json")}).encode())
    journal.path.chmod(0o400)
    client.file("other.txt")
    command = [*(WITHOUT_RIGHTS if os.geteuid() == 0 else ()), *SCRIPT, "send", "other.txt", "--anew"]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=True,
            env={**os.environ, **client.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        why = f"The journal {journal.path} of an earlier send can't be written: Permission denied."
        assert f"sentlinks: {why} It published 1 document:\n" in done.stderr
        assert url in done.stderr


def test_one_that_can_no_longer_be_written_is_told_once(server: ServerProcess, tmp_path: Path) -> None:
    """Its files may grow as far as the plan needs; sending goes on."""
    client = Client(server.url, server.token, tmp_path)
    names = [client.file(f"{number}.txt").name for number in range(3)]
    # Where earlier sends have left nothing that is longer.
    home = tmp_path / "home"
    # Room for the plan, which names each file, and for no outcome.
    room = 800 + len(names) * len(os.fsencode(tmp_path))
    done = subprocess.run(
        [*SCRIPT, "send", *names, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **client.environ, "PYTHONDONTWRITEBYTECODE": "1", "SENTLINKS_HOME": str(home)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [d["status"] for d in json.loads(done.stdout)["documents"]] == ["succeeded"] * 3
    folder = home / "state" / FOLDER
    begins = f"sentlinks: If this send is interrupted, it may not be possible to resume it: {folder}/"
    assert done.stderr.startswith(begins)
    assert done.stderr.endswith(f"{SUFFIX}: File too large.\n")
    assert len(done.stderr.splitlines()) == 1
