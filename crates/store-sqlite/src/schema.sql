-- The tables of version 4; migrations/ leads there from older ones. Words are small numbers (see src/codec), times are
-- milliseconds since 1970.

CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

-- The registry.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL COLLATE NOCASE UNIQUE,
    role INTEGER NOT NULL,
    state INTEGER NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    chat_role INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id INTEGER REFERENCES groups (id),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    full_path TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_parent ON groups (parent_id);
CREATE TABLE projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id INTEGER REFERENCES groups (id),
    user_id INTEGER REFERENCES users (id),
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    full_path TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CHECK ((group_id IS NULL) <> (user_id IS NULL))
) STRICT;
CREATE INDEX projects_group ON projects (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX projects_user ON projects (user_id) WHERE user_id IS NOT NULL;
-- Every full path, of users' namespaces, groups and projects: they share one set of names.
CREATE TABLE routes (
    path TEXT PRIMARY KEY COLLATE NOCASE,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE members (
    source_kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    level INTEGER NOT NULL,
    PRIMARY KEY (source_kind, source_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_user ON members (user_id);

-- Credentials.
CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    project_id INTEGER REFERENCES projects (id),
    -- A JSON list of names; NULL where the token is bound to none.
    environments TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX tokens_user ON tokens (user_id);
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    source_kind INTEGER,
    source_id INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE TABLE login_links (
    hash BLOB PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_links_expiry ON login_links (expires_at);
CREATE TABLE used_once (id BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX used_once_expiry ON used_once (expires_at);
CREATE TABLE embed_keys (
    kid TEXT PRIMARY KEY,
    public_key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

-- Hooks. url, token, signing_keys, url_variables, custom_headers and client_identity are sealed.
CREATE TABLE hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL,
    scope INTEGER NOT NULL,
    scope_id INTEGER NOT NULL,
    url BLOB NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    triggers INTEGER NOT NULL,
    event_types TEXT NOT NULL,
    token BLOB,
    signing_keys BLOB,
    certificate_check INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    rate_per_minute INTEGER,
    while_paused INTEGER NOT NULL,
    failure_policy TEXT,
    retry_policy TEXT,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    url_variables BLOB,
    redirected_at INTEGER,
    custom_headers BLOB,
    template TEXT,
    branch_strategy INTEGER NOT NULL DEFAULT 0,
    branch_filter TEXT NOT NULL DEFAULT '',
    client_identity BLOB,
    ordering INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX hooks_scope ON hooks (scope, scope_id);
CREATE TABLE hook_health (
    hook_id INTEGER PRIMARY KEY REFERENCES hooks (id) ON DELETE CASCADE,
    state INTEGER NOT NULL,
    until INTEGER,
    reason INTEGER,
    failures INTEGER NOT NULL,
    since INTEGER NOT NULL,
    failed_at INTEGER,
    failure TEXT,
    version INTEGER NOT NULL
) STRICT;
-- Paused, half open, disabled.
CREATE INDEX hook_health_failing ON hook_health (hook_id) WHERE state >= 2;
CREATE INDEX hook_health_unhealthy ON hook_health (hook_id) WHERE state = 1;
-- Deleted hooks whose waiting deliveries are not all cancelled yet.
CREATE TABLE cancellations (hook_id INTEGER PRIMARY KEY) STRICT;

-- Events and what became of them.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (id),
    accepted_at INTEGER NOT NULL,
    type TEXT NOT NULL,
    chain BLOB,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX events_chain ON events (chain, accepted_at) WHERE chain IS NOT NULL;
CREATE TABLE idempotency (
    project_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    event_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (project_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_at ON idempotency (at);
-- Deliveries that will still be sent. due is 0 where nothing but the hook itself is waited for; body is NULL where it
-- is the event's payload, and empty where the hook's template has still to make it.
CREATE TABLE waiting (
    hook_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (hook_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_due ON waiting (hook_id, due);
CREATE INDEX waiting_project ON waiting (project_id, event_id);
-- Deliveries that ended without success.
CREATE TABLE ended (
    hook_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (hook_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_project ON ended (project_id, event_id);
CREATE INDEX ended_at ON ended (ended_at);
-- Marks that every delivery of an event has ended or has a row: one row a commit, so that no event is written twice.
-- meta.settled_below: all events up to it are settled.
CREATE TABLE settled (id INTEGER PRIMARY KEY, ids BLOB NOT NULL) STRICT;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id INTEGER,
    hook_id INTEGER NOT NULL,
    project_id INTEGER,
    kind INTEGER NOT NULL,
    class INTEGER NOT NULL,
    status INTEGER,
    started_at INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    event_type TEXT NOT NULL,
    url TEXT NOT NULL,
    error TEXT,
    retry_after_ms INTEGER,
    request_headers BLOB,
    request_body BLOB,
    response_headers BLOB,
    response_body BLOB
) STRICT;
CREATE INDEX attempts_hook ON attempts (hook_id);
CREATE INDEX attempts_event ON attempts (project_id, event_id, hook_id) WHERE event_id IS NOT NULL;
CREATE TABLE figures (at INTEGER PRIMARY KEY, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL) STRICT;
CREATE TABLE transitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hook_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    was INTEGER NOT NULL,
    becomes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT,
    got_worse INTEGER NOT NULL,
    -- The request that brought it, if one did.
    attempt_id INTEGER
) STRICT;
CREATE INDEX transitions_hook ON transitions (hook_id);

-- Who is told of transitions. channel: 0 mail, 1 chat, 2 events; user_id is 0 where it is nobody in particular.
-- meta.notices_after: transitions up to it were taken.
CREATE TABLE notices (
    transition_id INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    hook_id INTEGER NOT NULL,
    project_id INTEGER,
    state INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (transition_id, channel, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_waiting ON notices (channel, user_id, transition_id) WHERE state = 0;
CREATE INDEX notices_hook ON notices (hook_id, transition_id);
CREATE INDEX notices_over ON notices (at) WHERE state <> 0;
-- Who heard that a hook is worse, and not yet that it is well again.
-- `transition_id` is the newest such change while no notice of any went out, and 0 once one did.
CREATE TABLE notices_owed (
    hook_id INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
    channel INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    transition_id INTEGER NOT NULL,
    project_id INTEGER,
    PRIMARY KEY (hook_id, channel, user_id)
) STRICT, WITHOUT ROWID;
-- When the last message of a line went out.
CREATE TABLE notice_lines (
    channel INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (channel, user_id)
) STRICT, WITHOUT ROWID;
-- Hooks for which half of what may wait waits, since when, and whether that was told.
CREATE TABLE notice_backlogs (
    hook_id INTEGER PRIMARY KEY REFERENCES hooks (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    told INTEGER NOT NULL
) STRICT;
-- What users do not want to be told of by mail: source_kind is -1 for everything.
CREATE TABLE notice_opt_outs (
    user_id INTEGER NOT NULL REFERENCES users (id),
    source_kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, source_kind, source_id)
) STRICT, WITHOUT ROWID;

-- Callouts.
CREATE TABLE worse_counts (
    source_kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (source_kind, source_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE dismissals (
    user_id INTEGER NOT NULL REFERENCES users (id),
    source_kind INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    feature TEXT NOT NULL,
    worse_count INTEGER NOT NULL,
    PRIMARY KEY (user_id, source_kind, source_id, feature)
) STRICT, WITHOUT ROWID;

-- What banners did, a row a day (days since 1970).
CREATE TABLE callout_days (
    day INTEGER PRIMARY KEY,
    shown INTEGER NOT NULL,
    followed INTEGER NOT NULL,
    dismissed INTEGER NOT NULL
) STRICT;
-- What they led to: a row for each time that a banner told of a hook until that hook failed no more.
CREATE TABLE callout_episodes (
    hook_id INTEGER NOT NULL,
    shown_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending INTEGER,
    PRIMARY KEY (hook_id, shown_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX callout_episodes_open ON callout_episodes (shown_at) WHERE ended_at IS NULL;
CREATE INDEX callout_episodes_ended ON callout_episodes (ended_at, ending) WHERE ended_at IS NOT NULL;

-- Flags. state is NULL once it was forgotten: the version goes on rising. before is what state was one write ago.
CREATE TABLE flags (
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT,
    before TEXT,
    version INTEGER NOT NULL,
    PRIMARY KEY (environment, name)
) STRICT, WITHOUT ROWID;
-- The flags of environments that other servers keep, as they were read last.
CREATE TABLE remote_copies (
    environment TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    sudo_by TEXT,
    via TEXT NOT NULL,
    flag TEXT,
    environment TEXT,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_flag ON audit (flag) WHERE flag IS NOT NULL;

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
