"""A plain terminal, which a screen reader reads: one question after another, and nothing is painted over.

Judged by the bytes: no control sequence, no line that is written twice.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tests.system.command import Client
from tests.system.dialogue import Dialogue
from tests.system.links import Sent

PASSWORD = "Corr3ct-horse-battery"


def send_with_defaults(dialogue: Dialogue, *, recipients: str = "") -> None:
    dialogue.answer("Enter for nobody:", recipients)
    dialogue.answer("No password", "")
    dialogue.answer("No expiration date", "")
    dialogue.answer("No limit", "")
    dialogue.answer("y or n:", "y")


def test_everything_is_asked(client: Client) -> None:
    client.file("Offer.pdf")
    client.file("reports/Annual report.txt")
    with Dialogue(client, ["send"]) as dialogue:
        where = dialogue.answer("Number, or Enter for 1:", "1")
        assert "Where are the documents?\r\n1. On this computer\r\n2. In a workspace\r\n" in where
        here = dialogue.answer("Numbers with commas", "3")
        assert "1. Back\r\n2. reports, folder\r\n3. Offer.pdf, 7 B\r\n" in here
        dialogue.answer("More documents?", "2")
        dialogue.answer("Where are the documents?", "")
        dialogue.answer("2. reports, folder", "2")
        dialogue.answer("2. Annual report.txt", "annual")
        dialogue.answer("With “annual”:", "2")
        dialogue.answer("2 documents to send: Offer.pdf, Annual report.txt.", "1")
        dialogue.answer("Enter for nobody:", "Anna Arp <anna@example.com>, bob@example.com")
        dialogue.answer("3. Type one", "3")
        dialogue.answer("it isn't shown:", PASSWORD)
        dialogue.answer("Once more:", PASSWORD)
        dialogue.answer("5. Another one", "5")
        dialogue.answer("or a span like 7d:", "36h")
        dialogue.answer("3. 2 downloads", "3")
        dialogue.answer("Send 2 documents now? y or n:", "y")
        dialogue.hear("Offer.pdf:\r\nhttp")
        dialogue.hear("Annual report.txt:\r\nhttp")
        dialogue.hear("These links work on this machine only. How others reach them: sentlinks help server")
        assert dialogue.ended() == 0
        assert PASSWORD not in dialogue.said
    report, offer = client("links", "--json").documents[:2]
    assert {report["name"], offer["name"]} == {"Offer.pdf", "Annual report.txt"}
    for document in (report, offer):
        assert document["has_password"]
        assert document["downloads_permitted"] == 2
        assert document["expires_at"] is not None
        assert document["recipients"] == ["Anna Arp <anna@example.com>", "bob@example.com"]


def test_only_what_is_missing_is_asked(client: Client) -> None:
    client.file("given.txt")
    with Dialogue(
        client, ["send", "given.txt", "--to", "anna@example.com", "--generate-password", "--expires", "7d"]
    ) as dialogue:
        before = dialogue.answer("Number, or Enter for 1:", "2")
        assert "Downloads permitted:\r\n1. No limit\r\n2. 1 download\r\n" in before
        dialogue.answer("y or n:", "y")
        dialogue.hear("The password is ")
        assert dialogue.ended() == 0
    assert client("links", "--json").documents[0]["downloads_permitted"] == 1


@pytest.mark.parametrize("given", ["typed", "given"])
def test_what_is_odd_about_recipients_is_told_before_the_question(client: Client, given: str) -> None:
    """And once: whoever doesn't want to send to them says no."""
    client.file("odd.txt")
    anna = f"{given}@odd.example"
    words = ["send", "odd.txt", "--no-expires", "--no-downloads", "--generate-password"]
    with Dialogue(client, [*words, *(["--to", anna] if given == "given" else [])]) as dialogue:
        if given == "typed":
            dialogue.answer("Enter for nobody:", anna)
        before = dialogue.answer("Send 1 document now? y or n:", "y")
        assert f"You have never sent anything to {anna}." in before
        assert dialogue.ended() == 0, "and nothing is told twice"
    with Dialogue(client, [*words, "--to", "other@odd.example"]) as dialogue:
        before = dialogue.answer("Send 1 document now? y or n:", "n")
        assert "You have never sent anything to other@odd.example." in before
        assert dialogue.ended() == 1
    assert "other@odd.example" not in str(client("links", "--json").documents)


