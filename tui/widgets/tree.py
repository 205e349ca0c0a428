"""The tree of places that documents can be sent from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from ..rules.text import printable


@dataclass(frozen=True, slots=True)
class Place:
    """A node: what ``kind`` of place it is, the ``id`` that its server or file system knows it by, its name.

    Kinds: favorites, workspaces, workspace, folder, worklist, checked_out, share, sent (a Secure Sent Links
    folder, with its Share id), trash, local (with its path), document (a shortcut to one).
    """

    kind: str
    name: str
    id: str = ""
    #: The shortcut in My Favorites that led here, where one did.
    shortcut: str = ""
    #: Whether it can hold places below it.
    opens: bool = field(default=True, compare=False)


ROOTS = (
    Place("favorites", "My Favorites"),
    Place("workspaces", "Workspaces"),
    Place("worklist", "Document Worklist", opens=False),
    Place("checked_out", "Checked Out", opens=False),
    Place("share", "Share"),
    Place("local", "Local Files"),
)


class PlaceTree(Tree[Place]):
    """Branches are filled when they are expanded; ``Tree.NodeSelected`` says which place is opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("left", "fold", "Fold", show=False),
        Binding("right", "unfold", "Unfold", show=False),
    ]
    DEFAULT_CSS = """
    PlaceTree { background: $surface; scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0; }
    """
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = True

    def on_mount(self) -> None:
        for place in ROOTS:
            self.add(self.root, place)
        self.root.expand()

    def add(self, parent: TreeNode[Place], place: Place) -> TreeNode[Place]:
        """Adds a place below another."""
        return parent.add(Text(printable(place.name)), data=place, allow_expand=place.opens)

    def find(self, kind: str, of: str = "") -> TreeNode[Place] | None:
        """The first node of that kind (and id) that is in the tree."""
        waiting = list(self.root.children)
        while waiting:
            node = waiting.pop(0)
            if node.data and node.data.kind == kind and (not of or node.data.id == of):
                return node
            waiting.extend(node.children)
        return None

    def fill(self, node: TreeNode[Place], places: list[Place]) -> None:
        """Puts other places below a node; those that were there already keep their branches."""
        before = {child.data: child for child in node.children if child.data}
        for place, child in before.items():
            if place not in places:
                child.remove()
        for place in places:
            if place not in before:
                self.add(node, place)

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

    def render_label(self, node: TreeNode[Place], base_style: Style, style: Style) -> Text:
        label = super().render_label(node, base_style, style)
        label.no_wrap = True
        return label
