ALTER TABLE grants ADD COLUMN network VARCHAR(64);

CREATE TABLE grant_events (
    hash BYTEA NOT NULL,
    network VARCHAR(64) NOT NULL,
    event VARCHAR(32) NOT NULL,
    CONSTRAINT pk_grant_events PRIMARY KEY (hash, network, event),
    CONSTRAINT fk_grant_events_hash FOREIGN KEY(hash) REFERENCES grants (hash) ON DELETE CASCADE
);

ALTER TABLE wrong_passwords ADD COLUMN attempt BYTEA;
