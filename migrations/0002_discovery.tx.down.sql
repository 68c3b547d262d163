DROP FUNCTION line_distance_km, great_circle_km;
DROP INDEX offering_category_path;
ALTER TABLE offering DROP category_path, DROP longitude, DROP latitude, DROP extent, DROP hours_key;
DROP TABLE hours;
CREATE INDEX offering_categories ON offering USING gin (categories) WHERE status = 'PUBLISHED';
