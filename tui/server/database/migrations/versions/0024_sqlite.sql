CREATE TABLE wrapping (
    id INTEGER NOT NULL,
    wrapped_by VARCHAR(32),
    first_key BLOB,
    next_key BLOB,
    CONSTRAINT pk_wrapping PRIMARY KEY (id)
);

INSERT INTO wrapping (id) VALUES (1);

CREATE TABLE processes (
    id VARCHAR(64) NOT NULL,
    realm VARCHAR(128) NOT NULL,
    number INTEGER NOT NULL,
    version VARCHAR(64) NOT NULL,
    wraps_with VARCHAR(32) NOT NULL,
    CONSTRAINT pk_processes PRIMARY KEY (id)
);
