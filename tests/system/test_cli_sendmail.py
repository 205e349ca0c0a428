"""``sentlinks smart-attach`` between a mail program and sendmail, and whatever a message holds."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.mail.messages import BROKEN, MIXED, PDF, SAMPLES, message
from tests.support.mail.mutated_messages import mutated
from tests.support.servers.server import ServerProcess
from tests.support.users.share import fetch
from tests.system.command import SCRIPT, Client, run
from tests.system.smart_attach import TRY_LATER, nothing_left, urls


@pytest.fixture
def client(firm: ServerProcess, tmp_path: Path) -> Client:
    made = Client(firm.url, firm.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    return made


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
