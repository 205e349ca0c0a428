"""The tree of locations that documents can be sent from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from ...locations.kinds import ROOTS, kind_of
from ...locations.location import Location
from ...override import override
from ...rules.text import printable
from .fit import shorten_name
from .held import HeldActions
from .keyed import Keyed, Numbers

# Clicking this part of a label expands or collapses the node.
_TOGGLE = Style.from_meta({"toggle": True})
#: The commands that take a number: it repeats them, or is that of the node to go to.
_MOTIONS = frozenset(
    f"tree.{motion}"
    for motion in (
        *("cursor_down", "cursor_up", "scroll_home", "scroll_end", "page_down", "page_up"),
        *("half_down", "half_up"),
    )
)
#: What waits until the branch is there that was opened. Closing it again doesn't.
_HELD = (
    *(
        "cursor_down",
        "cursor_up",
        "scroll_home",
        "scroll_end",
        "page_down",
        "page_up",
        "half_down",
        "half_up",
    ),
    *("unfold", "toggle_node", "enter", "select_cursor", "menu"),
)


class LocationTree(Keyed, Tree[Location], inherit_bindings=False):
    """Branches are filled when they are expanded; ``Tree.NodeSelected`` reports which location is opened."""

    PLACES = ("tree",)
    DEFAULT_CSS = """
    LocationTree { scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0 0 0 1; }
    """
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    class MenuWanted(Message):
        """The context menu of the node under the cursor was requested."""

    class Entered(Message):
        """The location of a node is to be shown in the list, which gets the focus."""

        def __init__(self, node: TreeNode[Location]) -> None:
            super().__init__()
            self.node = node

    def __init__(self, *, id: str) -> None:
        # Textual would parse a string for markup and emoji, and load a table of emoji for that.
        super().__init__(Text(), id=id)
        self.show_root = False
        self.guide_depth = 2
        self.show_guides = False
        # It would also close the branch of a location that isn't shown yet.
        self.auto_expand = False
        #: Whether the list shows a location.
        self.is_shown: Callable[[Location], bool] = lambda _: False
        #: Called when other locations are below a node.
        self.filled: Callable[[], None] = lambda: None
        #: The node whose branch was opened, and is empty until it is loaded.
        self.unfolding: TreeNode[Location] | None = None
        self.held = HeldActions(lambda: self.unfolding is not None)
        for name in _HELD:
            setattr(self, f"action_{name}", self.held.of(getattr(self, f"action_{name}")))
        self._drawn_in: Size | None = None
        self._style_of_lines: Style | None = None
        self.numbers = Numbers(self, _MOTIONS)
        #: How much is new in folders of Share, by their ids.
        self._new: dict[str, int] = {}

    @property
    def free_lines(self) -> int | None:
        """How many of its lines are blank; below 0 if it has more locations than lines, and ``None`` if it isn't
        shown."""
        return self.size.height - self.last_line - 1 if self.size.width else None

    @property
    def wanted_width(self) -> int:
        """The width in which no name is cut of the locations that are unfolded; 0 as long as none has been loaded."""
        if not any(node.children for node in self.root.children):
            return 0
        wanted, waiting = 0, [(node, 0) for node in self.root.children]
        while waiting:
            node, depth = waiting.pop()
            name = printable(node.data.name) if node.data is not None else ""
            before = self.guide_depth * depth + len(self.ICON_NODE)
            wanted = max(wanted, before + cell_len(name) + len(self._new_in(node)))
            if node.is_expanded:
                waiting.extend((child, depth + 1) for child in node.children)
        # Its own margin, and a scroll bar.
        return wanted + 2

    @override
    def check_consume_key(self, key: str, character: str | None) -> bool:
        return self.numbers.holds(key)

    def on_key(self, event: events.Key) -> None:
        """Type a row's number."""
        self.numbers.press(event)

    def on_blur(self) -> None:
        """A number that was begun doesn't wait for its end elsewhere."""
        self.numbers.forget()

    @property
    def place(self) -> Location | None:
        """The location under the cursor."""
        return self.cursor_node.data if self.cursor_node is not None else None

    @override
    def on_mount(self) -> None:
        for location in ROOTS:
            self.add(self.root, location)
        self.root.expand()

    def on_resize(self, event: events.Resize) -> None:
        """Skip Textual's redraw if it was drawn in this size: that comes with each resize."""
        # Textual's tree is redrawn on a resize, even if it has just been drawn in this size.
        if event.size == self._drawn_in:
            event.prevent_default()
        self._drawn_in = event.size

    def watch_show_vertical_scrollbar(self) -> None:
        """Draw names again: the scroll bar takes the last cell of those that are cut."""
        # It takes the last cell of names that are cut. A node is part of the lines of all nodes below it.
        for node in self.root.children:
            node.refresh()

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        self._drawn_in = self.size
        self._style_of_lines = super().rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._style_of_lines = None

    @property
    @override
    def rich_style(self) -> Style:
        # Textual asks for it with each line, and computes it each time from the styles of everything around the tree.
        return self._style_of_lines or super().rich_style

    def add(
        self, parent: TreeNode[Location], location: Location, index: int | None = None
    ) -> TreeNode[Location]:
        """Add a location below another, at the end or at position ``index``."""
        at = index if index is not None and index < len(parent.children) else None
        return parent.add(
            Text(printable(location.name)), data=location, allow_expand=location.opens, before=at
        )

    def show_new(self, folders: Mapping[str, int]) -> None:
        """Show beside folders of Share, by their ids, how much is new in them."""
        if folders == self._new:
            return
        self._new = dict(folders)
        waiting = list(self.root.children)
        while waiting:
            node = waiting.pop()
            if node.data is not None and kind_of(node.data).is_share_folder:
                node.refresh()
            waiting.extend(node.children)

    def find(self, kind: str) -> TreeNode[Location] | None:
        """Return the first node in the tree of that kind."""
        waiting = list(self.root.children)
        while waiting:
            node = waiting.pop(0)
            if node.data and node.data.is_a(kind):
                return node
            waiting.extend(node.children)
        return None

    def find_place(self, location: Location) -> TreeNode[Location] | None:
        """Return the node of a location: that very location, or else the first node that leads to the same one."""
        waiting, found = list(self.root.children), None
        while waiting:
            node = waiting.pop(0)
            if node.data == location:
                return node
            if found is None and node.data and node.data.key == location.key:
                found = node
            waiting.extend(node.children)
        return found

    def fill(self, node: TreeNode[Location], locations: list[Location]) -> None:
        """Replace the locations below a node, in this order; those that were there already keep their branches."""
        for child in list(node.children):
            if child.data not in locations:
                child.remove()
        for index, location in enumerate(locations):
            current = node.children[index].data if index < len(node.children) else None
            if current != location:
                for child in list(node.children)[index:]:
                    if child.data == location:
                        child.remove()
                self.add(node, location, index)
        self.filled()

    def path_of(self, node: TreeNode[Location]) -> list[Location]:
        """Return the locations from the root of the tree to ``node``, both included."""
        path: list[Location] = []
        current: TreeNode[Location] | None = node
        while current is not None and current.data is not None:
            path.insert(0, current.data)
            current = current.parent
        return path

    def on_focus(self) -> None:
        """Have a cursor from the first focus on."""
        # There is no cursor before the first focus.
        if self.cursor_line < 0:
            self.cursor_line = 0

    # ------------------------------------------------------------ moving

    def _go(self, line: int) -> None:
        """Put the cursor on a line, or on the nearest one."""
        self.cursor_line = max(0, min(line, self.last_line))
        self.scroll_to_line(self.cursor_line, animate=False)

    @override
    def action_cursor_down(self, count: int = 1) -> None:
        self._go(self.cursor_line + count)

    @override
    def action_cursor_up(self, count: int = 1) -> None:
        self._go(self.cursor_line - count)

    @override
    def action_scroll_home(self, number: int = 1) -> None:
        self._go(number - 1)

    @override
    def action_scroll_end(self, number: int = 0) -> None:
        self._go(number - 1 if number else self.last_line)

    @override
    def action_page_down(self, count: int = 1) -> None:
        self._go(self.cursor_line + count * max(self.size.height - 1, 1))

    @override
    def action_page_up(self, count: int = 1) -> None:
        self._go(self.cursor_line - count * max(self.size.height - 1, 1))

    def action_half_down(self, count: int = 1) -> None:
        """Move down by half of what is visible."""
        self._go(self.cursor_line + count * max(self.size.height // 2, 1))

    def action_half_up(self, count: int = 1) -> None:
        """Move up by half of what is visible."""
        self._go(self.cursor_line - count * max(self.size.height // 2, 1))

    def action_enter(self) -> None:
        """Show what is in the location, and go to the list."""
        if self.cursor_node is not None:
            self.post_message(self.Entered(self.cursor_node))

    def action_menu(self) -> None:
        """Ask for the context menu of the node under the cursor."""
        self.post_message(self.MenuWanted())

    def on_click(self, event: events.Click) -> None:
        """The menu, with the right button or control; the other clicks are Textual's."""
        if event.button == 3 or event.ctrl:
            event.prevent_default()
            event.stop()
            line = event.style.meta.get("line", -1)
            if line >= 0:
                self.cursor_line = line
                self.focus()
                self.action_menu()

    def action_fold(self) -> None:
        """Close the branch, or go to its parent if it is closed."""
        node = self.cursor_node
        if node is None:
            return
        self.unfolding = None
        self.held.drop()
        if node.is_expanded and node.allow_expand:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Location]) -> None:
        """Open the branch of a location; if the list shows that already, open or close it."""
        node = event.node
        if node.allow_expand and node.data is not None and self.is_shown(node.data):
            node.toggle()
        elif node.allow_expand:
            node.expand()

    def action_unfold(self) -> None:
        """Open the branch, whose locations are loaded then."""
        node = self.cursor_node
        if node is not None and node.allow_expand:
            node.expand()

    def render_label(self, node: TreeNode[Location], base_style: Style, style: Style) -> Text:
        """Return the label, cut if it doesn't fit; nodes without branches are aligned with those that have some."""
        prefix = "  "
        if node.allow_expand:
            prefix = self.ICON_NODE_EXPANDED if node.is_expanded else self.ICON_NODE
        width = self.size.width - self.scrollbar_size_vertical
        room = width - self.guide_depth * (self._depth(node) - 1) - len(prefix)
        name = node.data.name if node.data is not None else ""
        new = self._new_in(node)
        room -= len(new)
        shown = shorten_name(printable(name), room) if self.size.width else printable(name)
        gap = " " * (room - cell_len(shown)) if new else ""
        label = Text(shown + gap + new, style, no_wrap=True)
        return Text.assemble((prefix, base_style + _TOGGLE if node.allow_expand else base_style), label)

    def _new_in(self, node: TreeNode[Location]) -> str:
        """What stands at the right of a label: how much is new; empty if nothing is."""
        place = node.data
        count = self._new.get(place.id, 0) if place is not None and kind_of(place).is_share_folder else 0
        return f" {count:,} new" if count else ""

    @staticmethod
    def _depth(node: TreeNode[Location]) -> int:
        depth = 0
        current = node.parent
        while current is not None:
            depth, current = depth + 1, current.parent
        return depth
