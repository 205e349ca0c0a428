"""Drafts handed to a program that runs on its own: the desktop's, by the real xdg-open, and a running aerc. The
messages claim only what is known."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path

from tests.support.checks.long import more
from tests.support.real_parts import need
from tests.support.terminal.drafting import CLOSE, OPEN, SHELL_PATH, Desk, asks_on_closing
from tests.support.terminal.terminal import Terminal

#: What the scripts of xdg-utils need. Whatever else a machine has, they would ask it: mimetype, run-mailcap, mimeopen,
#: dbus-send, xprop and others.
TOOLS = (
    *("xdg-open", "xdg-mime", "sh", "file", "awk", "sed", "grep", "cut", "tr", "head", "cat", "basename"),
    *("dirname", "readlink", "uname", "env", "cp", "mv", "rm", "mkdir", "touch"),
)


def its_tools(desk: Desk) -> Path:
    """A folder with these programs, and no others."""
    tools = desk.folder / "tools"
    if not tools.exists():
        need(*TOOLS)
        tools.mkdir()
        for name in TOOLS:
            (tools / name).symlink_to(str(shutil.which(name)))
    return tools


def desktop(desk: Desk, **handlers: str) -> Mapping[str, str]:
    """The environment of a desktop whose programs are ours: ``mailer`` opens e-mail files, ``writer`` opens ``mailto``
    addresses."""
    tools = its_tools(desk)
    for name in ("xdg-open", "xdg-mime"):
        desk.script(name, f'PATH={tools} exec {tools}/{name} "$@"')
    data, config = desk.folder / "data", desk.folder / "config"
    (data / "applications").mkdir(parents=True, exist_ok=True)
    config.mkdir(exist_ok=True)
    kinds = {"mailer": "message/rfc822", "writer": "x-scheme-handler/mailto"}
    lines = ["[Default Applications]"]
    for name, script in handlers.items():
        program = desk.script(name, script)
        entry = (
            f"[Desktop Entry]\nType=Application\nName={name}\nExec={program} %f\nMimeType={kinds[name]};\n"
        )
        (data / "applications" / f"{name}.desktop").write_text(entry)
        lines.append(f"{kinds[name]}={name}.desktop")
    (config / "mimeapps.list").write_text("\n".join(lines) + "\n")
    # Folders of the system that don't exist, and a browser that doesn't exist either.
    return {
        "DISPLAY": ":98765",
        "XDG_DATA_HOME": str(data),
        "XDG_CONFIG_HOME": str(config),
        "XDG_DATA_DIRS": str(desk.folder / "nothing"),
        "XDG_CONFIG_DIRS": str(desk.folder / "nothing"),
        # It isn't guessed from what the session has.
        "XDG_CURRENT_DESKTOP": "X-Generic",
        "BROWSER": "/nowhere/browser",
    }


def test_a_desktop(desk: Desk) -> None:
    environ = desktop(desk, writer="exit 0")
    with desk.open(environ, EDITOR="editor") as terminal:
        a_desktop_without_a_mail_program(terminal, desk)
        a_desktop_whose_program_fails(terminal, desk)
        a_desktop_that_opens_it(terminal, desk)


def a_desktop_without_a_mail_program(terminal: Terminal, desk: Desk) -> None:
    """xdg-open is not even started, since it would find something. The remedy names a program that is installed."""
    desk.script("xdg-open", f"touch {desk.folder}/opened")
    terminal.type(OPEN)
    terminal.wait_for("No mail program was found.")
    terminal.wait_for("The desktop has no program for e-mail files")
    terminal.wait_for("xdg-mime default writer.desktop message/rfc822")
    terminal.wait_for("^s saves it as a file")
    assert not (desk.folder / "opened").exists()


def a_desktop_whose_program_fails(terminal: Terminal, desk: Desk) -> None:
    """The exit status of xdg-open and its output are shown; the next program is offered."""
    desktop(desk, mailer="exit 0")
    (desk.programs / "mailer").unlink()
    editor = desk.script("editor", "exit 0")
    terminal.type(OPEN)
    terminal.wait_for("xdg-open ended with status 3 (a program that it needs is missing)")
    terminal.wait_for("no method available")
    terminal.wait_for("^o opens the draft in editor")
    terminal.type(OPEN)
    terminal.wait_for("The draft is as you left it in editor")
    editor.unlink()


def a_desktop_that_opens_it(terminal: Terminal, desk: Desk) -> None:
    """The message quotes the desktop as the source, and names the program it used. Until the program ends, it is only
    known to be running; a change made in the meantime does not reach it. The file stays for the minute that a program
    may need to read it; no other user can read it."""
    given = f'cp "$1" {desk.folder}/got; stat -c %a "$1" "$(dirname "$1")" > {desk.folder}/modes'
    desktop(desk, mailer=f"{given}; while [ ! -e end ]; do sleep 0.05; done")
    before = len(desk.leftovers())
    terminal.type("anna@example.com")
    terminal.type(OPEN)
    terminal.wait_for("The desktop started mailer, which is still running")
    terminal.type(", bob@example.com")
    terminal.wait_for("bob@example.com")
    (desk.work / "end").touch()
    terminal.wait_for("The desktop says it opened the draft with mailer")
    assert "✓" not in terminal.text
    message = message_from_bytes((desk.folder / "got").read_bytes())
    assert message["X-Unsent"] == "1"
    assert message["To"] == "anna@example.com"
    assert (desk.folder / "modes").read_text().split() == ["600", "700"]
    assert len(desk.leftovers()) == before + 1
    asks_on_closing(terminal)
    # Handed over as it is now, it counts as kept.
    (desk.work / "end").unlink()
    terminal.type(OPEN)
    terminal.wait_for("The desktop started mailer, which is still running")
    assert b"bob" in (desk.folder / "got").read_bytes()
    (desk.work / "end").touch()
    terminal.wait_for("The desktop says it opened the draft with mailer")
    terminal.type(CLOSE)
    terminal.wait_for("1 document sent")


# ---------------------------------------------------------------- aerc


def aerc(desk: Desk) -> Mapping[str, str]:
    """The environment of an aerc with its own account; aerc is on the app's path."""
    desk.link("aerc")
    home, runtime = desk.folder / "home", desk.folder / "run"
    runtime.mkdir(mode=0o700)
    for folder in ("INBOX", "Drafts"):
        for part in ("cur", "new", "tmp"):
            (home / "Mail" / folder / part).mkdir(parents=True)
    accounts = home / ".config" / "aerc" / "accounts.conf"
    accounts.parent.mkdir(parents=True)
    accounts.write_text(
        "[me]\nsource = maildir://~/Mail\ndefault = INBOX\nfrom = Me <me@example.com>\n"
        "outgoing = /bin/true\npostpone = Drafts\n"
    )
    accounts.chmod(0o600)
    return {"XDG_RUNTIME_DIR": str(runtime), "XDG_CONFIG_HOME": "", "EDITOR": "", "HOME": str(home)}


