"""The base of all of Share's messages."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema

#: A SHA-256 as 64 hexadecimal digits.
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _no_number(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("A time is text, as in RFC 3339.")
    return value


#: A time with its offset. Numbers, which would be seconds since 1970, are refused, as the description has none.
SentMoment = Annotated[AwareDatetime, BeforeValidator(_no_number)]


class Message(BaseModel):
    """A message. Unknown fields are ignored, so that newer servers can add some."""

    # Models are built on first use, because most programs use only a few.
    model_config = ConfigDict(extra="ignore", defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lists are read up to their first wrong entry: a megabyte of ``{}`` would have a gigabyte of errors."""
        schema = handler(source)
        _fail_fast(schema)
        return schema


def _fail_fast(schema: Any) -> None:
    if schema["type"] in ("list", "tuple"):
        schema["fail_fast"] = True
    for inner in (schema.get("schema"), schema.get("items_schema"), *schema.get("fields", {}).values()):
        if isinstance(inner, dict):
            _fail_fast(inner)
    for choice in schema.get("choices", ()):
        _fail_fast(choice[0] if isinstance(choice, tuple) else choice)
