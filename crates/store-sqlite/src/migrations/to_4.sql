-- From version 3 to 4.

-- Hooks that show who they are, and hooks that keep the order of events.
ALTER TABLE hooks ADD COLUMN client_identity BLOB;
ALTER TABLE hooks ADD COLUMN ordering INTEGER NOT NULL DEFAULT 0;

-- Of a chain only its last half an hour is asked for.
DROP INDEX events_chain;
CREATE INDEX events_chain ON events (chain, accepted_at) WHERE chain IS NOT NULL;
