"""Which words of `smart-attach --sendmail COMMAND` are the command's."""

from __future__ import annotations

import shlex

import click
import pytest

from tui.cli.mail.sendmail_line import read_line

OPTIONS = {"--over": True, "--nested": False, "--expires": True, "--no-expires": False, "--server": True}

#: What mail programs add of sendmail's options.
SENDMAILS = [
    "-f me@example.com",
    "-fme@example.com",
    "-r me@example.com",
    "-F 'Me, myself' -f me@example.com",
    "-N failure,delay -R hdrs",
    "-B8BITMIME",
    "-oi -odb -oem",
    "-i -t",
    "-t",
    "-v",
    "-a work",
    "--account=work",
    "--read-envelope-from",
    "--serverinfo",
    "--help",
    "a@example.com --over 5MB",
    "a@example.com --sendmail x",
]


def parts(line: str) -> tuple[str, str] | None:
    found = read_line(shlex.split(line), OPTIONS)
    return None if found is None else (shlex.join(found.own), shlex.join(found.passed))


@pytest.mark.parametrize(
    "own", ["", "--over 5MB", "--over=5MB --nested", "--nested --expires 7d", "--expires -f"]
)
@pytest.mark.parametrize("passed", SENDMAILS)
def test_whatever_follows_is_passed_on(own: str, passed: str) -> None:
    """Ours may come before, directly after, and with our own `--` behind them; recipients follow in three ways."""
    passed = shlex.join(shlex.split(passed))
    ours = shlex.join(["--sendmail", "msmtp", *shlex.split(own)])
    for after in ("", " a@example.com", " -- a@example.com", " -- a@example.com b@example.com -x"):
        words = f"{passed}{after}"
        assert parts(f"--sendmail msmtp {own} {words}") == (ours, words)
        assert parts(f"--sendmail=msmtp {own} {words}") == (ours, words)
        assert parts(f"{own} --sendmail msmtp {words}") == (f"{own} --sendmail msmtp".strip(), words)
        assert parts(f"--sendmail msmtp {own} -- {words}") == (ours, words)


@pytest.mark.parametrize(
    ("line", "own", "passed"),
    [
        (
            "--sendmail 'msmtp -a work' --over 5MB -- a@b.de",
            "--sendmail 'msmtp -a work' --over 5MB",
            "a@b.de",
        ),
        ("--sendmail msmtp -- -- a@b.de", "--sendmail msmtp", "-- a@b.de"),
        ("--sendmail msmtp --", "--sendmail msmtp", ""),
        ("--sendmail msmtp", "--sendmail msmtp", ""),
        ("--sendmail=", "--sendmail ''", ""),
        ("--expires --sendmail x", "", ""),
        ("--over 5MB a.eml", "", ""),
        ("-- --sendmail x", "", ""),
        ("--sendmail", "", ""),
    ],
)
def test_lines(line: str, own: str, passed: str) -> None:
    assert parts(line) == ((own, passed) if own else None)


def test_mutt_splits_its_setting_at_each_blank() -> None:
    words = ["--sendmail", "'msmtp", "-a", "work'", "--over", "5MB", "-f", "me@b.de", "--", "a@b.de"]
    found = read_line(words, OPTIONS)
    assert found is not None
    assert found.own == ("--sendmail", "msmtp -a work", "--over", "5MB")
    assert found.passed == ("-f", "me@b.de", "--", "a@b.de")
    unclosed = read_line(["--sendmail", "'msmtp", "-f", "a@b.de"], OPTIONS)
    assert unclosed is not None
    assert unclosed.passed == ("-f", "a@b.de")


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        ("-- -X/tmp/log@evil.example", "-- -X/tmp/log@evil.example"),
        ("-- a@b.de -Clog@evil.example", "-- a@b.de -Clog@evil.example"),
        ("-f me@b.de -- -X/tmp/log@evil.example", "-f me@b.de -- -X/tmp/log@evil.example"),
        ("-- -f me@b.de -- -X/tmp/log@evil.example", "-f me@b.de -- -X/tmp/log@evil.example"),
        ("-- -fme@b.de a@b.de", "-fme@b.de a@b.de"),
    ],
)
def test_no_address_becomes_an_option(words: str, passed: str) -> None:
    assert parts(f"--sendmail msmtp {words}") == ("--sendmail msmtp", passed)


@pytest.mark.parametrize("typed", ["--expire", "--expiry", "--no-expire", "--overs", "--nest"])
def test_a_mistyped_option_of_ours_is_not_passed_on(typed: str) -> None:
    with pytest.raises(click.NoSuchOption) as caught:
        parts(f"--sendmail msmtp {typed} 7d -- a@b.de")
    assert (
        "Did you mean" in caught.value.format_message()
        or "(Possible options" in caught.value.format_message()
    )
    # After a word of the command's, it is the command's.
    assert parts(f"--sendmail msmtp -i {typed} 7d -- a@b.de") == (
        "--sendmail msmtp",
        f"-i {typed} 7d -- a@b.de",
    )
