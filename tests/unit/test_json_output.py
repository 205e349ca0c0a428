"""The JSON document that a command prints."""

from __future__ import annotations

import json
from typing import Any

import pydantic_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.base.output import emit

TEXTS = st.text(st.characters())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(value=VALUES)
def test_it_is_what_the_slow_encoder_writes(value: Any) -> None:
    """Byte for byte, with all that isn't ASCII escaped, control characters and halves of surrogate pairs among it."""
    assert pydantic_core
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("tui.cli.base.output._write", written.append)
        emit(value)
    assert "".join(written) == json.dumps(value, indent=2) + "\n"
