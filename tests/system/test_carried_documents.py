"""Documents that carry exactly what is known, documents made to hurt, and documents that were changed at random."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sample_maker.build import papers
from tests.sample_maker.load import load
from tests.support.carried import images
from tests.support.carried.hostile import HOSTILE, MB
from tests.support.carried.seed import Seed
from tests.support.carried.seeds import seeds
from tests.support.carried.trial import Trial, trials
from tests.support.checks.long import IS_LONG, cases
from tui import sample
from tui.guides import read
from tui.inspection.boxed import box
from tui.rules.carried import KINDS, REASONS, WARNINGS
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
    assert set(KINDS) - found == set()
    assert {seed.reason for seed in SEEDS} - {""} <= set(REASONS)


def test_every_kind_is_in_the_guide() -> None:
    assert [name for name in KINDS if f"`{name}`" not in read("carries")] == []


def test_the_sample_carries_what_it_says(tmp_path: Path) -> None:
    """Of each kind of document that has warnings there is one that shows them."""
    said = {
        f"{matter.slug}/{paper.slug}-{len(paper.revisions)}.{paper.extension}": set(paper.carries)
        for matter in load().matters
        for paper in papers(matter)
        if paper.carries
    }
    assert {name.rpartition(".")[2] for name in said} == {"docx", "xlsx", "pptx", "odt", "pdf", "png"}
    files = Path(sample.__file__).parent / "files"
    found = trials(((name, (files / name).read_bytes()) for name in said), tmp_path)
    warned = {each.name: {kind for kind in each.counts if kind in WARNINGS} for each in found}
    assert warned == said


def test_pictures_are_told_by_what_is_known_of_them(tmp_path: Path) -> None:
    tags = images.camera("Leica", "M11-P", "2026:11:17 10:22:00", (50, 20, 0), (4, 7, 30))
    known = ["Camera: Leica M11-P", "Taken: 2026:11:17 10:22:00", "Place: 50.3333° N, 4.1250° W"]
    expected = {
        "a.jpeg": (images.jpeg(tags, size=(4032, 3024)), ["JPEG picture, 4,032 × 3,024 pixels", *known]),
        "b.png": (images.png((b"eXIf", tags)), ["PNG picture, 1 × 1 pixels", *known]),
        "c.tiff": (tags, ["TIFF picture", *known]),
        "d.jpeg": (
            images.jpeg(images.exif(place=True)),
            ["JPEG picture", "Place: it says where it was taken"],
        ),
        "e.jpeg": (images.jpeg(caption=b"x"), ["JPEG picture", "Caption: it has a caption record"]),
    }
    found = trials(((name, content) for name, (content, _) in expected.items()), tmp_path, "text")
    assert {each.name: each.last.get("lines") for each in found} == {
        name: lines for name, (_, lines) in expected.items()
    }


def documents(names: list[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        # Its size, in megabytes, for those that unpack to much.
        yield name, HOSTILE[name](cases(2, 300))


def check(trial: Trial, job: str) -> None:
    assert trial.escaped == "", trial
    assert trial.status in ENDS, trial
    # The limits of its process.
    assert trial.memory <= box.MEMORY / MB, trial
    assert trial.processor <= box.PROCESSOR_SECONDS + 1, trial
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
        change = mutate if number % 2 else mutate_within
        yield f"{number}-{seed.name}", change(seed.content, dice)


def mutate_within(content: bytes, dice: random.Random) -> bytes:
    """A part of an archive changed, in an archive that is whole: what isn't is only found to be damaged."""
    if not content.startswith(b"PK"):
        return mutate(content, dice)
    found = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(found, "w") as after:
            parts = [(each.filename, before.read(each)) for each in before.infolist()]
            changed = dice.randrange(len(parts))
            for place, (name, data) in enumerate(parts):
                after.writestr(name, mutate(data, dice) if place == changed else data)
    except (zipfile.BadZipFile, RuntimeError, ValueError):
        # Damaged or encrypted as it is.
        return mutate(content, dice)
    return found.getvalue()


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
    for trial in trials(mutated(cases(2 * len(MUTATED), 10_000)), tmp_path, job):
        count += 1
        check(trial, job)
    assert count >= 2 * len(MUTATED)
