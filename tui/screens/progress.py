"""How the progress of a send is put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.display import size_text

if TYPE_CHECKING:
    from ..sending.job import JobRow, SendJob

_BAR = 6
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(percent: int) -> str:
    """A bar of six cells."""
    eighths = percent * _BAR * 8 // 100
    full, part = divmod(eighths, 8)
    text = "█" * full + (_EIGHTHS[part] if part else "")
    return text.ljust(_BAR, "·")


def status_cell(row: JobRow) -> tuple[str, str]:
    """The status of a row: in words, with a mark, and in a tone."""
    state = row.state.value
    if state == "in progress" and row.on_server:
        return ("on the server", "accent")
    if state == "in progress":
        return (f"{bar(row.percent)} {row.percent:>3} %", "accent")
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


def overall(job: SendJob) -> tuple[str, str]:
    """The whole send in one line, and its tone. It may name a command, whose key is then to be said."""
    states = [row.state.value for row in job.rows]
    sent, failed = states.count("succeeded"), states.count("failed")
    text = f"{sent} of {len(states)} sent"
    if job.running:
        if job.waiting is not None:
            from ..sending.waits import waiting_text

            return f"{text} · {waiting_text(job.waiting)}", "warn"
        progress = job.progress
        text += f" · {size_text(progress.done)} of {size_text(progress.total)}"
        if progress.rate:
            text += f" · {size_text(int(progress.rate))}/s"
        if progress.left is not None and progress.left >= 1:
            text += f" · {duration_text(progress.left)} left"
        return text, ""
    if failed:
        return f"{text}, {failed} failed; {{send.retry}} sends what failed again.", "bad"
    return text, "good" if sent else ""
