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
