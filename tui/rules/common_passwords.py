"""The passwords that everybody tries first: the ten thousand most common ones of the library zxcvbn."""

from __future__ import annotations

from functools import cache
from itertools import islice

_COUNT = 10_000


@cache
def common_passwords() -> frozenset[str]:
    """Refused whatever the policy says, where a password is given; in lower case. Read once, then kept."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(islice(FREQUENCY_LISTS["passwords"], _COUNT))
