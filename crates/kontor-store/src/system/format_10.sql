-- Format 10: what workflows and actions tell people.
CREATE TABLE @notice (
    id {id} NOT NULL PRIMARY KEY,
    user_id {id} NOT NULL,
    entity {text},
    record {id},
    body {text} NOT NULL,
    at BIGINT NOT NULL,
    seen_at BIGINT
);
CREATE INDEX s_notice_user ON @notice (user_id, at);
CREATE INDEX s_notice_unseen ON @notice (user_id) WHERE seen_at IS NULL
