-- The graph: register, vocabulary, providers, places, offerings and their dates, API keys.
-- Keys that order by bytes or are matched by prefix have COLLATE "C": the same on every Postgres, and usable by LIKE 'x%'.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What has been loaded into this database: which release of the register, of the vocabulary, of the demo.
CREATE TABLE loaded (
    name    text PRIMARY KEY,
    release text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE region (
    key        text COLLATE "C" PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('STATE', 'DISTRICT', 'ASSOCIATION', 'COOPERATION')),
    name       text NOT NULL,
    label      text NOT NULL DEFAULT '',
    parent_key text COLLATE "C" REFERENCES region,
    note       text
);

CREATE TABLE municipality (
    ags             text COLLATE "C" PRIMARY KEY CHECK (ags ~ '^[0-9]{8}$'),
    ars             text COLLATE "C" NOT NULL UNIQUE CHECK (ars ~ '^[0-9]{12}$'),
    name            text NOT NULL,
    designation     text NOT NULL DEFAULT '',
    kind            text NOT NULL,
    population      integer,
    area_km2        double precision NOT NULL,
    postal_code     text NOT NULL DEFAULT '',
    longitude       double precision NOT NULL,
    latitude        double precision NOT NULL,
    association_key text COLLATE "C" NOT NULL REFERENCES region,
    district_key    text COLLATE "C" REFERENCES region,
    state_key       text COLLATE "C" NOT NULL REFERENCES region
);

-- Every region, of whatever kind, has its municipalities here.
CREATE TABLE region_member (
    region_key text COLLATE "C" NOT NULL REFERENCES region,
    ags        text COLLATE "C" NOT NULL REFERENCES municipality,
    assumed    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (region_key, ags)
);
CREATE INDEX region_member_ags ON region_member (ags);

CREATE TABLE category (
    slug     text COLLATE "C" PRIMARY KEY,
    broader  text COLLATE "C" REFERENCES category,
    position integer NOT NULL,
    labels   jsonb NOT NULL
);

CREATE TABLE source (
    id       uuid PRIMARY KEY,
    name     text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    format   text NOT NULL,
    url      text,
    ags      text COLLATE "C" REFERENCES municipality,
    licence  text NOT NULL
);
CREATE INDEX source_name ON source (name_key, id);

CREATE TABLE provider (
    id          uuid PRIMARY KEY,
    external_id text,
    name        text NOT NULL,
    name_key    text COLLATE "C" NOT NULL,
    kind        text NOT NULL,
    ags         text COLLATE "C" NOT NULL REFERENCES municipality,
    website     text,
    contact     jsonb,
    verified    boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    UNIQUE (ags, external_id)
);
CREATE INDEX provider_name ON provider (name_key, id);
CREATE INDEX provider_ags_name ON provider (ags, name_key, id);
CREATE INDEX provider_words ON provider USING gin (name_key gin_trgm_ops);

-- A place's id is made from what describes it, so that the same description is the same place.
CREATE TABLE place (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    street      text,
    postal_code text,
    locality    text,
    longitude   double precision,
    latitude    double precision,
    ags         text COLLATE "C" NOT NULL REFERENCES municipality,
    CHECK ((longitude IS NULL) = (latitude IS NULL))
);

CREATE TABLE offering (
    id                uuid PRIMARY KEY,
    provider_id       uuid NOT NULL REFERENCES provider,
    external_id       text,
    kind              text NOT NULL CHECK (kind IN ('SERVICE', 'FACILITY', 'EVENT', 'ACTIVITY', 'TOUR', 'VOLUNTEERING')),
    title             text NOT NULL,
    title_key         text COLLATE "C" NOT NULL,
    summary           text,
    description       text,
    description_html  text,
    translations      jsonb,
    ags               text COLLATE "C" NOT NULL REFERENCES municipality,
    place_id          uuid REFERENCES place,
    service_area      text[] NOT NULL DEFAULT '{}',
    categories        text[] NOT NULL DEFAULT '{}',
    audiences         text[] NOT NULL DEFAULT '{}',
    wheelchair        text NOT NULL CHECK (wheelchair IN ('YES', 'NO', 'PARTLY', 'UNKNOWN')),
    languages         text[] NOT NULL DEFAULT '{}',
    online            boolean NOT NULL DEFAULT false,
    price_free        boolean,
    price_from_cents  integer,
    price_to_cents    integer,
    price_note        text,
    contact           jsonb,
    links             jsonb,
    images            jsonb,
    opening_hours     text,
    schedule          jsonb,
    details           jsonb NOT NULL,
    status            text NOT NULL CHECK (status IN ('DRAFT', 'IN_REVIEW', 'PUBLISHED', 'WITHDRAWN')),
    version           integer NOT NULL,
    content_hash      bytea NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    published_at      timestamptz,
    withdrawn_reason  text,
    expanded_until    timestamptz,
    source_id         uuid REFERENCES source,
    source_url        text,
    licence           text NOT NULL,
    attribution       text,
    retrieved_at      timestamptz,
    confirmed_at      timestamptz,
    CHECK (status <> 'PUBLISHED' OR published_at IS NOT NULL),
    UNIQUE (provider_id, external_id)
);
-- Lists show what is published only, so their indexes hold nothing else.
CREATE INDEX offering_title ON offering (title_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_newest ON offering (published_at, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_ags_title ON offering (ags, title_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_ags_newest ON offering (ags, published_at, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_provider_title ON offering (provider_id, title_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_provider_newest ON offering (provider_id, published_at, id) WHERE status = 'PUBLISHED';
CREATE INDEX offering_updated ON offering (updated_at) WHERE status = 'PUBLISHED';
CREATE INDEX offering_categories ON offering USING gin (categories) WHERE status = 'PUBLISHED';
CREATE INDEX offering_same ON offering (provider_id, content_hash) WHERE external_id IS NULL;
CREATE INDEX offering_expanded ON offering (expanded_until) WHERE expanded_until IS NOT NULL;
CREATE INDEX offering_place ON offering (place_id);

-- Made from the offering's schedule for a rolling window; original is the start that the schedule gives (RECURRENCE-ID).
CREATE TABLE occurrence (
    offering_id uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    original    timestamptz NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz,
    until       timestamptz NOT NULL, -- when it is over: ends_at, or what stands for it where nobody said
    all_day     boolean NOT NULL,
    status      text NOT NULL DEFAULT 'SCHEDULED' CHECK (status IN ('SCHEDULED', 'CANCELLED', 'POSTPONED', 'MOVED', 'SOLD_OUT')),
    place_id    uuid REFERENCES place,
    long        boolean NOT NULL GENERATED ALWAYS AS (until - starts_at > interval '1 day') STORED,
    PRIMARY KEY (offering_id, original),
    CHECK (until > starts_at)
);
CREATE INDEX occurrence_start ON occurrence (starts_at, offering_id, original);
CREATE INDEX occurrence_offering_start ON occurrence (offering_id, starts_at, original);
-- Few last for more than a day: those that still run are found here, all others start within a day before.
CREATE INDEX occurrence_long ON occurrence (until) WHERE long;

CREATE TABLE api_key (
    id          uuid PRIMARY KEY,
    name        text NOT NULL,
    hash        bytea NOT NULL UNIQUE,
    ags         text COLLATE "C" REFERENCES municipality,
    provider_id uuid REFERENCES provider,
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz,
    CHECK (num_nonnulls(ags, provider_id) = 1)
);
