"""What commands say on a plain terminal, which is read line by line."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.system.command import Client
from tests.system.dialogue import Dialogue
from tests.system.links import Sent


def test_links_are_read_line_by_line(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    with Dialogue(client, ["links"]) as dialogue:
        dialogue.hear("Nothing has been sent yet.")
        assert dialogue.ended() == 0
    with Dialogue(client, ["resend"]) as dialogue:
        dialogue.hear("Nothing has been sent yet.")
        assert dialogue.ended() == 1
    client("send", client.file("one.txt"), "--downloads", "2", "--to", "anna@example.com")
    client("send", client.file("two.txt"), "--generate-password")
    with Dialogue(client, ["links"]) as dialogue:
        assert dialogue.ended() == 0
        lines = dialogue.said.splitlines()
    assert lines[0] == "2 documents."
    assert lines[1] == "1. two.txt"
    assert lines[2].startswith("On, 0 downloads, does not expire, with a password, sent ")
    assert lines[3].startswith("http")
    assert lines[4] == "2. one.txt"
    assert lines[5].startswith("On, 0 of 2 downloads, does not expire, no password, sent ")
    assert ", to anna@example.com, ID " in lines[5]
    # In a pipe it is the table that scripts know.
    piped = client("links", ACCESSIBLE="1")
    assert piped.out.startswith("LINK ")


def test_tables_have_their_headings_before_the_values(client: Client, sent: Sent) -> None:
    sent("table.txt")
    with Dialogue(client, ["folders", "list"]) as dialogue:
        assert dialogue.ended() == 0
        assert "NAME" not in dialogue.said


def test_the_app_says_how_to_get_there(client: Client) -> None:
    """Before it draws, and on its status line."""
    with Dialogue(client, []) as dialogue:
        dialogue.hear(
            "The app draws on the whole screen. For a screen reader, leave it with q and type: sentlinks --plain"
        )
        dialogue.wait_for("For a screen reader, leave with q and type: sentlinks --plain")
        dialogue.press("q")
        assert dialogue.wait() == 0


def test_without_a_command(client: Client, sent: Sent) -> None:
    sent("menu.txt")
    with Dialogue(client, ["--plain"], ACCESSIBLE="") as dialogue:
        before = dialogue.answer("Number, or Enter for 1:", "2")
        assert "What do you want to do?\r\n1. Send documents\r\n2. List what was sent\r\n" in before
        dialogue.hear("menu.txt")
        assert dialogue.wait() == 0
    assert client("--plain").status == 2


def test_a_script_is_asked_nothing(client: Client) -> None:
    done = client("send", ACCESSIBLE="1")
    assert done.status == 2
    assert "Missing argument" in done.err
    client.file("script.txt")
    assert client("send", "script.txt", "--json", ACCESSIBLE="1").status == 0


def test_a_signal_ends_a_question(client: Client) -> None:
    with Dialogue(client, ["send"]) as dialogue:
        dialogue.hear("Number, or Enter for 1:")
        dialogue.process.send_signal(signal.SIGTERM)
        assert dialogue.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)
