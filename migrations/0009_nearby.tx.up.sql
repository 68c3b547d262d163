-- What keeps the calendar of a district quick however much there is.

-- The first five digits of the offering's AGS, which name its district, stand with each date: a district's next dates are read from the index in their order.
-- The few that last for more than a day are found by their start, too, and those among them that are over are passed over within the index.
ALTER TABLE occurrence ADD district text COLLATE "C";
UPDATE occurrence oc SET district = left(o.ags, 5) FROM offering o WHERE o.id = oc.offering_id;
ALTER TABLE occurrence ALTER district SET NOT NULL;
CREATE INDEX occurrence_district ON occurrence (district, starts_at, offering_id, original);
CREATE INDEX occurrence_district_long ON occurrence (district, starts_at, offering_id, original, until) WHERE long;

-- The same distance as before in less than half the time: each pair of points once, without a window.
CREATE OR REPLACE FUNCTION line_distance_km(line jsonb, lon double precision, lat double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT min(sqrt((x + t * dx) ^ 2 + (y + t * dy) ^ 2)) FROM (
        SELECT x, y, dx, dy, CASE WHEN dx = 0 AND dy = 0 THEN 0 ELSE greatest(0, least(1, -(x * dx + y * dy) / (dx * dx + dy * dy))) END AS t FROM (
            SELECT x, y, x2 - x AS dx, y2 - y AS dy FROM (
                SELECT ((a ->> 0)::double precision - lon) * k AS x, ((a ->> 1)::double precision - lat) * 111.1951 AS y,
                    ((b ->> 0)::double precision - lon) * k AS x2, ((b ->> 1)::double precision - lat) * 111.1951 AS y2
                FROM (SELECT line -> i AS a, line -> i + 1 AS b, cos(radians(lat)) * 111.1951 AS k
                    FROM generate_series(0, jsonb_array_length(line) - 2) i OFFSET 0) pair OFFSET 0) point OFFSET 0) piece OFFSET 0) nearest
$$;
