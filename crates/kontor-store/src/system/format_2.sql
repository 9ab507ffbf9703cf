-- Format 2: what packs hold and held, what went with them, and packs that wait for an administrator.
CREATE TABLE @pack_content (
    name {text} NOT NULL,
    content {text} NOT NULL,
    version {text} NOT NULL,
    manifest {text} NOT NULL,
    definitions {text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (name, content)
);
CREATE TABLE @aside (
    pack {text} NOT NULL,
    kind {text} NOT NULL,
    name {text} NOT NULL,
    below {text},
    body {text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (pack, kind, name)
);
CREATE TABLE @offer (
    name {text} NOT NULL,
    files {text} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (name)
);
