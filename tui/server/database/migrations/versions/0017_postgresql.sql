CREATE FUNCTION note_changed(changed_subject text, was_inserted boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('pg_temp.changed_objects') IS NOT NULL THEN
        INSERT INTO pg_temp.changed_objects AS noted VALUES (changed_subject, was_inserted)
        ON CONFLICT (subject) DO UPDATE SET inserted = true WHERE excluded.inserted AND NOT noted.inserted; END IF; END $$;

CREATE FUNCTION watch_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM note_changed(TG_ARGV[0] || ':' || OLD.id, false); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM note_changed(TG_ARGV[0] || ':' || NEW.id, TG_OP = 'INSERT' AND TG_ARGV[1] = 'whole'); END IF;
    RETURN NULL; END $$;

CREATE FUNCTION watch_folder_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM note_changed(TG_ARGV[0] || ':' || OLD.folder_id, false); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM note_changed(TG_ARGV[0] || ':' || NEW.folder_id, TG_OP = 'INSERT' AND TG_ARGV[1] = 'whole'); END IF;
    RETURN NULL; END $$;

CREATE FUNCTION watch_acl() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM note_changed(TG_ARGV[0] || ':' || OLD.acl, false); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM note_changed(TG_ARGV[0] || ':' || NEW.acl, TG_OP = 'INSERT' AND TG_ARGV[1] = 'whole'); END IF;
    RETURN NULL; END $$;

CREATE FUNCTION watch_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM note_changed(TG_ARGV[0] || ':' || OLD.number, false); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM note_changed(TG_ARGV[0] || ':' || NEW.number, TG_OP = 'INSERT' AND TG_ARGV[1] = 'whole'); END IF;
    RETURN NULL; END $$;

CREATE TRIGGER policy_watched AFTER INSERT OR DELETE OR UPDATE OF
    id, "values"
ON policy FOR EACH ROW EXECUTE FUNCTION watch_id('policy', 'whole');

CREATE TRIGGER users_watched AFTER INSERT OR DELETE OR UPDATE OF
    id, name, full_name, email, admin, password_hash, created_at, removed_at
ON users FOR EACH ROW EXECUTE FUNCTION watch_id('account', 'whole');

CREATE TRIGGER tokens_watched AFTER INSERT OR DELETE OR UPDATE OF
    id, hash, user_id, kind, created_at, expires_at, idle_seconds, revoked_at, family
ON tokens FOR EACH ROW EXECUTE FUNCTION watch_id('token', 'whole');

CREATE TRIGGER tokens_used_watched AFTER UPDATE OF used_at ON tokens FOR EACH ROW
WHEN (OLD.used_at / 86400000000 <> NEW.used_at / 86400000000)
EXECUTE FUNCTION watch_id('token', 'part');

CREATE TRIGGER folders_watched AFTER INSERT OR DELETE OR UPDATE OF
    id, owner_id, name, container, created_at, deleted_at
ON folders FOR EACH ROW EXECUTE FUNCTION watch_id('members', 'whole');

CREATE TRIGGER members_watched AFTER INSERT OR DELETE OR UPDATE OF
    folder_id, user_id
ON members FOR EACH ROW EXECUTE FUNCTION watch_folder_id('members', 'part');

CREATE TRIGGER acls_watched AFTER INSERT OR DELETE OR UPDATE OF
    id, everyone
ON acls FOR EACH ROW EXECUTE FUNCTION watch_id('rule', 'whole');

CREATE TRIGGER acl_users_watched AFTER INSERT OR DELETE OR UPDATE OF
    acl, user_id, level
ON acl_users FOR EACH ROW EXECUTE FUNCTION watch_acl('rule', 'part');

CREATE TRIGGER containers_watched AFTER INSERT OR DELETE OR UPDATE OF
    number, kind, name, parent, workspace, owner_id, owner, default_security, acl, view_type, share_id, created_at, deleted_at
ON containers FOR EACH ROW EXECUTE FUNCTION watch_number('container', 'whole');

CREATE TRIGGER documents_watched AFTER INSERT OR DELETE OR UPDATE OF
    number, parent, latest, last_version, owner_id, default_security, acl, deleted_at
ON documents FOR EACH ROW EXECUTE FUNCTION watch_number('versions', 'whole');

CREATE TRIGGER versions_watched AFTER INSERT OR DELETE OR UPDATE OF
    number, version, name, extension, type, class, author, size, sha256, blob, created_at, checked_out_id, deleted_at
ON versions FOR EACH ROW EXECUTE FUNCTION watch_number('versions', 'part');
