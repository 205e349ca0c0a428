ALTER TABLE sends ADD COLUMN began_at BIGINT;

ALTER TABLE sent_documents ADD COLUMN position BIGINT DEFAULT 0 NOT NULL;

UPDATE sent_documents
SET position = (placed.created_at / 1000) * 1048576 + 1048576 - placed.number
FROM (
    SELECT d.id, s.created_at, row_number() OVER (PARTITION BY d.send_id ORDER BY d.number) AS number
    FROM sent_documents AS d JOIN sends AS s ON s.id = d.send_id
) AS placed
WHERE placed.id = sent_documents.id;

DROP INDEX ix_sent_documents_listing;

DROP INDEX ix_sent_documents_owner;

CREATE INDEX ix_sent_documents_positions ON sent_documents (folder_id, position, id);

CREATE INDEX ix_sent_documents_own_positions ON sent_documents (owner_id, position, id);
