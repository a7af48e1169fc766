-- What the factory knows of each order.

CREATE SEQUENCE IF NOT EXISTS work_order_ids;

-- One row per order, kept in the list partition of its state: the few open ones stay small and quick to page
-- through, however many lie closed. https://www.postgresql.org/docs/current/ddl-partitioning.html
CREATE TABLE IF NOT EXISTS work_orders (
    id           bigint NOT NULL DEFAULT nextval('work_order_ids'),
    state        text NOT NULL,
    order_id     uuid NOT NULL,
    order_number text NOT NULL,
    reference    text,
    channel      text NOT NULL,
    customer     text NOT NULL,
    material     text NOT NULL,
    quantity     integer NOT NULL CHECK (quantity > 0),
    price_total  numeric(14, 2),
    currency     text,
    taken_by     uuid,
    reason       text,
    attention    jsonb,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (id, state)
) PARTITION BY LIST (state);

CREATE TABLE IF NOT EXISTS work_orders_submitted PARTITION OF work_orders FOR VALUES IN ('SUBMITTED');
CREATE TABLE IF NOT EXISTS work_orders_priced PARTITION OF work_orders FOR VALUES IN ('PRICED');
CREATE TABLE IF NOT EXISTS work_orders_approved PARTITION OF work_orders FOR VALUES IN ('APPROVED');
CREATE TABLE IF NOT EXISTS work_orders_in_production PARTITION OF work_orders FOR VALUES IN ('IN_PRODUCTION');
CREATE TABLE IF NOT EXISTS work_orders_made PARTITION OF work_orders FOR VALUES IN ('MADE');
CREATE TABLE IF NOT EXISTS work_orders_packed PARTITION OF work_orders FOR VALUES IN ('PACKED');
CREATE TABLE IF NOT EXISTS work_orders_shipped PARTITION OF work_orders FOR VALUES IN ('SHIPPED');
CREATE TABLE IF NOT EXISTS work_orders_closed PARTITION OF work_orders FOR VALUES IN ('CLOSED');
CREATE TABLE IF NOT EXISTS work_orders_cancelled PARTITION OF work_orders FOR VALUES IN ('CANCELLED');
CREATE TABLE IF NOT EXISTS work_orders_rejected PARTITION OF work_orders FOR VALUES IN ('REJECTED');

ALTER TABLE work_orders ADD COLUMN IF NOT EXISTS attention jsonb;
-- Where in a trace the order last changed: an operator's next step links to it.
ALTER TABLE work_orders ADD COLUMN IF NOT EXISTS traceparent text;

CREATE INDEX IF NOT EXISTS work_orders_by_customer ON work_orders (customer, id);

-- For the age alone: material and channel leave so many rows that the newest page is found by the key at once.
CREATE INDEX IF NOT EXISTS work_orders_by_creation ON work_orders (created_at);

-- A partitioned table cannot promise that an order is in it once, whatever its state; this one does. Whoever
-- changes a work order locks its row here first, because a row that moves between partitions cannot be waited for.
CREATE TABLE IF NOT EXISTS work_order_keys (
    order_id     uuid PRIMARY KEY,
    order_number text NOT NULL UNIQUE,
    id           bigint NOT NULL UNIQUE
);

-- What happened to a work order, for people: one row per event, told by us or to us.
CREATE TABLE IF NOT EXISTS work_order_history (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_order_id bigint NOT NULL,
    type          text NOT NULL,
    state         text NOT NULL,
    actor         text NOT NULL,
    detail        text,
    occurred_at   timestamptz NOT NULL,
    noted_at      timestamptz NOT NULL DEFAULT clock_timestamp(), -- less occurred_at: how long it was on its way
    event_id      uuid
);

CREATE INDEX IF NOT EXISTS work_order_history_of ON work_order_history (work_order_id, id);
-- An event that comes again after the inbox forgot it is still one line of the story.
CREATE UNIQUE INDEX IF NOT EXISTS work_order_history_once ON work_order_history (event_id) WHERE event_id IS NOT NULL;

-- How many work orders are in each state, kept with every change instead of counted at every look. Sixteen rows
-- a state, chosen by the work order's id, so that changes at the same time rarely wait for each other.
CREATE TABLE IF NOT EXISTS state_counts (
    slot   smallint NOT NULL,
    state  text NOT NULL,
    orders bigint NOT NULL,
    PRIMARY KEY (slot, state)
) WITH (fillfactor = 50);

-- Rows are changed in one order (slot, then state along an order's way), which rules deadlocks out.
CREATE OR REPLACE FUNCTION keep_state_counts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    way CONSTANT text[] := ARRAY['SUBMITTED', 'PRICED', 'APPROVED', 'IN_PRODUCTION', 'MADE', 'PACKED', 'SHIPPED',
                                 'CLOSED', 'REJECTED', 'CANCELLED'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO state_counts
        SELECT id % 16, state, count(*) FROM arrived GROUP BY 1, 2 ORDER BY 1, array_position(way, state)
        ON CONFLICT (slot, state) DO UPDATE SET orders = state_counts.orders + excluded.orders;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO state_counts
        SELECT id % 16, state, -count(*) FROM gone GROUP BY 1, 2 ORDER BY 1, array_position(way, state)
        ON CONFLICT (slot, state) DO UPDATE SET orders = state_counts.orders + excluded.orders;
    ELSE
        INSERT INTO state_counts
        SELECT id % 16, state, sum(change)
        FROM (SELECT id, state, 1 AS change FROM arrived UNION ALL SELECT id, state, -1 FROM gone) AS changes
        GROUP BY 1, 2 HAVING sum(change) <> 0 ORDER BY 1, array_position(way, state)
        ON CONFLICT (slot, state) DO UPDATE SET orders = state_counts.orders + excluded.orders;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER work_orders_arrive AFTER INSERT ON work_orders
    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION keep_state_counts();
CREATE OR REPLACE TRIGGER work_orders_move AFTER UPDATE ON work_orders
    REFERENCING OLD TABLE AS gone NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION keep_state_counts();
CREATE OR REPLACE TRIGGER work_orders_leave AFTER DELETE ON work_orders
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION keep_state_counts();

-- Wakes the open dashboards of every process, whoever changed what; they read for themselves what is new.
CREATE OR REPLACE FUNCTION tell_dashboards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('mes_work_orders', '');
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER work_orders_tell AFTER INSERT OR UPDATE OR DELETE ON work_orders
    FOR EACH STATEMENT EXECUTE FUNCTION tell_dashboards();
