DROP INDEX IF EXISTS ix_audit_heads_unsealed;

CREATE INDEX ix_audit_heads_unsealed ON audit_heads (subject) WHERE sequence <> sealed;

DROP TRIGGER IF EXISTS audit_heads_no_return;

CREATE TRIGGER audit_heads_no_return BEFORE UPDATE ON audit_heads
WHEN NEW.subject <> OLD.subject OR NEW.sequence < OLD.sequence
  OR (NEW.sealed < OLD.sealed AND NEW.sealed <> NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;
