"""The figures of a send under way, on a simulated clock."""

from __future__ import annotations

import itertools
import random
from math import exp

import pytest

from tui.sending.job.meter import Meter, Progress, pace_text

MB = 1_000_000


class Line:
    """A send of ``total`` bytes in ``documents`` over a connection; ``now`` is the time."""

    def __init__(self, total: int, documents: int = 1) -> None:
        self.now = 0.0
        self.total, self.documents = total, documents
        self.done = self.published = 0
        self.meter = Meter(lambda: self.now)
        self.meter.start()

    def goes(self, seconds: float, count: int, documents: int = 0) -> Progress:
        self.now += seconds
        self.done += count
        self.published += documents
        self.meter.moved(count, documents)
        return self.progress

    @property
    def progress(self) -> Progress:
        return self.meter.progress(self.done, self.total, self.documents - self.published, self.documents)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    line = Line(1000 * MB)
    for _ in range(40):
        line.goes(0.5, 5 * MB)
    assert line.progress.rate == pytest.approx(10 * MB, rel=0.15)
    for _ in range(20):
        line.goes(0.5, MB)
    assert line.progress.rate == pytest.approx(2 * MB, rel=0.15)
    line.now += 6
    assert line.progress.rate == 0
    assert line.progress.left is None


def test_nothing_is_said_of_the_time_left_at_first() -> None:
    line = Line(1000 * MB)
    assert line.goes(0.3, 5 * MB).left is None
    assert line.goes(0.8, 5 * MB).left is not None


def test_a_first_moment_is_taken_for_half_a_second() -> None:
    """What was acknowledged at once is no speed."""
    line = Line(1000 * MB)
    for seconds in (0.0, 0.1, 0.4):
        assert line.goes(seconds, 0 if line.done else MB).rate == 2 * MB
    assert line.goes(0.5, 0).rate == MB


def test_bytes_publish_no_document() -> None:
    line = Line(1000 * MB, 10)
    line.meter.moved(5)
    assert line.progress.documents == 0


def test_the_time_left_does_not_jump() -> None:
    """On a connection whose speed varies, it counts down with the clock, give or take a few seconds."""
    chance = random.Random(1)
    line = Line(600 * MB)
    figures = []
    while line.done < line.total:
        progress = line.goes(0.5, int(chance.uniform(0, 2) * 5 * MB))
        if progress.left is not None and line.now > 5:
            figures.append((line.now, progress.left))
    steps = [(b[1] - a[1]) + (b[0] - a[0]) for a, b in itertools.pairwise(figures)]
    assert max(map(abs, steps)) < 3
    # And it is accurate: halfway through, half of the time is left.
    half = min(figures, key=lambda figure: abs(figure[0] - line.now / 2))
    assert half[1] == pytest.approx(line.now / 2, rel=0.25)


def test_a_time_that_has_run_out_is_none_from_which_to_go_on() -> None:
    """After a pause that was longer than the time left, it approaches the new figure from nothing."""
    line = Line(100 * MB)
    assert line.goes(2, 60 * MB).left == pytest.approx(40 / 30)
    line.now += 4
    assert line.progress.left == pytest.approx(40 / 12 * (1 - exp(-4 / 5)))


def test_it_takes_on_what_has_changed_for_good() -> None:
    line = Line(2000 * MB)
    for _ in range(40):
        line.goes(0.5, 10 * MB)
    for _ in range(60):
        line.goes(0.5, MB)
    left = line.progress.left
    assert left is not None
    assert left == pytest.approx((line.total - line.done) / (2 * MB), rel=0.15)


def test_small_documents_are_told_by_their_number() -> None:
    """What a small document takes is mostly latency, not bytes, so the rate is in documents."""
    line = Line(1000 * 10_000, 1000)
    for _ in range(20):
        line.goes(0.5, 20 * 10_000, 20)
    progress = line.progress
    assert progress.small
    assert progress.documents == pytest.approx(40, rel=0.15)
    assert progress.left == pytest.approx(600 / 40, rel=0.2)
    assert pace_text(progress).endswith(" documents/s")


@pytest.mark.parametrize(("progress", "text"), [
    (Progress(0, 1, 12_400_000, None), "12.4 MB/s"), (Progress(0, 1, 0, None), ""),
    (Progress(0, 1, 5, None, 1234.5, True), "1,234 documents/s"),
    (Progress(0, 1, 5, None, 3.25, True), "3.2 documents/s"),
    (Progress(0, 1, 5, None, 10, True), "10 documents/s"), (Progress(0, 1, 5, None, 10.6, True), "11 documents/s"),
    (Progress(0, 1, 5, None, 9.6, True), "9.6 documents/s"), (Progress(0, 1, 5, None, 0, True), ""),
])  # fmt: skip
def test_the_words(progress: Progress, text: str) -> None:
    assert pace_text(progress) == text


def test_documents_are_small_below_a_quarter_of_a_mebibyte_on_average() -> None:
    limit = 2 * 262_144
    assert Line(limit - 1, 2).progress.small
    assert not Line(limit, 2).progress.small
    assert not Line(limit + 1, 2).progress.small


def test_one_small_document_is_told_by_its_bytes() -> None:
    line = Line(10_000)
    assert not line.goes(2, 5_000).small
