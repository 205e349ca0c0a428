"""Parts of libraries that this server doesn't need, and that they would load with what it does need.

Together they take 10 MB of each server, and a seventh of the time that it takes to start.
``tests/unit/test_imports.py`` fails if one of them is no longer loaded anyway, or is loaded in spite of this.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict

#: The sessions of SQLAlchemy's asynchronous engine, which import the whole of its ORM (6 MB). The server has statements
#: and tables only.
_SESSIONS = ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio.scoping")
#: uvicorn's command line, which imports click and multiprocessing.
_COMMAND = "uvicorn.main"


class _Empty(ModuleType):
    """A module of which everyone may import any name, but nothing."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


def leave_out() -> None:
    """Must be called before these libraries are imported. Whatever has been imported by then stays as it is."""
    modules: dict[str, Any] = sys.modules
    for name in (*_SESSIONS, _COMMAND):
        modules.setdefault(name, _Empty(name))
    # FastAPI imports pydantic's old interface only to ask of each type whether it belongs to that. ``None`` makes the
    # import fail, which FastAPI expects where there is no such interface.
    modules.setdefault("pydantic.v1", None)
    # FastAPI has models of everything that can be in an API's description. They are built when they are needed, instead
    # of when they are imported: 3 MB with the above.
    BaseModel.model_config = ConfigDict(defer_build=True)
