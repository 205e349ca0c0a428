"""The messages of both protocols as typed models."""

from __future__ import annotations

import sys
from types import ModuleType

# pydantic would look for plugins among all installed packages. One would be shown every message, with the passwords in
# it; and the search alone imports 2 MB.
_no_plugins = ModuleType("pydantic.plugin._loader")
_no_plugins.__dict__["get_plugins"] = tuple
sys.modules.setdefault(_no_plugins.__name__, _no_plugins)
