ALTER TABLE sent_documents ADD COLUMN ended_by VARCHAR(16);
