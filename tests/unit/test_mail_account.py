"""Accounts of mail servers as the settings name them, and what the user signs in with there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tui.config.mail import MailPreferences
from tui.mail import folders, programs, ways
from tui.mail.account import Account, Protocol, parse_account
from tui.mail.credentials import run_password_command
from tui.rules.errors import Failed, InvalidValue

IMAP, SMTP = Protocol.IMAP, Protocol.SMTP


@pytest.mark.parametrize(
    ("text", "protocol", "account"),
    [
        ("imaps://anna@mail.example.com", IMAP, Account(IMAP, "mail.example.com", 993, "anna", False, False)),
        (
            " imap://a%40x.de@mail.example.com/ ",
            IMAP,
            Account(IMAP, "mail.example.com", 143, "a@x.de", True, False),
        ),
        ("imaps+xoauth2://a@x.de@h:1993", IMAP, Account(IMAP, "h", 1993, "a@x.de", False, True)),
        ("smtp://anna@mail.example.com", SMTP, Account(SMTP, "mail.example.com", 587, "anna", True, False)),
        ("smtps+xoauth2://anna@[::1]", SMTP, Account(SMTP, "::1", 465, "anna", False, True)),
        ("smtp://relay.example.com:25", SMTP, Account(SMTP, "relay.example.com", 25, "", True, False)),
    ],
)
def test_accounts(text: str, protocol: Protocol, account: Account) -> None:
    assert parse_account(text, protocol) == account
    # Its own spelling means the same: passwords are kept under it.
    assert parse_account(account.url, protocol) == account


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mail.example.com",
        "imaps://mail.example.com",
        "imaps://anna@",
        "smtps://anna@mail.example.com",
        "http://anna@mail.example.com",
        "imaps+plain://anna@mail.example.com",
        "imaps://anna@mail.example.com/Drafts",
        "imaps://anna@mail.example.com?x=1",
        "imaps://anna@mail.example.com:0",
        "imaps://anna@mail.example.com:99999",
        "imaps://an%0Ana@mail.example.com",
        "imaps://anna@mäil.example.com",
        "imaps://anna@[::1",
    ],
)
def test_accounts_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidValue, match="mail_imap_url is not the address of an account") as caught:
        parse_account(text, IMAP)
    assert "imaps://anna@mail.example.com" in caught.value.message
    with pytest.raises(InvalidValue) as caught:
        parse_account(text, IMAP, typed=True)
    assert caught.value.message.startswith("Write it like imaps://anna@mail.example.com (imaps:// for TLS")


def test_a_password_is_not_accepted_in_a_setting() -> None:
    """S17: it would be in a file then."""
    with pytest.raises(InvalidValue) as caught:
        parse_account("imaps://anna:secret@mail.example.com", IMAP)
    assert "must not contain a password" in caught.value.message
    assert "secret" not in caught.value.message
    with pytest.raises(InvalidValue) as caught:
        parse_account("imaps://anna:secret@mail.example.com", IMAP, typed=True)
    assert caught.value.message == "Leave the password out: the program asks for it when it needs it."


# ---------------------------------------------------------------- passwords by a command


def script(folder: Path, text: str) -> str:
    file = folder / "it's a script.py"
    file.write_text(text)
    return f'{sys.executable} "{file}"'


def test_the_first_line_of_a_command_is_the_password(tmp_path: Path) -> None:
    """It is run without a shell and a terminal: it can't ask on the screen, and nothing in it is expanded."""
    asks = "import os, sys; print(repr(sys.stdin.read()), os.environ.get('GPG_TTY'), sys.argv[1:]); print('more')"
    command = script(tmp_path, asks)
    os.environ["GPG_TTY"] = "/dev/tty"
    try:
        assert run_password_command(f"{command} $HOME '*'", "k") == "'' None ['$HOME', '*']"
    finally:
        del os.environ["GPG_TTY"]
    assert run_password_command(script(tmp_path, "print('pass wörd ', end='\\r\\n')"), "k") == "pass wörd "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "import sys; print('SECRET'); sys.exit('the token\\nhas expired')",
            "status 1: the token has expired",
        ),
        ("", "mail_imap_password_command printed nothing."),
        ("print()\nprint('SECRET')", "printed nothing"),
        ("while True: print('SECRET')", "printed more than 64 KiB"),
    ],
)
def test_a_command_that_fails(text: str, words: str, tmp_path: Path) -> None:
    """Its standard error is shown, and its output never is."""
    with pytest.raises(Failed) as caught:
        run_password_command(script(tmp_path, text), "mail_imap_password_command")
    assert words in caught.value.message
    assert "SECRET" not in caught.value.message


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    text = "import subprocess, sys\nprint('waiting', file=sys.stderr, flush=True)\nsubprocess.run(['sleep', '600'])"
    with pytest.raises(Failed, match="did not end within 1 seconds"):
        run_password_command(script(tmp_path, text), "k", seconds=1.0)


