-- Format 14: failed attempts to sign in, which neither a restart nor another process forgets.
CREATE TABLE @attempt (
    key {text} NOT NULL,
    failures BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE INDEX s_attempt_failed_at ON @attempt (failed_at);
