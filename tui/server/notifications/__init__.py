"""E-mails that tell senders which of their documents were delivered.

A delivery is noted in the transaction that records it (:func:`note`). A job sends what has been noted
(:func:`send_due`): the first at once, those that follow within ten minutes together in the next e-mail, so that a
recipient who fetches a document a thousand times doesn't fill the sender's mailbox.
"""

from .outbox import note, send_due
from .recipient import check_available, is_available

__all__ = ["check_available", "is_available", "note", "send_due"]
