"""The embedded server: stores the documents (Work), publishes the links (Share) and serves the recipients.

Of the rest of the program it imports only ``rules`` and ``wire``; everything else talks to it over HTTP.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel, ConfigDict

# FastAPI has models of everything that can be in an API's description, and would build them when it is imported.
BaseModel.model_config = ConfigDict(defer_build=True)

# It would import pydantic's old interface, too, only to ask of each type whether it belongs to that. ``None`` makes the
# import fail, which FastAPI expects where there is no such interface. Together, these two take 3 MB.
_modules: dict[str, Any] = sys.modules
_modules.setdefault("pydantic.v1", None)
