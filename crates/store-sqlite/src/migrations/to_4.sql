-- From version 3 to 4.

-- Hooks that show who they are, and hooks that keep the order of events.
ALTER TABLE hooks ADD COLUMN client_identity BLOB;
ALTER TABLE hooks ADD COLUMN ordering INTEGER NOT NULL DEFAULT 0;
-- Notices: who is told of changes of health. The past is told to nobody.
ALTER TABLE transitions ADD COLUMN attempt_id INTEGER;
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
INSERT OR REPLACE INTO meta (name, value) SELECT 'notices_after', coalesce(max(id), 0) FROM transitions;

-- Health across projects: what is unhealthy, found without a look at the healthy; what banners led to.
CREATE INDEX hook_health_unhealthy ON hook_health (hook_id) WHERE state = 1;
CREATE TABLE callout_days (
    day INTEGER PRIMARY KEY,
    shown INTEGER NOT NULL,
    followed INTEGER NOT NULL,
    dismissed INTEGER NOT NULL
) STRICT;
CREATE TABLE callout_episodes (
    hook_id INTEGER NOT NULL,
    shown_at INTEGER NOT NULL,
    ended_at INTEGER,
    ending INTEGER,
    PRIMARY KEY (hook_id, shown_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX callout_episodes_open ON callout_episodes (shown_at) WHERE ended_at IS NULL;
CREATE INDEX callout_episodes_ended ON callout_episodes (ended_at, ending) WHERE ended_at IS NOT NULL;

-- Of a chain only its last half an hour is asked for.
DROP INDEX events_chain;
CREATE INDEX events_chain ON events (chain, accepted_at) WHERE chain IS NOT NULL;