def test_another_name_is_told_before_the_question(client: Client, server: ServerProcess) -> None:
    """And once; not of one that was typed."""
    client.file("a:b.txt")
    client.file("c:d.txt")
    words = ["send", "a:b.txt", "c:d.txt", "--name", "c:d.txt=typed", "--to", "anna@example.com"]
    words += ["--no-expires", "--no-downloads", "--generate-password"]
    with Worker(server) as work:
        ident = work.upload(work.workspace("Names"), "e:f", b"x")["id"]
        same = work.upload(work.workspace("More names"), "A_B", b"x")["id"]
    with Dialogue(client, [*words, ident, same]) as dialogue:
        before = dialogue.answer("Send 4 documents now? y or n:", "y")
        assert "“a:b.txt” is sent as “a_b.txt”: link names can't have :." in before
        assert "“e:f.txt” is sent as “e_f.txt”: link names can't have :." in before
        assert "“A_B.txt” is sent as “A_B (2).txt”: another document is called so." in before
        assert "c_d" not in before
        dialogue.hear("http")
        assert dialogue.ended() == 0, "and nothing is told twice"
    with Dialogue(client, ["send", "ACTIVE!987654321", *words[5:]]) as dialogue:
        # Nor is a question asked in vain.
        dialogue.hear("ACTIVE!987654321: No such document.")
        assert dialogue.wait() == 5


def test_the_option_and_a_preset(client: Client) -> None:
    """``--plain`` as the environment; with a preset, its settings are those that are left out."""
    home = Path(os.environ["SENTLINKS_HOME"])
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "config.toml").write_text('[presets.client]\nexpires = "7d"\n')
    client.file("preset.txt")
    words = ["send", "--plain", "preset.txt", "--preset", "client"]
    with Dialogue(client, words, ACCESSIBLE="") as dialogue:
        dialogue.answer("Enter for nobody:", "")
        dialogue.answer("Send 1 document now? y or n:", "y")
        dialogue.hear("http")
        assert dialogue.ended() == 0


def test_wrong_answers_are_asked_again(client: Client, admin: Client) -> None:
    """As those that the policy refuses. What isn't allowed isn't offered."""
    rules = ("password_required=true", "password_min_length=12", "expires_max=10d", "downloads_max=3")
    assert admin("policy", "set", *rules).status == 0
    try:
        client.file("wrong.txt")
        with Dialogue(client, ["send", "wrong.txt"]) as dialogue:
            dialogue.answer("Enter for nobody:", "bob")
            dialogue.hear("bob is not an e-mail address")
            dialogue.answer("Enter for nobody:", "")
            offered = dialogue.answer("Number, or Enter for 1:", "2")
            assert "Password:\r\n1. Make one that can be said on the telephone\r\n2. Type one\r\n" in offered
            dialogue.answer("it isn't shown:", "short")
            dialogue.hear("12")
            dialogue.answer("it isn't shown:", PASSWORD)
            dialogue.answer("Once more:", PASSWORD + "x")
            dialogue.hear("These were different.")
            dialogue.answer("it isn't shown:", PASSWORD)
            dialogue.answer("Once more:", PASSWORD)
            offered = dialogue.answer("Number, or Enter for 1:", "3")
            assert "1. No expiration date\r\n2. 7 days\r\n3. Another one\r\n" in offered
            dialogue.answer("7d:", "11d")
            dialogue.hear("10 days")
            dialogue.answer("7d:", "next monthday")
            dialogue.answer("7d:", "9d")
            offered = dialogue.answer("Number, or Enter for 1:", "4")
            assert "1. No limit\r\n2. 1 download\r\n3. 2 downloads\r\n4. Another number\r\n" in offered
            dialogue.answer("A whole number:", "many")
            dialogue.answer("A whole number:", "4")
            dialogue.answer("A whole number:", "3")
            dialogue.answer("y or n:", "y")
            dialogue.hear("http")
            assert dialogue.wait() == 0
            assert PASSWORD not in dialogue.said
        assert client("links", "--json").documents[0]["downloads_permitted"] == 3
    finally:
        admin("policy", "set", *(f"{rule.partition('=')[0]}=" for rule in rules))


#: What is answered before a question.
_BEFORE = {
    "Number, or Enter for 1:": (),
    "Enter for nobody:": (),
    "it isn't shown:": (("Enter for nobody:", ""), ("3. Type one", "3")),
    "y or n:": (
        ("Enter for nobody:", ""),
        ("3. Type one", "1"),
        ("No expiration date", ""),
        ("No limit", ""),
    ),
}


@few(2)
@pytest.mark.parametrize(
    ("key", "status", "words"), [("\x04", 1, "There is no more input."), ("\x03", 130, "Interrupted.")]
)
@pytest.mark.parametrize(
    "question", ["Number, or Enter for 1:", "Enter for nobody:", "it isn't shown:", "y or n:"]
)
def test_whoever_leaves_has_sent_nothing(
    client: Client, question: str, key: str, status: int, words: str
) -> None:
    client.file("left.txt")
    before = client("links", "--json").documents
    arguments = ["send", *([] if question.startswith("Number") else ["left.txt"])]
    with Dialogue(client, arguments) as dialogue:
        for asked, text in _BEFORE[question]:
            dialogue.answer(asked, text)
        dialogue.hear(question)
        # Until it reads: before, the terminal's modes are still those of the line before.
        dialogue.quiet(0.05)
        dialogue.type(key)
        dialogue.hear(f"sentlinks: {words} Nothing was sent.")
        assert dialogue.ended() == status
    assert client("links", "--json").documents == before


