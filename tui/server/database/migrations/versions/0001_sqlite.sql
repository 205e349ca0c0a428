CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject VARCHAR(64) NOT NULL,
    sequence INTEGER NOT NULL,
    at BIGINT NOT NULL,
    event VARCHAR(32) NOT NULL,
    actor VARCHAR(255),
    address VARCHAR(64),
    agent TEXT,
    details TEXT NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT uq_audit_chain UNIQUE (subject, sequence)
);

CREATE INDEX ix_audit_tries ON audit (subject, at) WHERE event IN ('wrong password', 'unlocked', 'resent');

CREATE TABLE audit_heads (
    subject VARCHAR(64) NOT NULL,
    sequence INTEGER NOT NULL,
    mac BLOB NOT NULL,
    sealed INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_audit_heads PRIMARY KEY (subject)
);

CREATE INDEX ix_audit_heads_unsealed ON audit_heads (subject) WHERE sequence > sealed;

CREATE TABLE seals (
    sequence INTEGER NOT NULL,
    at BIGINT NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT pk_seals PRIMARY KEY (sequence)
);

CREATE TABLE installation (
    id INTEGER NOT NULL,
    key_check BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_installation PRIMARY KEY (id)
);

CREATE TABLE users (
    id VARCHAR(32) NOT NULL,
    name VARCHAR(255) NOT NULL,
    full_name VARCHAR(255),
    email VARCHAR(255),
    admin BOOLEAN NOT NULL,
    password_hash VARCHAR(255),
    created_at BIGINT NOT NULL,
    removed_at BIGINT,
    CONSTRAINT pk_users PRIMARY KEY (id)
);

CREATE INDEX ix_users_name ON users (name);

CREATE UNIQUE INDEX uq_users_present_name ON users (name) WHERE removed_at IS NULL;

CREATE TABLE policy (
    id INTEGER NOT NULL,
    "values" JSON NOT NULL,
    CONSTRAINT pk_policy PRIMARY KEY (id)
);

CREATE TABLE blobs (
    "key" VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_blobs PRIMARY KEY ("key")
);

CREATE TABLE dead_blobs (
    "key" VARCHAR(64) NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT pk_dead_blobs PRIMARY KEY ("key")
);

CREATE TABLE wrong_sign_ins (
    name VARCHAR(255) NOT NULL,
    network VARCHAR(64) NOT NULL,
    tries INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    wait_until BIGINT,
    CONSTRAINT pk_wrong_sign_ins PRIMARY KEY (name, network)
);

CREATE INDEX ix_wrong_sign_ins_last_at ON wrong_sign_ins (last_at);

CREATE TABLE acls (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    everyone VARCHAR(16)
);

CREATE INDEX ix_acls_everyone ON acls (everyone);

CREATE TABLE counters (
    parent BIGINT NOT NULL,
    acl BIGINT NOT NULL,
    containers BIGINT NOT NULL,
    documents BIGINT NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (parent, acl)
);

CREATE TABLE containers (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind VARCHAR(16) NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    parent INTEGER,
    workspace INTEGER,
    owner VARCHAR(255) NOT NULL,
    description TEXT,
    default_security VARCHAR(16) NOT NULL,
    acl BIGINT,
    view_type VARCHAR(16) NOT NULL,
    share_id VARCHAR(32),
    created_at BIGINT NOT NULL,
    edited_at BIGINT NOT NULL,
    deleted_at BIGINT,
    CONSTRAINT fk_containers_parent FOREIGN KEY(parent) REFERENCES containers (number),
    CONSTRAINT fk_containers_workspace FOREIGN KEY(workspace) REFERENCES containers (number),
    CONSTRAINT uq_containers_share_id UNIQUE (share_id)
);

CREATE INDEX ix_containers_kinds ON containers (kind, name_key, number, acl) WHERE deleted_at IS NULL;

CREATE INDEX ix_containers_kind ON containers (kind, acl, name_key, number) WHERE deleted_at IS NULL;

CREATE INDEX ix_containers_names ON containers (parent, name_key, number, acl) WHERE deleted_at IS NULL;

CREATE INDEX ix_containers_children ON containers (parent, acl, name_key, number) WHERE deleted_at IS NULL;

CREATE TABLE emails (
    number BIGINT NOT NULL,
    version INTEGER NOT NULL,
    sender TEXT,
    recipients TEXT,
    cc TEXT,
    bcc TEXT,
    subject TEXT,
    conversation VARCHAR(255),
    sent_at BIGINT,
    received_at BIGINT,
    CONSTRAINT pk_emails PRIMARY KEY (number, version)
);

