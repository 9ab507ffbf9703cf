-- Format 5: files. What they hold lies in parts, once for all files that hold the same.
CREATE TABLE @content (
    id {id} NOT NULL PRIMARY KEY,
    hash {text},
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX s_content_hash ON @content (hash);
CREATE TABLE @content_part (
    content {id} NOT NULL,
    n BIGINT NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (content, n)
);
CREATE TABLE @file (
    id {id} NOT NULL PRIMARY KEY,
    hash {text} NOT NULL,
    name {text} NOT NULL,
    media_type {text} NOT NULL,
    size BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    author {id},
    at BIGINT NOT NULL,
    entity {text},
    record {id},
    field {text}
);
CREATE INDEX s_file_hash ON @file (hash);
CREATE INDEX s_file_record ON @file (record);
CREATE INDEX s_file_waiting ON @file (author) WHERE entity IS NULL;
