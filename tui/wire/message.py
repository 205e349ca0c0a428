"""The base of all of Share's messages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

#: A SHA-256 as 64 hexadecimal digits.
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """A message. Unknown fields are ignored, so that newer servers can add some."""

    # Models are built on first use, because most programs use only a few.
    model_config = ConfigDict(extra="ignore", defer_build=True)
