-- What `api` keeps: partners, their models and orders, what happened to each, and which keys were used.

CREATE TABLE IF NOT EXISTS partner (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    key_sha256 bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
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
