"""What Textual calls later."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from types import MethodType
from typing import Any
from weakref import WeakKeyDictionary

from textual import _callback

#: How many parameters functions have, ``self`` included.
_COUNTED: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def count_once() -> None:
    """Have Textual count the parameters of each function only once. It counts them again whenever a callback has
    arguments, which is the case several times for each key, and takes a twentieth of what a key takes."""
    _callback._count_parameters = _count_parameters


def _count_parameters(func: Callable[..., object]) -> int:
    function = func.__func__ if isinstance(func, MethodType) else func
    try:
        count = _COUNTED.get(function)
        if count is None:
            count = _COUNTED[function] = len(signature(function).parameters)
    except TypeError:
        # It can't be remembered.
        return len(signature(func).parameters)
    return count - (function is not func)
