CREATE INDEX audit_by_subject ON audit (tenant_id, subject);
