DROP INDEX IF EXISTS ix_audit_heads_unsealed;

CREATE INDEX ix_audit_heads_unsealed ON audit_heads (subject) WHERE sequence <> sealed;

DROP TRIGGER IF EXISTS audit_heads_no_return ON audit_heads;

CREATE TRIGGER audit_heads_no_return BEFORE UPDATE ON audit_heads FOR EACH ROW
WHEN (
    NEW.subject <> OLD.subject OR NEW.sequence < OLD.sequence
    OR (NEW.sealed < OLD.sealed AND NEW.sealed <> NEW.sequence)
)
EXECUTE FUNCTION audit_append_only();
