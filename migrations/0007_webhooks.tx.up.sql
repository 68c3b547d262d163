-- Addresses that are told of changes. position is how far the change log is queued for the webhook. Nothing is sent before not_before: a delivery is
-- under way until then, or the receiver is left alone; whom it was earliest comes first. secret must be known to sign with.
CREATE TABLE webhook (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    url           text NOT NULL,
    secret        text NOT NULL,
    role          text NOT NULL,
    ags           text COLLATE "C" REFERENCES municipality,
    region_key    text COLLATE "C" REFERENCES region,
    provider_id   uuid REFERENCES provider ON DELETE CASCADE,
    filter        jsonb,
    position      bigint NOT NULL,
    not_before    timestamptz NOT NULL,
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    paused_at     timestamptz,
    paused_reason text,
    failing_since timestamptz,
    CHECK (num_nonnulls(ags, region_key, provider_id) = CASE role WHEN 'OPERATOR' THEN 0 ELSE 1 END)
);
CREATE INDEX webhook_owner ON webhook (provider_id, ags, region_key);
CREATE INDEX webhook_position ON webhook (position) WHERE paused_at IS NULL;
CREATE INDEX webhook_turn ON webhook (not_before) WHERE paused_at IS NULL;

-- One row for each change that a webhook is told of: the queue, and the log of what became of it.
CREATE TABLE webhook_delivery (
    id          uuid PRIMARY KEY,
    webhook_id  uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    position    bigint NOT NULL, -- of the change
    at          timestamptz NOT NULL, -- of the change
    offering_id uuid NOT NULL,
    gone        boolean NOT NULL,
    state       text NOT NULL CHECK (state IN ('PENDING', 'DONE', 'FAILED')),
    attempts    integer NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL,
    status      integer,
    error       text,
    took_ms     integer,
    created_at  timestamptz NOT NULL,
    done_at     timestamptz,
    UNIQUE (webhook_id, position)
);
CREATE INDEX webhook_delivery_pending ON webhook_delivery (webhook_id, position) INCLUDE (next_at) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_done ON webhook_delivery (done_at) WHERE state <> 'PENDING';
