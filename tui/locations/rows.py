"""What a table shows: columns, and rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple

from ..rules.display import MOMENT_WIDTHS, moment_text, moment_widths

#: A cell: a text, a text with the name of its tone (good, bad, warn, dim, selected), or a moment.
#: ``None`` and ``""`` are drawn blank, and left out of the line below the list.
Cell = str | tuple[str, str] | datetime | None
#: The most cells that names get before other columns.
_AMPLE = 38
#: Longer texts are cut in any table.
_LONGEST = 400


class Column(NamedTuple):
    """A column of a table. ``width`` is what its values usually need, in cells: it gets what those in the table need,
    but more than that only if names don't need the room. Where there is little room, ``narrow`` cells are enough, if
    given: they show its values' first words. With ``least``, values are cut to as many cells rather than that a column
    is left out. A ``fixed`` column has that width whatever it holds; one that ``grows``, at least that. What is left
    over then goes to the columns with ``flex``, by that share. ``brief`` makes texts shorter that have no room,
    and ``fitted`` does so for a width; those of a column with ``ends`` are cut in the middle, since their ends tell
    something as well.

    If the table is too narrow, moments are written shorter; then columns without any value are left out, then those of
    the highest ``rank`` (0: never). ``name`` columns are cut in the middle, and before another column is shown they get
    ``width`` cells, and in a wide table as many as are ``beside`` that column. ``label`` precedes a value that is shown
    without a title above it; by default that is the title. ``sort`` is the order first used to sort a list by the
    column, with ``-`` in front for descending; empty: the list can't be sorted by it. ``ways`` are what that order and
    its reverse are called. ``parts`` gives those of a value, by the data of its row, if details have a line for each.
    One that ``shifts`` begins earlier or later than its column where it, or a name before it, has no room and the other
    leaves some.
    """

    title: str
    width: int
    flex: int = 0
    align: str = "left"
    name: bool = False
    fixed: bool = False
    grows: bool = False
    narrow: int = 0
    least: int = 0
    rank: int = 0
    beside: int = _AMPLE
    brief: Callable[[str], str] | None = None
    ends: bool = False
    moment: bool = False
    label: str | None = None
    sort: str = ""
    ways: tuple[str, str] = ("A–Z", "Z–A")
    fitted: Callable[[str, int], str] | None = None
    parts: Callable[[Any], Sequence[str]] | None = None
    shifts: bool = False

    def shortened(self, text: str, width: int) -> str:
        """Return ``text``, for which ``width`` cells aren't enough, in a shorter form if it has one."""
        if self.fitted is not None:
            return self.fitted(text, width)
        return text if self.brief is None else self.brief(text)

    def way_of(self, order: str) -> str:
        """Return what an order by the column is called: its first one, or the reverse."""
        return self.ways[0 if order == self.sort else 1]

    @property
    def value_label(self) -> str:
        """What precedes a value that is shown without a title above it; nothing for names."""
        if self.label is not None:
            return self.label
        return "" if self.name else self.title

    def least_width(self, table: int, moment: int, needs: ColumnNeeds, most: int = _AMPLE) -> int:
        """Return the width without which it is left out, or others are, in a table ``table`` cells wide if moments are
        ``moment`` cells wide. Names get no more than ``most`` before others."""
        if self.fixed:
            return self.width
        if self.name:
            ample = self.least or max(self.width, min(most, table * 4 // 7))
            return max(len(self.title), min(needs.of(moment), ample))
        if self.moment:
            return max(len(self.title), needs.of(moment))
        return max(len(self.title), min(needs.of(moment), self.narrow or self.least or self.width))


class ColumnNeeds(NamedTuple):
    """What the values of a column need: cells for the longest text, and for its moments, for each of
    :data:`~tui.rules.display.MOMENT_WIDTHS`; 0 for what there isn't among them. ``lengths`` has a bit for the length of
    each text, in its brief form if it has one; 0 if they aren't known."""

    text: int = 0
    moments: tuple[int, int, int] = (0, 0, 0)
    lengths: int = 0

    def of(self, moment: int) -> int:
        """Return the width that they need if moments may be ``moment`` cells wide."""
        return max(self.text, self.moments[MOMENT_WIDTHS.index(moment)])

    def briefly(self, moment: int) -> int:
        """Return that width, for texts in their brief form."""
        text = min(self.text, self.lengths.bit_length() - 1) if self.lengths else self.text
        return max(text, self.moments[MOMENT_WIDTHS.index(moment)])

    def fitting(self, moment: int, limit: int) -> int:
        """Return the width that those values need that are whole in ``limit`` cells."""
        if (needs := self.of(moment)) <= limit or not self.lengths:
            return min(needs, limit)
        whole = (self.lengths & ((2 << max(limit, 0)) - 1)).bit_length() - 1
        moments = self.moments[MOMENT_WIDTHS.index(moment)]
        return max(whole, moments if moments <= limit else 0)

    def grown(self, other: ColumnNeeds) -> ColumnNeeds:
        """Return what both need."""
        long, day, short = map(max, self.moments, other.moments)
        return ColumnNeeds(max(self.text, other.text), (long, day, short), self.lengths | other.lengths)


def moment_column(title: str, *, rank: int, beside: int = _AMPLE, sort: str = "") -> Column:
    """Return a column of dates with times, each in the longest form that there is room for."""
    ways = ("newest first", "oldest first") if sort.startswith("-") else ("soonest first", "latest first")
    return Column(
        title, MOMENT_WIDTHS[0], moment=True, rank=rank, beside=beside, sort=sort, ways=ways, align="right"
    )


def name_column(title: str, *, flex: int = 1, sort: str = "") -> Column:
    """Return the first column of a list. Before any other column is shown, names get 24 cells; most are 38 at most."""
    return Column(title, 24, flex=flex, name=True, sort=sort)


#: What orders by size are called.
SIZES = ("largest first", "smallest first")


def flipped(order: str) -> str:
    """Return the reverse of an order."""
    return order[1:] if order.startswith("-") else f"-{order}"


def cell_text(cell: Cell) -> str:
    """Return the full text of a cell."""
    if cell is None or isinstance(cell, datetime):
        return moment_text(cell)
    return cell if isinstance(cell, str) else cell[0]


@dataclass(slots=True)
class Row:
    """``key`` identifies the row, wherever it is; ``data`` belongs to the caller. ``unusable``: why it can't be
    selected, if it looks as if it could."""

    key: str
    cells: tuple[Cell, ...]
    data: Any = None
    tone: str = ""
    selectable: bool = True
    unusable: str = ""

    @property
    def name(self) -> str:
        """The text of the first cell."""
        return cell_text(self.cells[0]) if self.cells else ""


def holding(rows: Sequence[Row], needle: str, columns: int) -> list[Row]:
    """Return the rows that contain the filter's text in one of their first ``columns`` cells, as shown."""
    from ..rules.names import key

    # As on the server, an asterisk matches anything.
    parts = [part for part in key(needle).split("*") if part]
    return [row for row in rows if _holds(row.cells[:columns], parts, key)] if parts else list(rows)


def _holds(cells: tuple[Cell, ...], parts: list[str], key: Callable[[str], str]) -> bool:
    """Return whether one of the cells contains all parts of the filter's text."""
    texts = (key(cell_text(cell)) for cell in cells)
    return any(all(part in text for part in parts) for text in texts)


def usual_needs(columns: Sequence[Column]) -> list[ColumnNeeds]:
    """Return what the columns usually need."""
    return [
        ColumnNeeds(0, MOMENT_WIDTHS) if column.moment else ColumnNeeds(column.width) for column in columns
    ]


def measured(
    columns: Sequence[Column], rows: Iterable[Row], width_of: Callable[[str], int], now: datetime
) -> list[ColumnNeeds]:
    """Return what the values of some rows need at that moment, in cells by ``width_of`` their texts."""
    texts, lengths = [0] * len(columns), [0] * len(columns)
    moments: list[set[tuple[int, int, int]]] = [set() for _ in columns]
    today = now.astimezone().date()
    for row in rows:
        for index, cell in enumerate(row.cells[: len(columns)]):
            if isinstance(cell, datetime):
                moments[index].add(moment_widths(cell, today))
            elif cell:
                text, column = cell if isinstance(cell, str) else cell[0], columns[index]
                if not text:
                    continue
                length = width_of(text)
                texts[index] = max(texts[index], length)
                if column.brief is not None and length > column.width:
                    length = width_of(column.brief(text))
                lengths[index] |= 1 << min(length, _LONGEST)
    return [
        reduce(ColumnNeeds.grown, (ColumnNeeds(0, each) for each in widths), ColumnNeeds(text, lengths=known))
        for text, known, widths in zip(texts, lengths, moments, strict=True)
    ]


def column_widths(
    columns: Sequence[Column],
    width: int,
    margin: int,
    needs: Sequence[ColumnNeeds] | None = None,
    order: str = "",
) -> list[int]:
    """Return the width of each column in a table ``width`` cells wide, ``margin`` of them before the first column; 0
    for those that are left out. At least one column must have no rank. ``needs``: what the values of each column need,
    without which it is what they usually do. ``order``: what the table is sorted by. That column's title ends in a
    sign, for which others get narrower, but none is left out."""
    needed = dict(zip(columns, usual_needs(columns) if needs is None else needs, strict=True))
    shown = [column for column in columns if column.width]
    while last := _least_of(shown, needed):
        # What is more important is narrow only if there would be no room for it otherwise.
        whole = [] if last.narrow else [column for column in shown if column.narrow]
        if not _missing(shown, needed, width, margin, MOMENT_WIDTHS[-1], whole, last.beside):
            break
        shown.remove(last)
    # No text is cut for a column in which there is nothing.
    empty = [column for column in shown if column.rank and needed[column] == ColumnNeeds()]
    whole = [column for column in shown if not (column.fixed or column.moment)]
    while empty and _missing(shown, needed, width, margin, MOMENT_WIDTHS[-1], whole):
        shown.remove(empty.pop())
    for column in shown:
        if order and column.sort.lstrip("-") == order.lstrip("-"):
            needed[column] = needed[column].grown(ColumnNeeds(len(column.title) + 2))
    # Nor is any text cut for a date that could be shorter.
    texts = [column for column in shown if not column.fixed]
    moment = next(
        (m for m in MOMENT_WIDTHS if not _missing(shown, needed, width, margin, m, texts)), MOMENT_WIDTHS[-1]
    )
    found = {column: column.least_width(width, moment, needed[column]) for column in shown}
    rest = width - margin - len(shown) - sum(found.values())
    rest = _give_to_cut(found, needed, moment, width, rest)
    flex = sum(column.flex for column in shown)
    for column in shown:
        if column.flex:
            share = found[column] + rest * column.flex // flex
            found[column] = share if rest >= 0 else max(4, share)
    return [found.get(column, 0) for column in columns]


def _give_to_cut(
    found: dict[Column, int], needed: Mapping[Column, ColumnNeeds], moment: int, width: int, rest: int
) -> int:
    """Give what is left over to columns whose values are cut: to what usually has more room, to names, then to others;
    first as much as makes values whole, so that what is cut anyhow takes no room from what needn't be. Returns what is
    left then."""
    names = [column for column in found if column.name]
    others = [column for column in found if not column.name and (not column.fixed or column.grows)]
    usual = [(column, column.width) for column in found if column.narrow or column.least]
    cut = [(column, width) for column in (*names, *others)]
    # Names that no table has room for take no more than the usual width from what is there only since it may be cut.
    least = [(column, column.width) for column in found if column.least and column.rank and not column.name]
    for makes_whole, columns in ((True, [*usual, *cut]), (False, [*least, *cut])):
        for column, most in columns:
            limit = min(most, found[column] + max(rest, 0))
            needs = needed[column]
            wanted = needs.fitting(moment, limit) if makes_whole else min(needs.of(moment), limit)
            more = max(wanted - found[column], 0)
            found[column] += more
            rest -= more
    return rest


def _missing(
    columns: Sequence[Column],
    needed: Mapping[Column, ColumnNeeds],
    width: int,
    margin: int,
    moment: int,
    whole: Collection[Column] = (),
    names: int = _AMPLE,
) -> bool:
    """Return whether columns have no room if moments are ``moment`` cells wide, those of ``whole`` are neither cut nor
    narrow, and names get no more than ``names`` cells before the others."""
    # Each is followed by a blank cell.
    used = margin + len(columns)
    for column in columns:
        least = column.least_width(width, moment, needed[column], names)
        is_needed = column.name or column.moment or not column.rank
        most = column.width if column.narrow else width if is_needed else _AMPLE
        needs = min(needed[column].of(moment) if column.name else needed[column].briefly(moment), most)
        used += max(least, needs) if column in whole else least
    return used > width


def _least_of(columns: Sequence[Column], needed: Mapping[Column, ColumnNeeds]) -> Column | None:
    """Return the column that is left out next: one without any value, else that of the highest rank."""
    candidates = [column for column in columns if column.rank]
    empty = [column for column in candidates if needed[column] == ColumnNeeds()]
    return max(empty or candidates, key=lambda column: column.rank, default=None)
