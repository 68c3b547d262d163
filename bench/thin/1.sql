SELECT json_build_object('offering', (
  SELECT json_build_object(
    'id', 'off_' || o.id, 'kind', o.kind, 'title', o.title, 'summary', o.summary, 'description', o.description,
    'wheelchair', o.wheelchair, 'audiences', o.audiences, 'updatedAt', o.updated_at,
    'price', json_build_object('free', o.price_free, 'fromCents', o.price_from_cents, 'toCents', o.price_to_cents, 'note', o.price_note),
    'provider', json_build_object('id', 'prv_' || p.id, 'name', p.name, 'kind', p.kind, 'website', p.website, 'verified', p.verified,
      'contact', CASE WHEN p.contact IS NOT NULL THEN
        json_build_object('name', p.contact -> 'name', 'email', p.contact -> 'email', 'phone', p.contact -> 'phone') END),
    'municipality', json_build_object('ags', m.ags, 'name', m.name),
    'place', CASE WHEN pl.id IS NOT NULL THEN json_build_object('id', 'plc_' || pl.id, 'name', pl.name,
      'address', json_build_object('street', pl.street, 'postalCode', pl.postal_code, 'locality', pl.locality),
      'longitude', pl.longitude, 'latitude', pl.latitude,
      'municipality', (SELECT json_build_object('ags', pm.ags, 'name', pm.name) FROM municipality pm WHERE pm.ags = pl.ags)) END,
    'categories', (SELECT coalesce(json_agg(json_build_object('slug', k.slug,
          'label', (SELECT c.labels -> 'de' FROM category c WHERE c.slug = k.slug)) ORDER BY k.n), '[]')
          FROM unnest(o.categories) WITH ORDINALITY AS k (slug, n)),
    'occurrences', json_build_object('nodes', (SELECT coalesce(json_agg(json_build_object(
        'id', 'occ_' || x.offering_id || '_' || extract(epoch FROM x.original)::bigint,
        'start', x.starts_at, 'end', x.ends_at, 'allDay', x.all_day, 'status', x.status) ORDER BY x.starts_at, x.original), '[]')
      FROM (SELECT * FROM occurrence oc WHERE oc.offering_id = o.id AND oc.until > $2
        ORDER BY oc.starts_at, oc.offering_id, oc.original LIMIT 5) x))
  )
  FROM offering o
  JOIN provider p ON p.id = o.provider_id
  JOIN municipality m ON m.ags = o.ags
  LEFT JOIN place pl ON pl.id = o.place_id
  WHERE o.id = $1 AND o.status = 'PUBLISHED'
))
