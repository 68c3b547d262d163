-- School holidays, which an operator loads: the states publish them, and change them.
CREATE TABLE school_holiday (
    state    text COLLATE "C" NOT NULL REFERENCES region,
    name     text NOT NULL,
    from_day date NOT NULL,
    to_day   date NOT NULL, -- included
    PRIMARY KEY (state, from_day),
    CHECK (to_day >= from_day)
);
