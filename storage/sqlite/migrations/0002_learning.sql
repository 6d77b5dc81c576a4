-- What residents allowed BART to learn from. Without its key in the vault a row here is noise.
CREATE TABLE examples (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    person TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    until TEXT NOT NULL,
    key_id BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;

CREATE INDEX examples_by_person ON examples (group_id, person);
CREATE INDEX examples_by_time ON examples (kept_at);

-- Who does not want to be asked for examples again.
ALTER TABLE members ADD COLUMN no_learning INTEGER NOT NULL DEFAULT 0;
