-- What finding needs: columns that the store derives from an offering, its provider and its place when it is written.

-- Distinct opening hours, with the zone of holidays that they are read in: which are open at an instant is worked out
-- once for each of these, not for each offering.
CREATE TABLE hours (
    key  bigint PRIMARY KEY,
    osm  text NOT NULL,
    zone text NOT NULL
);

ALTER TABLE offering
    ADD category_path text[] NOT NULL DEFAULT '{}', -- its categories and all above them
    ADD longitude     double precision,             -- of its place, or where its line begins
    ADD latitude      double precision,
    ADD extent        box,                          -- longitudes and latitudes of its place or line
    ADD hours_key     bigint REFERENCES hours;

DROP INDEX offering_categories;
CREATE INDEX offering_category_path ON offering USING gin (category_path) WHERE status = 'PUBLISHED';
CREATE INDEX offering_extent ON offering USING gist (extent) WHERE status = 'PUBLISHED';
CREATE INDEX offering_hours ON offering (hours_key) WHERE status = 'PUBLISHED' AND hours_key IS NOT NULL;

-- Great-circle distance in kilometres on the mean sphere (6371.0088 km).
CREATE FUNCTION great_circle_km(lon1 double precision, lat1 double precision, lon2 double precision, lat2 double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    12742.0176 * asin(least(1, sqrt(sin(radians(lat2 - lat1) / 2) ^ 2
        + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)));

-- Distance in kilometres from a point to a line of [longitude, latitude] pairs, on the plane that touches the sphere at the point: exact
-- to a thousandth within 100 km.
CREATE FUNCTION line_distance_km(line jsonb, lon double precision, lat double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH p AS (
        SELECT n, ((v ->> 0)::double precision - lon) * cos(radians(lat)) * 111.1951 AS x, ((v ->> 1)::double precision - lat) * 111.1951 AS y
        FROM jsonb_array_elements(line) WITH ORDINALITY AS t (v, n)
    ), s AS (
        SELECT x, y, lead(x, 1, x) OVER (ORDER BY n) - x AS dx, lead(y, 1, y) OVER (ORDER BY n) - y AS dy FROM p
    ), f AS (
        SELECT *, CASE WHEN dx = 0 AND dy = 0 THEN 0 ELSE greatest(0, least(1, -(x * dx + y * dy) / (dx * dx + dy * dy))) END AS t FROM s
    )
    SELECT min(sqrt((x + t * dx) ^ 2 + (y + t * dy) ^ 2)) FROM f
$$;
