DROP INDEX IF EXISTS ix_uploads_unfinished;

CREATE INDEX ix_uploads_unfinished ON uploads (expires_at, size) WHERE published_as IS NULL;
