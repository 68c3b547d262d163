-- Posting: who acts, histories, the change log.

-- A key acts in a role, over a provider, a municipality, a region, or everything.
ALTER TABLE api_key
    ADD role         text,
    ADD region_key   text COLLATE "C" REFERENCES region,
    ADD last_used_at timestamptz,
    ADD uses_left    integer, -- of a link that posts once; NULL: no limit
    ADD created_by   text NOT NULL DEFAULT '';
UPDATE api_key SET role = CASE
    WHEN provider_id IS NULL THEN 'EDITOR'
    WHEN 'PUBLISH' = ANY(scopes) THEN 'TRUSTED'
    ELSE 'MEMBER' END;
ALTER TABLE api_key
    ALTER role SET NOT NULL,
    ADD CONSTRAINT api_key_role CHECK (role IN ('MEMBER', 'TRUSTED', 'EDITOR', 'REVIEWER', 'OPERATOR')),
    DROP CONSTRAINT api_key_check,
    ADD CONSTRAINT api_key_area CHECK (num_nonnulls(ags, provider_id, region_key) = CASE role WHEN 'OPERATOR' THEN 0 ELSE 1 END);

ALTER TABLE offering
    ADD exceptions        jsonb,
    ADD publish_at        timestamptz,
    ADD expires_at        timestamptz,
    ADD held              jsonb,
    ADD review_note       text,
    ADD review_by         timestamptz,
    ADD change_action     text NOT NULL DEFAULT 'SAVE',
    ADD change_actor_kind text NOT NULL DEFAULT 'SYSTEM',
    ADD change_actor_id   uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    ADD change_actor_name text NOT NULL DEFAULT '';
UPDATE offering SET review_by = coalesce(confirmed_at, updated_at) + interval '1 year' WHERE schedule IS NULL;
CREATE INDEX offering_publish_at ON offering (publish_at) WHERE status = 'DRAFT' AND publish_at IS NOT NULL;
CREATE INDEX offering_expires_at ON offering (expires_at) WHERE status = 'PUBLISHED' AND expires_at IS NOT NULL;
CREATE INDEX offering_ags ON offering (ags, updated_at DESC, id);
CREATE INDEX offering_provider ON offering (provider_id, updated_at DESC, id);
ALTER TABLE occurrence ADD added boolean NOT NULL DEFAULT false;

-- The versions that an offering had before: its own columns as they were.
CREATE TABLE revision (
    offering_id uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    version     integer NOT NULL,
    content     jsonb NOT NULL,
    PRIMARY KEY (offering_id, version)
);

-- One row for each change that the public can see, in the transaction that makes it. Rows get their position when that is committed (see
-- store/change.go), so that whoever reads on from a position misses nothing, in whatever order transactions end.
CREATE TABLE change (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position bigint UNIQUE,
    at       timestamptz NOT NULL,
    noun     text NOT NULL CHECK (noun IN ('OFFERING', 'PROVIDER', 'CALENDAR')),
    key      uuid NOT NULL,
    gone     boolean NOT NULL,
    before   jsonb, -- by what lists find it, before and after
    after    jsonb
);
CREATE INDEX change_new ON change (id) WHERE position IS NULL;
CREATE INDEX change_key ON change (key, position);
INSERT INTO change (position, at, noun, key, gone)
    SELECT row_number() OVER (ORDER BY updated_at, id), updated_at, 'OFFERING', id, false FROM offering WHERE status = 'PUBLISHED';

-- The answers to mutations that carried an Idempotency-Key, in the transaction that made them.
CREATE TABLE idempotency (
    actor_id   uuid NOT NULL,
    key        text NOT NULL,
    request    bytea NOT NULL,
    response   bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- What operators want to know afterwards: keys, rights, reviews, decisions.
CREATE TABLE audit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id   uuid NOT NULL,
    actor_name text NOT NULL,
    action     text NOT NULL,
    subject    text NOT NULL,
    detail     jsonb
);
CREATE INDEX audit_actor ON audit (actor_id);
