"""A worker for the next document is started ahead exactly if one waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tui.inspection.inspector import Inspector
from tui.inspection.worker import Fetch
from tui.override import override
from tui.rules.carried import Looked, Report
from tui.sending.carried import CarriedReports
from tui.sending.sources import FileSource


class Noting(Inspector):
    """Notes whether another document was said to follow."""

    def __init__(self) -> None:
        super().__init__()
        self.followed: list[bool] = []

    @override
    async def inspect(
        self, document: int | Fetch, name: str, size: int | None = None, *, another: bool = False
    ) -> Report:
        self.followed.append(another)
        # The others come as far as to wait.
        await asyncio.sleep(0)
        return Report(Looked.WHOLE)


async def test_another_follows_as_long_as_any_waits(tmp_path: Path) -> None:
    """Two are looked into at once; of those behind them, the last one is followed by none, also the next time."""
    inspector = Noting()
    carried = CarriedReports(inspector)
    for time in range(2):
        paths = [tmp_path / f"{time}-{number}.docx" for number in range(5)]
        for path in paths:
            path.write_bytes(b"PK")
        await carried.look([FileSource.of(path) for path in paths])
        assert inspector.followed == [False, False, True, True, False]
        inspector.followed.clear()
