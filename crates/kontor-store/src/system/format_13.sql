-- Format 13: how many factors a session was begun with.
ALTER TABLE @session ADD COLUMN factors BIGINT NOT NULL DEFAULT 1;
