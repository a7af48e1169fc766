-- What every service that sends or receives events keeps in its own database.

CREATE TABLE IF NOT EXISTS outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id   uuid NOT NULL UNIQUE,
    -- What must leave in the order in which it was written is in one lane: all events of an order are.
    lane       smallint NOT NULL,
    subject    text NOT NULL,
    payload    text NOT NULL,
    headers    jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);

-- Where in a trace the event was written, as W3C Trace Context has it; null while nobody traces.
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS traceparent text;

-- Holds only what waits, so that the relay's look costs nothing however long the history is.
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (lane, id) WHERE sent_at IS NULL;

-- Whoever publishes from a lane holds its row here, so that several relays share the work and none overtakes.
CREATE TABLE IF NOT EXISTS outbox_lanes (
    lane smallint PRIMARY KEY
);
INSERT INTO outbox_lanes SELECT generate_series(0, 15) ON CONFLICT DO NOTHING;

-- Wakes every relay of this database with the commit, whichever process writes.
CREATE OR REPLACE FUNCTION announce_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER outbox_announced AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION announce_outbox();

CREATE TABLE IF NOT EXISTS inbox (
    event_id    uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- What is old enough to be pruned is found without a look at the rest.
CREATE INDEX IF NOT EXISTS outbox_by_age ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS inbox_by_age ON inbox (received_at);
