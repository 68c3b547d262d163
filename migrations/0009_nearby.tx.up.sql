-- What keeps the calendar of a district quick however much there is.

-- The first five digits of the offering's AGS, which name its district, stand with each date: a district's next dates are read from the index in their order.
-- The few that last for more than a day are found by their start, too, and those among them that are over are passed over within the index.
ALTER TABLE occurrence ADD district text COLLATE "C";
UPDATE occurrence oc SET district = left(o.ags, 5) FROM offering o WHERE o.id = oc.offering_id;
ALTER TABLE occurrence ALTER district SET NOT NULL;
CREATE INDEX occurrence_district ON occurrence (district, starts_at, offering_id, original);
CREATE INDEX occurrence_district_long ON occurrence (district, starts_at, offering_id, original, until) WHERE long;
