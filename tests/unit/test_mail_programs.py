"""The programs that open a draft (M2): which are there, how each is started, and what it is given."""

from __future__ import annotations

import stat
from contextlib import closing
from dataclasses import replace
from mailbox import mbox
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.mail.drafts import OFFER
from tui.mail import programs
from tui.mail.draft import Draft, DraftLink, compose
from tui.mail.message import DraftText
from tui.mail.programs import DraftForm, Program
from tui.rules.errors import InvalidValue

THUNDERBIRD = "thunderbird.desktop"


def seen(
    environ: dict[str, str], *names: str, handler: str = THUNDERBIRD, platform: str = "linux"
) -> programs.FoundPrograms:
    return programs.find(environ, lambda n: n if n in names else None, lambda kind: handler, platform)


def found(environ: dict[str, str], *names: str, platform: str = "linux") -> list[str]:
    return [p.name for p in seen(environ, *names, platform=platform).programs]


def by_name(name: str, environ: dict[str, str] | None = None) -> Program:
    everything = programs.find(environ or {}, lambda n: n, lambda kind: THUNDERBIRD, "linux").programs
    (program,) = [p for p in everything if p.name == name]
    return program


# ---------------------------------------------------------------- which are there


def test_which_program_opens_it() -> None:
    """M2: the terminal's mail programs, else the desktop's, else the editor."""
    everything = ("mutt", "neomutt", "aerc", "xdg-open", "xdg-mime", "vim", "nano")
    environ = {"DISPLAY": ":0", "EDITOR": "nano", "VISUAL": "vim -f"}
    desktop = "the desktop's mail program"
    assert found(environ, *everything) == ["neomutt", "mutt", "aerc", desktop, "vim"]
    assert found(environ, "thunderbird", "xdg-open", "vim") == [desktop, "Thunderbird", "vim"]
    # The desktop would have it show the file, so it is asked itself.
    assert found(environ, "thunderbird", "xdg-open", "xdg-mime") == ["Thunderbird", desktop]
    assert found({}, "thunderbird", "vim") == []
    assert found(environ, "xdg-open", "nano") == [desktop, "nano"]
    assert found({"EDITOR": "nano"}, "xdg-open", "nano") == ["nano"]
    assert found({**environ, "SSH_TTY": "/dev/pts/1"}, "xdg-open", "vim") == ["vim"]
    assert found({}, "open", platform="darwin") == [desktop]
    assert found({"EDITOR": "not-there", "VISUAL": '"'}) == []


def test_an_editor_that_cannot_be_one_is_told() -> None:
    assert seen({"EDITOR": "not-there -f", "VISUAL": '"'}).faults == (
        'VISUAL is ", which has an unclosed quotation mark or escape.',
        "EDITOR is not-there -f, which is not a program that can be started.",
    )
    assert seen({"EDITOR": " "}).faults == ()
    assert seen({"VISUAL": "gone\x1b", "EDITOR": "vi"}, "vi").faults == (
        "VISUAL is gone␛, which is not a program that can be started.",
    )


def test_a_desktop_without_a_program_for_it_is_none() -> None:
    """The desktop's handler is looked up first, because xdg-open always finds something."""
    asked: list[str] = []

    def handler(kind: str) -> str:
        asked.append(kind)
        return THUNDERBIRD if kind == "x-scheme-handler/mailto" else ""

    nothing = programs.find({"DISPLAY": ":0"}, lambda name: name, handler, "linux")
    assert "the desktop's mail program" not in [p.name for p in nothing.programs]
    assert asked == ["message/rfc822", "x-scheme-handler/mailto"]
    (fault,) = nothing.faults
    assert "xdg-mime default thunderbird.desktop message/rfc822" in fault
    (desktop,) = seen({"DISPLAY": ":0"}, "xdg-open", "xdg-mime").programs
    assert desktop.handler == "thunderbird"


# ---------------------------------------------------------------- what each is given


