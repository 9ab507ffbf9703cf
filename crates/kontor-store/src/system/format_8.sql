-- Format 8: comments on records, and who follows them.
CREATE TABLE @comment (
    id {id} NOT NULL PRIMARY KEY,
    entity {text} NOT NULL,
    record {id} NOT NULL,
    author {id},
    body {text} NOT NULL,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT
);
CREATE INDEX s_comment_record ON @comment (record, created_at);
CREATE TABLE @follow (
    record {id} NOT NULL,
    user_id {id} NOT NULL,
    entity {text} NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (record, user_id)
);
CREATE INDEX s_follow_user ON @follow (user_id);
