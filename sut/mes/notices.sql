-- What operators are told: one notice per order to make, however often its event comes.

CREATE TABLE IF NOT EXISTS notices (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    work_order_id bigint NOT NULL UNIQUE,
    order_number  text NOT NULL,
    material      text NOT NULL,
    quantity      integer NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Where in a trace the order became one to make; its mails go on from there.
ALTER TABLE notices ADD COLUMN IF NOT EXISTS traceparent text;

-- How each operator wants to be told; who never chose sees notices in the page and gets no mail.
CREATE TABLE IF NOT EXISTS notice_preferences (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    by_mail    boolean NOT NULL,
    in_page    boolean NOT NULL
);

-- The mails to send, written with the notice: one per notice and operator.
CREATE TABLE IF NOT EXISTS notice_mails (
    notice_id   bigint NOT NULL REFERENCES notices,
    account_id  uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    sent_at     timestamptz,
    given_up_at timestamptz,
    tries       integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    last_error  text,
    PRIMARY KEY (notice_id, account_id)
);

CREATE INDEX IF NOT EXISTS notice_mails_waiting ON notice_mails (next_try_at)
    WHERE sent_at IS NULL AND given_up_at IS NULL;
