SELECT json_build_object('offerings', (
  SELECT json_build_object(
    'nodes', coalesce(json_agg(json_build_object(
      'id', 'off_' || o.id, 'kind', o.kind, 'title', o.title, 'summary', o.summary, 'municipality', json_build_object('ags', m.ags, 'name', m.name)
    ) ORDER BY o.n) FILTER (WHERE o.n <= 20), '[]'),
    'pageInfo', json_build_object('hasNextPage', count(*) > 20,
      'endCursor', max(translate(encode(convert_to(o.title_key || E'\x01' || o.id, 'UTF8'), 'base64'), E'\n', '')) FILTER (WHERE o.n = least(20, o.total))))
  FROM (SELECT row_number() OVER () AS n, count(*) OVER () AS total, * FROM (
    SELECT * FROM offering WHERE status = 'PUBLISHED' AND (title_key, id) > ($1, $2) ORDER BY title_key, id LIMIT 21) page) o
  JOIN municipality m ON m.ags = o.ags
))
