ALTER TABLE grants ADD COLUMN delivered_at BIGINT;

ALTER TABLE grants ADD COLUMN bytes_permitted BIGINT;

UPDATE grants SET
    delivered_at = expires_at - 600000000,
    bytes_permitted = 3 * (SELECT size FROM sent_documents WHERE id = document_id)
WHERE pieces = (SELECT '[[0,' || size || ']]' FROM sent_documents WHERE id = document_id);
