ALTER TABLE sent_documents ADD COLUMN matter TEXT;

ALTER TABLE sent_documents ADD COLUMN source_key TEXT;

ALTER TABLE sent_documents ADD COLUMN recipients_key TEXT;

ALTER TABLE sent_documents ADD COLUMN recipients_rest TEXT;

ALTER TABLE sent_documents ADD COLUMN collected BOOLEAN DEFAULT 0 NOT NULL;

UPDATE sent_documents SET collected = 1 WHERE downloads > 0;
