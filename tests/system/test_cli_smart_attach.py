"""``sentlinks smart-attach`` with a saved message, and between a mail program and sendmail."""

from __future__ import annotations

import base64
import os
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.messages import BROKEN, MIXED, PDF, SAMPLES, message
from tests.support.mail.mutated_messages import mutated
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.system.command import SCRIPT, Client, run

TRY_LATER = 75
NEVER = "sentlinks: You have never sent anything to keller@example.com.\n"


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("attach") / "data") as process:
        yield process


@pytest.fixture
def client(firm: ServerProcess, tmp_path: Path) -> Client:
    made = Client(firm.url, firm.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    return made


@pytest.fixture
def mailer(tmp_path: Path) -> Path:
    """A sendmail that saves its input and exits with the status in the file ``status``."""
    path = tmp_path / "mailer"
    path.write_text(
        f"#!/bin/sh\ncd {shlex.quote(str(tmp_path))}\n"
        'cat > got\nprintf \'%s\\n\' "$@" > arguments\n[ ! -e status ] || exit "$(cat status)"\n'
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def urls(text: str | bytes) -> list[str]:
    said = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return re.findall(r"http://[^\s<>\"]+/s/[0-9a-f]+", said)


def nothing_left(folder: Path) -> None:
    state = folder / "home" / "state"
    assert [path.name for path in state.glob("attachments-*")] == []


def published(server: ServerProcess) -> int:
    with Sender(server) as me:
        return sum(document["published"] for document in me.get("/documents")["documents"])


def test_a_saved_message(client: Client, firm: ServerProcess, tmp_path: Path) -> None:
    """The message goes to standard output with a link to the attachment; every other byte is unchanged."""
    raw = message(MIXED, "X-Odd:x", eol="\r\n")
    client.file("offer.eml", raw)
    done = client("smart-attach", "offer.eml", "--downloads", "3")
    # Another test may have sent to the same address before.
    assert (done.status, done.err.replace(NEVER, "")) == (0, "")
    (url,) = urls(done.out)
    assert fetch(firm, url) == PDF
    begin = raw.index(b"Dana Jones\r\n") + len(b"Dana Jones\r\n")
    assert done.out.encode().startswith(raw[:begin])
    assert "application/pdf" not in done.out
    assert "3 downloads permitted" in done.out
    nothing_left(tmp_path)


def test_a_message_without_attachments_is_the_same(client: Client, firm: ServerProcess) -> None:
    before = published(firm)
    for name in ("no attachment", "signed", "outlook's own"):
        raw = SAMPLES[name].raw
        client.file("a.eml", raw)
        done = client("smart-attach", "a.eml")
        assert (done.status, done.out.encode()) == (0, raw), name
        assert ("it stays" in done.err) == (name != "no attachment")
    assert published(firm) == before


def test_a_message_from_a_pipe(client: Client, firm: ServerProcess) -> None:
    """As the shell names the output of another command."""
    (url,) = urls(client("smart-attach", "/dev/stdin", given=message(MIXED)).out)
    assert fetch(firm, url) == PDF
    empty = client("smart-attach", "/dev/stdin", given=b"")
    assert (empty.status, empty.err) == (2, "sentlinks: /dev/stdin is empty; there is no message in it.\n")


def test_as_json(client: Client, firm: ServerProcess) -> None:
    client.file("two.eml", SAMPLES["two"].raw)
    done = client("smart-attach", "two.eml", "--json", "--generate-password")
    assert done.status == 0
    assert [document["name"] for document in done.documents] == ["offer.pdf", "offer (2).pdf"]
    text = base64.b64decode(done.json["message_base64"])
    assert urls(text) == [document["url"] for document in done.documents]
    password = re.findall(r"The password is (\S+)", done.err)[0]
    assert password not in text.decode()
    assert fetch(firm, urls(text)[1], password) == PDF


def test_what_a_killed_command_left_goes(client: Client, firm: ServerProcess, tmp_path: Path) -> None:
    """Attachments left behind by a killed command are removed; those of a running command stay."""
    state = tmp_path / "home" / "state"
    old, new = state / "attachments-old", state / "attachments-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "0").write_bytes(PDF)
    os.utime(old, (0, 0))
    client.file("a.eml", message(MIXED))
    assert client("smart-attach", "a.eml").status == 0
    assert [path.name for path in state.glob("attachments-*")] == ["attachments-new"]


def test_its_recipients_are_kept_with_the_links(client: Client) -> None:
    """Those that everyone sees."""
    head = (
        "To: =?utf-8?q?J=C3=B6rg?= <j@example.com>,\n anna@example.com",
        "Cc: Anna <ANNA@example.com>, nobody",
    )
    client.file("a.eml", message(MIXED, *head, "Bcc: hidden@example.com"))
    done = client("smart-attach", "a.eml", "--json")
    assert done.documents[0]["recipients"] == [
        "Jörg <j@example.com>",
        "anna@example.com",
        "keller@example.com",
    ]


def test_the_messages_own_header(client: Client) -> None:
    client.file("a.eml", message(MIXED, "X-Sentlinks: expires=7d; downloads=2"))
    done = client("smart-attach", "a.eml", "--downloads", "9", "--json")
    assert done.documents[0]["downloads_permitted"] == 2
    assert done.documents[0]["expires_at"] is not None
    assert b"X-Sentlinks" not in base64.b64decode(done.json["message_base64"])
    client.file("none.eml", message(MIXED, "X-Sentlinks: expires=None; downloads=NONE"))
    (document,) = client(
        "smart-attach", "none.eml", "--expires", "7d", "--downloads", "3", "--json"
    ).documents
    assert (document["expires_at"], document["downloads_permitted"]) == (None, None)
    client.file("b.eml", message(MIXED, "X-Sentlinks: notify=yes"))
    assert client("smart-attach", "b.eml", "--json").error == "notify.no_mail_server"
    client.file("b.eml", message(MIXED, "X-Sentlinks: passwort=1"))
    wrong = client("smart-attach", "b.eml")
    assert (wrong.status, wrong.out) == (2, "")
    assert "X-Sentlinks has passwort=1" in wrong.err
    client.file("b.eml", message(MIXED, "X-Sentlinks: expires=7d; downloads=2; expires=5d"))
    twice = client("smart-attach", "b.eml")
    assert (twice.status, twice.out) == (2, "")
    assert "X-Sentlinks has both expires=7d and expires=5d; write one of them." in twice.err
    client.file("b.eml", message(MIXED, "X-Sentlinks: downloads=2; downloads=2"))
    assert client("smart-attach", "b.eml", "--json").documents[0]["downloads_permitted"] == 2


@few(4)
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_refused(client: Client, firm: ServerProcess, name: str, tmp_path: Path) -> None:
    before = published(firm)
    client.file("a.eml", BROKEN[name])
    done = client("smart-attach", "a.eml")
    assert (done.status, done.out) == (2, "")
    assert done.err
    assert published(firm) == before
    nothing_left(tmp_path)


def test_a_message_that_is_an_attachment_becomes_one_with_a_link(client: Client, firm: ServerProcess) -> None:
    client.file("a.eml", SAMPLES["all of it an attachment"].raw)
    done = client("smart-attach", "a.eml")
    assert (done.status, done.err.replace(NEVER, "")) == (0, "")
    (url,) = urls(done.out)
    assert fetch(firm, url) == PDF
    assert "application/pdf" not in done.out


def test_a_text_that_cannot_be_decoded_publishes_nothing(client: Client, firm: ServerProcess) -> None:
    """There is no place to insert the links."""
    before = published(firm)
    client.file("a.eml", SAMPLES["base64"].raw.replace(b"RGVhciBN", b"!!!!!!!!", 1))
    done = client("smart-attach", "a.eml")
    assert (done.status, done.out) == (2, "")
    assert published(firm) == before


def test_what_is_wrong_with_the_command_line(client: Client, tmp_path: Path) -> None:
    client.file("empty.eml", b"")
    for arguments in (
        (),
        ("a.eml", "b.eml"),
        ("missing.eml",),
        ("empty.eml",),
        (str(tmp_path),),
        ("empty.eml", "--or-unchanged"),
        ("empty.eml", "--over", "large"),
        ("empty.eml", "--unknown"),
    ):
        done = client("smart-attach", *arguments)
        assert (done.status, done.out) == (2, ""), arguments


def test_all_or_nothing(client: Client, firm: ServerProcess) -> None:
    """If the expiry or the policy refuses a message with two attachments, nothing is written and nothing published."""
    before = published(firm)
    raw = SAMPLES["two"].raw
    client.file("a.eml", raw)
    assert client("smart-attach", "a.eml", "--expires", "2001-01-01").status == 2
    with Sender(firm) as me:
        me.request("PATCH", "/policy", json={"password_required": True}).raise_for_status()
        try:
            refused = client("smart-attach", "a.eml")
        finally:
            me.request("PATCH", "/policy", json={"password_required": None}).raise_for_status()
    assert (refused.status, refused.out) == (3, "")
    assert published(firm) == before


@pytest.mark.parametrize(
    "text", [b"Dear Anna,\n\nthe offer: see below.\n", b"%PDF-1.4\n", b"\x00\x01", b"\nTo: a\n"]
)
def test_what_is_no_message_is_refused(client: Client, text: bytes) -> None:
    """It was printed as it is: whoever names the attachment instead of the message would take it for done."""
    client.file("Offer letter.txt", text)
    done = client("smart-attach", "Offer letter.txt")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "sentlinks: Offer letter.txt is no e-mail: it doesn't begin with a header. Name a message, MESSAGE.eml.\n"
    )


class TestSendmail:
    def test_it_gets_the_message_and_the_arguments(
        self, client: Client, firm: ServerProcess, mailer: Path, tmp_path: Path
    ) -> None:
        """sendmail is called as by neomutt, and its exit status is passed on."""
        arguments = ("-f", "dana@halyard.example", "--", "keller@example.com", "hidden@example.com")
        (tmp_path / "status").write_text("67")
        done = client(
            "smart-attach", "--sendmail", f"{mailer} -a work", "--", *arguments, given=message(MIXED)
        )
        assert (done.status, done.out) == (67, "")
        assert (tmp_path / "arguments").read_text().splitlines() == ["-a", "work", *arguments]
        (url,) = urls((tmp_path / "got").read_bytes())
        assert fetch(firm, url) == PDF
        # The document was published, and nothing else shows its link.
        assert url in done.err
        assert "mailer ended with status 67; the links above are published." in done.err

    @few(1)
    @pytest.mark.parametrize(
        "given",
        [
            ("-f", "dana@halyard.example", "--", "keller@example.com", "hidden@example.com"),
            ("-i", "-t"),
            ("-B8BITMIME", "-oi", "-N", "failure", "-R", "hdrs", "keller@example.com"),
            ("--account=work", "--", "keller@example.com"),
        ],
        ids=" ".join,
    )
    def test_what_follows_is_passed_on(
        self, client: Client, mailer: Path, tmp_path: Path, given: tuple[str, ...]
    ) -> None:
        """Also where sendmail reads the recipients from the headers: those in Bcc stay there for it."""
        raw = message(MIXED, "Bcc: hidden@example.com")
        for own in ((), ("--downloads", "3")):
            done = client("smart-attach", "--sendmail", mailer, *own, *given, given=raw)
            assert (done.status, done.err) == (0, "")
            assert (tmp_path / "arguments").read_text().splitlines() == list(given)
            got = (tmp_path / "got").read_bytes()
            assert (b"3 downloads permitted" in got) == bool(own)
            assert b"Bcc: hidden@example.com\n" in got

    def test_it_fails_for_a_message_without_attachments(
        self, client: Client, mailer: Path, tmp_path: Path
    ) -> None:
        """The error mentions no links, since there are none."""
        (tmp_path / "status").write_text("67")
        done = client(
            "smart-attach",
            "--sendmail",
            str(mailer),
            "--",
            "keller@example.com",
            given=SAMPLES["no attachment"].raw,
        )
        assert done.status == 67
        assert done.err.endswith("mailer ended with status 67.\n")
        nothing_left(tmp_path)

    def test_it_ends_without_reading(
        self, client: Client, firm: ServerProcess, mailer: Path, tmp_path: Path
    ) -> None:
        """sendmail's exit status is passed on: 67 does not mean "try later"."""
        mailer.write_text("#!/bin/sh\nexit 67\n")
        raw = message(MIXED).replace(b"attached.", b"attached.\r\n" + b"and so on\r\n" * 200_000)
        # More than fits into a pipe, on both sides.
        done = run(
            "smart-attach", "--sendmail", str(mailer), "--", "a@example.com", given=raw, program=SCRIPT,
            **client.environ,
        )  # fmt: skip
        assert (done.status, done.out) == (67, "")
        (url,) = urls(done.err)
        assert fetch(firm, url) == PDF

    def test_it_cannot_be_started_after_all(
        self, client: Client, firm: ServerProcess, mailer: Path, tmp_path: Path
    ) -> None:
        mailer.write_text("no program at all\n")
        done = client("smart-attach", "--sendmail", str(mailer), "--", "a@example.com", given=message(MIXED))
        assert (done.status, done.out) == (TRY_LATER, "")
        assert "mailer could not be started" in done.err
        (url,) = urls(done.err)
        assert fetch(firm, url) == PDF

    def test_it_went_well(self, client: Client, mailer: Path, tmp_path: Path) -> None:
        done = client(
            "smart-attach",
            "--sendmail",
            str(mailer),
            "--over",
            "1kB",
            "--",
            "a@example.com",
            given=message(MIXED),
        )
        assert (done.status, done.out, done.err) == (0, "", "")
        assert len(urls((tmp_path / "got").read_bytes())) == 1

    @few(3)
    @pytest.mark.parametrize(
        "what",
        [
            *("server", "broken", "header", "empty", "no program", "unclosed", "option", "size", "password"),
            "not signed in",
        ],
    )
    def test_whatever_goes_wrong_starts_nothing(
        self, client: Client, mailer: Path, tmp_path: Path, what: str
    ) -> None:
        """Status 75: the mail program keeps the message, and no attachment is sent."""
        given = {"broken": BROKEN["never closed"], "header": message(MIXED, "X-Sentlinks: x"), "empty": b""}
        options = {
            "option": ["--expire", "7d"],
            "size": ["--over", "large"],
            "password": ["--password-stdin"],
        }
        environ = {
            "server": {"SENTLINKS_SERVER": "http://127.0.0.1:9"},
            "not signed in": {"SENTLINKS_TOKEN": "x" * 40},
        }
        program = {"no program": str(tmp_path / "none"), "unclosed": f"{mailer} 'x"}.get(what, str(mailer))
        done = client(
            "smart-attach", "--sendmail", program, *options.get(what, []), "--", "a@example.com",
            given=given.get(what, message(MIXED)), **environ.get(what, {}),
        )  # fmt: skip
        assert (done.status, done.out) == (TRY_LATER, "")
        assert done.err.startswith("sentlinks: ")
        assert not (tmp_path / "got").exists()

    def test_or_unchanged(self, client: Client, mailer: Path, tmp_path: Path) -> None:
        """The message is sent with its attachments instead of being kept; so is one that can't be parsed."""
        for raw, environ in (
            (message(MIXED), {"SENTLINKS_SERVER": "http://127.0.0.1:9"}),
            (BROKEN["never closed"], {}),
        ):
            done = client(
                "smart-attach",
                "--sendmail",
                str(mailer),
                "--or-unchanged",
                "--",
                "a@example.com",
                given=raw,
                **environ,
            )
            assert (done.status, (tmp_path / "got").read_bytes()) == (0, raw)
            assert "with its attachments" in done.err


_COMMENT = "(" * 5000 + ")" * 5000
#: Messages that ended in an internal error, or could have.
NASTY = {
    "no charset": message(MIXED.replace("charset=utf-8", "charset=hex")),
    "a charset for names": message(MIXED.replace("charset=utf-8", "charset=idna")),
    "comments": message(MIXED, f"To: {_COMMENT} a@example.com", f"Subject: {_COMMENT}"),
    "comments in a part": message(MIXED.replace("attachment;", f"attachment {_COMMENT};")),
    "groups": message(MIXED, "Cc: " + "a:" * 5000, "Cc: " + "g:b@x.de;" * 5000),
    "file name": message(MIXED.replace('filename="offer.pdf"', "filename*=hex'%ZZ")),
    "sections": message(MIXED.replace('filename="offer.pdf"', "filename*1*=x; filename*9999999999=y")),
    "long name": message(MIXED.replace("offer.pdf", "x" * 50_000)),
    "hidden name": message(MIXED.replace("offer.pdf", "..\x1b[2J\u202e/..")),
    "its own header": message(MIXED, "X-Sentlinks: \udcff=\x1b; expires=" + "9" * 5000),
    **{f"seed {seed}": mutated(seed) for seed in range(6)},
    "uuencoded": BROKEN["uuencoded in the text"],
}


@few(4)
@pytest.mark.parametrize("name", NASTY)
def test_whatever_a_message_holds(client: Client, mailer: Path, tmp_path: Path, name: str) -> None:
    """Never an internal error. Without a server, sendmail gets nothing or, if that is wanted, the message as it is."""
    raw = NASTY[name]
    client.file("a.eml", raw)
    done = client("smart-attach", "a.eml", "--json")
    assert done.status in (0, 2)
    assert "Internal error" not in done.err
    with_links = base64.b64decode(done.json["message_base64"]) if done.status == 0 else raw
    nothing_left(tmp_path)
    away = {"SENTLINKS_SERVER": "http://127.0.0.1:9"}
    kept = client("smart-attach", "--sendmail", str(mailer), "--", "a@example.com", given=raw, **away)
    assert "Internal error" not in kept.err
    if kept.status != 0:
        assert kept.status == TRY_LATER
        assert not (tmp_path / "got").exists()
    else:
        # There is nothing to replace.
        assert (tmp_path / "got").read_bytes() == with_links
    passed = client(
        "smart-attach", "--or-unchanged", "--sendmail", str(mailer), "--", "a@example.com", given=raw, **away
    )
    assert "Internal error" not in passed.err
    assert passed.status == 0
    if kept.status != 0:
        assert (tmp_path / "got").read_bytes() == raw
