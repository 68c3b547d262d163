DROP INDEX occurrence_district, occurrence_district_long;
ALTER TABLE occurrence DROP district;
