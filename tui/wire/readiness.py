"""What a server says of whether it should get requests (``/readyz``)."""

from __future__ import annotations

from pydantic import BaseModel


class TroubleDetail(BaseModel):
    """Something that is wrong with the server, in a sentence or two."""

    id: str
    detail: str


class Readiness(BaseModel):
    """``status`` is ``ok``, or what keeps the server from getting requests. A server can be ready and have troubles."""

    status: str
    #: How documents lie: ``plain``, ``sealing`` or ``sealed``; empty if the server doesn't say.
    at_rest: str = ""
    troubles: list[TroubleDetail] = []
