-- What PostGraphile's documentation has one do for questions that plain tables do not answer: a view of what is public, computed columns,
-- custom queries and a custom mutation, in a schema of its own. It changes nothing that Umland uses. bench.word is the index of words that
-- thin uses too.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;

CREATE TABLE bench.word AS
SELECT id AS offering_id,
    setweight(to_tsvector('german', title), 'A')
    || setweight(to_tsvector('german', array_to_string(categories, ' ')), 'B')
    || setweight(to_tsvector('german', coalesce(summary, '')), 'C')
    || setweight(to_tsvector('german', coalesce(description, '')), 'D') AS words
FROM offering WHERE status = 'PUBLISHED';
ALTER TABLE bench.word ADD PRIMARY KEY (offering_id);
CREATE INDEX ON bench.word USING gin (words);
ANALYZE bench.word;

CREATE VIEW bench.offering AS SELECT * FROM public.offering WHERE status = 'PUBLISHED';

CREATE FUNCTION bench.category_label(c public.category) RETURNS text LANGUAGE sql STABLE RETURN c.labels ->> 'de';

CREATE FUNCTION bench.offering_terms(o bench.offering) RETURNS SETOF public.category LANGUAGE sql STABLE AS $$
    SELECT c.* FROM unnest(o.categories) WITH ORDINALITY AS k (slug, n) JOIN public.category c ON c.slug = k.slug ORDER BY k.n
$$;

CREATE FUNCTION bench.offering_upcoming(o bench.offering) RETURNS SETOF public.occurrence LANGUAGE sql STABLE AS $$
    SELECT * FROM public.occurrence oc WHERE oc.offering_id = o.id AND oc.until > now() ORDER BY oc.starts_at, oc.offering_id, oc.original
$$;

CREATE FUNCTION bench.calendar(district text, "from" timestamptz, "to" timestamptz) RETURNS SETOF public.occurrence LANGUAGE sql STABLE AS $$
    SELECT oc.* FROM public.occurrence oc JOIN public.offering o ON o.id = oc.offering_id
    WHERE o.status = 'PUBLISHED' AND oc.starts_at < $3 AND oc.until > $2 AND (oc.starts_at > $2 - interval '24 hours 1 second' OR oc.long)
        AND o.ags IN (SELECT rm.ags FROM public.region_member rm WHERE rm.region_key = $1)
    ORDER BY oc.starts_at, oc.offering_id, oc.original
$$;

CREATE FUNCTION bench.search_offerings(words text) RETURNS SETOF bench.offering LANGUAGE sql STABLE AS $$
    SELECT o.* FROM websearch_to_tsquery('german', $1) AS q, bench.word w JOIN bench.offering o ON o.id = w.offering_id
    WHERE w.words @@ q ORDER BY ts_rank(w.words, q) DESC, w.offering_id
$$;

CREATE FUNCTION bench.offering_snippet(o bench.offering, words text) RETURNS text LANGUAGE sql STABLE RETURN
    ts_headline('german', coalesce(o.description, o.summary, o.title), websearch_to_tsquery('german', $2));

CREATE FUNCTION bench.offering_distance_km(o bench.offering, longitude float8, latitude float8) RETURNS float8 LANGUAGE sql STABLE RETURN
    CASE WHEN o.kind = 'TOUR' AND jsonb_array_length(o.details -> 'tour' -> 'line') > 1 THEN public.line_distance_km(o.details -> 'tour' -> 'line', $2, $3)
    ELSE public.great_circle_km(o.longitude, o.latitude, $2, $3) END;

CREATE FUNCTION bench.nearest_offerings(longitude float8, latitude float8, radius_km float8) RETURNS SETOF bench.offering LANGUAGE sql STABLE AS $$
    SELECT o.* FROM bench.offering o
    WHERE o.extent && box(point($1 - $3 / (111.19 * cos(radians($2))), $2 - $3 / 111.19), point($1 + $3 / (111.19 * cos(radians($2))), $2 + $3 / 111.19))
        AND bench.offering_distance_km(o, $1, $2) <= $3
    ORDER BY bench.offering_distance_km(o, $1, $2), o.id
$$;

