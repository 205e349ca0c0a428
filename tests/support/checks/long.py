"""Short and long forms of a test: ``.ci/run`` plays the short one, ``.ci/long`` (``LONG=true``) one of more cases.

The short one has a case of each kind. More of them search what no one has thought of, and find it as well once a week.
"""

from __future__ import annotations

import os

IS_LONG = os.environ.get("LONG") == "true"


def cases(few: int, many: int) -> int:
    """How many cases to play: ``few``, or ``many`` in the long form."""
    return many if IS_LONG else few
