DELETE FROM harvest WHERE dry;
ALTER TABLE harvest DROP dry, DROP changes;
