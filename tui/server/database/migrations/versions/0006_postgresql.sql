ALTER TABLE tokens ADD COLUMN begun_at BIGINT;

ALTER TABLE tokens ADD COLUMN program VARCHAR(255);

ALTER TABLE tokens ADD COLUMN address VARCHAR(64);

UPDATE tokens SET begun_at = coalesce(
    (SELECT min(earlier.created_at) FROM tokens AS earlier WHERE earlier.family = tokens.family),
    created_at
);

-- What was written into data folders until now. Over the network it is good for another thirty days.
UPDATE tokens SET kind = 'first', expires_at = (CAST(extract(epoch FROM now()) AS BIGINT) + 2592000) * 1000000
WHERE kind = 'access' AND idle_seconds IS NULL AND expires_at IS NULL AND family IS NULL;
