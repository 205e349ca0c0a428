"""Templates of the e-mail of a command: the user's, checked by a command, and the administrator's (M1)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.mail_server import Sent
from tests.support.servers.certificates import Authority
from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.system.local_server import prepare
from tests.system.mail_desk import Desk


@pytest.fixture
def desk(tmp_path: Path, server: ServerProcess, authority: Authority) -> Desk:
    return Desk(tmp_path, server, authority)


def test_a_template_is_checked(desk: Desk) -> None:
    good, html = desk.folder / "mail.txt", desk.folder / "mail.html"
    good.write_text("Subject: For you\n\n$links\n\n$password_note")
    html.write_text("<b>$sender</b>$body")
    done = desk("template", "check", "mail.txt")
    assert done.status == 0, done.err
    assert done.out.startswith(
        "Subject: For you\n\nOffer.pdf\nhttps://links.example.com/s/EXAMPLE-1\nExpires "
    )
    assert "“Offer.pdf” needs a password" in done.out
    done = desk("template", "check", "mail.html", "--html", "--json")
    assert done.json["templates"] == [{"id": "html", "origin": "mail.html"}]
    assert done.json["example"]["html"].startswith("<b>DJONES</b><p>Hello,</p>")
    (desk.folder / "no-suffix").write_text("$body")
    (desk.folder / "broken.html").write_text("<b>$sendr</b>$body")
    (desk.folder / "broken.txt").write_text("Subject: For you\n\n$link")
    for file, options, words in (
        ("mail.html", [], "has no $links"),
        ("mail.html", [], "Check a template of the HTML with --html."),
        ("no-suffix", [], "Check a template of the HTML with --html."),
        ("broken.html", [], "Check a template of the HTML with --html."),
        ("mail.txt", ["--html"], "has no $body"),
        ("nothing.txt", [], "can't be read"),
    ):
        done = desk("template", "check", file, *options)
        assert (done.status, words in done.err, done.out) == (2, True, "")
    for file in ("broken.txt", "nothing.html"):
        done = desk("template", "check", file)
        assert (done.status, "--html" in done.err) == (2, False)
    assert desk("template", "check", "--html").status == 2


def test_the_example_has_the_name_that_the_email_has(desk: Desk) -> None:
    (desk.folder / "mail.txt").write_text("Subject: From $sender\n\n$links")
    (desk.folder / "mail.html").write_text("<b>$sender</b>$body")
    desk.configure(mail_template=str(desk.folder / "mail.txt"))
    assert desk("send", "a.txt", "--mail", "a.eml").status == 0
    subject = Sent("", [], (desk.folder / "a.eml").read_bytes()).message["Subject"]
    for words in (["mail.txt"], []):
        assert desk("template", "check", *words).out.startswith(f"Subject: {subject}\n")
    assert desk("template", "check", "mail.html", "--html").out.startswith(f"<b>{subject[5:]}</b>")
    desk.environ["SENTLINKS_SERVER"] = "http://127.0.0.1:9"
    done = desk("template", "check", "mail.txt")
    assert done.status == 0
    assert done.out.startswith("Subject: From YOUR NAME\n")
    assert "YOUR NAME stands for the sender: " in done.err


@few(2)
@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Hello,\n\n$links", 'begin with a line "Subject: …"'),
        ("\nSubject: For you\n\n$links", 'begin with a line "Subject: …"'),
        (" Subject: For you\n\n$links", 'begin with a line "Subject: …"'),
        ("Betreff: For you\n\n$links", 'begin with a line "Subject: …"'),
        ("Subject:\n\n$links", "The subject is empty."),
        ("Subject:  \r\n\r\n$links", "The subject is empty."),
        ("SUBJECT: For you\n\n$links", ""),
        ("\ufeffSubject: For you\n\n$links", ""),
    ],
)
def test_a_template_without_a_subject_is_told(desk: Desk, template: str, said: str) -> None:
    """It can be filled, but its first line would be in the body."""
    (desk.folder / "mail.txt").write_text(template)
    plain, as_json = desk("template", "check", "mail.txt"), desk("template", "check", "mail.txt", "--json")
    assert (plain.status, as_json.status) == (0, 0)
    assert (plain.err.count("\n"), said in plain.err) == (1 + bool(said), True)
    assert [said in warning for warning in as_json.json["warnings"]] == [True] * bool(said)


def test_the_administrators_templates_come_from_the_server(desk: Desk, stocks: Stocks) -> None:
    """They apply to everyone who has none of their own."""
    prepare(desk.home / "data", stocks)
    (desk.home / "firm.txt").write_text("Subject: Halyard & Stone\n\nFrom the firm:\n\n$links\n")
    (desk.home / "firm.html").write_text("<h1>Halyard</h1>$body")
    (desk.home / "own.txt").write_text("Subject: Mine\n\n$links")
    firm = {"firm_mail_template": "firm.txt", "firm_mail_html": "firm.html"}
    desk.configure(**firm)
    # The server that the command starts by itself.
    del desk.environ["SENTLINKS_SERVER"], desk.environ["SENTLINKS_TOKEN"]
    try:
        done = desk("template", "check", "--json")
        assert done.status == 0, done.err
        assert done.json["templates"] == [
            {"id": "text", "origin": "from the administrator"},
            {"id": "html", "origin": "from the administrator"},
        ]
        assert desk("send", "a.txt", "--mail", "a.eml").status == 0
        desk.configure(**firm, mail_template="own.txt")
        assert desk("send", "a.txt", "--mail", "b.eml").status == 0
    finally:
        assert desk("server", "stop").status == 0
    for name, subject in (("a.eml", "Halyard & Stone"), ("b.eml", "Mine")):
        saved = Sent("", [], (desk.folder / name).read_bytes()).message
        assert saved["Subject"] == subject
        assert "<h1>Halyard</h1><p>" in str(saved.get_body(("html",)))


def test_the_built_in_text_in_the_first_person(desk: Desk) -> None:
    """It is the setting's only where there is no template, of one's own or of the administrator."""
    desk.configure(mail_first_person="false")
    assert " sent you 2 documents. No account" in desk("template", "check").out
    desk.configure()
    assert "I am sending you" in desk("template", "check").out
    assert desk("send", "a.txt", "--mail", "a.eml", "--expires", "2030-07-01").status == 0
    saved = Sent("", [], (desk.folder / "a.eml").read_bytes()).message
    assert saved["Subject"] == "1 document for you"
    body = str(saved.get_body(("plain",)))
    assert "I am sending you 1 document." in body
    assert "Expires Monday 1 July 2030, 23:59 (" in body
    (desk.home / "own.txt").write_text("Subject: Mine\n\n$links")
    desk.configure(mail_first_person="true", mail_template="own.txt")
    assert "I am sending" not in desk("template", "check").out


def test_a_server_does_not_start_with_a_template_that_cannot_be_filled(desk: Desk) -> None:
    (desk.home / "mail.txt").write_text("no links here")
    desk.configure(firm_mail_template="mail.txt")
    done = desk("serve", "--port", "0")
    assert (done.status, "has no $links" in done.err) == (2, True)
