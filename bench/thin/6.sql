WITH o AS MATERIALIZED (
  SELECT o.kind, o.ags, o.category_path, o.audiences, cardinality($2::text[]) = 0 OR o.kind = ANY($2::text[]) AS wanted FROM offering o
  WHERE o.status = 'PUBLISHED' AND o.ags IN (SELECT rm.ags FROM region_member rm WHERE rm.region_key = $1)
)
SELECT json_build_object('offerings', json_build_object(
  'totalCount', (SELECT count(*) FROM o WHERE wanted),
  'facets', json_build_object(
    'kinds', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'count', n) ORDER BY n DESC, kind), '[]')
      FROM (SELECT kind, count(*) AS n FROM o GROUP BY kind) x),
    'categories', (SELECT coalesce(json_agg(json_build_object('category', json_build_object('slug', c.slug, 'label', c.labels -> 'de'), 'count', n)
        ORDER BY n DESC, c.slug), '[]')
      FROM (SELECT slug, count(*) AS n FROM o, unnest(o.category_path) AS slug WHERE wanted GROUP BY slug) x JOIN category c ON c.slug = x.slug),
    'municipalities', (SELECT coalesce(json_agg(json_build_object('municipality', json_build_object('ags', m.ags, 'name', m.name), 'count', n)
        ORDER BY n DESC, m.ags), '[]')
      FROM (SELECT ags, count(*) AS n FROM o WHERE wanted GROUP BY ags ORDER BY n DESC, ags LIMIT 100) x JOIN municipality m ON m.ags = x.ags),
    'audiences', (SELECT coalesce(json_agg(json_build_object('audience', audience, 'count', n) ORDER BY n DESC, audience), '[]')
      FROM (SELECT audience, count(*) AS n FROM o, unnest(o.audiences) AS audience WHERE wanted GROUP BY audience) x)
  )
))