def test_how_each_is_started() -> None:
    file = Path("/tmp/a draft.txt")
    assert by_name("mutt").argv(file) == ["mutt", "-H", "/tmp/a draft.txt"]
    assert by_name("neomutt").argv(file) == ["neomutt", "-H", "/tmp/a draft.txt"]
    assert by_name("aerc").argv(file) == ["aerc", "mbox:/tmp/a draft.txt"]
    assert ":recall -f" in by_name("aerc").hint
    code = by_name("code", {"VISUAL": "code --wait"})
    assert code.argv(file) == ["code", "--wait", "/tmp/a draft.txt"]
    assert code.edits_file
    desktop = by_name("the desktop's mail program", {"DISPLAY": ":0"})
    assert desktop.argv(Path("-x.eml"))[1].startswith("/")
    assert not desktop.in_terminal
    assert desktop.form is DraftForm.MESSAGE


def test_what_each_is_given(tmp_path: Path) -> None:
    """Links are in a private file, never on a command line, which every user of the machine can read."""
    draft = compose(
        [DraftLink("From here\nFrom there.pdf", "https://l/s/1", None, None)], "DJONES", ["a@example.com"]
    )
    draft = Draft(draft.to, draft.subject, "From the start\n>From quoted\n" + draft.body, draft.links)
    text = DraftText("a@example.com", draft.subject, draft.body)
    everything = programs.find({"DISPLAY": ":0", "EDITOR": "vi"}, lambda n: n, lambda kind: "x", "linux")
    for program in everything.programs:
        file = programs.prepare(program, text, draft, tmp_path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.name.endswith(program.form.value)
        assert not any("https" in word for word in program.argv(file, text))
        data = file.read_bytes()
        assert b"https://l/s/1" in data
        if program.form is not DraftForm.MESSAGE:
            assert b"\r" not in data
            assert b"X-Unsent" not in data
            assert b"text/html" not in data
        if program.form is DraftForm.BODY:
            assert data.decode() == draft.body
        if program.form is DraftForm.UNSENT:
            assert data.partition(b"\n\n")[0].isascii()
            assert b"\nMIME-Version: 1.0\n" in data
        if program.form is DraftForm.MAILBOX:
            with closing(mbox(file, create=False)) as box:
                (message,) = box
            assert message["Subject"] == draft.subject
            assert b"\n>From the start\n>>From quoted\n" in data
    assert len({p.name for p in tmp_path.iterdir()}) == 6


def test_what_thunderbird_is_given_is_what_it_reads() -> None:
    """Values without quotation marks are decoded there: nothing typed ends one, or adds a field."""
    text = DraftText('"O\'Neill, A" <o@example.com>, b@example.com', "',message=/etc/passwd,to='x 5%", "")
    program = by_name("Thunderbird", {"DISPLAY": ":0"})
    (argument,) = program.argv(Path("/tmp/a,b.txt"), text, "Anna <anna@example.com>")[2:]
    fields = [part.partition("=") for part in argument.split(",")]
    assert {name: unquote(value) for name, _, value in fields} == {
        "from": "Anna <anna@example.com>",
        "to": text.to,
        "subject": text.subject,
        "format": "text",
        "message": "/tmp/a,b.txt",
    }
    assert not {'"', "'"} & set(argument)


def test_thunderbird_is_told_whether_the_text_is_html(tmp_path: Path) -> None:
    """It would take text for HTML, and leave out of the name of a document what looks like a tag."""
    draft = compose([DraftLink("<img> & more.pdf", "https://l/s/1")], "DJONES")
    text, program = DraftText("", draft.subject, draft.body), by_name("Thunderbird", {"DISPLAY": ":0"})
    for kind, template, name in (
        ("html", draft.html_template, "<b>&lt;img&gt; &amp; more.pdf</b>"),
        ("text", "", "<img> & more.pdf"),
    ):
        file = programs.prepare(program, text, replace(draft, html_template=template), tmp_path)
        assert name in file.read_text()
        assert f",format={kind}," in program.argv(file, text)[2]


def test_only_an_editor_is_given_what_is_no_address(tmp_path: Path) -> None:
    text, draft = DraftText("not an address", "s", "b"), compose([OFFER], "DJONES")
    with pytest.raises(InvalidValue):
        programs.prepare(by_name("mutt"), text, draft, tmp_path)
    assert list(tmp_path.iterdir()) == []
    file = programs.prepare(by_name("vi", {"EDITOR": "vi"}), text, draft, tmp_path)
    assert file.read_text() == "To: not an address\nSubject: s\n\nb\n"
