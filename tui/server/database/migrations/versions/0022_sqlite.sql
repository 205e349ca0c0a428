ALTER TABLE installation ADD COLUMN sealing VARCHAR(8);

CREATE TABLE sealed_contents (
    "key" VARCHAR(64) NOT NULL,
    wrapped BLOB NOT NULL,
    wrapped_by VARCHAR(32) NOT NULL,
    mac BLOB,
    CONSTRAINT pk_sealed_contents PRIMARY KEY ("key")
);

CREATE INDEX ix_sealed_contents_wrapped_by ON sealed_contents (wrapped_by);

CREATE TABLE sealed_pieces (
    content VARCHAR(64) NOT NULL,
    number INTEGER NOT NULL,
    name VARCHAR(64) NOT NULL,
    salt BLOB NOT NULL,
    stored BIGINT,
    used BIGINT NOT NULL,
    CONSTRAINT pk_sealed_pieces PRIMARY KEY (content, number),
    CONSTRAINT fk_sealed_pieces_content_sealed_contents FOREIGN KEY(content) REFERENCES sealed_contents ("key"),
    CONSTRAINT uq_sealed_pieces_name UNIQUE (name)
);
