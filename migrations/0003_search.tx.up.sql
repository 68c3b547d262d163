-- Full text and type-ahead. The vector is made in Go (package search), so that the analysis is the same on every Postgres.

ALTER TABLE offering
    ADD vector     tsvector NOT NULL DEFAULT '',
    ADD last_until timestamptz; -- when the last of its dates is over: what is over never comes first

CREATE INDEX offering_vector ON offering USING gin (vector) WHERE status = 'PUBLISHED';
CREATE INDEX offering_title_words ON offering USING gin (title_key gin_trgm_ops) WHERE status = 'PUBLISHED';

UPDATE offering o SET last_until = (SELECT max(until) FROM occurrence WHERE offering_id = o.id) WHERE schedule IS NOT NULL;
