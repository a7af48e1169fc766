-- Messages that a service gave up, as the broker's stream DEAD brought them; kept here, so that operators see
-- them also while the broker is away, and each is replayed once.

CREATE TABLE IF NOT EXISTS dead_letters (
    id          uuid PRIMARY KEY,
    number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    service     text NOT NULL,
    subject     text NOT NULL,
    reason      text NOT NULL,
    body        bytea NOT NULL,
    is_whole    boolean NOT NULL,
    replays     integer NOT NULL,
    died_at     timestamptz NOT NULL,
    replayed_at timestamptz,
    replayed_by text
);

ALTER TABLE dead_letters ADD COLUMN IF NOT EXISTS traceparent text;

CREATE INDEX IF NOT EXISTS dead_letters_open ON dead_letters (number) WHERE replayed_at IS NULL;
