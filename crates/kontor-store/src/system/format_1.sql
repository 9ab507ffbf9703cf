-- Format 1: the system tables of both databases. Moments are milliseconds since 1970, JSON is text.
CREATE TABLE @meta (name {text} PRIMARY KEY, value {text} NOT NULL);
CREATE TABLE @definition (
    layer {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    body {text} NOT NULL,
    PRIMARY KEY (layer, kind, name)
);
CREATE TABLE @pack (
    name {text} NOT NULL,
    position BIGINT NOT NULL,
    version {text} NOT NULL,
    body {text} NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE @version (
    n BIGINT NOT NULL,
    title {text} NOT NULL,
    author {id},
    at BIGINT NOT NULL,
    change_set {id},
    state {text} NOT NULL,
    PRIMARY KEY (n)
);
CREATE TABLE @change_set (
    id {id} NOT NULL,
    title {text} NOT NULL,
    author {id},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    base BIGINT NOT NULL,
    state {text} NOT NULL,
    published BIGINT,
    PRIMARY KEY (id)
);
CREATE TABLE @change (
    change_set {id} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    body {text},
    base {text},
    at BIGINT NOT NULL,
    PRIMARY KEY (change_set, kind, name)
);
CREATE TABLE @parked (
    entity {text} NOT NULL,
    field {text} NOT NULL,
    name {text} NOT NULL,
    body {text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (entity, field)
);
CREATE TABLE @credential (
    user_id {id} NOT NULL,
    password {text},
    disabled BOOLEAN NOT NULL,
    second_factor {text},
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);
CREATE TABLE @user_role (
    user_id {id} NOT NULL,
    role {text} NOT NULL,
    PRIMARY KEY (user_id, role)
);
CREATE TABLE @session (
    hash {text} NOT NULL,
    user_id {id} NOT NULL,
    csrf {text} NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address {text},
    agent {text},
    PRIMARY KEY (hash)
);
CREATE TABLE @token (
    id {id} NOT NULL,
    hash {text} NOT NULL,
    user_id {id} NOT NULL,
    name {text} NOT NULL,
    scopes {text} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT,
    PRIMARY KEY (id)
);
CREATE TABLE @preference (
    user_id {id} NOT NULL,
    name {text} NOT NULL,
    body {text} NOT NULL,
    PRIMARY KEY (user_id, name)
);
CREATE TABLE @event (
    id {id} NOT NULL,
    at BIGINT NOT NULL,
    topic {text} NOT NULL,
    entity {text},
    record {id},
    actor {id},
    payload {text} NOT NULL,
    key {text},
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    leased_until BIGINT,
    dead BOOLEAN NOT NULL,
    error {text},
    PRIMARY KEY (id)
);
CREATE TABLE @timer (
    id {id} NOT NULL,
    key {text} NOT NULL,
    topic {text} NOT NULL,
    payload {text} NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    leased_until BIGINT,
    dead BOOLEAN NOT NULL,
    error {text},
    PRIMARY KEY (id)
);
CREATE TABLE @run (
    id {id} NOT NULL,
    key {text} NOT NULL,
    workflow {text} NOT NULL,
    version BIGINT NOT NULL,
    event {id},
    entity {text},
    record {id},
    actor {id},
    state {text} NOT NULL,
    position {text} NOT NULL,
    data {text} NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    leased_until BIGINT,
    dead BOOLEAN NOT NULL,
    error {text},
    PRIMARY KEY (id)
);
CREATE TABLE @run_step (
    run {id} NOT NULL,
    sequence BIGINT NOT NULL,
    position {text} NOT NULL,
    action {text} NOT NULL,
    input {text} NOT NULL,
    output {text} NOT NULL,
    state {text} NOT NULL,
    attempts BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    error {text},
    PRIMARY KEY (run, sequence)
);
CREATE TABLE @import (
    id {id} NOT NULL,
    entity {text} NOT NULL,
    file {text} NOT NULL,
    mapping {text} NOT NULL,
    state {text} NOT NULL,
    dry_run BOOLEAN NOT NULL,
    lines BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    author {id},
    at BIGINT NOT NULL,
    ended_at BIGINT,
    error {text},
    PRIMARY KEY (id)
);
CREATE TABLE @import_row (
    import {id} NOT NULL,
    line BIGINT NOT NULL,
    action {text} NOT NULL,
    record {id},
    content {text} NOT NULL,
    problems {text} NOT NULL,
    PRIMARY KEY (import, line)
);
CREATE TABLE @idempotency (
    actor {text} NOT NULL,
    key {text} NOT NULL,
    request {text} NOT NULL,
    status BIGINT NOT NULL,
    headers {text} NOT NULL,
    response {text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE UNIQUE INDEX s_token_hash ON @token (hash);
CREATE INDEX s_session_user ON @session (user_id);
CREATE INDEX s_session_expires ON @session (expires_at);
CREATE INDEX s_event_due ON @event (due_at, id) WHERE NOT dead;
CREATE UNIQUE INDEX s_event_key ON @event (key) WHERE key IS NOT NULL;
CREATE UNIQUE INDEX s_timer_key ON @timer (key);
CREATE INDEX s_timer_due ON @timer (due_at) WHERE NOT dead;
CREATE UNIQUE INDEX s_run_key ON @run (key);
CREATE INDEX s_run_due ON @run (due_at, id) WHERE ended_at IS NULL AND NOT dead;
CREATE INDEX s_run_record ON @run (record);
CREATE INDEX s_run_workflow ON @run (workflow, started_at);
CREATE TABLE @journal (
    id {id} NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    entity {text} NOT NULL,
    record {id} NOT NULL,
    version BIGINT NOT NULL,
    action {text} NOT NULL,
    actor {id},
    on_behalf {id},
    cause {text},
    run {id},
    changes {text} NOT NULL
);
CREATE INDEX s_journal_record ON @journal (record, at);
CREATE INDEX s_journal_at ON @journal (at);
CREATE INDEX s_journal_cause ON @journal (cause) WHERE cause IS NOT NULL;
CREATE TABLE @autonumber (
    entity {text} NOT NULL,
    field {text} NOT NULL,
    period {text} NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (entity, field, period)
);
