"""What a command of the app is: where it works, its keys, and what is shown of it."""

from __future__ import annotations

from typing import NamedTuple

#: The order in which commands are shown: those particular to what is listed come first, moving about last.
RANKS = {"places": 1, "main": 2, "dialogs": 2, "lists": 4, "tree": 4, "everywhere": 3, "outside_fields": 3}
#: The places whose commands are actions of a widget. Those of all others are objects in the registry of a screen.
OF_WIDGETS = (
    *("lists", "editing", "filter", "tree", "recipients", "matches", "text", "text_field", "choices"),
    *("options", "scrolled"),
)
#: Returned by ``disabled_reason`` for a command that doesn't belong to what is shown: it isn't even listed there.
HIDDEN = ""


class Command(NamedTuple):
    """``place`` is where it works, ``keys`` are Textual's names separated by commas; those of a sequence (``g l``) are
    separated by a blank, and pressed one after the other. Palette, menu and help show ``title``, with ``help`` as its
    sentence; ``label`` is its short form for the footer (if ``footer``)."""

    id: str
    place: str
    keys: str
    title: str
    help: str
    label: str
    footer: bool
    menu: bool
    priority: bool
    palette: bool
    #: The palette finds it by its words' beginnings only: letters anywhere in its title would offer it to one who looks
    #: for something else.
    exact: bool
    #: Whether it acts on the row under the cursor, whatever is selected.
    of_cursor: bool
    #: Where the footer shows it, if that isn't its rank.
    footer_place: float | None

    @property
    def rank(self) -> int:
        """Where it stands among the commands that are shown: those with 0 first."""
        return RANKS.get(self.place, 0)

    @property
    def footer_rank(self) -> float:
        """Where it stands in the footer: where there isn't room for all, those with 0 have it first."""
        return self.rank if self.footer_place is None else self.footer_place

    @property
    def action(self) -> str:
        """Textual's name for it: a screen has its commands in a registry, a widget has a method for each."""
        return self.id if self.place in OF_WIDGETS else f"command({self.id!r})"

    @property
    def name(self) -> str:
        """Its name in the configuration: ``folder.unpublish``."""
        return f"{self.place}.{self.id}"


def declare(
    place: str, id: str, keys: str, title: str, help: str, flags: str = "", label: str = ""
) -> Command:
    """Return a command. ``flags``: ``footer`` (``footer=1``: with that rank there), ``menu``, ``priority`` (also while
    typing), ``hidden`` (not in the palette), ``exact`` (for what isn't easily undone), ``cursor`` (it acts on the row
    under the cursor, whatever is selected)."""
    given_flags = dict(flag.partition("=")[::2] for flag in flags.split())
    return Command(
        id,
        place,
        keys,
        title,
        help,
        label or title.rstrip("…"),
        footer="footer" in given_flags,
        menu="menu" in given_flags,
        priority="priority" in given_flags,
        palette="hidden" not in given_flags,
        exact="exact" in given_flags,
        of_cursor="cursor" in given_flags,
        footer_place=float(given_flags["footer"]) if given_flags.get("footer") else None,
    )
