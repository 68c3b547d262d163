-- What reading needs to be fast.

-- Rows of up to 4 kB stay whole. By default what is beyond 2 kB moves out, first of all the vector, which ranking would fetch from there again for
-- each rank of each match. Rows that are there move when they are next written.
ALTER TABLE offering SET (toast_tuple_target = 4080);

-- Facets are counted from the index alone, and so are the offerings found that still have dates: what a region holds lies all over the table.
CREATE INDEX offering_ags_facets ON offering (ags) INCLUDE (kind, category_path, audiences) WHERE status = 'PUBLISHED';
CREATE INDEX offering_ags_dates ON offering (ags, last_until) INCLUDE (id) WHERE status = 'PUBLISHED' AND last_until IS NOT NULL;
