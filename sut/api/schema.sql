-- What `api` keeps: partners and their contracts, models, orders, what happened to each, which keys were used.

CREATE TABLE IF NOT EXISTS partner (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL
);

-- A partner's keys, of which only hashes are kept; one is valid until its end, if it has one.
CREATE TABLE IF NOT EXISTS partner_key (
    id         uuid PRIMARY KEY,
    partner_id uuid NOT NULL REFERENCES partner (id),
    sha256     bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    ends_at    timestamptz
);

CREATE INDEX IF NOT EXISTS partner_key_of_partner ON partner_key (partner_id);

-- A database of the time when each partner had one key, in its own row.
DO $$
BEGIN
    IF EXISTS (SELECT FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = 'partner' AND column_name = 'key_sha256')
    THEN
        INSERT INTO partner_key (id, partner_id, sha256, created_at)
            SELECT gen_random_uuid(), id, key_sha256, created_at FROM partner;
        ALTER TABLE partner DROP COLUMN key_sha256;
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS contract (
    partner_id         uuid PRIMARY KEY REFERENCES partner (id),
    quota              integer NOT NULL DEFAULT 500,
    window_s           integer NOT NULL DEFAULT 1,
    latency_ms         integer NOT NULL DEFAULT 500,
    latency_share      double precision NOT NULL DEFAULT 0.99,
    availability_share double precision NOT NULL DEFAULT 0.999
);

-- Partners of the time before there were contracts.
INSERT INTO contract (partner_id) SELECT id FROM partner ON CONFLICT DO NOTHING;

-- What is left of each partner's rate. A crash of the server may empty it, which fills the buckets.
CREATE UNLOGGED TABLE IF NOT EXISTS rate_bucket (
    partner_id uuid PRIMARY KEY,
    full_at    timestamptz NOT NULL,
    granted    integer NOT NULL
) WITH (fillfactor = 50);

-- Partners' calls by minute and by hour: of each kind how many, the answered ones by the time they took.
CREATE TABLE IF NOT EXISTS partner_calls (
    partner_id uuid NOT NULL,
    span       text NOT NULL,
    began_at   timestamptz NOT NULL,
    kind       text NOT NULL,
    bucket     smallint NOT NULL,
    calls      bigint NOT NULL,
    PRIMARY KEY (partner_id, span, began_at, kind, bucket)
);

CREATE TABLE IF NOT EXISTS model (
    id              uuid PRIMARY KEY,
    tenant          text NOT NULL,
    filename        text NOT NULL,
    sha256          text NOT NULL,
    size_bytes      integer NOT NULL,
    triangles       integer NOT NULL,
    bounding_box_mm double precision[] NOT NULL,
    created_at      timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS orders (
    id                     uuid PRIMARY KEY,
    number                 text NOT NULL UNIQUE,
    tenant                 text NOT NULL,
    state                  text NOT NULL,
    channel                text NOT NULL,
    customer               text NOT NULL,
    reference              text,
    model_id               uuid NOT NULL REFERENCES model (id),
    material               text NOT NULL,
    quantity               integer NOT NULL,
    price                  jsonb,
    rejection              jsonb,
    attention              jsonb,
    cancellation_requested boolean NOT NULL DEFAULT false,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL
);

ALTER TABLE orders ADD COLUMN IF NOT EXISTS attention jsonb;
-- Where in a trace the order last changed: what is decided later links to it.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS traceparent text;

-- The two orders in which lists are read, newest first.
CREATE INDEX IF NOT EXISTS orders_of_tenant ON orders (tenant, created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS orders_of_tenant_by_state ON orders (tenant, state, created_at DESC, id DESC);

-- The audit reads all orders, oldest first.
CREATE INDEX IF NOT EXISTS orders_by_age ON orders (created_at, id);

CREATE TABLE IF NOT EXISTS order_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders (id),
    type        text NOT NULL,
    state       text NOT NULL,
    actor       text NOT NULL,
    occurred_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS order_history_of_order ON order_history (order_id, id);

CREATE TABLE IF NOT EXISTS idempotency (
    tenant         text NOT NULL,
    key            text NOT NULL,
    request_sha256 bytea NOT NULL,
    order_id       uuid NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE INDEX IF NOT EXISTS idempotency_by_age ON idempotency (created_at);

-- Where partners want to be told what happens to their orders, and what was sent there.
CREATE TABLE IF NOT EXISTS webhook (
    id           uuid PRIMARY KEY,
    tenant       text NOT NULL,
    url          text NOT NULL,
    secret       text NOT NULL,
    created_at   timestamptz NOT NULL,
    failures     integer NOT NULL DEFAULT 0,
    next_try_at  timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE INDEX IF NOT EXISTS webhook_of_tenant ON webhook (tenant);

CREATE TABLE IF NOT EXISTS delivery (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id   uuid NOT NULL,
    event_id     uuid NOT NULL,
    type         text NOT NULL,
    occurred_at  timestamptz NOT NULL,
    order_id     uuid NOT NULL,
    order_number text NOT NULL,
    reference    text,
    order_state  text NOT NULL,
    state        text NOT NULL DEFAULT 'pending',
    next_try_at  timestamptz NOT NULL DEFAULT now(),
    attempts     jsonb NOT NULL DEFAULT '[]',
    UNIQUE (webhook_id, event_id)
);

ALTER TABLE delivery ADD COLUMN IF NOT EXISTS traceparent text;

CREATE INDEX IF NOT EXISTS delivery_of_webhook ON delivery (webhook_id, id DESC);
CREATE INDEX IF NOT EXISTS delivery_pending ON delivery (webhook_id, id) WHERE state = 'pending';
