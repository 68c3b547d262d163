-- People who sign in. An address is stored as ent.FoldEmail gives it, and only when somebody has shown that it is theirs, or when a grant
-- was made out to it.
CREATE TABLE person (
    id           uuid PRIMARY KEY,
    email        text COLLATE "C" UNIQUE,
    name         text NOT NULL,
    name_key     text COLLATE "C" NOT NULL,
    issuer       text COLLATE "C",
    subject      text COLLATE "C",
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz,
    disabled_at  timestamptz,
    UNIQUE (issuer, subject),
    CHECK (num_nonnulls(issuer, subject) <> 1),
    CHECK (num_nonnulls(email, issuer) > 0)
);
CREATE INDEX person_name ON person (name_key, id);

CREATE TABLE membership (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    role        text NOT NULL,
    ags         text COLLATE "C" REFERENCES municipality,
    region_key  text COLLATE "C" REFERENCES region,
    provider_id uuid REFERENCES provider ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    created_by  text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (person_id, role, ags, region_key, provider_id),
    CHECK (num_nonnulls(ags, region_key, provider_id) = CASE role WHEN 'OPERATOR' THEN 0 ELSE 1 END)
);
CREATE INDEX membership_ags ON membership (ags);
CREATE INDEX membership_region ON membership (region_key);
CREATE INDEX membership_provider ON membership (provider_id);

-- hash is the SHA-256 of what the cookie holds; expires_at is the end by time without use or by age, whichever comes first.
CREATE TABLE session (
    hash       bytea PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    user_agent text NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expires ON session (expires_at);

-- hash is the SHA-256 of what the link holds.
CREATE TABLE sign_in_link (
    hash       bytea PRIMARY KEY,
    email      text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    return_to  text NOT NULL
);
CREATE INDEX sign_in_link_email ON sign_in_link (email);
CREATE INDEX sign_in_link_expires ON sign_in_link (expires_at);
