ALTER TABLE sent_documents ADD COLUMN unpublished_at BIGINT;