def test_an_aerc_that_is_running_has_the_draft(desk: Desk) -> None:
    """The draft is in the other window, and the message says so, not that aerc has ended."""
    environ = aerc(desk)
    other = {**desk.environ, **environ, "PATH": SHELL_PATH, "EDITOR": "cat"}
    with Terminal([str(desk.programs / "aerc")], other, 100, 30) as running:
        running.wait_for("Connected")
        with desk.open(environ) as terminal:
            terminal.type(OPEN)
            terminal.wait_for("The running aerc opened the draft in a new tab. Type :recall -f in aerc")
            assert "ended" not in terminal.text
            terminal.type(CLOSE)
            terminal.wait_for("1 document sent")
        running.wait_for("1 document for you")
        running.type(":recall -f\r")
        running.wait_for("Send this email?")


@more
def test_an_aerc_that_is_not_running(desk: Desk) -> None:
    """What to type in aerc is shown before it gets the terminal; a socket without a listener doesn't count. A recipient
    without an address is found before that is asked."""
    environ = aerc(desk)
    (desk.folder / "run" / "aerc.sock").touch()
    with desk.open(environ) as terminal:
        terminal.type("anna")
        terminal.wait_for("To       anna")
        terminal.type(OPEN)
        terminal.wait_for("anna is not an e-mail address")
        assert "Open the draft in aerc?" not in terminal.text
        terminal.press(*["\x7f"] * 4)
        terminal.type(OPEN)
        terminal.wait_for("Type :recall -f in aerc to edit the draft.")
        terminal.type("n")
        terminal.quiet()
        terminal.type(OPEN)
        terminal.wait_for("Open the draft in aerc?")
        (desk.folder / "run" / "aerc.sock").unlink()
        terminal.type("y")
        terminal.wait_for("1 document for you")
        terminal.wait_for("Connected")
        terminal.quiet(0.5)
        terminal.type(":quit\r")
        terminal.wait_for("aerc closed without an error; it does not say whether it sent or kept the draft.")
        assert "✓" not in terminal.text
        assert desk.leftovers() == []
