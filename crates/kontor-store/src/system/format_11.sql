-- Format 11: figures that are kept per day.
CREATE TABLE @figure (
    snapshot {text} NOT NULL,
    day {text} NOT NULL,
    taken_at BIGINT NOT NULL,
    body {text} NOT NULL,
    PRIMARY KEY (snapshot, day)
);
