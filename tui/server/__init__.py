"""The embedded server: stores the documents (Work), publishes the links (Share) and serves the recipients.

Of the rest of the program it imports only ``rules`` and ``wire``; everything else talks to it over HTTP.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict

# FastAPI has models of everything that can be in an API's description, and would build them when it is imported.
BaseModel.model_config = ConfigDict(defer_build=True)

# It would import pydantic's old interface, too, only to ask of each type whether it belongs to that. ``None`` makes the
# import fail, which FastAPI expects where there is no such interface. Together, these two take 3 MB.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("pydantic.v1", None)


class _Empty(ModuleType):
    """A module of which everyone may import any name, but nothing."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


# SQLAlchemy's asynchronous engine comes with sessions, and those with the whole of its ORM: 6 MB, and a tenth of the
# time that a server takes to start. This server has statements and tables only.
for _name in ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio.scoping"):
    _modules.setdefault(_name, _Empty(_name))
