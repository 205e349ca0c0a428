"""``sentlinks get``: the sender's own copy of what was sent, and where it is written."""

from __future__ import annotations

import os
import sys

from tests.system.command import Client
from tests.system.links import UNKNOWN, Sent


def test_get_fetches_and_does_not_count(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "the content")
    place = client.cwd / "out"
    place.mkdir()
    done = client("get", document["id"], "--output", "out", "--json")
    assert done.status == 0, done.err
    assert done.documents[0]["path"] == str(place / "a.txt")
    assert done.documents[0]["id"] == document["id"]
    assert (place / "a.txt").read_text() == "the content"
    named = client("get", document["id"], "--output", "out/b.txt")
    assert named.out == "out/b.txt\n"
    assert sorted(os.listdir(place)) == ["a.txt", "b.txt"]
    assert client("links", "--json").documents[0]["downloads"] == 0


def test_get_writes_into_the_current_folder_and_never_over_a_file(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "sent")
    client.file("a.txt", "mine")
    (client.cwd / "link").symlink_to("nowhere")
    for arguments in ([], ["--output", "a.txt"], ["--output", "link"]):
        done = client("get", document["id"], *arguments, "--json")
        assert (done.status, done.error) == (2, "output.exists")
        assert done.err.endswith(" already exists. Choose another path with --output.\n")
    assert (client.cwd / "a.txt").read_text() == "mine"
    assert not (client.cwd / "nowhere").exists()
    (client.cwd / "a.txt").unlink()
    assert client("get", document["id"]).out == "a.txt\n"
    assert (client.cwd / "a.txt").read_text() == "sent"


def test_get_writes_no_hidden_file(client: Client, sent: Sent) -> None:
    document = sent("profile", "alias ls=rm")
    renamed = client("send", "profile", "--name", "profile=.bash_profile", "--json").documents[0]
    for ident, name in ((document["id"], "profile"), (renamed["id"], "_bash_profile")):
        (client.cwd / "profile").unlink(missing_ok=True)
        assert client("get", ident).out == f"{name}\n"
        assert (client.cwd / name).stat().st_mode & 0o777 == 0o600
    assert not (client.cwd / ".bash_profile").exists()


def test_get_of_an_unpublished_document(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "x")
    client("unpublish", document["id"])
    assert client("get", document["id"], "--output", "b.txt").status == 0


def test_get_refuses(client: Client, sent: Sent) -> None:
    document = sent()
    for output in ("no/folder/x", "a.txt/x", "reports/", "a.txt/"):
        done = client("get", document["id"], "--output", output, "--json")
        assert (done.status, done.error) == (2, "output.folder")
    unknown = client("get", UNKNOWN, "--output", "y", "--json")
    assert unknown.status == 5
    assert unknown.error
    assert not (client.cwd / "y").exists()
    assert not (client.cwd / "reports").exists()
    assert client("get", document["id"], "--output", "reports/").err.endswith(
        "There is no folder reports; create it first.\n"
    )


def test_get_from_a_full_disk(client: Client, sent: Sent) -> None:
    """No partial file is left if the document does not fit."""
    import subprocess

    document = sent("large.bin", "x" * 300_000)
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from tui.cli import main
sys.exit(main(["get", "{document["id"]}", "--output", "copy.bin", "--json"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=client.cwd, capture_output=True, text=True,
        env={**os.environ, **client.environ}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert os.listdir(client.cwd) == ["large.bin"]
