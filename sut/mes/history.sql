-- $2 orders of the year before $3, evenly spread, the oldest first, with ids from $1 on: 90 % closed, 5 % cancelled,
-- 3 % rejected and 2 % on their way to the customer; few customers order much and many little. Nothing in them waits
-- for an operator, so nobody can act on an order `api` never saw.
--
-- What is drawn by lot follows from the id alone, so that the tables can be filled at the same time: an odd factor
-- permutes the numbers below 2^32, and what is written in sixteen digits is also a number in Crockford's thirty-two.
SELECT id, state, channel, material, created_at,
    md5(id::text)::uuid AS order_id,
    overlay(upper(lpad(to_hex(lot), 8, '0')) placing '-' from 5 for 0) AS order_number,
    'history-' || (chance * chance * chance * 400)::integer AS customer,
    1 + (chance * chance * chance * 200)::integer AS quantity,
    CASE WHEN state <> 'REJECTED' THEN (1200 + (chance * chance * 80000)::integer) * 0.01 END AS price_total,
    CASE WHEN state <> 'REJECTED' THEN 'EUR' END AS currency,
    CASE WHEN state = 'REJECTED' THEN 'The model does not fit into the build box.' END AS reason,
    least(created_at + lot % 1000003 * interval '1 second', $3::timestamptz) AS updated_at
FROM (
    SELECT id, lot,
        (lot * 7919 % 1000003) / 1000003::float8 AS chance,
        CASE WHEN lot % 101 < 91 THEN 'CLOSED' WHEN lot % 101 < 96 THEN 'CANCELLED' WHEN lot % 101 < 99 THEN 'REJECTED'
             ELSE 'SHIPPED' END AS state,
        (ARRAY['shop', 'partner'])[1 + (lot >> 16) % 2] AS channel,
        (ARRAY['PLA', 'PLA', 'PETG', 'PA12', 'PA12', 'AL'])[1 + (lot >> 4) % 6] AS material,
        $3::timestamptz - interval '1 second' * (31536000 * (1 - (id - $1::bigint + 0.5) / $2::float8)) AS created_at
    FROM (
        SELECT id, (id * 2654435761) & 4294967295 AS lot
        FROM generate_series($1::bigint, $1::bigint + $2::integer - 1) AS id
        OFFSET 0  -- what is drawn is computed once, however often it is looked at
    ) AS drawn
    OFFSET 0
) AS chosen
