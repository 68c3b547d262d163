DROP TABLE api_key, occurrence, offering, place, provider, source, category, region_member, municipality, region, loaded;
