-- Format 16: what workflows ask people.
CREATE TABLE @question (
    id {id} NOT NULL PRIMARY KEY,
    run {id} NOT NULL,
    entity {text} NOT NULL,
    record {id} NOT NULL,
    state {text} NOT NULL,
    body {text} NOT NULL,
    made_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX s_question_state ON @question (state, made_at);
CREATE INDEX s_question_run ON @question (run);
CREATE INDEX s_question_record ON @question (record);
CREATE TABLE @question_asks (
    question {id} NOT NULL,
    person {id} NOT NULL,
    PRIMARY KEY (person, question)
);
CREATE INDEX s_question_asks_question ON @question_asks (question);
