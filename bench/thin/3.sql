WITH o AS MATERIALIZED (
  SELECT o.id FROM offering o
  WHERE o.status = 'PUBLISHED' AND o.last_until > $2 AND o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = $1)
), page AS (
  SELECT oc.* FROM o CROSS JOIN LATERAL (
    SELECT * FROM occurrence oc WHERE oc.offering_id = o.id AND oc.starts_at < $3 AND oc.until > $2
      AND (oc.starts_at > $2::timestamptz - interval '24 hours 1 second' OR oc.long) OFFSET 0) oc
  ORDER BY oc.starts_at, oc.offering_id, oc.original LIMIT 21
)
SELECT json_build_object('occurrences', (
  SELECT json_build_object(
    'nodes', coalesce(json_agg(json_build_object(
      'id', 'occ_' || x.offering_id || '_' || extract(epoch FROM x.original)::bigint,
      'start', x.starts_at, 'end', x.ends_at, 'allDay', x.all_day, 'status', x.status,
      'offering', json_build_object('id', 'off_' || x.offering_id, 'kind', o.kind, 'title', o.title,
        'municipality', json_build_object('ags', m.ags, 'name', m.name),
        'place', CASE WHEN pl.id IS NOT NULL THEN json_build_object('name', pl.name) END)
    ) ORDER BY x.n) FILTER (WHERE x.n <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20))
  FROM (SELECT row_number() OVER () AS n, * FROM page) x
  JOIN offering o ON o.id = x.offering_id
  JOIN municipality m ON m.ags = o.ags
  LEFT JOIN place pl ON pl.id = o.place_id
))
