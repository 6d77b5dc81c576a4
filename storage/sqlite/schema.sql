-- Times are UTC, ISO 8601 with microseconds, so that text order is time order.
-- `record` holds the whole record as JSON; the columns beside it repeat what is queried or read by people.

CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    account TEXT NOT NULL,
    room TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    share_days INTEGER NOT NULL,
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (account, room)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    "key" TEXT NOT NULL,
    role TEXT NOT NULL,
    opted_out INTEGER NOT NULL,
    present INTEGER NOT NULL,
    no_learning INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (group_id, "key")
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    desk TEXT NOT NULL,
    reference TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    filed_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    record TEXT NOT NULL
) STRICT;

CREATE INDEX reports_by_reference ON reports (desk, reference);
CREATE INDEX reports_by_time ON reports (filed_at, id);
CREATE INDEX reports_open ON reports (filed_at, id) WHERE status NOT IN ('closed', 'cancelled');
CREATE INDEX reports_by_status ON reports (status);

CREATE TABLE incidents (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    stage TEXT NOT NULL,
    category TEXT NOT NULL,
    began_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    deadline TEXT,
    report_id TEXT,
    neighbours INTEGER NOT NULL,
    archived INTEGER NOT NULL DEFAULT 0,
    record TEXT NOT NULL
) STRICT;

CREATE INDEX incidents_live ON incidents (group_id, began_at) WHERE archived = 0;
CREATE INDEX incidents_live_by_stage ON incidents (stage, changed_at) WHERE archived = 0;
CREATE INDEX incidents_by_report ON incidents (report_id, group_id) WHERE report_id IS NOT NULL;
CREATE INDEX incidents_by_group ON incidents (group_id);

CREATE TABLE consents (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    incident_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at TEXT NOT NULL,
    policy TEXT NOT NULL,
    neutral INTEGER NOT NULL,
    commitment TEXT NOT NULL,
    text_version TEXT NOT NULL,
    confirmed_by TEXT
) STRICT;

CREATE INDEX consents_by_incident ON consents (incident_id);

CREATE TRIGGER consents_once BEFORE INSERT ON consents WHEN EXISTS (SELECT 1 FROM consents WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END;
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents
BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END;
CREATE TRIGGER consents_remain BEFORE DELETE ON consents
BEGIN SELECT RAISE(ABORT, 'consents are append-only'); END;

CREATE TABLE evidence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    incident_id TEXT,
    person TEXT NOT NULL,
    at TEXT NOT NULL,
    act TEXT NOT NULL,
    text_version TEXT NOT NULL
) STRICT;

CREATE INDEX evidence_by_group ON evidence (group_id);

CREATE TRIGGER evidence_once BEFORE INSERT ON evidence WHEN EXISTS (SELECT 1 FROM evidence WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_stays BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_remains BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;

CREATE TABLE contributions (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    consent_id TEXT
) STRICT;

CREATE INDEX contributions_by_incident ON contributions (incident_id);

CREATE TABLE prompts (
    incident_id TEXT PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    asked_at TEXT NOT NULL,
    author TEXT,
    answer TEXT NOT NULL,
    answered_at TEXT
) STRICT;

CREATE INDEX prompts_by_group ON prompts (group_id, asked_at);
CREATE INDEX prompts_by_time ON prompts (asked_at);
CREATE INDEX prompts_with_author ON prompts (asked_at) WHERE author IS NOT NULL;

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

CREATE TABLE traffic (
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    day TEXT NOT NULL,
    messages INTEGER NOT NULL,
    bot_posts INTEGER NOT NULL,
    PRIMARY KEY (group_id, day)
) STRICT, WITHOUT ROWID;

-- Ciphertext only. Without its key in the vault a row here is noise.
CREATE TABLE sealed (
    incident_id TEXT PRIMARY KEY REFERENCES incidents (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    key_id BLOB NOT NULL,
    content BLOB NOT NULL
) STRICT;

-- Which key of the vault seals the addresses in work rows written on a day.
CREATE TABLE day_keys (
    day TEXT PRIMARY KEY,
    key_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- `owner` is the process that has leased the row. Ids go up and are never used again: they are the order.
CREATE TABLE work (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id TEXT,
    action TEXT NOT NULL,
    idem TEXT NOT NULL,
    "key" TEXT NOT NULL,
    lane INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    not_after TEXT,
    group_id TEXT,
    incident_id TEXT,
    args TEXT NOT NULL,
    to_key BLOB,
    to_sealed BLOB,
    attempts INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'parked')),
    owner TEXT,
    parked_at TEXT,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX work_due ON work (due_at) WHERE state = 'queued' AND owner IS NULL;
CREATE INDEX work_by_key ON work ("key", id) WHERE "key" <> '';
CREATE INDEX work_leased ON work (owner) WHERE owner IS NOT NULL;
CREATE INDEX work_parked ON work (parked_at) WHERE state = 'parked';
CREATE INDEX work_by_group ON work (group_id);
CREATE INDEX work_with_address ON work (to_key) WHERE to_key IS NOT NULL;

-- Keyed hashes of every `idem` ever: 32 characters an effect, kept for ever because the promise is for ever.
CREATE TABLE work_seen (
    idem TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    cursor TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    hash TEXT PRIMARY KEY,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_by_time ON deliveries (at);

CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    roles TEXT NOT NULL,
    password TEXT NOT NULL,
    created_at TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    locked_until TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    csrf TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_time ON sessions (expires_at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_subject ON audit (tenant_id, subject);

CREATE TRIGGER audit_once BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_remains BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
