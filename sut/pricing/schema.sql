-- What `pricing` keeps: each order's quote or refusal, with the figures it rests on.

CREATE TABLE IF NOT EXISTS quotes (
    order_id   uuid PRIMARY KEY,
    model_id   text NOT NULL,
    material   text NOT NULL,
    quantity   integer NOT NULL,
    analysis   jsonb,
    price      jsonb,
    rejection  jsonb,
    quoted_at  timestamptz NOT NULL
);

-- Orders that are being priced, or could not be; gone once there is a quote. Whoever settles a stage locks this row
-- first, so that of two stages that end at the same time the later one sees the other.
CREATE TABLE IF NOT EXISTS requests (
    order_id     uuid PRIMARY KEY,
    order_number text NOT NULL,
    model_id     text NOT NULL,
    material     text NOT NULL,
    quantity     integer NOT NULL,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    failed_at    timestamptz
);

-- Where in a trace the price was asked for; the stages, done by whoever is free, go on from there.
ALTER TABLE requests ADD COLUMN IF NOT EXISTS traceparent text;

-- The work queue. A row is locked as long as somebody works on it; `due_at` is null once it was tried too often.
CREATE TABLE IF NOT EXISTS stages (
    order_id uuid NOT NULL REFERENCES requests ON DELETE CASCADE,
    stage    text NOT NULL,
    is_large boolean NOT NULL,
    due_at   timestamptz,
    tries    smallint NOT NULL DEFAULT 0,
    trouble  jsonb,
    finding  jsonb,
    PRIMARY KEY (order_id, stage)
);

-- Where in a trace the stage was done; the quote, written with the last one, links to all others.
ALTER TABLE stages ADD COLUMN IF NOT EXISTS traceparent text;

CREATE INDEX IF NOT EXISTS stages_due ON stages (due_at) WHERE finding IS NULL AND due_at IS NOT NULL;
