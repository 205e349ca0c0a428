"""A list of which one is chosen."""

from __future__ import annotations

from typing import Any

from ...override import override
from ..textual_patches.options import SteadyList
from .keyed import Keyed


class ChoiceList(Keyed, SteadyList):
    """A list of options whose keys are in footer and help."""

    PLACES = ("choices", "options")
    DEFAULT_CSS = """
    ChoiceList { height: auto; max-height: 14; border: none; background: $ground; padding: 0; }
    ChoiceList:focus { border: none; }
    """

    def __init__(self, *options: Any, verb: str = "", **more: Any) -> None:
        """``verb``: what choosing one is called, if it has a name of its own."""
        super().__init__(*options, **more)
        self._verb = verb

    @override
    def label_of(self, ident: str) -> str:
        return self._verb if ident == "choose" else ""

    def action_choose(self) -> None:
        """Choose what is under the cursor."""
        self.action_select()

    def action_next_choice(self) -> None:
        """Move the cursor down."""
        self.action_cursor_down()

    def action_previous_choice(self) -> None:
        """Move the cursor up."""
        self.action_cursor_up()
