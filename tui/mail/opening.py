"""A draft opened in the person's own mail program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..rules.errors import Failed
from .draft import Draft
from .programs import Program, find, prepare


def program_here() -> Program | None:
    """The mail program of this machine's user; ``None`` where there is none."""
    return find(os.environ, shutil.which)


def open_draft(program: Program, draft: Draft) -> str:
    """Opens ``draft`` and answers a sentence that says what became of it.

    A program of the terminal has the terminal until it ends; the draft's file is deleted then. The desktop's
    reads it whenever it gets to it, so its file stays in the folder for temporary files, which is private.
    Raises :class:`Failed` where the program cannot be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-draft-"))
    file = prepare(program, draft, folder)
    try:
        if not program.in_terminal:
            subprocess.Popen(
                program.argv(file),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            return f"The draft is handed to {program.name}."
        status = subprocess.run(program.argv(file), check=False).returncode
    except OSError as error:
        raise Failed("mail.not_started", f"{program.name} cannot be started: {error.strerror}.") from error
    finally:
        if program.in_terminal:
            shutil.rmtree(folder, ignore_errors=True)
    if status:
        return f"{program.name} ended with status {status}; the draft is still here."
    return f"{program.name} has ended; the draft is still here."