CREATE FUNCTION bench.facets(district text, kinds text[]) RETURNS TABLE (facet text, key text, label text, count bigint) LANGUAGE sql STABLE AS $$
    WITH o AS MATERIALIZED (
        SELECT o.kind, o.ags, o.category_path, o.audiences, coalesce(cardinality($2), 0) = 0 OR o.kind = ANY($2) AS wanted FROM public.offering o
        WHERE o.status = 'PUBLISHED' AND o.ags IN (SELECT rm.ags FROM public.region_member rm WHERE rm.region_key = $1)
    )
    SELECT 'kind', kind, kind, count(*) FROM o GROUP BY kind
    UNION ALL
    SELECT 'category', c.slug, c.labels ->> 'de', n FROM (
        SELECT slug, count(*) AS n FROM o, unnest(o.category_path) AS slug WHERE wanted GROUP BY slug) x JOIN public.category c ON c.slug = x.slug
    UNION ALL
    SELECT 'municipality', m.ags, m.name, n FROM (SELECT ags, count(*) AS n FROM o WHERE wanted GROUP BY ags ORDER BY n DESC, ags LIMIT 100) x JOIN public.municipality m ON m.ags = x.ags
    UNION ALL
    SELECT 'audience', audience, audience, count(*) FROM o, unnest(o.audiences) AS audience WHERE wanted GROUP BY audience
$$;

CREATE FUNCTION bench.save_offerings(provider uuid, inputs json) RETURNS SETOF bench.offering LANGUAGE sql VOLATILE AS $$
    WITH input AS (
        SELECT r.*, gen_random_uuid() AS id, md5(r.place ->> 'name' || (r.place ->> 'street') || (r.place ->> 'longitude'))::uuid AS place_id
        FROM jsonb_to_recordset($2::jsonb) AS r (
            "externalId" text, kind text, title text, summary text, description text, categories text[], audiences text[], place jsonb, schedule jsonb)
    ), home AS (
        SELECT p.id, p.ags FROM public.provider p WHERE p.id = $1
    ), place_row AS (
        INSERT INTO public.place (id, name, street, postal_code, locality, longitude, latitude, ags)
        SELECT DISTINCT ON (place_id) place_id, place ->> 'name', place ->> 'street', place ->> 'postalCode', place ->> 'locality',
            (place ->> 'longitude')::float8, (place ->> 'latitude')::float8, home.ags
        FROM input, home
        ON CONFLICT DO NOTHING
    ), saved AS (
        INSERT INTO public.offering (id, provider_id, external_id, kind, title, title_key, summary, description, ags, place_id, categories, audiences,
            wheelchair, schedule, details, status, version, content_hash, created_at, updated_at, published_at, licence, confirmed_at,
            category_path, longitude, latitude, extent, last_until, vector)
        SELECT input.id, home.id, "externalId", kind, title, lower(translate(title, 'äöüÄÖÜ', 'aouAOU')), summary, description, home.ags, place_id,
            categories, audiences, 'UNKNOWN', CASE WHEN schedule IS NOT NULL THEN schedule || '{"timeZone": "Europe/Berlin"}' END, '{}', 'PUBLISHED', 1,
            sha256(convert_to(input::text, 'UTF8')), now(), now(), now(), 'NOASSERTION', now(),
            categories, (place ->> 'longitude')::float8, (place ->> 'latitude')::float8,
            box(point((place ->> 'longitude')::float8, (place ->> 'latitude')::float8)), (schedule ->> 'end')::timestamptz,
            setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('german', summary), 'C')
                || setweight(to_tsvector('german', description), 'D')
        FROM input, home
        ON CONFLICT (provider_id, external_id) DO UPDATE SET
            kind = excluded.kind, title = excluded.title, title_key = excluded.title_key, summary = excluded.summary,
            description = excluded.description, place_id = excluded.place_id, categories = excluded.categories, audiences = excluded.audiences,
            schedule = excluded.schedule, version = public.offering.version + 1, content_hash = excluded.content_hash, updated_at = now(),
            confirmed_at = now()
        RETURNING *
    ), dates AS (
        INSERT INTO public.occurrence (offering_id, district, original, starts_at, ends_at, until, all_day)
        SELECT saved.id, left(saved.ags, 5), (input.schedule ->> 'start')::timestamptz, (input.schedule ->> 'start')::timestamptz, (input.schedule ->> 'end')::timestamptz,
            (input.schedule ->> 'end')::timestamptz, false
        FROM saved JOIN input ON "externalId" = saved.external_id WHERE input.schedule IS NOT NULL
        ON CONFLICT (offering_id, original) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, until = excluded.until
    )
    SELECT * FROM saved
$$;
