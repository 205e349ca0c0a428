"""The table that a bench prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Row:
    """``floor`` is what the simplest program costs in the same run, if that is measured."""

    what: str
    value: float
    limit: float | None
    unit: str
    floor: float | None = None
    of: str = ""

    @property
    def passed(self) -> bool | None:
        return None if self.limit is None else self.value <= self.limit


def table(rows: list[Row]) -> str:
    wide = max(len(row.what) for row in rows)
    lines = [f"{'':6}{'':{wide}}  {'ours':>11} {'at most':>11} {'floor':>11} {'ratio':>6}"]
    for row in rows:
        verdict = {None: "", True: "PASS", False: "FAIL"}[row.passed]
        ratio = f"{row.value / row.floor:.2f}" if row.floor else ""
        against = _figure(row.floor, row.unit)
        of = f"  ({row.of})" if row.of else ""
        lines.append(
            f"{verdict:6}{row.what:{wide}}  {_figure(row.value, row.unit):>11} {_figure(row.limit, row.unit):>11} "
            f"{against:>11} {ratio:>6}{of}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 0 if value >= 100 or not value else 1 if value >= 1 else 2
    return f"{value:.{digits}f} {unit}"
