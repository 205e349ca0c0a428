"""The length of a text in bytes of UTF-8, on each database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class octet_length(GenericFunction[int]):  # noqa: N801 - the name of the function
    """``octet_length(text)``, which SQLite has only since 3.43."""

    type = Integer()
    inherit_cache = True


@compiles(octet_length, "sqlite")
def _of_sqlite(element: octet_length, compiler: SQLCompiler, **options: Any) -> str:
    return f"length(CAST({compiler.process(element.clauses, **options)} AS BLOB))"
