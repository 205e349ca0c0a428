"""The branches of the tree: what is below a node, as the servers tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..locations.kinds import unfolding_roots
from .workers import worker_action

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from ..locations.location import Location
    from .main import MainScreen


class Branches:
    """Fills them, and fills those that are open again."""

    def __init__(self, main: MainScreen) -> None:
        self.main = self.screen = main
        #: How often it was asked what is below a node, and which of these answers a node has.
        self._asked = 0
        self._filled: dict[int, int] = {}

    @worker_action(group="tree")
    async def fill(self, node: TreeNode[Location]) -> None:
        """Asks for the places below a node."""
        if node.data is None:
            return
        # Of two answers the one that was asked for last counts, whichever is here first.
        self._asked += 1
        number = self._asked
        found = await self.main.session.places(node.data)
        if number < self._filled.get(node.id, 0):
            return
        self._filled[node.id] = number
        self.main.places.fill(node, found)
        if self.main.browser.navigator.complete(self.main.browser.way_to):
            self.main.pane.show_where()
        self.main.refresh_bindings()

    def refill(self, *kinds: str) -> None:
        """Asks again for the branches of some roots that are open."""
        for kind in kinds:
            node = self.main.places.find(kind)
            if node is not None and node.is_expanded:
                self.fill(node)

    def refill_all(self) -> None:
        """The same of all that a server tells."""
        self.refill(*(root.kind for root in unfolding_roots()))

    def unfold(self) -> None:
        """Opens the branches that are there as soon as the server has answered."""
        for root in unfolding_roots():
            node = self.main.places.find_place(root)
            if node is not None and node.is_expanded:
                self.fill(node)
            elif node is not None:
                node.expand()

    def forget(self) -> None:
        """All branches were another person's."""
        self.main.workers.cancel_group(self.main, "tree")
        for root in unfolding_roots():
            node = self.main.places.find_place(root)
            if node is not None:
                node.collapse()
                self.main.places.fill(node, [])
