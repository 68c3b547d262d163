DROP INDEX offering_title_words, offering_vector;
ALTER TABLE offering DROP vector, DROP last_until;
