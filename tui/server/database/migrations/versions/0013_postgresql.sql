ALTER TABLE sends ADD COLUMN recipients TEXT;

ALTER TABLE sent_documents ADD COLUMN recipients TEXT;

CREATE INDEX ix_sent_documents_recipients ON sent_documents (owner_id, sent_at) WHERE recipients IS NOT NULL;
