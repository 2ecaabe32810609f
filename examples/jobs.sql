-- The existing table of a product: 300,000 jobs, one every 90 seconds until now.
CREATE TABLE jobs (
  id bigint PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL,
  owner text,  -- NULL: the schedule started it
  created timestamptz NOT NULL,
  started timestamptz,  -- missing in some rows, as ended is
  ended timestamptz,
  payload jsonb NOT NULL
);

INSERT INTO jobs
SELECT n, kind, state,
  CASE WHEN n % 11 <> 0 THEN 'user-' || CASE n % 7 WHEN 0 THEN 0 ELSE n % 199 END END,  -- user-0 has a seventh of all
  created,
  CASE WHEN state <> 'queued' AND n % 50 <> 0 THEN created + interval '5 seconds' END,
  CASE WHEN state IN ('done', 'error') AND n % 60 <> 0 THEN created + interval '80 seconds' END,
  jsonb_strip_nulls(jsonb_build_object(
    'label', initcap(kind) || ' of disk ' || n % 1000,
    'percent', CASE state WHEN 'done' THEN 100 WHEN 'queued' THEN NULL ELSE n % 100 END,
    'output', CASE state WHEN 'done' THEN jsonb_build_object('bytes', n * 1024) END,
    'failure', CASE state WHEN 'error' THEN jsonb_build_object('code', code, 'reason', 'Disk ' || n % 1000 || ': ' || code) END
  ))
FROM generate_series(1, 300000) n,
  LATERAL (SELECT
    CASE WHEN n % 97 = 0 THEN 'verify' WHEN n % 4 = 0 THEN 'restore' ELSE 'backup' END AS kind,
    CASE WHEN n > 299000 THEN (ARRAY['queued', 'running', 'waiting', 'done', 'error'])[1 + n % 5]
         WHEN n % 13 = 0 THEN 'error' ELSE 'done' END AS state,
    (ARRAY['timeout', 'quota', 'offline'])[1 + n % 3] AS code,
    now() - (300000 - n) * interval '90 seconds' AS created) AS made;
