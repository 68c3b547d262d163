SELECT json_build_object('municipality', (
  SELECT json_build_object('ags', m.ags, 'name', m.name, 'population', m.population, 'offerings', (
    SELECT json_build_object(
      'nodes', coalesce(json_agg(json_build_object(
        'id', 'off_' || o.id, 'kind', o.kind, 'title', o.title, 'summary', o.summary, 'publishedAt', o.published_at,
        'provider', json_build_object('id', 'prv_' || p.id, 'name', p.name,
          'municipality', (SELECT json_build_object('ags', pm.ags, 'name', pm.name) FROM municipality pm WHERE pm.ags = p.ags)),
        'place', CASE WHEN pl.id IS NOT NULL THEN
          json_build_object('id', 'plc_' || pl.id, 'name', pl.name, 'longitude', pl.longitude, 'latitude', pl.latitude) END,
        'categories', (SELECT coalesce(json_agg(json_build_object('slug', k.slug,
          'label', (SELECT c.labels -> 'de' FROM category c WHERE c.slug = k.slug)) ORDER BY k.n), '[]')
          FROM unnest(o.categories) WITH ORDINALITY AS k (slug, n)),
        'occurrences', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object('start', x.starts_at, 'end', x.ends_at)
            ORDER BY x.starts_at, x.original), '[]')
          FROM (SELECT * FROM occurrence oc WHERE oc.offering_id = o.id AND oc.until > $2
            ORDER BY oc.starts_at, oc.offering_id, oc.original LIMIT 3) x))
      ) ORDER BY o.n) FILTER (WHERE o.n <= 20), '[]'),
      'pageInfo', json_build_object('hasNextPage', count(*) > 20))
    FROM (SELECT row_number() OVER () AS n, * FROM (
      SELECT * FROM offering WHERE ags = m.ags AND status = 'PUBLISHED' ORDER BY published_at DESC, id DESC LIMIT 21) page) o
    JOIN provider p ON p.id = o.provider_id
    LEFT JOIN place pl ON pl.id = o.place_id
  ))
  FROM municipality m WHERE m.ags = $1
))
