-- Harvesting: when sources are read and how it went, what they said of each thing, what is one thing by whose word.

ALTER TABLE source
    ADD provider_id   uuid REFERENCES provider,
    ADD every_seconds integer NOT NULL DEFAULT 0, -- 0: not by itself
    ADD options       jsonb,
    ADD attribution   text,
    ADD everywhere    boolean NOT NULL DEFAULT false,
    ADD etag          text NOT NULL DEFAULT '',
    ADD last_modified text NOT NULL DEFAULT '',
    ADD sha256        text NOT NULL DEFAULT '', -- of the last body that was taken over
    ADD read_at       timestamptz,              -- when what is known of it was last seen to be so
    ADD not_before    timestamptz,              -- it asked to be left alone until then
    ADD paused_at     timestamptz,
    ADD next_at       timestamptz,
    ADD failures      integer NOT NULL DEFAULT 0, -- in a row
    ADD refused       integer NOT NULL DEFAULT 0, -- items refused when none of those known was missing
    ADD accepted      integer NOT NULL DEFAULT 0, -- how many may leave at the next run, by somebody's decision
    ADD created_at    timestamptz NOT NULL DEFAULT now(),
    ADD created_by    text NOT NULL DEFAULT '';
CREATE INDEX source_next ON source (next_at) WHERE paused_at IS NULL AND next_at IS NOT NULL;

-- One row for each run, whatever came of it. Ids are ordered by time.
CREATE TABLE harvest (
    id          uuid PRIMARY KEY,
    source_id   uuid NOT NULL REFERENCES source ON DELETE CASCADE,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('OK', 'UNCHANGED', 'FAILED', 'QUARANTINED', 'DRY_RUN')),
    http_status integer,
    bytes       bigint NOT NULL,
    sha256      text NOT NULL,
    fetch_ms    integer NOT NULL,
    parse_ms    integer NOT NULL,
    save_ms     integer NOT NULL,
    added       integer NOT NULL,
    changed     integer NOT NULL,
    same        integer NOT NULL,
    gone        integer NOT NULL,
    refused     integer NOT NULL,
    error       text,
    refusals    jsonb, -- the first 200
    decision    text CHECK (decision IN ('ACCEPT', 'REJECT')),
    decided_at  timestamptz,
    decided_by  text
);
CREATE INDEX harvest_source ON harvest (source_id, id);
CREATE INDEX harvest_age ON harvest (started_at);

-- What a source says of one thing. content is the item as its format understood it, raw as it came. home_id is the offering that was made for
-- the record alone, where that was merged into another one. A record whose offering is gone was erased, and stays so.
CREATE TABLE record (
    source_id   uuid NOT NULL REFERENCES source ON DELETE CASCADE,
    key         text COLLATE "C" NOT NULL,
    offering_id uuid REFERENCES offering ON DELETE SET NULL,
    home_id     uuid REFERENCES offering ON DELETE SET NULL,
    hash        bytea NOT NULL, -- of the content
    ident       bytea NOT NULL, -- of the title and time, by which a thing is known again whose key changed
    item        text NOT NULL,
    url         text,
    content     text NOT NULL,
    raw         bytea,
    first_seen  timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    gone_at     timestamptz,
    PRIMARY KEY (source_id, key)
);
CREATE INDEX record_offering ON record (offering_id);
CREATE INDEX record_home ON record (home_id) WHERE home_id IS NOT NULL;

-- What somebody said of two offerings: that they are not the same thing. a < b.
CREATE TABLE distinct_pair (
    a  uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    b  uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    at timestamptz NOT NULL,
    by text NOT NULL,
    PRIMARY KEY (a, b)
);
CREATE INDEX distinct_pair_b ON distinct_pair (b);

ALTER TABLE offering
    ADD source_key  text,
    ADD merged_into uuid REFERENCES offering ON DELETE SET NULL,
    ADD dedupe_keys text[] NOT NULL DEFAULT '{}';
CREATE INDEX offering_dedupe ON offering USING gin (dedupe_keys) WITH (fastupdate = off) WHERE status IN ('PUBLISHED', 'IN_REVIEW');
CREATE INDEX offering_merged ON offering (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX offering_source ON offering (source_id) WHERE source_id IS NOT NULL;
