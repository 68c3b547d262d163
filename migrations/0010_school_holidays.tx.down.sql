DROP TABLE school_holiday;
