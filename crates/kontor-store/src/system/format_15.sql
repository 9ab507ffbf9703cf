-- Format 15: whom each request waits for. What is open from before is listed with its next turn.
CREATE TABLE @approval_waits (
    approval {id} NOT NULL,
    person {id} NOT NULL,
    PRIMARY KEY (person, approval)
);
CREATE INDEX s_approval_waits_approval ON @approval_waits (approval);
ALTER TABLE @approval ADD COLUMN listed BOOLEAN NOT NULL DEFAULT FALSE;
