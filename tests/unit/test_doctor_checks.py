"""What each check finds in all kinds of environments, and the remedy it suggests."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.real_parts import small_disk
from tui import config
from tui.cli.checks import clipboard, mail, server, settings, terminal
from tui.rules.check_results import Check, CheckState
from tui.terminal.identity import TerminalIdentity


def by_id(found: object) -> dict[str, Check]:
    checks = list(found)  # type: ignore[call-overload]
    assert len({check.id for check in checks}) == len(checks)
    for check in checks:
        assert check.found.endswith((".", ")")), check
        assert check.remedy or check.state is not CheckState.BAD, check
    return {check.id: check for check in checks}


@pytest.mark.parametrize(
    ("environ", "ident", "state", "words"),
    [
        ({"TERM": "xterm-256color"}, "terminal", "ok", "TERM is xterm-256color."),
        ({"TERM": "dumb"}, "terminal", "bad", "the app can't be shown"),
        ({}, "terminal", "bad", "TERM is not set"),
        ({"TERM": "xterm\x1b[2J"}, "terminal", "ok", "TERM is xterm␛[2J."),
        ({"TERM": "xterm-256color"}, "colours", "ok", "256 colours"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "colours", "ok", "16.7 million"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "colours", "ok", "no colours, since NO_COLOR is set"),
        ({"TERM": "xterm", "SSH_CONNECTION": "1 2 3 4"}, "ssh", "ok", "over SSH"),
        ({"TERM": "xterm"}, "ssh", "ok", "at this machine"),
        ({"TERM": "xterm"}, "multiplexer", "ok", "in neither tmux nor GNU screen"),
        ({"TERM": "screen", "STY": "1.x"}, "multiplexer", "ok", "GNU screen (on this machine)."),
        ({"TERM": "tmux-256color"}, "multiplexer", "ok", "tmux (outside this session, according to TERM)"),
        (
            {"TERM": "tmux", "TMUX": "/x,1,0", "STY": "1.x"},
            "multiplexer",
            "ok",
            "GNU screen (on this machine), in tmux",
        ),
    ],
)
def test_terminals(environ: dict[str, str], ident: str, state: str, words: str) -> None:
    found = by_id(terminal.checks(environ, TerminalIdentity()))[ident]
    assert (found.state, words in found.found) == (state, True), found


@pytest.mark.parametrize(
    ("environ", "ident", "state", "words"),
    [
        ({"TERM": "xterm"}, "terminal clipboard", "ok", "OSC 52"),
        ({"TERM": "linux"}, "terminal clipboard", "warn", "has no clipboard"),
        (
            {"TERM": "xterm", "XTERM_VERSION": "XTerm(398)"},
            "terminal clipboard",
            "warn",
            "only if its resources",
        ),
        ({"TERM": "xterm"}, "desktop clipboard", "ok", "There is no desktop here"),
        (
            {"TERM": "xterm", "DISPLAY": ":0", "SSH_TTY": "/dev/pts/1"},
            "desktop clipboard",
            "ok",
            "There is no desktop",
        ),
        ({"TERM": "xterm", "DISPLAY": ":4711"}, "desktop clipboard", "bad", "does not respond"),
        (
            {"TERM": "xterm", "WAYLAND_DISPLAY": "none"},
            "desktop clipboard",
            "warn",
            "no program that can reach",
        ),
        ({"TERM": "xterm"}, "copying", "ok", "can't be confirmed"),
        ({"TERM": "linux"}, "copying", "warn", "no clipboard to copy to"),
        ({"TERM": "tmux", "TMUX": "/none,1,0", "TMUX_PANE": "%0"}, "tmux", "warn", "no terminal is attached"),
    ],
)
def test_clipboards(
    environ: dict[str, str],
    ident: str,
    state: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("xclip", "xsel", "wl-copy"):
        if ident == "desktop clipboard" and "DISPLAY" in environ and name == "xclip":
            (tmp_path / name).write_text("#!/bin/sh\nexec sleep 30\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin" if "DISPLAY" in environ else str(tmp_path))
    found = by_id(clipboard.checks({**environ, "PATH": os.environ["PATH"]}, TerminalIdentity(), tmp_path))[
        ident
    ]
    assert (found.state, words in found.found) == (state, True), found


def test_kept_links(tmp_path: Path) -> None:
    """Where they are, how old they are, and whether other users can read them."""
    assert (
        "No links are kept" in by_id(clipboard.checks({}, TerminalIdentity(), tmp_path))["kept links"].found
    )
    path = tmp_path / "links.txt"
    path.write_text("x")
    path.chmod(0o600)
    found = by_id(clipboard.checks({}, TerminalIdentity(), tmp_path))["kept links"]
    assert (found.state, "copied less than an hour ago" in found.found) == ("ok", True)
    os.utime(path, (0, time.time() - 3 * 3600))
    found = by_id(clipboard.checks({}, TerminalIdentity(), tmp_path))["kept links"]
    assert (found.state, "copied 3 h ago" in found.found) == ("ok", True)
    path.chmod(0o644)
    found = by_id(clipboard.checks({}, TerminalIdentity(), tmp_path))["kept links"]
    assert (found.state, found.remedy) == ("bad", f"Run: chmod 600 {path}")


def test_settings_are_told_with_where_they_come_from(tmp_path: Path) -> None:
    """Secrets are not shown, and an invalid setting does not affect the others."""
    (tmp_path / "config.toml").write_text('theme = "dark"\ntoken = "secret-token"\nport = "many"\n')
    found = by_id(
        settings.checks(config.load({"SENTLINKS_HOME": str(tmp_path), "SENTLINKS_SERVER": "https://x"}))
    )
    assert found["setting theme"].found == f"dark, from {tmp_path / 'config.toml'}."
    assert found["setting server"].found == "https://x, from SENTLINKS_SERVER."
    assert found["setting token"].found.startswith("set, from ")
    assert found["setting port"].state == "bad"
    assert found["setting port"].remedy == f"Correct port in {tmp_path / 'config.toml'}."
    assert not any("secret-token" in check.found for check in found.values())


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("theme", "pink", "must be one of auto, dark"),
        ("copy_format", "{nope}", "must be one of links, names"),
        ("mail_from", "nobody", "nobody is not an e-mail address"),
        ("keys", {"folder.unpublish": "zz"}, "zz is not a key"),
    ],
)
def test_settings_that_mean_nothing(key: str, value: object, words: str, tmp_path: Path) -> None:
    """The app wouldn't start with most of them."""
    chosen = config.Config(config.places({"SENTLINKS_HOME": str(tmp_path)}), {key: value}, {})
    found = by_id(settings.checks(chosen))[f"setting {key}"]
    assert (found.state, words in found.found) == ("bad", True), found


