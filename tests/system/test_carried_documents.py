"""Documents that carry exactly what is known, documents made to hurt, and documents that were changed at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.carried.hostile import HOSTILE
from tests.support.carried.seeds import Seed, seeds
from tests.support.carried.trial import Trial, trials
from tests.support.checks.long import IS_LONG, cases
from tui.guides import read
from tui.rules.carried import KINDS, REASONS
from tui.rules.first_lines import MOST_IN_A_LINE, MOST_LINES
from tui.rules.text import printable

SEEDS = seeds()
#: How a process may end: by itself, or by a crash within a library that isn't ours, or by its limits.
ENDS = (0, -6, -9, -11, -24)
#: Which kinds of documents are mutated, in this order.
MUTATED = (
    "all.pdf",
    "comments.docx",
    "hidden.xlsx",
    "all.doc",
    "all.eml",
    "all.pptx",
    "all.odt",
    "all.jpeg",
    "all.xls",
    "all.msg",
)


def test_exactly_what_a_document_carries_is_found(tmp_path: Path) -> None:
    found = list(trials(((seed.name, seed.content) for seed in SEEDS), tmp_path))
    wrong = {}
    for seed, trial in zip(SEEDS, found, strict=True):
        got = (trial.counts, trial.last.get("looked"), trial.last.get("reason"), trial.status)
        if got != (seed.counts, seed.looked, seed.reason, 0):
            wrong[seed.name] = got
    assert wrong == {}


def test_every_kind_is_found_in_one_of_them() -> None:
    found = {kind for seed in SEEDS for kind in seed.counts}
    # What needs a scan, another revision of a format, or a library's own file to be made.
    assert set(KINDS) - found == {"under_image", "iptc", "ocr_layer"}
    assert {seed.reason for seed in SEEDS} - {""} <= set(REASONS)


def test_every_kind_is_in_the_guide() -> None:
    assert [name for name in KINDS if f"`{name}`" not in read("carries")] == []


def documents(names: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        # Its size, in megabytes, for those that unpack to much.
        yield name, HOSTILE[name](cases(2, 300))


def check(trial: Trial, job: str) -> None:
    assert trial.escaped == "", trial
    assert trial.status in ENDS, trial
    assert trial.memory <= 600, trial
    if job == "inspect":
        assert all(reason in ("", *REASONS) for reason in (trial.last.get("reason", ""),))
    else:
        lines = trial.last.get("lines", [])
        assert len(lines) <= MOST_LINES
        assert all(len(line) <= MOST_IN_A_LINE and printable(line) == line for line in lines)


def of_each_kind() -> list[str]:
    """The first two of the documents of each kind."""
    found: dict[str, list[str]] = {}
    for name in HOSTILE:
        found.setdefault(name.rpartition(".")[2], []).append(name)
    return [name for names in found.values() for name in names[:2]]


@pytest.mark.parametrize("job", ["inspect", "text"])
def test_documents_made_to_hurt(job: str, tmp_path: Path) -> None:
    assert len(HOSTILE) >= 30
    chosen = list(HOSTILE) if IS_LONG else of_each_kind()
    for trial in trials(documents(chosen), tmp_path, job):
        check(trial, job)


def mutated(count: int) -> Iterator[tuple[str, bytes]]:
    by_name = {seed.name: seed for seed in SEEDS}
    for number in range(count):
        dice = random.Random(number)
        seed: Seed = by_name[MUTATED[number]] if number < len(MUTATED) else dice.choice(SEEDS)
        yield f"{number}-{seed.name}", mutate(seed.content, dice)


def mutate(content: bytes, dice: random.Random) -> bytes:
    """Some bytes changed, cut, doubled or put elsewhere."""
    data = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        if not data:
            break
        place, other = dice.randrange(len(data)), dice.randrange(len(data))
        match dice.randrange(6):
            case 0:
                data[place] = dice.randrange(256)
            case 1:
                data[place : place + dice.choice((1, 4, 64))] = b""
            case 2:
                data[place:place] = data[other : other + dice.choice((4, 64, 512))]
            case 3:
                data[place : place + 4] = dice.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
            case 4:
                data[place] ^= 1 << dice.randrange(8)
            case _:
                del data[max(place, len(data) // 2) :]
    return bytes(data)


@pytest.mark.parametrize("job", ["inspect", "text"])
def test_documents_changed_at_random(job: str, tmp_path: Path) -> None:
    count = 0
    for trial in trials(mutated(cases(2 * len(MUTATED), 5_000)), tmp_path, job):
        count += 1
        check(trial, job)
    assert count >= 2 * len(MUTATED)
