ALTER TABLE sent_documents ADD COLUMN source_name TEXT;
