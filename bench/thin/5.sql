SELECT json_build_object('offerings', (
  SELECT json_build_object(
    'edges', coalesce(json_agg(json_build_object(
      'distanceKm', x.km,
      'node', json_build_object('id', 'off_' || x.id, 'kind', x.kind, 'title', x.title, 'place', CASE WHEN pl.id IS NOT NULL THEN
        json_build_object('name', pl.name, 'longitude', pl.longitude, 'latitude', pl.latitude) END)
    ) ORDER BY x.n) FILTER (WHERE x.n <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20))
  FROM (SELECT row_number() OVER () AS n, * FROM (
    SELECT * FROM (
      SELECT o.id, o.kind, o.title, o.place_id, CASE WHEN o.kind = 'TOUR' AND jsonb_array_length(o.details -> 'tour' -> 'line') > 1
        THEN line_distance_km(o.details -> 'tour' -> 'line', $1, $2) ELSE great_circle_km(o.longitude, o.latitude, $1, $2) END AS km
      FROM offering o
      WHERE o.status = 'PUBLISHED'
        AND o.extent && box(point($1 - $3 / (111.19 * cos(radians($2))), $2 - $3 / 111.19), point($1 + $3 / (111.19 * cos(radians($2))), $2 + $3 / 111.19))
    ) near WHERE km <= $3 ORDER BY km, id LIMIT 21) page) x
  LEFT JOIN place pl ON pl.id = x.place_id
))
