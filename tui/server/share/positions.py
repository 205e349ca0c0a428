"""Where documents stand in lists by the time sent: the documents of a send together, in their order.

They are published several at a time, and may be resumed later, so that neither the moment nor the id of each tells its
place among them.
"""

from __future__ import annotations

from datetime import datetime

from ...wire.share import MOST_ORDERED
from ..base.timestamps import micros

#: The milliseconds at which sends began are above the place of a document in its send.
_BITS = 20


def position(began_at: datetime, order: int) -> int:
    """The position of the document that is at ``order`` (0: the first) in a send that began at that moment.

    Later sends have greater positions; within a send, the first document has the greatest, so that a list with the last
    send first has its documents in their order.
    """
    return (micros(began_at) // 1000 << _BITS) + MOST_ORDERED - min(order, MOST_ORDERED)


def order_of_arrival(began_at: datetime, now: datetime) -> int:
    """The order of a document of which the client doesn't tell it."""
    return min(max(micros(now) - micros(began_at), 0) // 1000, MOST_ORDERED)
