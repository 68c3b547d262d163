DROP INDEX offering_ags_dates, offering_ags_facets;
ALTER TABLE offering RESET (toast_tuple_target);
