ALTER TABLE installation ADD COLUMN store_id VARCHAR(32);
