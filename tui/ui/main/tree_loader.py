"""The branches of the tree: what the servers have below each node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...locations.kinds import kind_of, unfolding_roots
from ...rules.errors import Problem
from ..base.workers import failed_afterwards, worker_action
from .typed_early import TypedEarly

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from ...locations.location import Location
    from ..base.host import Host


class Branches:
    """Loads branches of the tree, and reloads the open ones."""

    def __init__(self, main: Host) -> None:
        self.main, self.screen = main, main.screen
        #: The number of requests so far, and for each node the number of the one whose result it shows.
        self._requests = 0
        self._filled: dict[int, int] = {}
        self._typed_early = TypedEarly(main.screen, lambda: main.places)

    def fill(self, node: TreeNode[Location]) -> None:
        """Load the locations below a node. If it is the one under the cursor, keys wait for the first of them."""
        places = self.main.places
        if node is places.cursor_node and not node.children:
            places.unfolding = node
        self._fill(node)

    @worker_action(group="tree")
    async def _fill(self, node: TreeNode[Location]) -> None:
        places, came = self.main.places, False
        try:
            await self._load(node)
            came = True
        finally:
            if places.unfolding is node:
                places.unfolding = None
                if came:
                    self._typed_early.go_on()
                else:
                    places.held.drop()

    @worker_action(group="tree")
    async def _load_again(self, node: TreeNode[Location]) -> None:
        try:
            await self._load(node)
        except Problem as problem:
            failed_afterwards(self.main, problem, "The tree can't be reloaded")

    async def _load(self, node: TreeNode[Location]) -> None:
        if node.data is None:
            return
        # The result of the latest request wins, whichever arrives first.
        self._requests += 1
        number = self._requests
        found = await self.main.session.places(node.data)
        if number < self._filled.get(node.id, 0):
            return
        self._filled[node.id] = number
        self.main.places.fill(node, found)
        if self.main.browser.navigator.complete(self.main.browser.way_to):
            self.main.browser.view.show_where()
        self.screen.refresh_bindings()

    def refill(self, *kinds: str) -> None:
        """Reload the branches of the given roots, if they are open."""
        for kind in kinds:
            node = self.main.places.find(kind)
            if node is not None and node.is_expanded:
                self._load_again(node)

    def refill_all(self) -> None:
        """Reload all open branches that come from a server."""
        self.refill(*(root.kind for root in unfolding_roots()))

    def _is_shown(self, place: Location) -> bool:
        """Whether the list shows a location, or is about to."""
        browser = self.main.browser
        shown = browser.navigator.pending_location or browser.location
        return shown is not None and shown.key == kind_of(place).resolved(place).key

    def unfold(self) -> None:
        """Open the branches that are unfolded as soon as the server has responded."""
        self.main.places.is_shown = self._is_shown
        for root in unfolding_roots():
            node = self.main.places.find_place(root)
            if node is not None and node.is_expanded:
                self.fill(node)
            elif node is not None:
                node.expand()

    def forget(self) -> None:
        """Empty all branches, which belonged to another user."""
        self.screen.workers.cancel_group(self.screen, "tree")
        for root in unfolding_roots():
            node = self.main.places.find_place(root)
            if node is not None:
                node.collapse()
                self.main.places.fill(node, [])
