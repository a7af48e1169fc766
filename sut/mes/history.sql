-- $1 orders of the past year, evenly spread, the oldest first: 90 % closed, 5 % cancelled, 3 % rejected and 2 % on
-- their way to the customer. Nothing in them waits for an operator, so nobody can act on an order `api` never saw.
WITH drawn AS (
    SELECT
        nextval('work_order_ids') AS id,
        now() - interval '365 days' * (1 - (i - random()) / $1) AS created_at,
        random() AS fate,
        1 + floor(power(random(), 3) * 200)::integer AS quantity,
        (ARRAY['PLA', 'PLA', 'PETG', 'PA12', 'PA12', 'AL'])[1 + floor(random() * 6)::integer] AS material,
        (ARRAY['shop', 'partner'])[1 + floor(random() * 2)::integer] AS channel,
        (12 + power(random(), 2) * 800)::numeric(14, 2) AS price_total,
        interval '12 days' * random() AS took
    FROM generate_series(1, $1) AS i
    OFFSET 0  -- each row is drawn once, however often its chance is looked at below
), numbered AS MATERIALIZED (
    -- Numbers look drawn by lot and are all different: an odd factor permutes the numbers below 2^32, and what is
    -- written in sixteen digits is also a number in Crockford's thirty-two.
    SELECT *, gen_random_uuid() AS order_id,
        overlay(upper(lpad(to_hex((id * 2654435761) & 4294967295), 8, '0')) placing '-' from 5 for 0) AS order_number,
        CASE WHEN fate < 0.90 THEN 'CLOSED' WHEN fate < 0.95 THEN 'CANCELLED' WHEN fate < 0.98 THEN 'REJECTED'
             ELSE 'SHIPPED' END AS state
    FROM drawn
), keyed AS (
    INSERT INTO work_order_keys (order_id, order_number, id) SELECT order_id, order_number, id FROM numbered
), noted AS (
    INSERT INTO work_order_history (work_order_id, type, state, actor, occurred_at)
    SELECT id, 'mes.imported', state, 'history', least(created_at + took, now()) FROM numbered ORDER BY id
)
INSERT INTO work_orders (id, state, order_id, order_number, channel, customer, material, quantity, price_total,
                         currency, reason, created_at, updated_at)
SELECT id, state, order_id, order_number, channel, 'history', material, quantity,
    CASE WHEN state <> 'REJECTED' THEN price_total END, CASE WHEN state <> 'REJECTED' THEN 'EUR' END,
    CASE WHEN state = 'REJECTED' THEN 'The model does not fit into the build box.' END,
    created_at, least(created_at + took, now())
FROM numbered ORDER BY id;
