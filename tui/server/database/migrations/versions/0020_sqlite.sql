CREATE INDEX ix_blobs_damaged ON blobs (key) WHERE damaged IS NOT NULL;
