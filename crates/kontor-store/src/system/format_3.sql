-- Format 3: views that people saved for themselves or for their team.
CREATE TABLE @saved_view (
    id {id} NOT NULL,
    entity {text} NOT NULL,
    owner {id} NOT NULL,
    team {id},
    body {text} NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX s_saved_view_owner ON @saved_view (owner);
CREATE INDEX s_saved_view_team ON @saved_view (team);
