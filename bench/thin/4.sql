SELECT json_build_object('offerings', (
  SELECT json_build_object(
    'edges', coalesce(json_agg(json_build_object(
      'snippet', ts_headline('german', coalesce(o.description, o.summary, o.title), websearch_to_tsquery('german', $1)),
      'node', json_build_object('id', 'off_' || o.id, 'kind', o.kind, 'title', o.title, 'municipality', json_build_object('ags', m.ags, 'name', m.name))
    ) ORDER BY x.n) FILTER (WHERE x.n <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20))
  FROM (SELECT row_number() OVER () AS n, * FROM (
    SELECT w.offering_id, ts_rank(w.words, q) AS score FROM websearch_to_tsquery('german', $1) AS q, bench.word w WHERE w.words @@ q
    ORDER BY score DESC, w.offering_id LIMIT 21) page) x
  JOIN offering o ON o.id = x.offering_id AND o.status = 'PUBLISHED'
  JOIN municipality m ON m.ags = o.ags
))
