-- Format 4: publications that take a while, and what is written while they copy.
CREATE TABLE @publication (
    id {id} NOT NULL PRIMARY KEY,
    change_set {id},
    restores BIGINT,
    title {text} NOT NULL,
    author {id},
    accept_loss BOOLEAN NOT NULL,
    state {text} NOT NULL,
    work {text} NOT NULL,
    error {text},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT
);
CREATE TABLE @touched (
    copy {id} NOT NULL,
    record {id} NOT NULL,
    PRIMARY KEY (copy, record)
);
