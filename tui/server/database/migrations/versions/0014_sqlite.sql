CREATE INDEX ix_grants_presses ON grants (document_id, network, created_at);

DROP INDEX ix_grants_document_id;
