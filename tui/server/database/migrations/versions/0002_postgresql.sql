-- Without the index, the rows are written in a fraction of the time.
DROP INDEX ix_documents_words;

UPDATE documents SET words = words || array_to_tsvector(ARRAY[('-' || ((edited_at >> 44) - 0))]);

CREATE INDEX ix_documents_words ON documents USING gin (words) WHERE deleted_at IS NULL;
