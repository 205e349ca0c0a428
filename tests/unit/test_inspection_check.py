"""What ``sentlinks doctor`` says of the process that looks into documents, on systems that protect it less."""

from __future__ import annotations

import pytest

from tui.cli.checks import inspection
from tui.inspection.inspector import Inspector
from tui.inspection.worker import WorkerFailed
from tui.rules.check_results import Check

MACOS = ("limits",)
OLD_LINUX = ("limits", "memory", "seccomp")
LINUX = ("limits", "memory", "landlock", "seccomp")


async def check_of(monkeypatch: pytest.MonkeyPatch, holds: tuple[str, ...] | None) -> Check:
    async def protection(self: Inspector) -> tuple[str, ...]:
        if holds is None:
            raise WorkerFailed("worker")
        return holds

    monkeypatch.setattr(Inspector, "protection", protection)
    (check,) = await inspection.checks()
    return check


async def test_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check = await check_of(monkeypatch, LINUX)
    assert (str(check.state), check.found) == (
        "ok",
        "Its process has limits of time and size, a limit of memory, no access to files (Landlock), no other system "
        "calls (seccomp).",
    )


@pytest.mark.parametrize(
    ("holds", "words"),
    [
        (
            MACOS,
            "Its process has limits of time and size. This system lacks a limit of memory of its own; Landlock, which "
            "denies it files; seccomp, which denies it other system calls.",
        ),
        (
            OLD_LINUX,
            "Its process has limits of time and size, a limit of memory, no other system calls (seccomp). This system "
            "lacks Landlock, which denies it files.",
        ),
    ],
)
async def test_less_of_it(monkeypatch: pytest.MonkeyPatch, holds: tuple[str, ...], words: str) -> None:
    check = await check_of(monkeypatch, holds)
    assert (str(check.state), check.found) == ("warn", words)
    assert "On macOS, the program watches how much memory it takes" in check.remedy


async def test_none(monkeypatch: pytest.MonkeyPatch) -> None:
    check = await check_of(monkeypatch, None)
    assert (str(check.state), check.remedy) == ("warn", "Install the program again.")
