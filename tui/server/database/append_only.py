"""The audit's tables can be appended to and never rewritten: the database itself refuses it."""

from __future__ import annotations

from sqlalchemy import Connection

_APPEND_ONLY = ("audit", "seals", "sealed_heads")
_REFUSED = "the audit can only be appended to"

_SQLITE_TABLE = """
CREATE TRIGGER {table}_no_{lower} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
# REPLACE deletes without a delete trigger, so the place of a row that is there is refused as well.
_SQLITE_REPLACE = """
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE subject = NEW.subject AND sequence = NEW.sequence)
  OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
_SQLITE_HEADS = """
CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, '{refused}'); END;
CREATE TRIGGER audit_heads_no_return BEFORE UPDATE ON audit_heads
WHEN NEW.subject <> OLD.subject OR NEW.sequence < OLD.sequence OR NEW.sealed < OLD.sealed
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""

_POSTGRES_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{refused}'; END $$
"""
_POSTGRES_TABLE = """
CREATE TRIGGER {table}_no_{lower} BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""
_POSTGRES_HEADS = """
CREATE TRIGGER audit_heads_no_return BEFORE UPDATE ON audit_heads FOR EACH ROW
WHEN (NEW.subject <> OLD.subject OR NEW.sequence < OLD.sequence OR NEW.sealed < OLD.sealed)
EXECUTE FUNCTION audit_append_only()
"""


def statements(dialect: str) -> list[str]:
    """What a database of that dialect is told, one statement each."""
    if dialect == "sqlite":
        parts = [
            _SQLITE_TABLE.format(table=table, verb=verb, lower=verb.lower(), refused=_REFUSED)
            for table in _APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        ]
        heads = _SQLITE_HEADS.format(refused=_REFUSED).split("END;\n")
        return [*parts, _SQLITE_REPLACE.format(refused=_REFUSED), heads[0] + "END", heads[1]]
    parts = [
        _POSTGRES_TABLE.format(table=table, verb=verb, lower=verb.lower())
        for table in _APPEND_ONLY
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    ]
    parts += [
        _POSTGRES_TABLE.format(table="audit_heads", verb=verb, lower=verb.lower())
        for verb in ("DELETE", "TRUNCATE")
    ]
    return [_POSTGRES_FUNCTION.format(refused=_REFUSED), *parts, _POSTGRES_HEADS]


def protect(connection: Connection) -> None:
    """Makes the triggers; the tables are there."""
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
