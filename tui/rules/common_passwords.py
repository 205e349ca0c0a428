"""The passwords that everybody tries first: the ten thousand most common ones of the library zxcvbn."""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from itertools import islice

_COUNT = 10_000


@cache
def common_passwords() -> frozenset[str]:
    """Refused whatever the policy says, where a password is given; in lower case. Read once, then kept.

    Raises :class:`ImportError` where the library is not there.
    """
    # Only the file with the words: the library itself ranks and keeps all its languages, which are 14 MB for ever.
    library = find_spec("zxcvbn")
    found = PathFinder.find_spec("frequency_lists", library.submodule_search_locations) if library else None
    if found is None or found.loader is None:
        raise ImportError("zxcvbn has no frequency lists", name="zxcvbn")
    words = module_from_spec(found)
    found.loader.exec_module(words)
    return frozenset(islice(words.FREQUENCY_LISTS["passwords"], _COUNT))


def known_by_now() -> frozenset[str]:
    """The same where it was read before; empty where not. For what cannot wait for it, as while somebody types."""
    return common_passwords() if common_passwords.cache_info().currsize else frozenset()
