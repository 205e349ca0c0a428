"""The passwords that attackers try first: the ten thousand most common ones of the library zxcvbn."""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import islice

_COUNT = 10_000


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that are always refused, whatever the policy; in lower case. Read once, then cached.

    Raises :class:`ImportError` if the library isn't installed.
    """
    # Load only the file with the words: importing the library ranks all its languages and keeps 14 MB in memory.
    library = find_spec("zxcvbn")
    found = PathFinder.find_spec("frequency_lists", library.submodule_search_locations) if library else None
    if found is None or found.loader is None:
        raise ImportError("zxcvbn has no frequency lists", name="zxcvbn")
    words = module_from_spec(found)
    found.loader.exec_module(words)
    return frozenset(islice(words.FREQUENCY_LISTS["passwords"], _COUNT))


def known_by_now() -> frozenset[str]:
    """The same if it is cached already, else empty. For code that can't wait, such as validation while typing."""
    return common_passwords() if common_passwords.cache_info().currsize else frozenset()
