"""Any names that a link could be given, and how a name is refused."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from tui.rules import names
from tui.rules.errors import InvalidValue

anything = st.text(st.characters(codec=None), max_size=80)
nasty = st.text(st.sampled_from('aA.. \u00a0/\\:*?"<>|\x00\n\x1b\u200b\u202eßİΣé\u0301😀'), max_size=300)
any_name = st.one_of(anything, nasty)
extensions = st.sampled_from(["", "pdf", "PDF", "docx", "ß", "ss", "İ", "7z", "Σ"])


def refused(name: str, ext: str = "") -> InvalidValue:
    """Why a name that was typed is refused."""
    with pytest.raises(InvalidValue) as caught:
        names.typed(name, ext)
    assert caught.value.exit_status == 2
    assert caught.value.field == "name"
    return caught.value
