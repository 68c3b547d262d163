-- Dry runs are told apart by more than their outcome: one can fail, or be quarantined, too. changes is what a dry or quarantined run would do, item by item.
ALTER TABLE harvest
    ADD dry     boolean NOT NULL DEFAULT false,
    ADD changes jsonb;
UPDATE harvest SET dry = true WHERE outcome = 'DRY_RUN';
