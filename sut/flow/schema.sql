-- What the flow knows of each order, and how it stands with those that it asks.

CREATE TABLE IF NOT EXISTS orders (
    order_id         uuid PRIMARY KEY,
    number           text NOT NULL,
    channel          text,
    customer         text,
    -- The earliest moment at which each mark was reported, from the events and the audits.
    accepted_at      timestamptz,
    in_mes_at        timestamptz,
    quoted_at        timestamptz,
    approved_at      timestamptz,
    taken_at         timestamptz,
    made_at          timestamptz,
    packed_at        timestamptz,
    shipped_at       timestamptz,
    closed_at        timestamptz,
    rejected_at      timestamptz,
    cancelled_at     timestamptz,
    sent_to_broker   boolean NOT NULL DEFAULT false,
    sent_to_pricing  boolean NOT NULL DEFAULT false,
    confirmed_by_api boolean NOT NULL DEFAULT false,
    work_orders      bigint[] NOT NULL DEFAULT '{}',
    -- Worked out of the above by projection.py whenever that changes, so that it can be searched.
    state            text NOT NULL DEFAULT 'SUBMITTED',
    hop              text,
    waiting_since    timestamptz,
    moved_at         timestamptz,
    -- The reconciliation's notes.
    first_seen_at    timestamptz NOT NULL DEFAULT now(),
    checked_at       timestamptz,
    unknown_to_api   boolean NOT NULL DEFAULT false
);

-- When the price was last asked for, when pricing last gave up and why; since when somebody must look at the order,
-- which is worked out of the marks as well.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS asked_at timestamptz;
ALTER TABLE orders ADD COLUMN IF NOT EXISTS failed_at timestamptz;
ALTER TABLE orders ADD COLUMN IF NOT EXISTS failed_why text NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN IF NOT EXISTS attention_since timestamptz;

-- The trace of the latest step that is known with one.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS trace_id text NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN IF NOT EXISTS traced_at timestamptz;

CREATE INDEX IF NOT EXISTS orders_by_number ON orders (number);
-- Only what waits: the board's questions cost the same however many orders are closed.
CREATE INDEX IF NOT EXISTS orders_waiting ON orders (hop, waiting_since) WHERE hop IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_needing_attention ON orders (attention_since) WHERE attention_since IS NOT NULL;
CREATE INDEX IF NOT EXISTS orders_moved ON orders (moved_at);
CREATE INDEX IF NOT EXISTS orders_unconfirmed ON orders (first_seen_at) WHERE NOT confirmed_by_api;
CREATE INDEX IF NOT EXISTS orders_doubled ON orders (order_id) WHERE cardinality(work_orders) > 1;

-- How far each audit was read.
CREATE TABLE IF NOT EXISTS positions (
    audit    text PRIMARY KEY,
    position text NOT NULL
);

-- Whether those that the flow asks answer, since when that is so, and when it was last asked.
CREATE TABLE IF NOT EXISTS sources (
    name       text PRIMARY KEY,
    answers    boolean NOT NULL,
    since      timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    detail     text NOT NULL
);

-- Since when this flow watches: work orders of the time before may be imports that `api` never saw.
CREATE TABLE IF NOT EXISTS watch (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    since timestamptz NOT NULL DEFAULT now()
);
INSERT INTO watch DEFAULT VALUES ON CONFLICT DO NOTHING;
