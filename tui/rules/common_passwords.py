"""The passwords that everybody tries first: ten thousand of them, shipped with the program.

The list is the beginning of the one in zxcvbn (Copyright 2012-2016 Dan Wheeler and Dropbox, Inc.; MIT License).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def common_passwords() -> frozenset[str]:
    """Refused whatever the policy says, where a password is given; in lower case. Read once, then kept."""
    text = files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
