"""Notices in the frames of dialogs: there they take no line from anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from ..widgets.notice_text import notice_text
from ..widgets.status_line import mark_of

if TYPE_CHECKING:
    from ...session.notices import NoticeLine

#: Cells of the side of a frame that have no text.
_CORNERS = 6


def frame_notice(dialog: Screen[Any], notice: NoticeLine | None) -> None:
    """Show the notice in the frame of a dialog, as soon as that is laid out, or nothing any more."""
    for box in dialog.query(".box"):
        dialog.call_after_refresh(_write, box, notice)


def _write(box: Widget, notice: NoticeLine | None) -> None:
    room = box.outer_size.width - _CORNERS
    if notice is not None and room > 0:
        text = notice_text(notice, mark_of(notice.notice.tone), room)
        box.border_subtitle = Content(text)
    elif box.border_subtitle is not None:
        # Only that repaints the box.
        box.border_subtitle = None
