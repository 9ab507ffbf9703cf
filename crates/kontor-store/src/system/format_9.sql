-- Format 9: what waits for an approval, and what became of it.
CREATE TABLE @approval (
    id {id} NOT NULL,
    entity {text} NOT NULL,
    record {id} NOT NULL,
    guard {text} NOT NULL,
    requester {id} NOT NULL,
    state {text} NOT NULL,
    turn BIGINT NOT NULL,
    body {text} NOT NULL,
    made_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX s_approval_record ON @approval (entity, record);
CREATE INDEX s_approval_state ON @approval (state, made_at);
CREATE INDEX s_approval_requester ON @approval (requester, made_at);
CREATE UNIQUE INDEX s_approval_open ON @approval (entity, record, guard) WHERE state = 'open';
