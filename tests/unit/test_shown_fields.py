"""What is known of a sent document, in each place where people look for it: a new field is shown there, or is one of
those that are left out of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tui
from tui.wire.share import Document

ROOT = Path(tui.__file__).parent
#: What a place says with a function of ``rules/sent_text.py`` or ``rules/state.py``, or what is no fact for people.
_TOLD_TOGETHER = {"reason", "send_id"}
#: What ``links`` leaves to ``--json`` and to the app, in its table and as it is read out.
_IN_JSON = {
    *_TOLD_TOGETHER, "delivered", "ended_by", "last_download_at", "matter", "next_try_at", "notify", "sha256", "size",
    "source", "source_name", "unpublished_at", "work_id",
}  # fmt: skip
#: The fields that a place doesn't show.
LEFT_OUT = {
    "locations/share_kinds.py": {*_TOLD_TOGETHER, "matter", "next_try_at", "notify", "sha256", "work_id"},
    "ui/dialogs/details.py": {*_TOLD_TOGETHER, "deleted_at", "ended_by", "notify", "unpublished_at"},
    "cli/links.py": _IN_JSON,
    "cli/plain/sent_questions.py": {*_IN_JSON, "deleted_at"},
}


@pytest.mark.parametrize("place", LEFT_OUT)
def test_each_field_is_shown_or_left_out(place: str) -> None:
    tree = ast.parse((ROOT / place).read_text())
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set(Document.model_fields) - read == LEFT_OUT[place]
