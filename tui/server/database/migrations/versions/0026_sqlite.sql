ALTER TABLE installation ADD COLUMN store_url TEXT;

ALTER TABLE sealed_pieces ADD COLUMN store VARCHAR(32);

ALTER TABLE processes ADD COLUMN store_seen VARCHAR(100);

ALTER TABLE processes ADD COLUMN store_trouble TEXT;

CREATE TABLE store_moves (
    id INTEGER NOT NULL,
    step VARCHAR(8),
    tag VARCHAR(32),
    source_id VARCHAR(32),
    source_url TEXT,
    target_id VARCHAR(32),
    target_url TEXT,
    CONSTRAINT pk_store_moves PRIMARY KEY (id)
);

INSERT INTO store_moves (id) VALUES (1);