def test_a_setting_of_the_environment_is_corrected_there(tmp_path: Path) -> None:
    environ = {"SENTLINKS_HOME": str(tmp_path), "SENTLINKS_THEME": "pink"}
    found = by_id(settings.checks(config.load(environ)))["setting theme"]
    assert found.remedy == "Correct theme in the environment (SENTLINKS_THEME)."


@pytest.mark.parametrize("options", ["size=64k", "nr_inodes=5"])
def test_a_state_folder_on_a_full_disk(options: str, tmp_path: Path) -> None:
    """No more bytes, or no more files."""
    with small_disk(tmp_path / "home", options) as home:
        found = config.load({"SENTLINKS_HOME": str(home)})
        assert by_id(settings.checks(found))["state folder"].state is CheckState.OK
        with suppress(OSError):
            for number in range(100):
                (home / f"{number}").write_bytes(bytes(4096))
        check = by_id(settings.checks(found))["state folder"]
        assert (check.state, "its disk is full" in check.found) == (CheckState.BAD, True)


@pytest.mark.parametrize(
    ("command", "state", "words"),
    [
        ("sh %s", "ok", "completed by sh."),
        ("no-such-program %s", "warn", "no-such-program is not a program on this machine"),
        ('sh "%s', "warn", "unclosed quotation mark"),
    ],
)
def test_the_address_book(command: str, state: str, words: str, tmp_path: Path) -> None:
    places = config.places({"SENTLINKS_HOME": str(tmp_path)})
    found = by_id(mail.checks(config.Config(places, {"mail_query_command": command}, {})))["address book"]
    assert (found.state, words in found.found) == (state, True), found
    assert "address book" not in by_id(mail.checks(config.Config(places, {}, {})))


