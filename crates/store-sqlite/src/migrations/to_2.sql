-- From version 1 to 2: chats, the outbox, deployments, rollout logs.

ALTER TABLE users ADD COLUMN chat_role INTEGER NOT NULL DEFAULT 0;

-- Chats. Codes that ended are forgotten by retention.
CREATE TABLE chat_links (
    platform TEXT NOT NULL,
    team TEXT NOT NULL,
    chat_user TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    linked_at INTEGER NOT NULL,
    PRIMARY KEY (platform, team, chat_user)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_links_user ON chat_links (user_id);
CREATE TABLE chat_link_codes (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_link_codes_expiry ON chat_link_codes (expires_at);
-- What is to be said. due_at is NULL once it was given up.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination TEXT NOT NULL,
    content BLOB NOT NULL,
    at INTEGER NOT NULL,
    due_at INTEGER,
    attempts INTEGER NOT NULL,
    last_error TEXT
) STRICT;
CREATE INDEX outbox_lines ON outbox (destination, id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX outbox_given_up ON outbox (at) WHERE due_at IS NULL;

-- What runs where.
CREATE TABLE deployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    environment TEXT NOT NULL,
    sha TEXT NOT NULL,
    reference TEXT NOT NULL,
    is_tag INTEGER NOT NULL,
    status INTEGER NOT NULL,
    project_id INTEGER REFERENCES projects (id),
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deployments_status ON deployments (environment, status, id);
CREATE INDEX deployments_project ON deployments (environment, project_id, id);

-- What was said and done about a flag's rollout.
CREATE TABLE rollout_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    flag TEXT NOT NULL,
    kind INTEGER NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX rollout_log_flag ON rollout_log (flag, id);
