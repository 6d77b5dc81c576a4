-- name: read_account
SELECT * FROM accounts WHERE name = :name;

-- name: read_accounts
SELECT * FROM accounts ORDER BY name;

-- name: save_account
INSERT INTO accounts (name, tenant_id, roles, password, created_at, disabled, failures, locked_until)
VALUES (:name, :tenant_id, :roles, :password, :created_at, :disabled, :failures, :locked_until)
ON CONFLICT (name) DO UPDATE SET
    tenant_id = excluded.tenant_id, roles = excluded.roles, password = excluded.password,
    created_at = excluded.created_at, disabled = excluded.disabled, failures = excluded.failures,
    locked_until = excluded.locked_until;

-- name: add_session
INSERT INTO sessions (token, account, csrf, expires_at) VALUES (:token, :account, :csrf, :expires_at);

-- name: read_session
SELECT * FROM sessions WHERE token = :token AND expires_at > :now;

-- name: close_session
DELETE FROM sessions WHERE token = :token;

-- name: add_audit
INSERT INTO audit (at, tenant_id, actor, act, subject) VALUES (:at, :tenant_id, :actor, :act, :subject);

-- name: read_audit_about
SELECT at, tenant_id, actor, act, subject FROM audit
WHERE tenant_id = :tenant AND subject = :subject ORDER BY id DESC LIMIT :most;

-- name: read_audit
SELECT at, tenant_id, actor, act, subject FROM audit ORDER BY id DESC LIMIT :most;
