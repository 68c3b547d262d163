DROP TABLE audit, idempotency, change, revision;
ALTER TABLE occurrence DROP added;
DROP INDEX offering_ags, offering_provider;
ALTER TABLE offering
    DROP exceptions, DROP publish_at, DROP expires_at, DROP held, DROP review_note, DROP review_by,
    DROP change_action, DROP change_actor_kind, DROP change_actor_id, DROP change_actor_name;
DELETE FROM api_key WHERE num_nonnulls(ags, provider_id) <> 1;
ALTER TABLE api_key
    DROP CONSTRAINT api_key_area, DROP CONSTRAINT api_key_role,
    DROP role, DROP region_key, DROP last_used_at, DROP uses_left, DROP created_by,
    ADD CONSTRAINT api_key_check CHECK (num_nonnulls(ags, provider_id) = 1);
