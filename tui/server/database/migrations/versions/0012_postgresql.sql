ALTER TABLE users ADD COLUMN notified_at BIGINT;

ALTER TABLE sends ADD COLUMN notify BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE sent_documents ADD COLUMN notify BOOLEAN DEFAULT false NOT NULL;

CREATE TABLE notifications (
    id VARCHAR(32) NOT NULL,
    user_id VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    address VARCHAR(64),
    CONSTRAINT pk_notifications PRIMARY KEY (id),
    CONSTRAINT fk_notifications_user_id FOREIGN KEY(user_id) REFERENCES users (id)
);

CREATE INDEX ix_notifications_user_id ON notifications (user_id);

CREATE INDEX ix_notifications_at ON notifications (at);
