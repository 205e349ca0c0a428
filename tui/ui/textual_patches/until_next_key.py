"""What is to be done before the next key, or the next click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

_DUE: WeakKeyDictionary[App[Any], Callable[[], object]] = WeakKeyDictionary()


def before_next_key(app: App[Any], act: Callable[[], object]) -> None:
    """Have this called before anything is made of the next key or click, instead of what was to be called then."""
    _DUE[app] = act


def call_what_is_due(app: App[Any]) -> None:
    """Call it now, if there is anything."""
    if act := _DUE.pop(app, None):
        act()
