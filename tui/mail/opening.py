"""A draft opened in the person's own mail program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from ..rules.errors import Failed
from .draft import Draft
from .message import from_text
from .programs import Program, find, prepare

#: So long may the desktop's mail program take to read the file that it was handed.
_READ_WITHIN = 60


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of the draft, in a sentence; ``draft`` is it as it was edited there, where that is known."""

    sentence: str
    draft: Draft


def program_here() -> Program | None:
    """The mail program of this machine's user; ``None`` where there is none."""
    return find(os.environ, shutil.which)


def open_draft(program: Program, draft: Draft) -> Opened:
    """Opens ``draft``. Its file, which holds the links, is deleted when the program has had it.

    A program of the terminal has the terminal until it ends, and what an editor made of the draft is read back.
    Raises :class:`Failed` where the program cannot be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-draft-"))
    file = prepare(program, draft, folder)
    try:
        if not program.in_terminal:
            _hand_over(program, file)
            return Opened(f"The draft is handed to {program.name}.", draft)
        status = subprocess.run(program.argv(file), check=False).returncode
        if program.edits_file:
            draft = from_text(file.read_text("utf-8", "replace"), draft)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Failed("mail.not_started", f"{program.name} cannot be started: {error.strerror}.") from error
    finally:
        if program.in_terminal:
            shutil.rmtree(folder, ignore_errors=True)
    if status:
        return Opened(f"{program.name} ended with status {status}; the draft is still here.", draft)
    return Opened(f"{program.name} has ended; the draft is still here.", draft)


def _hand_over(program: Program, file: Path) -> None:
    """Starts the desktop's program, and deletes the file a minute after its starter has ended."""
    process = subprocess.Popen(
        program.argv(file),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def clear() -> None:
        process.wait()
        shutil.rmtree(file.parent, ignore_errors=True)

    def wait() -> None:
        process.wait()
        timer = threading.Timer(_READ_WITHIN, clear)
        timer.daemon = True
        timer.start()

    threading.Thread(target=wait, daemon=True, name="draft-handed-over").start()
