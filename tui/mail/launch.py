"""Opening a draft in the user's own mail program, and what is known about it afterwards."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tui.files.private_files import make_private_folder
from tui.files.trusted_paths import check_path
from tui.rules.errors import Failed, Problem, TooLarge
from tui.rules.text import printable
from tui.terminal.foreground import last_lines, run_in_foreground
from tui.terminal.processes import KEPT_COMPLAINT, run_quietly

from ..rules.addresses import parse_addresses
from .draft import Draft
from .message import DraftText, decode, from_text
from .programs import DraftForm, FoundPrograms, Program, find, prepare
from .temporary import DraftFolder

#: How long a program may take to read the file that it was given, in seconds.
READ_WITHIN = 60
#: How long to wait for the command that starts the desktop's program, in seconds, before it is reported as still
#: running.
STARTED_WITHIN = 3.0
#: The most that is read of the text that an editor left, in bytes.
MOST_READ = 64 << 20
_XDG_OPEN = {3: "a program that it needs is missing", 4: "it could not be opened"}


@dataclass(frozen=True, slots=True)
class LaunchOutcome:
    """What happened to a draft, as far as is known.

    ``done``: the program reported success (status 0), and nothing is wrong. ``failed``: it reported failure, or could
    not be started. ``text``: what an editor left, ``None`` if the draft is unchanged. ``complaint``: the last lines of
    the program's standard error. ``file``: where the text stays if it is too large to be read back.
    """

    sentence: str
    done: bool = False
    failed: bool = False
    text: DraftText | None = None
    complaint: str = ""
    file: Path | None = None
    confirmed: bool = False


def programs_here() -> FoundPrograms:
    """The mail programs on this machine. Takes a moment if there is a desktop."""
    environ = dict(os.environ)

    def handler(kind: str) -> str:
        output = run_quietly(["xdg-mime", "query", "default", kind], environ, seconds=3.0)
        return (output or b"").decode("utf-8", "replace").strip()

    return find(environ, shutil.which, handler)


# --- in the terminal --------------------------------------------------------------------------------


def open_in_terminal(program: Program, text: DraftText, draft: Draft, keep_in: Path) -> LaunchOutcome:
    """Open ``draft``, edited as ``text``, in a program that has the terminal until it ends.

    Its file, which holds the links, is then deleted. If it is too large to be read, it is moved to the private folder
    ``keep_in``, and the sentence says so. What an editor wrote is read back however the editor ended. Raises
    :class:`Problem` if the program didn't get the draft.
    """
    folder = DraftFolder()
    kept: Path | None = None
    try:
        file = prepare(program, text, draft, folder.path)
        outcome = _run(program, file, text, keep_in)
        kept = outcome.file
        return outcome
    finally:
        if kept is None or kept.parent != folder.path:
            folder.delete()


def _run(program: Program, file: Path, text: DraftText, keep_in: Path) -> LaunchOutcome:
    try:
        ended = run_in_foreground(program.argv(file))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return LaunchOutcome(f"{program.name} cannot be started: {why}.", failed=True)
    try:
        left, note = _read_back(file, text) if program.edits_file else (None, "")
    except TooLarge as problem:
        kept = _kept(file, keep_in)
        message = f"{problem.message} The draft is unchanged, and the text is in {printable(str(kept))}."
        return LaunchOutcome(message, file=kept, complaint=ended.complaint)
    if ended.status == program.unsent_status and not ended.complaint:
        return LaunchOutcome(
            f"You left {program.name} without sending. If you postponed the e-mail, it is among its drafts."
        )
    if ended.status:
        how = f"{program.name} {_exit_text(ended.status)}."
        return LaunchOutcome(f"{how} {note}".rstrip(), failed=True, text=left, complaint=ended.complaint)
    if note:
        return LaunchOutcome(note, text=left, complaint=ended.complaint)
    if program.edits_file:
        return LaunchOutcome(f"The draft is as you left it in {program.name}.", done=True, text=left)
    message = f"{program.name} closed without an error; it does not say whether it sent or kept the draft."
    return LaunchOutcome(message, done=True)


def _kept(file: Path, folder: Path) -> Path:
    """Move a text that the user wrote to where it isn't deleted. Returns where it is now."""
    target = folder / file.name
    try:
        make_private_folder(folder)
        file.chmod(0o600)
        shutil.move(file, target)
    except OSError:
        return file
    return target


