"""The progress of a send as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...rules.display import size_text

if TYPE_CHECKING:
    from ...sending.job.job import JobRow, SendJob
    from ..widgets.status_line import StatusLine
    from ..widgets.table import Table

_BAR = 6
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(percent: int) -> str:
    """A bar of six cells."""
    eighths = percent * _BAR * 8 // 100
    full, part = divmod(eighths, 8)
    text = "█" * full + (_EIGHTHS[part] if part else "")
    return text.ljust(_BAR, "·")


def status_cell(row: JobRow) -> tuple[str, str]:
    """The status of a row: text with a mark, and its tone."""
    state = row.state.value
    if state == "succeeded" and row.changed:
        return ("✓ changed", "warn")
    if state == "in progress" and row.on_server:
        return ("on the server", "")
    if state == "in progress":
        return (f"{bar(row.percent)} {row.percent:>3} %", "")
    return {
        "pending": ("○ pending", "dim"),
        "succeeded": ("✓ succeeded", "good"),
        "failed": ("✗ failed", "bad"),
        "cancelled": ("– cancelled", "warn"),
    }[state]


def duration_text(seconds: float) -> str:
    """``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = int(seconds + 0.5)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def not_sent(failed: int, cancelled: int) -> str:
    """How many documents of a send weren't sent, and why: ``1 failed, 3 cancelled``; empty if all were sent."""
    counts = ((failed, "failed"), (cancelled, "cancelled"))
    return ", ".join(f"{count:,} {why}" for count, why in counts if count)


def overall(job: SendJob) -> tuple[str, str]:
    """The whole send in one line, and its tone. It may contain a command name, to be replaced with its key."""
    states = [row.state.value for row in job.rows]
    sent, failed, cancelled = (states.count(each) for each in ("succeeded", "failed", "cancelled"))
    text = f"{sent:,} of {len(states):,} sent"
    if job.running:
        # Imported late: the screen is imported long before these are needed.
        from ...sending.job.meter import pace_text
        from ...sending.job.server_wait import waiting_text

        if job.waiting is not None:
            return f"{text} · {waiting_text(job.waiting)}", "warn"
        progress = job.progress
        text += f" · {size_text(progress.done)} of {size_text(progress.total)}"
        tone = ""
        if job.journal is not None and job.journal.problem:
            text += " · may not resume" if job.journal.held else " · can't be resumed"
            text += " if interrupted"
            tone = "warn"
        if pace := pace_text(progress):
            text += f" · {pace}"
        if progress.left is not None and progress.left >= 1:
            text += f" · {duration_text(progress.left)} left"
        return text, tone
    if rest := not_sent(failed, cancelled):
        what = "the rest" if cancelled else "them again"
        return f"{text}, {rest}; {{send.retry}} sends {what}.", "bad" if failed else "warn"
    return text, "good" if sent else ""


def say_overall(line: StatusLine, job: SendJob) -> None:
    """Show :func:`overall` in ``line``."""
    text, tone = overall(job)
    line.say(spelled(text, line.app), tone)


def cause(row: JobRow) -> tuple[str, str]:
    """Why a row wasn't published, or that its file changed meanwhile, and the tone of that; empty for others."""
    if row.error is not None:
        return row.error.message, "bad"
    if row.state.value == "cancelled":
        return "Not sent: you stopped it.", "warn"
    if row.changed and row.document is not None:
        from ...rules.sent_text import changed_text

        return f"It {changed_text(row.document.size, row.document.sha256)}", "warn"
    return "", ""


def follow(table: Table, job: SendJob, followed: int) -> int:
    """Move the cursor to the row that is being sent now, at the end to the first that wasn't sent; not if the user has
    moved it away from the row that was ``followed``. Returns the row that is followed now."""
    current = table.current
    if current is None or current.data != followed:
        return followed
    if job.running:
        wanted = [i for i, row in enumerate(job.rows) if row.state.value == "in progress"]
    else:
        wanted = job.unfinished
    now = wanted[0] if wanted else followed
    if now != followed:
        table.move_to(now)
    return now
