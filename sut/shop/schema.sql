-- What the shop keeps: who uploaded what, and which of `api`'s orders came of it. What became of an order, `api` knows.

CREATE TABLE IF NOT EXISTS drafts (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    shopper_id      uuid NOT NULL REFERENCES accounts,
    model_id        uuid NOT NULL,
    filename        text NOT NULL,
    size_bytes      integer NOT NULL,
    triangles       integer NOT NULL,
    bounding_box_mm double precision[] NOT NULL,
    -- The choice that is on its way to `api`, or may have reached it before we crashed. While there is one, it cannot
    -- be changed: the draft's id is the idempotency key, and a key stands for one choice.
    material        text,
    quantity        integer,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK ((material IS NULL) = (quantity IS NULL))
);

CREATE INDEX IF NOT EXISTS drafts_of_shopper ON drafts (shopper_id, created_at DESC);

CREATE TABLE IF NOT EXISTS orders (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid NOT NULL UNIQUE,
    number     text NOT NULL UNIQUE,
    shopper_id uuid NOT NULL REFERENCES accounts,
    draft_id   uuid NOT NULL UNIQUE REFERENCES drafts,
    -- The order as `api` last told it, once nothing can happen to it any more: then nobody needs to ask again.
    final      jsonb
);

CREATE INDEX IF NOT EXISTS orders_of_shopper ON orders (shopper_id, seq DESC);