CREATE TABLE name_values (
    number BIGINT NOT NULL,
    version INTEGER NOT NULL,
    name VARCHAR(255) NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_name_values PRIMARY KEY (number, version, name)
);

CREATE TABLE classes (
    id VARCHAR(64) NOT NULL,
    CONSTRAINT pk_classes PRIMARY KEY (id)
);

CREATE TABLE sealed_heads (
    seal INTEGER NOT NULL,
    subject VARCHAR(64) NOT NULL,
    sequence INTEGER NOT NULL,
    mac BLOB NOT NULL,
    CONSTRAINT pk_sealed_heads PRIMARY KEY (seal, subject),
    CONSTRAINT fk_sealed_heads_seal FOREIGN KEY(seal) REFERENCES seals (sequence)
);

CREATE INDEX ix_sealed_heads_subject ON sealed_heads (subject);

CREATE TABLE tokens (
    id VARCHAR(32) NOT NULL,
    hash BLOB NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT,
    idle_seconds INTEGER,
    revoked_at BIGINT,
    family VARCHAR(32),
    CONSTRAINT pk_tokens PRIMARY KEY (id),
    CONSTRAINT uq_tokens_hash UNIQUE (hash),
    CONSTRAINT fk_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_tokens_user_id ON tokens (user_id);

CREATE INDEX ix_tokens_family ON tokens (family);

CREATE TABLE sign_in_codes (
    hash BLOB NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    client_id VARCHAR(255) NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope VARCHAR(64) NOT NULL,
    challenge VARCHAR(128),
    expires_at BIGINT NOT NULL,
    family VARCHAR(32),
    CONSTRAINT pk_sign_in_codes PRIMARY KEY (hash),
    CONSTRAINT fk_sign_in_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_sign_in_codes_expires_at ON sign_in_codes (expires_at);

CREATE TABLE idempotency (
    user_id VARCHAR(32) NOT NULL,
    "key" VARCHAR(255) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    answer BLOB,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (user_id, "key"),
    CONSTRAINT fk_idempotency_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

CREATE TABLE acl_users (
    user_id VARCHAR(32) NOT NULL,
    acl INTEGER NOT NULL,
    level VARCHAR(16) NOT NULL,
    CONSTRAINT pk_acl_users PRIMARY KEY (user_id, acl),
    CONSTRAINT fk_acl_users_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_acl_users_acl FOREIGN KEY(acl) REFERENCES acls (id)
);

CREATE INDEX ix_acl_users_acl ON acl_users (acl);

CREATE TABLE documents (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    parent INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    last_version INTEGER DEFAULT 1 NOT NULL,
    name_key TEXT NOT NULL,
    edited_at BIGINT NOT NULL,
    default_security VARCHAR(16) NOT NULL,
    acl BIGINT,
    deleted_at BIGINT,
    search_id BIGINT,
    CONSTRAINT fk_documents_parent FOREIGN KEY(parent) REFERENCES containers (number),
    CONSTRAINT uq_documents_search_id UNIQUE (search_id)
);

CREATE INDEX ix_documents_names ON documents (parent, name_key, number, acl) WHERE deleted_at IS NULL;

CREATE INDEX ix_documents_rules ON documents (acl, edited_at, number) WHERE deleted_at IS NULL;

CREATE INDEX ix_documents_edits ON documents (parent, edited_at, number, acl) WHERE deleted_at IS NULL;

CREATE INDEX ix_documents_newest ON documents (edited_at, number, acl) WHERE deleted_at IS NULL;

CREATE INDEX ix_documents_by_edit ON documents (parent, acl, edited_at, number) WHERE deleted_at IS NULL;

CREATE INDEX ix_documents_by_name ON documents (parent, acl, name_key, number) WHERE deleted_at IS NULL;

CREATE TABLE favorites (
    number INTEGER NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    wstype VARCHAR(32) NOT NULL,
    root VARCHAR(16) DEFAULT 'my_favorites' NOT NULL,
    category INTEGER,
    target_number BIGINT,
    target_version INTEGER,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_favorites PRIMARY KEY (number),
    CONSTRAINT fk_favorites_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_favorites_category FOREIGN KEY(category) REFERENCES favorites (number)
);

CREATE INDEX ix_favorites_user_id ON favorites (user_id);

CREATE TABLE folders (
    id VARCHAR(32) NOT NULL,
    owner_id VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    container INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    deleted_at BIGINT,
    CONSTRAINT pk_folders PRIMARY KEY (id),
    CONSTRAINT fk_folders_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT uq_folders_container UNIQUE (container),
    CONSTRAINT fk_folders_container FOREIGN KEY(container) REFERENCES containers (number)
);

CREATE INDEX ix_folders_owner_id ON folders (owner_id);

CREATE TABLE versions (
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    extension VARCHAR(32) NOT NULL,
    type VARCHAR(32) NOT NULL,
    class VARCHAR(64) NOT NULL,
    author VARCHAR(255) NOT NULL,
    operator VARCHAR(255) NOT NULL,
    last_user VARCHAR(255) NOT NULL,
    comment TEXT,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    blob VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT NOT NULL,
    file_created_at BIGINT,
    file_edited_at BIGINT,
    checked_out_by VARCHAR(255),
    checked_out_at BIGINT,
    checked_out_due BIGINT,
    checked_out_path TEXT,
    checked_out_comment TEXT,
    deleted_at BIGINT,
    deleted_by VARCHAR(255),
    CONSTRAINT pk_versions PRIMARY KEY (number, version),
    CONSTRAINT fk_versions_number FOREIGN KEY(number) REFERENCES documents (number),
    CONSTRAINT fk_versions_blob FOREIGN KEY(blob) REFERENCES blobs ("key")
);

CREATE INDEX ix_versions_trash ON versions (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX ix_versions_checked_out ON versions (checked_out_by, checked_out_at) WHERE checked_out_by IS NOT NULL;

CREATE INDEX ix_versions_blob ON versions (blob);

CREATE TABLE recent (
    user_id VARCHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_recent PRIMARY KEY (user_id, number),
    CONSTRAINT fk_recent_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_recent_number FOREIGN KEY(number) REFERENCES documents (number)
);

CREATE INDEX ix_recent_newest ON recent (user_id, at);

CREATE TABLE history (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    user VARCHAR(255) NOT NULL,
    activity VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    application VARCHAR(64) NOT NULL,
    location VARCHAR(255),
    comments TEXT,
    duration INTEGER,
    CONSTRAINT fk_history_number FOREIGN KEY(number) REFERENCES documents (number)
);

CREATE INDEX ix_history_document ON history (number, at);

CREATE TABLE current_folders (
    user_id VARCHAR(32) NOT NULL,
    folder_id VARCHAR(32),
    generation INTEGER NOT NULL,
    CONSTRAINT pk_current_folders PRIMARY KEY (user_id),
    CONSTRAINT fk_current_folders_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_current_folders_folder_id FOREIGN KEY(folder_id) REFERENCES folders (id)
);

CREATE TABLE members (
    folder_id VARCHAR(32) NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    added_at BIGINT NOT NULL,
    CONSTRAINT pk_members PRIMARY KEY (folder_id, user_id),
    CONSTRAINT fk_members_folder_id FOREIGN KEY(folder_id) REFERENCES folders (id),
    CONSTRAINT fk_members_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_members_user_id ON members (user_id);

CREATE TABLE sends (
    id VARCHAR(32) NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    folder_id VARCHAR(32) NOT NULL,
    password_hash VARCHAR(255),
    expires_at BIGINT,
    downloads_permitted INTEGER,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_sends PRIMARY KEY (id),
    CONSTRAINT fk_sends_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_sends_folder_id FOREIGN KEY(folder_id) REFERENCES folders (id)
);

CREATE INDEX ix_sends_user_id ON sends (user_id);

CREATE TABLE uploads (
    id VARCHAR(32) NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    send_id VARCHAR(32) NOT NULL,
    blob_key VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    published_as VARCHAR(32),
    CONSTRAINT pk_uploads PRIMARY KEY (id),
    CONSTRAINT fk_uploads_user_id FOREIGN KEY(user_id) REFERENCES users (id),
    CONSTRAINT fk_uploads_send_id FOREIGN KEY(send_id) REFERENCES sends (id),
    CONSTRAINT uq_uploads_blob_key UNIQUE (blob_key)
);

CREATE INDEX ix_uploads_send_id ON uploads (send_id);

CREATE INDEX ix_uploads_user_id ON uploads (user_id);

CREATE INDEX ix_uploads_expires_at ON uploads (expires_at);

CREATE TABLE sent_documents (
    id VARCHAR(32) NOT NULL,
    folder_id VARCHAR(32) NOT NULL,
    owner_id VARCHAR(32) NOT NULL,
    send_id VARCHAR(32) NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    blob VARCHAR(64),
    source TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    reason VARCHAR(16),
    address_hash BLOB,
    address_sealed BLOB,
    settings INTEGER NOT NULL,
    password_hash VARCHAR(255),
    expires_at BIGINT,
    downloads_permitted INTEGER,
    downloads INTEGER DEFAULT 0 NOT NULL,
    last_download_at BIGINT,
    locked_at BIGINT,
    deleted_at BIGINT,
    purged_at BIGINT,
    CONSTRAINT pk_sent_documents PRIMARY KEY (id),
    CONSTRAINT fk_sent_documents_folder_id FOREIGN KEY(folder_id) REFERENCES folders (id),
    CONSTRAINT fk_sent_documents_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_sent_documents_send_id FOREIGN KEY(send_id) REFERENCES sends (id),
    CONSTRAINT uq_sent_documents_number UNIQUE (number),
    CONSTRAINT fk_sent_documents_blob FOREIGN KEY(blob) REFERENCES blobs ("key"),
    CONSTRAINT uq_sent_documents_address_hash UNIQUE (address_hash)
);

CREATE INDEX ix_sent_documents_by_name ON sent_documents (folder_id, name_key, id);

CREATE INDEX ix_sent_documents_due ON sent_documents (state, expires_at);

CREATE INDEX ix_sent_documents_listing ON sent_documents (folder_id, sent_at, id);

CREATE INDEX ix_sent_documents_blob ON sent_documents (blob);

CREATE INDEX ix_sent_documents_send_id ON sent_documents (send_id);

CREATE INDEX ix_sent_documents_state ON sent_documents (folder_id, state);

CREATE INDEX ix_sent_documents_owner ON sent_documents (owner_id, sent_at, id);

CREATE INDEX ix_sent_documents_trash ON sent_documents (owner_id, state, deleted_at, id);

CREATE TABLE grants (
    hash BLOB NOT NULL,
    document_id VARCHAR(32) NOT NULL,
    settings INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    bytes_given BIGINT DEFAULT 0 NOT NULL,
    bytes_reserved BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_grants PRIMARY KEY (hash),
    CONSTRAINT fk_grants_document_id FOREIGN KEY(document_id) REFERENCES sent_documents (id)
);

CREATE INDEX ix_grants_expires_at ON grants (expires_at);

CREATE INDEX ix_grants_document_id ON grants (document_id);

CREATE TABLE wrong_passwords (
    document_id VARCHAR(32) NOT NULL,
    network VARCHAR(64) NOT NULL,
    settings INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    wait_until BIGINT,
    CONSTRAINT pk_wrong_passwords PRIMARY KEY (document_id, network),
    CONSTRAINT fk_wrong_passwords_document_id FOREIGN KEY(document_id) REFERENCES sent_documents (id)
);

CREATE INDEX ix_wrong_passwords_last_at ON wrong_passwords (last_at);

CREATE TABLE views (
    document_id VARCHAR(32) NOT NULL,
    network VARCHAR(64) NOT NULL,
    event VARCHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_views PRIMARY KEY (document_id, network, event),
    CONSTRAINT fk_views_document_id FOREIGN KEY(document_id) REFERENCES sent_documents (id)
);

CREATE INDEX ix_views_at ON views (at);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER seals_no_update BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER sealed_heads_no_update BEFORE UPDATE ON sealed_heads
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER sealed_heads_no_delete BEFORE DELETE ON sealed_heads
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

-- REPLACE deletes without a delete trigger, so the place of a row that is there is refused as well.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE subject = NEW.subject AND sequence = NEW.sequence)
  OR EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER audit_heads_no_delete BEFORE DELETE ON audit_heads
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

CREATE TRIGGER audit_heads_no_return BEFORE UPDATE ON audit_heads
WHEN NEW.subject <> OLD.subject OR NEW.sequence < OLD.sequence OR NEW.sealed < OLD.sealed
BEGIN SELECT RAISE(ABORT, 'the audit can only be appended to'); END;

-- Words are told apart before they are put in. Each length of a beginning has an index of its own: to gather the
-- terms that begin so would take longer the more documents there are.
CREATE VIRTUAL TABLE search USING fts5(
    words, place, tokenize = "ascii tokenchars '_'", prefix = '1 2 3 4 5 6 7', detail = none
);
