-- From version 2 to 3: what else owners set on hooks; the events of a chain.

ALTER TABLE hooks ADD COLUMN url_variables BLOB;
ALTER TABLE hooks ADD COLUMN redirected_at INTEGER;
ALTER TABLE hooks ADD COLUMN custom_headers BLOB;
ALTER TABLE hooks ADD COLUMN template TEXT;
ALTER TABLE hooks ADD COLUMN branch_strategy INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hooks ADD COLUMN branch_filter TEXT NOT NULL DEFAULT '';

CREATE INDEX events_chain ON events (chain) WHERE chain IS NOT NULL;