def _exit_text(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _read_back(file: Path, before: DraftText) -> tuple[DraftText | None, str]:
    """What an editor left in its file, and a sentence if something is wrong with it. Raises :class:`TooLarge`."""
    try:
        data = _content(file)
    except FileNotFoundError:
        return None, "The draft's file was deleted there; the draft is unchanged."
    except OSError as error:
        return None, f"The draft's file cannot be read ({error.strerror}); the draft is unchanged."
    if not data.strip():
        return None, "The draft's file was left empty; the draft is unchanged."
    decoded, utf8 = decode(data)
    text, wrong = from_text(decoded, before)
    notes = [wrong] if wrong else []
    if not utf8:
        notes.append("The text is not UTF-8 and was read as Windows-1252; check it.")
    try:
        parse_addresses(text.to)
    except Problem as problem:
        notes.append(problem.message)
    return text, " ".join(notes)


def _content(file: Path) -> bytes:
    # O_NONBLOCK: don't wait for the other end if this is a pipe.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EISDIR, "it is no longer a file")
        if facts.st_size > MOST_READ:
            raise TooLarge("mail.too_large", f"The text is over {MOST_READ >> 20} MB.")
        # It may become longer meanwhile.
        data = stream.read(MOST_READ + 1)
        if len(data) > MOST_READ:
            raise TooLarge("mail.too_large", f"The text is over {MOST_READ >> 20} MB.")
        return data


# --- handed to another program ----------------------------------------------------------------------


def hand_to_running(program: Program, text: DraftText, draft: Draft) -> LaunchOutcome | None:
    """Hand the draft to an aerc that is running in another window; ``None`` if none takes it.

    Raises :class:`Problem` if the draft's file can't be written.
    """
    if program.form is not DraftForm.MAILBOX or not _listens(aerc_socket()):
        return None
    folder = DraftFolder()
    taken = None
    try:
        file = prepare(program, text, draft, folder.path)
        # It has no terminal, so it succeeds only if the running one has taken the draft.
        taken = run_quietly(program.argv(file), os.environ, seconds=5.0, capture=False)
    finally:
        if taken is None:
            folder.delete()
    if taken is None:
        return None
    folder.delete_later(READ_WITHIN)
    return LaunchOutcome(f"The running aerc opened the draft in a new tab. {program.hint}", done=True)


def aerc_socket() -> Path:
    """Where a running aerc listens."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime or Path(tempfile.gettempdir()) / f"aerc-{os.getuid()}") / "aerc.sock"


def _listens(place: Path) -> bool:
    try:
        # Another user may have made a folder of that name in /tmp, and listen there for drafts.
        check_path(place.parent)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1.0)
            client.connect(str(place))
    except OSError:
        return False
    return True


def hand_to_desktop(
    program: Program, text: DraftText, draft: Draft, ended: Callable[[LaunchOutcome], object]
) -> None:
    """Let the desktop open the draft.

    ``ended`` is called in another thread with what is known: after the start command has ended, and also before that if
    it takes more than :data:`STARTED_WITHIN`. The file is deleted a minute after the command has ended. Raises
    :class:`Problem` if the desktop didn't get the draft.
    """
    folder = DraftFolder()
    try:
        file = prepare(program, text, draft, folder.path)
        with (folder.path / "errors").open("wb") as errors:
            process = subprocess.Popen(
                program.argv(file, text, draft.from_address),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
    except OSError as error:
        folder.delete()
        raise Failed(
            "mail.not_started", f"{program.command[0]} cannot be started: {error.strerror}."
        ) from error
    except Problem:
        folder.delete()
        raise

    def wait() -> None:
        try:
            status = process.wait(STARTED_WITHIN)
        except subprocess.TimeoutExpired:
            ended(LaunchOutcome(f"The desktop started {_desktop_program(program)}, which is still running."))
            status = process.wait()
        ended(_desktop_outcome(program, status, folder.path / "errors"))
        folder.delete_later(READ_WITHIN)

    threading.Thread(target=wait, daemon=True, name="draft-handed-over").start()


def _desktop_program(program: Program) -> str:
    return program.handler or "its mail program"


def _desktop_outcome(program: Program, status: int, errors: Path) -> LaunchOutcome:
    if status == 0:
        opener = _desktop_program(program)
        message = f"The desktop says it opened the draft with {opener}; if no window appears, save it."
        return LaunchOutcome(message, done=True)
    try:
        with errors.open("rb") as file:
            file.seek(max(0, errors.stat().st_size - KEPT_COMPLAINT))
            complaint = last_lines(file.read(KEPT_COMPLAINT))
    except OSError:
        complaint = ""
    name = program.command[0]
    why = f" ({_XDG_OPEN[status]})" if name == "xdg-open" and status in _XDG_OPEN else ""
    return LaunchOutcome(f"{name} {_exit_text(status)}{why}.", failed=True, complaint=complaint)
