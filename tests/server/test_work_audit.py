"""What a send leaves on Work's side: the history of the version, the export, and the External flag (P3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.sends.jobs import connected
from tests.support.servers.server import ServerProcess
from tests.support.users.work import MOMENT, Worker, add_person
from tests.system.command import Client
from tui.clients.timeline import TimelineEntry, timeline


@pytest.fixture
def client(server: ServerProcess, tmp_path: Any) -> Client:
    return Client(server.url, server.token, tmp_path)


@pytest.fixture
def paper(work: Worker) -> dict[str, Any]:
    first = work.upload(work.workspace("Sent from"), "Offer: final", b"one", "pdf")
    work.new_version(first["id"], "Offer: final", b"two", "pdf")
    return first


def sent(client: Client, *arguments: str, given: str = "") -> dict[str, Any]:
    done = client("send", *arguments, "--json", given=given)
    assert done.status == 0, done.err
    return dict(done.documents[0])


def shared(worker: Worker, document: str, **params: Any) -> list[dict[str, Any]]:
    """What an iManage client reads when it asks for what was shared."""
    return worker.items(f"documents/{document}/history", activity="share", **params)


def test_any_client_sees_what_was_sent_by_whom_and_how(
    server: ServerProcess, work: Worker, client: Client, paper: dict[str, Any]
) -> None:
    assert shared(work, paper["id"]) == []
    made = sent(
        client, paper["id"], "--name", f"{paper['id']}=For you.pdf", "--downloads", "3", "--expires",
        "2030-01-02T03:04:05Z", "--password-stdin", given="Blue-Heron-48",
    )  # fmt: skip
    with Worker(server, add_person(server, "READER")) as reader:
        (entry,) = shared(reader, paper["id"])
    assert (entry["activity"], entry["user"], entry["version"]) == ("SHARED", "DJONES", 1)
    assert entry["document_id"] == paper["id"]
    assert MOMENT.fullmatch(entry["activity_date"])
    said = entry["comments"]
    for part in ("For you.pdf", "2030-01-02 03:04:05 UTC", "downloads permitted 3", "with password"):
        assert part in said
    for secret in ("Blue-Heron-48", made["url"], made["url"].rpartition("/")[2]):
        assert secret not in str(work.items(f"documents/{paper['id']}/history", all_versions="true"))


def test_it_is_the_version_that_was_sent(work: Worker, client: Client, paper: dict[str, Any]) -> None:
    number = paper["id"].rpartition(".")[0]
    second = f"{number}.2"
    sent(client, number)
    assert shared(work, paper["id"]) == []
    assert [entry["version"] for entry in shared(work, second)] == [2]
    sent(client, paper["id"])
    assert [entry["version"] for entry in shared(work, paper["id"], all_versions="true")] == [1, 2]
    without = shared(work, second)[0]["comments"]
    for part in ("no expiration date", "downloads not limited", "without password"):
        assert part in without


def test_the_download_by_a_send_is_an_export(work: Worker, client: Client, paper: dict[str, Any]) -> None:
    sent(client, paper["id"])
    assert work.history(paper["id"])[:3] == ["SHARED", "EXPORT", "NEWDOCUMENT"]
    exported = work.items(f"documents/{paper['id']}/history", activity="download")
    assert [(entry["activity"], entry["user"]) for entry in exported] == [("EXPORT", "DJONES")]
    summary = {
        line["alias"]: line["count"] for line in work.items(f"documents/{paper['id']}/history/activities")
    }
    assert summary == {"EXPORT": 1, "NEWDOCUMENT": 1, "SHARED": 1}


def test_a_send_again_is_one_more_line_and_a_refused_one_none(
    work: Worker, client: Client, paper: dict[str, Any]
) -> None:
    sent(client, paper["id"])
    sent(client, paper["id"])
    assert len(shared(work, paper["id"])) == 2
    assert client("send", paper["id"], "--name", f"{paper['id']}=a:b.pdf", "--json").status == 2
    assert len(shared(work, paper["id"])) == 2


def test_the_activity_of_a_link_is_about_no_other_of_the_document(
    work: Worker, client: Client, paper: dict[str, Any]
) -> None:
    """In the command and in the app. That of the document in Work has both, each send as one."""
    first, second = (
        sent(client, paper["id"]),
        sent(client, paper["id"], "--downloads", "3", "--to", "anna@b.example"),
    )
    work.download(paper["id"], activity="export")
    for link, other in ((first, second), (second, first)):
        events = client("audit", link["id"], "--json").json["events"]
        assert sorted(event["event"] for event in events) == ["EXPORT", "SHARED", "published", "sent"]
        assert other["id"] not in str(events)
        assert other["id"] not in client("audit", link["id"], "--format", "csv").out
        assert len(client("audit", link["id"]).out.splitlines()) == 2
        shown = asyncio.run(activity(client, document=link["id"], source=paper["id"]))
        assert sorted(entry.event for entry in shown) == ["EXPORT", "SHARED", "published", "sent"]
        assert other["id"] not in str(shown)
    everything = [entry.event for entry in asyncio.run(activity(client, source=paper["id"]))]
    assert (everything.count("sent"), everything.count("SHARED"), everything.count("EXPORT")) == (2, 2, 3)


def test_the_activity_of_a_document_is_that_of_all_its_versions(
    work: Worker, client: Client, paper: dict[str, Any]
) -> None:
    """In the app, the command and its sheet; each event that isn't of the newest version names it, whichever version
    was asked for. A version that nobody has sent belongs to it, too."""
    first, second = paper["id"], f"{paper['id'].rpartition('.')[0]}.2"
    for source in (first, second):
        shown = asyncio.run(activity(client, source=source))
        assert [(entry.event, entry.about, entry.details.get("version")) for entry in shown] == [
            ("NEWDOCVER", second, None), ("NEWDOCUMENT", first, 1),
        ]  # fmt: skip
    link = sent(client, first)
    # More than a page, of both by turns.
    for number in range(120):
        work.request("POST", f"documents/{(first, second)[number % 2]}/history", json={"activity": "PRINT"})
    shown = asyncio.run(activity(client, source=second))
    printed = [entry for entry in shown if entry.event == "PRINT"]
    assert [entry.details.get("version") for entry in printed] == [None, 1] * 60
    assert len({entry.id for entry in shown}) == len(shown)
    events = [
        event for event in client("audit", "--json").json["events"] if event["document"] in (first, second)
    ]
    assert len({event["id"] for event in events}) == len(events)
    assert [event["document"] for event in events if event["event"] == "PRINT"] == [second, first] * 60
    assert {event["details"].get("version") for event in events if event["document"] == second} == {None}
    assert {event["name"] for event in events} == {"Offer: final.pdf"}
    lines = client("audit", "--format", "csv", "--filter", "kind:printed").out.splitlines()
    assert sum(line.endswith(" · version 1") for line in lines) == 60
    found = client("audit", "--filter", "version kind:new", "--json").json["events"]
    assert [event["event"] for event in found if event["document"] == first] == ["NEWDOCUMENT"]
    # Of the link, only what is about it.
    assert "PRINT" not in client("audit", link["id"]).out


def test_a_document_with_one_version_names_none(work: Worker, client: Client) -> None:
    only = work.upload(work.workspace("Once"), "Once", b"one", "pdf")["id"]
    sent(client, only)
    shown = asyncio.run(activity(client, source=only))
    assert {entry.about for entry in shown if entry.side == "work"} == {only}
    assert not any("version" in entry.details for entry in shown)
    of_it = [
        line
        for line in client("audit", "--format", "jsonl").out.splitlines()
        if f'"document": "{only}"' in line
    ]
    assert len(of_it) == 3
    assert not any('"version"' in line for line in of_it)


def test_a_version_that_is_gone_leaves_the_activity_of_the_others(
    work: Worker, client: Client, paper: dict[str, Any], server: ServerProcess
) -> None:
    first, second = paper["id"], f"{paper['id'].rpartition('.')[0]}.2"
    sent(client, second)
    sent(client, first)
    with Misbehaving(server.url) as proxy:
        proxy.spoil("GET", Say(404), f"/{first.replace('!', '%21')}/history")
        proxy.spoil("GET", Say(404), f"/{first}/history")
        done = client("audit", "--json", "--server", proxy.url)
    assert f"Can't read Work's history of {first}" in done.err
    assert "SHARED" in [event["event"] for event in done.json["events"] if event["document"] == second]


def test_the_activity_has_the_documents_of_a_send_in_its_order(work: Worker, client: Client) -> None:
    """They are published at the same time, in any order."""
    matter = work.workspace("In order")
    papers = {
        name: work.upload(matter, name, name.encode(), "pdf")["id"]
        for name in ("Call", "Closing", "Warranty")
    }
    order = ["Closing", "Call", "Warranty"]
    done = client("send", *(papers[name] for name in order), "--json")
    names = [f"{name}.pdf" for name in order]
    assert [document["name"] for document in done.documents] == names
    listed = [document["name"] for document in client("links", "--json").documents]
    assert [name for name in listed if name in names] == names
    for place, document in enumerate(done.documents, 1):
        events = client("audit", document["id"], "--json").json["events"]
        (sent_event,) = [event for event in events if event["event"] == "sent"]
        assert sent_event["details"]["place"] == place
    assert ", ".join(names) in client("audit").out


async def activity(client: Client, **of: str) -> list[TimelineEntry]:
    """What the app shows."""
    async with connected(client.environ["SENTLINKS_SERVER"], client.environ["SENTLINKS_TOKEN"]) as (
        share,
        work,
    ):
        return [entry async for piece in timeline(share, work, **of) for entry in piece.entries]


def test_the_external_flag_is_on_works_side_too(work: Worker, client: Client, paper: dict[str, Any]) -> None:
    made = sent(client, paper["id"])
    favorite = next(f for f in work.items("my-favorites/children") if "Secure Sent Links" in f["name"])
    assert favorite["target"]["view_type"] == "imanage_share"
    folder = work.data(f"folders/{favorite['target']['id']}")
    assert (folder["view_type"], folder["imanage_share_eid"]) == ("imanage_share", made["folder"]["id"])

    def flag() -> bool:
        children = work.items(f"folders/{folder['id']}/children")
        return bool(next(item["is_external"] for item in children if item["id"] == made["work_id"]))

    assert flag() is True
    assert client("unpublish", made["id"]).status == 0
    assert flag() is False
    assert client("resend", made["id"], "--json").status == 0
    assert flag() is True
    # The document that was sent doesn't change: what is shared is its copy.
    assert work.data(f"documents/{paper['id']}")["is_external"] is False