@pytest.mark.parametrize(
    ("name", "setting", "refused"),
    [
        (".neomuttrc", "set sendmail = \"sentlinks smart-attach --sendmail 'msmtp -t'\"", "'"),
        (".mutt/muttrc", "set sendmail='sentlinks smart-attach --sendmail \"msmtp -t\"'", '"'),
        (
            ".config/neomutt/neomuttrc",
            'set from=a@b.de sendmail="sentlinks smart-attach \\\n--sendmail \\"msmtp\\""',
            '"',
        ),
        (".muttrc", 'set sendmail="sentlinks smart-attach --sendmail msmtp | tee x"', "|"),
        (".muttrc", "set sendmail = \"sentlinks smart-attach --sendmail msmtp -a work\" # 'x'", None),
        (".muttrc", "set sendmail=\"msmtp 'x'\"", None),
        (".muttrc", "# set sendmail=\"sentlinks smart-attach --sendmail 'x'\"", None),
    ],
)
def test_what_neomutt_refuses(
    name: str, setting: str, refused: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on with its own default then, and the attachments are sent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(f"set x=1\n{setting}\nset y=2\n")
    (tmp_path / ".neomutt").mkdir(exist_ok=True)
    os.mkfifo(tmp_path / ".neomutt" / "neomuttrc")
    found = by_id(mail.checks(config.Config(config.places({"SENTLINKS_HOME": str(tmp_path)}), {}, {})))
    if refused is None:
        assert found["sendmail"].state == "ok"
    else:
        assert found["sendmail"].state == "bad"
        assert f"{tmp_path / name}, since it has the character {refused}, and" in found["sendmail"].found


def test_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("EDITOR", "no-such-editor")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    chosen = config.Config(config.places({"SENTLINKS_HOME": str(tmp_path)}), {"mail_program": "neomutt"}, {})
    found = by_id(mail.checks(chosen))
    assert (
        found["mail programs"].state,
        "No program here can open drafts" in found["mail programs"].found,
    ) == ("warn", True)
    assert "no-such-editor, which is not a program" in found["mail programs"].found
    assert found["drafts"].state == "ok"
    (tmp_path / "sentlinks-draft-x").mkdir()
    os.utime(tmp_path / "sentlinks-draft-x", (0, 0))
    (tmp_path / "neomutt").write_text("#!/bin/sh\n")
    (tmp_path / "neomutt").chmod(0o755)
    found = by_id(mail.checks(chosen))
    assert "Drafts go to neomutt, as the settings say." in found["mail programs"].found
    servers = {"mail_imap_url": "imaps://a@mail.example.com", "mail_smtp_url": "smtp://a@localhost"}
    found = by_id(mail.checks(config.Config(chosen.places, servers, {})))
    assert found["mail programs"].found.startswith(
        "Drafts go to neomutt, then the Drafts folder at mail.example.com, then the mail server localhost (you are "
        "asked before it sends)."
    )
    assert (found["drafts"].state, str(tmp_path / "sentlinks-draft-x") in found["drafts"].found) == (
        "warn",
        True,
    )


@pytest.mark.parametrize(
    ("lines", "state", "words"),
    [
        ("", "ok", "the local one isn't running"),
        ('server = "nonsense"\n', "bad", "nonsense"),
        ('server = "http://127.0.0.1:9"\ntoken = "x"\n', "bad", "127.0.0.1:9 cannot be reached"),
    ],
)
async def test_servers_that_are_not_there(tmp_path: Path, lines: str, state: str, words: str) -> None:
    """The checks start no server."""
    (tmp_path / "config.toml").write_text(lines)
    settled = config.load({"SENTLINKS_HOME": str(tmp_path)})
    found = by_id([check async for check in server.checks(settled, None)])["server"]
    assert (found.state, words in found.found) == (state, True), found
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml"]
