"""What a client has found in a document besides its visible text, and what its user was told, sent with publishing it.

It is believed for a warning only. A document that is published without a report counts as not looked into.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .message import Message

#: A kind of ``rules/carried.py``; newer clients may know more of them.
_Kind = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z_]+$")]
_MOST_KINDS = 100
#: Larger counts are sent as this one.
MOST_COUNTED = 10**9


class CarriesReport(Message):
    """``found`` has the kinds with their counts; ``overruled`` are those that the user was asked about, and sent
    nevertheless. ``looked``: into the whole document, a part of it, or not at all."""

    looked: Literal["whole", "part", "not"]
    found: Annotated[
        dict[_Kind, Annotated[int, Field(ge=1, le=MOST_COUNTED, strict=True)]], Field(max_length=_MOST_KINDS)
    ] = Field(default_factory=dict)
    overruled: Annotated[list[_Kind], Field(max_length=_MOST_KINDS)] = Field(default_factory=list)
