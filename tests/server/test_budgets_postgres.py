"""What no request may hold up, and how many bytes a user may store, on PostgreSQL."""

from __future__ import annotations

from tests.server.test_held import (  # noqa: F401
    test_others_are_answered_meanwhile,
    test_who_hangs_up_ends_the_work,
    wordy,
)
from tests.server.test_quotas import (  # noqa: F401
    small,
    test_bytes_that_are_announced,
    test_bytes_that_are_kept,
    test_what_is_sent_is_kept,
)

#: The kind of database that the servers of these tests use.
DATABASE = "postgres"
