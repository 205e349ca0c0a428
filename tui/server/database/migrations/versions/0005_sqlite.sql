ALTER TABLE containers ADD COLUMN owner_id VARCHAR(32) CONSTRAINT fk_containers_owner_id REFERENCES users (id);

ALTER TABLE documents ADD COLUMN owner_id VARCHAR(32) CONSTRAINT fk_documents_owner_id REFERENCES users (id);

ALTER TABLE documents ADD COLUMN class VARCHAR(64);

ALTER TABLE versions ADD COLUMN checked_out_id VARCHAR(32) CONSTRAINT fk_versions_checked_out_id REFERENCES users (id);

-- Whoever had the name at that time. Of documents that were there before the account, the first who had it.
UPDATE containers SET owner_id = coalesce(
    (SELECT folders.owner_id FROM folders WHERE folders.container = containers.number),
    (
        SELECT users.id FROM users
        WHERE users.name = containers.owner AND users.created_at <= containers.created_at
        AND (users.removed_at IS NULL OR users.removed_at > containers.created_at)
        LIMIT 1
    ),
    (
        SELECT users.id FROM users WHERE users.name = containers.owner
        ORDER BY users.created_at, users.id LIMIT 1
    )
);

-- A document is whose who put it in, as its history says: its author is what anybody wrote there.
UPDATE documents SET
    class = (
        SELECT versions.class FROM versions
        WHERE versions.number = documents.number AND versions.version = documents.latest
    ),
    owner_id = coalesce(
        (SELECT sent_documents.owner_id FROM sent_documents WHERE sent_documents.number = documents.number),
        (
            SELECT users.id FROM history JOIN users ON users.name = history."user"
            WHERE history.number = documents.number AND history.activity = 'NEWDOCUMENT'
            AND users.created_at <= history.at AND (users.removed_at IS NULL OR users.removed_at > history.at)
            LIMIT 1
        ),
        (
            SELECT users.id FROM history JOIN users ON users.name = history."user"
            WHERE history.number = documents.number AND history.activity = 'NEWDOCUMENT'
            ORDER BY users.created_at, users.id LIMIT 1
        )
    );

CREATE INDEX ix_documents_classes ON documents (acl, class) WHERE deleted_at IS NULL;

DROP TABLE classes;

-- What somebody has checked out who has been removed is free.
UPDATE versions SET checked_out_id = (
    SELECT users.id FROM users
    WHERE users.name = versions.checked_out_by AND users.removed_at IS NULL
    AND (users.created_at <= versions.checked_out_at OR NOT EXISTS (
        SELECT 1 FROM users AS earlier WHERE earlier.name = users.name AND earlier.id <> users.id
    ))
)
WHERE checked_out_by IS NOT NULL;

UPDATE versions SET
    checked_out_by = NULL,
    checked_out_at = NULL,
    checked_out_due = NULL,
    checked_out_path = NULL,
    checked_out_comment = NULL
WHERE checked_out_by IS NOT NULL AND checked_out_id IS NULL;

CREATE TRIGGER containers_owner_once BEFORE UPDATE OF owner_id ON containers
WHEN old.owner_id IS NOT NULL AND new.owner_id IS NOT old.owner_id
BEGIN SELECT RAISE(ABORT, 'an owner is written once'); END;

CREATE TRIGGER documents_owner_once BEFORE UPDATE OF owner_id ON documents
WHEN old.owner_id IS NOT NULL AND new.owner_id IS NOT old.owner_id
BEGIN SELECT RAISE(ABORT, 'an owner is written once'); END;
