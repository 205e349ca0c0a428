"""What all messages of Share have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

#: A SHA-256 as 64 hexadecimal digits.
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """What is not known is ignored, so that a newer server can say more."""

    # Most programs use few of them: each is made ready when it is first used.
    model_config = ConfigDict(extra="ignore", defer_build=True)
