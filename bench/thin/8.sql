WITH input AS (
  SELECT *, ordinality AS n FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (
    id uuid, "externalId" text, kind text, title text, "titleKey" text, summary text, description text, categories text[], audiences text[],
    place jsonb, "placeId" uuid, schedule jsonb, "contentHash" text)) WITH ORDINALITY
), home AS (
  SELECT id, ags FROM provider WHERE id = $1
), place_row AS (
  INSERT INTO place (id, name, street, postal_code, locality, longitude, latitude, ags)
  SELECT DISTINCT ON ("placeId") "placeId", place ->> 'name', place ->> 'street', place ->> 'postalCode', place ->> 'locality',
    (place ->> 'longitude')::float8, (place ->> 'latitude')::float8, home.ags
  FROM input, home
  ON CONFLICT DO NOTHING
), saved AS (
  INSERT INTO offering (id, provider_id, external_id, kind, title, title_key, summary, description, ags, place_id, categories, audiences, wheelchair,
    schedule, details, status, version, content_hash, created_at, updated_at, published_at, licence, confirmed_at,
    category_path, longitude, latitude, extent, last_until, vector)
  SELECT input.id, home.id, "externalId", kind, title, "titleKey", summary, description, home.ags, "placeId", categories, audiences, 'UNKNOWN',
    CASE WHEN schedule <> 'null' THEN schedule || '{"timeZone": "Europe/Berlin"}' END, '{}', 'PUBLISHED', 1, decode("contentHash", 'base64'), $3, $3, $3,
    'NOASSERTION', $3, categories, (place ->> 'longitude')::float8, (place ->> 'latitude')::float8,
    box(point((place ->> 'longitude')::float8, (place ->> 'latitude')::float8)), (schedule ->> 'end')::timestamptz,
    setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('german', summary), 'C') || setweight(to_tsvector('german', description), 'D')
  FROM input, home
  ON CONFLICT (provider_id, external_id) DO UPDATE SET
    kind = excluded.kind, title = excluded.title, title_key = excluded.title_key, summary = excluded.summary, description = excluded.description,
    place_id = excluded.place_id, categories = excluded.categories, audiences = excluded.audiences, schedule = excluded.schedule,
    version = offering.version + 1, content_hash = excluded.content_hash, updated_at = $3, confirmed_at = $3
  RETURNING id, external_id, title, version, ags
), dates AS (
  INSERT INTO occurrence (offering_id, district, original, starts_at, ends_at, until, all_day)
  SELECT saved.id, left(saved.ags, 5), (schedule ->> 'start')::timestamptz, (schedule ->> 'start')::timestamptz, (schedule ->> 'end')::timestamptz,
    (schedule ->> 'end')::timestamptz, false
  FROM saved JOIN input ON "externalId" = external_id WHERE schedule <> 'null'
  ON CONFLICT (offering_id, original) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, until = excluded.until
)
SELECT json_build_object('saveOfferings', json_build_object('results', json_agg(json_build_object(
  'offering', json_build_object('id', 'off_' || saved.id, 'title', saved.title, 'version', saved.version), 'userErrors', '[]'::json) ORDER BY input.n)))
FROM saved JOIN input ON "externalId" = external_id
