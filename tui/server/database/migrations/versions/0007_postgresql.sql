CREATE TABLE refused_sign_ins (
    subject VARCHAR(64) NOT NULL,
    network VARCHAR(64) NOT NULL,
    since BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    CONSTRAINT pk_refused_sign_ins PRIMARY KEY (subject, network)
);

CREATE INDEX ix_refused_sign_ins_since ON refused_sign_ins (since);

ALTER TABLE audit_heads ADD COLUMN head_mac BYTEA;

ALTER TABLE installation ADD COLUMN anchor_sequence INTEGER;

ALTER TABLE installation ADD COLUMN anchor_seal BYTEA;

ALTER TABLE installation ADD COLUMN anchor_mac BYTEA;

ALTER TABLE installation ADD COLUMN signing_key BYTEA;

ALTER TABLE audit ADD COLUMN state BYTEA;

ALTER TABLE blobs ADD COLUMN damaged VARCHAR(128);

ALTER TABLE grants ADD COLUMN undone_at BIGINT;
