-- Format 7: records that were shared by hand.
CREATE TABLE @share (
    id {id} NOT NULL PRIMARY KEY,
    entity {text} NOT NULL,
    record {id} NOT NULL,
    user_id {id},
    team {id},
    edits BOOLEAN NOT NULL,
    until {text},
    shared_by {id},
    shared_at BIGINT NOT NULL
);
CREATE INDEX s_share_record ON @share (record);
CREATE INDEX s_share_user ON @share (user_id, entity) WHERE user_id IS NOT NULL;
CREATE INDEX s_share_team ON @share (team, entity) WHERE team IS NOT NULL;
