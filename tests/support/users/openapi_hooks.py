"""What schemathesis must know about Share besides its OpenAPI description."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def pieces_of_an_upload(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """The bytes of an upload are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
