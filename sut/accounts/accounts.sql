-- People who sign in to a service: shoppers in the shop, operators in the MES, managers in the flow.

CREATE TABLE IF NOT EXISTS accounts (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email         text NOT NULL UNIQUE CHECK (email = lower(email)),
    name          text NOT NULL,
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('shopper', 'operator', 'manager')),
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- One row per browser that is signed in; signing out deletes it, so a kept copy of the cookie is worth nothing.
CREATE TABLE IF NOT EXISTS sign_ins (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS sign_ins_by_expiry ON sign_ins (expires_at);

-- Failed sign-ins of the last minute, of whom and where as hashes. A crash of the server may empty it, which opens
-- doors a minute early.
CREATE UNLOGGED TABLE IF NOT EXISTS failed_sign_ins (
    key       bytea NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS failed_sign_ins_of_key ON failed_sign_ins (key, failed_at);
CREATE INDEX IF NOT EXISTS failed_sign_ins_by_age ON failed_sign_ins (failed_at);
