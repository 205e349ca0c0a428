"""The tree of places that documents can be sent from."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from ..locations.kinds import ROOTS
from ..locations.location import Location
from ..rules.text import printable
from .fit import shorten
from .keyed import Keyed

# A click there folds and unfolds.
_TOGGLE = Style.from_meta({"toggle": True})


class LocationTree(Keyed, Tree[Location], inherit_bindings=False):
    """Branches are filled when they are expanded; ``Tree.NodeSelected`` says which place is opened."""

    PLACES = ("tree",)
    DEFAULT_CSS = """
    LocationTree { background: $surface; scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0; }
    """
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    class MenuWanted(Message):
        """The context menu of the node under the cursor is asked for."""

    def __init__(self, *, id: str) -> None:
        # A string would be looked through for markup and emoji, of which a table is loaded.
        super().__init__(Text(), id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = True
        self._drawn_in: Size | None = None

    @property
    def place(self) -> Location | None:
        """The place under the cursor."""
        return self.cursor_node.data if self.cursor_node is not None else None

    def on_mount(self) -> None:
        for place in ROOTS:
            self.add(self.root, place)
        self.root.expand()

    def on_resize(self, event: events.Resize) -> None:
        # Textual's tree is drawn anew, also where it was drawn in this size at once.
        if event.size == self._drawn_in:
            event.prevent_default()
        self._drawn_in = event.size

    def render_lines(self, crop: Region) -> list[Strip]:
        self._drawn_in = self.size
        return super().render_lines(crop)

    def add(
        self, parent: TreeNode[Location], place: Location, index: int | None = None
    ) -> TreeNode[Location]:
        """Adds a place below another, at the end or as the ``index``-th."""
        at = index if index is not None and index < len(parent.children) else None
        return parent.add(Text(printable(place.name)), data=place, allow_expand=place.opens, before=at)

    def find(self, kind: str) -> TreeNode[Location] | None:
        """The first node of that kind that is in the tree."""
        waiting = list(self.root.children)
        while waiting:
            node = waiting.pop(0)
            if node.data and node.data.is_a(kind):
                return node
            waiting.extend(node.children)
        return None

    def find_place(self, place: Location) -> TreeNode[Location] | None:
        """The node of a place: the very one, else the first that leads to the same."""
        waiting, found = list(self.root.children), None
        while waiting:
            node = waiting.pop(0)
            if node.data == place:
                return node
            if found is None and node.data and node.data.key == place.key:
                found = node
            waiting.extend(node.children)
        return found

    def fill(self, node: TreeNode[Location], places: list[Location]) -> None:
        """Puts other places below a node, in their order; those that were there already keep their branches."""
        for child in list(node.children):
            if child.data not in places:
                child.remove()
        for index, place in enumerate(places):
            here = node.children[index].data if index < len(node.children) else None
            if here != place:
                for child in list(node.children)[index:]:
                    if child.data == place:
                        child.remove()
                self.add(node, place, index)

    def path_of(self, node: TreeNode[Location]) -> list[Location]:
        """The places from the root of the tree to ``node``, both included."""
        path: list[Location] = []
        here: TreeNode[Location] | None = node
        while here is not None and here.data is not None:
            path.insert(0, here.data)
            here = here.parent
        return path

    def on_focus(self) -> None:
        # The first time there is no cursor yet.
        if self.cursor_line < 0:
            self.cursor_line = 0

    def action_menu(self) -> None:
        self.post_message(self.MenuWanted())

    def on_click(self, event: events.Click) -> None:
        if event.button == 3 or event.ctrl:
            event.prevent_default()
            event.stop()
            line = event.style.meta.get("line", -1)
            if line >= 0:
                self.cursor_line = line
                self.focus()
                self.action_menu()

    def action_fold(self) -> None:
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.allow_expand:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def action_unfold(self) -> None:
        node = self.cursor_node
        if node is not None and node.allow_expand:
            node.expand()

    def render_label(self, node: TreeNode[Location], base_style: Style, style: Style) -> Text:
        """The label, cut where there is no room for it; what cannot be opened stands under what can."""
        prefix = "  "
        if node.allow_expand:
            prefix = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        room = self.size.width - self.guide_depth * (self._depth(node) - 1) - len(prefix)
        name = node.data.name if node.data is not None else ""
        label = Text(
            shorten(printable(name), room) if self.size.width else printable(name), style, no_wrap=True
        )
        return Text.assemble((prefix, base_style + _TOGGLE if node.allow_expand else base_style), label)

    @staticmethod
    def _depth(node: TreeNode[Location]) -> int:
        depth = 0
        here = node.parent
        while here is not None:
            depth, here = depth + 1, here.parent
        return depth
