DROP INDEX offering_source;
ALTER TABLE offering DROP source_key, DROP merged_into, DROP dedupe_keys;
DROP TABLE distinct_pair;
DROP TABLE record;
DROP TABLE harvest;
ALTER TABLE source
    DROP provider_id, DROP every_seconds, DROP options, DROP attribution, DROP everywhere, DROP etag, DROP last_modified, DROP sha256, DROP read_at,
    DROP not_before, DROP paused_at, DROP next_at, DROP failures, DROP refused, DROP accepted, DROP created_at, DROP created_by;