def test_a_command_that_is_none() -> None:
    with pytest.raises(Failed, match="k cannot be started"):
        run_password_command("/nowhere/at/all", "k")
    for text in ('"', " "):
        with pytest.raises(InvalidValue, match="k is not a command line"):
            run_password_command(text, "k")


# ---------------------------------------------------------------- folders


def test_what_a_server_lists() -> None:
    """Names may be quoted, plain or literals, in modified UTF-7; the separator may be missing."""
    lines = [
        rb'(\HasNoChildren \Drafts) "/" "Entw&APw-rfe"',
        rb'(\NoSelect) "." INBOX.&Tgtm+DBN-',
        (rb'(\HasNoChildren) "\\" {7}', b'a "b" c'),
        rb'() NIL "R&-D \"x\" \\"',
        rb"nonsense",
        b"",
    ]
    found = folders.listed(("OK", lines))
    assert [(each.name, each.last_part) for each in found] == [
        ("Entwürfe", "Entwürfe"),
        ("INBOX.下書き", "下書き"),
        ('a "b" c', 'a "b" c'),
        ('R&D "x" \\', 'R&D "x" \\'),
    ]
    assert [sorted(each.flags) for each in found[:2]] == [[r"\drafts", r"\hasnochildren"], [r"\noselect"]]
    assert [each.separator for each in found] == ["/", ".", "\\", ""]
    assert folders.listed(("NO", lines)) == []


# ---------------------------------------------------------------- ways


def here(*names: str) -> programs.FoundPrograms:
    return programs.find(
        {"EDITOR": "vi"}, lambda name: name if name in names else None, lambda _: "", "linux"
    )


def found_ways(preferences: MailPreferences, *names: str) -> tuple[list[str], tuple[str, ...]]:
    found = ways.find_ways(here(*names), preferences)
    return [way.id for way in found.ways], found.faults


def test_the_chosen_way_comes_first() -> None:
    servers: dict[str, Any] = {"mail_imap_url": "imaps://a@h", "mail_smtp_url": "smtps://a@h"}
    assert found_ways(MailPreferences(**servers), "neomutt", "aerc", "vi") == (
        ["neomutt", "aerc", "editor", "drafts", "smtp"], (),
    )  # fmt: skip
    assert found_ways(MailPreferences(mail_program="editor", **servers), "neomutt", "vi")[0][0] == "editor"
    assert found_ways(MailPreferences(mail_program="drafts", **servers), "neomutt")[0] == [
        "drafts",
        "neomutt",
        "smtp",
    ]


def test_a_way_that_is_not_here_is_told() -> None:
    assert found_ways(MailPreferences(mail_program="aerc"), "mutt") == (
        ["mutt"],
        (
            "EDITOR is vi, which is not a program that can be started.",
            "The mail program in the settings, aerc, is not on this machine.",
        ),
    )
    _, faults = found_ways(MailPreferences(mail_program="drafts", mail_smtp_url="nonsense"), "vi")
    assert faults[1] == "The mail program in the settings is drafts, but mail_imap_url is not set."
    assert faults[0].startswith("mail_smtp_url is not the address of an account.")


def test_after_a_failure_comes_the_next() -> None:
    found = ways.find_ways(here("neomutt", "mutt", "vi"), MailPreferences()).ways
    assert [getattr(ways.next_way(found, failed), "id", "") for failed in ([], ["neomutt"], ["mutt", "neomutt"])] == [
        "neomutt", "mutt", "editor",
    ]  # fmt: skip
    assert getattr(ways.next_way(found, ["mutt", "editor", "neomutt"]), "id", "") == "mutt"
    assert ways.next_way((), []) is None