def test_a_no_sends_nothing(client: Client) -> None:
    client.file("no.txt")
    with Dialogue(client, ["send", "no.txt", "--preset", "last", "--to", "anna@example.com"]) as dialogue:
        dialogue.answer("y or n:", "n")
        dialogue.hear("Nothing was sent.")
        assert dialogue.ended() == 1


@more
def test_hostile_names_and_three_hundred_documents(client: Client) -> None:
    """A name makes no line of its own, and no control sequence."""
    for number in range(300):
        client.file(f"many/Document {number:03}.txt")
    client.file("many/\x1b[2J\r\n3. Offer\u202e.txt")
    client.file("many/.hidden")
    client.cwd /= "many"
    with Dialogue(client, ["send"]) as dialogue:
        dialogue.answer("Number, or Enter for 1:", "1")
        page = dialogue.answer("Numbers with commas, a part of a name, or Enter for more:", "")
        assert page.count("\r\n") == 23
        assert "282 more." in page
        assert ".hidden" not in page
        dialogue.answer("Enter for more:", "offer")
        found = dialogue.answer("Numbers with commas", "3")
        assert found.count("\r\n") == 3
        del found
        dialogue.hear("1 document to send: Document 000.txt.")
        dialogue.type("\x03")
        dialogue.hear("Nothing was sent.")
        assert dialogue.ended() == 130


def test_documents_of_work(sample_server: ServerProcess, tmp_path: Path) -> None:
    """In a workspace's folder; places without documents say so."""
    client = Client(sample_server.url, sample_server.token, tmp_path)
    with Dialogue(client, ["send"]) as dialogue:
        dialogue.answer("Number, or Enter for 1:", "2")
        spaces = dialogue.answer("Numbers with commas", "halyard")
        assert "Workspaces:\r\n1. Back\r\n2. " in spaces
        number = re.search(r"(\d+)\. Halyard", dialogue.hear("Numbers with commas"))
        assert number is not None
        dialogue.type(f"{number[1]}\n")
        inside = dialogue.hear("Numbers with commas")
        folder = re.search(r"(\d+)\. [^\r]*Deal Documents, folder", inside)
        assert folder is not None, inside
        dialogue.type(f"{folder[1]}\n")
        documents = dialogue.hear("Numbers with commas")
        letter = re.search(r"(\d+)\. Call Notes[^\r]*version \d", documents)
        assert letter is not None, documents
        dialogue.type(f"{letter[1]}\n")
        dialogue.answer("More documents?", "2")
        dialogue.answer("Where are the documents?", "4")
        dialogue.answer("Words to search for:", "")
        dialogue.answer("Words to search for:", "nothingwhatsoever")
        dialogue.hear("There are no documents.")
        dialogue.answer("That is all", "")
        send_with_defaults(dialogue)
        dialogue.hear("Call Notes")
        dialogue.hear("http")
        assert dialogue.wait() == 0
    assert client("links", "--json").documents[0]["source"].startswith("ACTIVE!")


def test_documents_are_sent_again(client: Client, sent: Sent) -> None:
    """What is unchanged stays; only what has to be is asked."""
    sent("again.txt", "x", "--downloads", "5", "--expires", "7d", "--to", "anna@example.com")
    with Dialogue(client, ["resend"]) as dialogue:
        listed = dialogue.answer("Numbers with commas", "again")
        assert "again.txt, On, sent " in listed
        assert "to anna@example.com" in listed
        number = re.search(r"(\d+)\. again\.txt", dialogue.hear("Numbers with commas"))
        assert number is not None
        dialogue.type(f"{number[1]}\n")
        dialogue.answer("or Enter for unchanged:", "")
        dialogue.answer("4. No password", "")
        offered = dialogue.answer("Another one", "5")
        assert "Expiration date:\r\n1. Unchanged\r\n2. 7 days\r\n" in offered
        assert offered.endswith("5. No expiration date\r\n6. ")
        dialogue.answer("5. No limit", "1")
        dialogue.answer("Send 1 document again now? y or n:", "y")
        dialogue.hear("http")
        assert dialogue.wait() == 0
    document = client("links", "--json").documents[0]
    assert (document["name"], document["downloads_permitted"], document["expires_at"]) == (
        "again.txt",
        5,
        None,
    )
    assert document["recipients"] == ["anna@example.com"]
