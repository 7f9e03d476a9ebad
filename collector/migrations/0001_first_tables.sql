-- Types are those that SQLite and PostgreSQL read alike. Times are seconds since 1970.
-- Lists and documents are JSON text.

CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    sites TEXT NOT NULL,
    watch TEXT NOT NULL,
    credential_hash TEXT NOT NULL UNIQUE,
    enrolled_at DOUBLE PRECISION NOT NULL,
    revoked_at DOUBLE PRECISION
);

CREATE TABLE enrolment_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    agent TEXT NOT NULL,
    sites TEXT NOT NULL,
    watch TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION
);

CREATE TABLE operators (
    name TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL
);

CREATE TABLE incidents (
    id TEXT NOT NULL PRIMARY KEY,
    cause TEXT NOT NULL,
    site TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at DOUBLE PRECISION NOT NULL,
    resolved_at DOUBLE PRECISION,
    seq BIGINT NOT NULL,
    document TEXT NOT NULL
);

CREATE INDEX incidents_by_state ON incidents (state, opened_at);

CREATE TABLE events (
    seq BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (seq, idx)
);

CREATE INDEX events_by_time ON events (at);

CREATE TABLE outbox (
    notification TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at DOUBLE PRECISION NOT NULL,
    last_error TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    sent_at DOUBLE PRECISION,
    PRIMARY KEY (notification, channel, recipient)
);

CREATE INDEX outbox_by_turn ON outbox (state, next_attempt_at);

CREATE TABLE snapshots (
    seq BIGINT NOT NULL PRIMARY KEY,
    taken_at DOUBLE PRECISION NOT NULL,
    engine BYTEA NOT NULL
);

CREATE TABLE forward_positions (
    store TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
);
