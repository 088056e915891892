import { leaseMs, rememberedMs } from '../leased-quotas.ts'

/** One step of the tables; what was released is never changed. The last version is as many as there are. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'quotas and secrets',
    sql: `
CREATE TABLE dataface.secrets (name text PRIMARY KEY, value bytea NOT NULL);

-- What was used of each account. A row that is not there has used nothing.
CREATE TABLE dataface.quota_accounts (
  project text NOT NULL,
  account text NOT NULL,
  calls double precision NOT NULL,
  at_ms double precision NOT NULL,
  day integer NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (project, account)
) WITH (fillfactor = 50);

-- Calls that run, as long as the process that runs them says so.
CREATE TABLE dataface.quota_leases (
  project text NOT NULL,
  account text NOT NULL,
  call uuid NOT NULL,
  expires_ms double precision NOT NULL,
  PRIMARY KEY (project, account, call)
);

CREATE FUNCTION dataface.quota_counts(
  of_project text, of_account jsonb, now_ms double precision,
  OUT calls double precision, OUT running bigint, OUT rows bigint, OUT bytes bigint, OUT tokens bigint
) LANGUAGE plpgsql AS $$
DECLARE
  today integer := floor(now_ms / 86400000);
BEGIN
  SELECT greatest(0, a.calls - greatest(0, now_ms - a.at_ms) * (of_account->>'calls_per_minute')::double precision / 60000),
    CASE WHEN a.day >= today THEN a.rows END, CASE WHEN a.day >= today THEN a.bytes END, CASE WHEN a.day >= today THEN a.tokens END
  INTO calls, rows, bytes, tokens
  FROM dataface.quota_accounts a WHERE a.project = of_project AND a.account = of_account->>'key';
  calls := coalesce(calls, 0);
  rows := coalesce(rows, 0);
  bytes := coalesce(bytes, 0);
  tokens := coalesce(tokens, 0);
  SELECT count(*) INTO running FROM dataface.quota_leases l
  WHERE l.project = of_project AND l.account = of_account->>'key' AND l.expires_ms > now_ms;
END $$;

CREATE FUNCTION dataface.quota_write(of_project text, of_account text, counts jsonb, now_ms double precision)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO dataface.quota_accounts AS a (project, account, calls, at_ms, day, rows, bytes, tokens)
  VALUES (of_project, of_account, (counts->>'calls')::double precision, now_ms, floor(now_ms / 86400000)::integer,
    (counts->>'rows')::bigint, (counts->>'bytes')::bigint, (counts->>'tokens')::bigint)
  ON CONFLICT (project, account) DO UPDATE SET calls = excluded.calls, at_ms = greatest(a.at_ms, excluded.at_ms),
    day = greatest(a.day, excluded.day), rows = excluded.rows, bytes = excluded.bytes, tokens = excluded.tokens
$$;

-- Whether something would pass a limit of the day.
CREATE FUNCTION dataface.quota_passed(counts jsonb, usage jsonb, of_account jsonb, unit text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (usage->>unit)::bigint > 0
    AND coalesce((counts->>unit)::bigint + (usage->>unit)::bigint > (of_account->>(unit || '_per_day'))::bigint, false)
$$;

-- Takes, settles and renews calls, one after the other; calls of one project are counted by one session at a time.
CREATE FUNCTION dataface.count_calls(operations jsonb, at_ms double precision DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  now_ms double precision;
  operation jsonb;
  item jsonb;
  counts jsonb;
  one jsonb;
  is_admitted boolean;
  is_due boolean;
  is_counted boolean[];
  answers jsonb := '[]';
BEGIN
  -- Counts need not outlive a crash of the database, which then loses the last half second of them.
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM pg_advisory_xact_lock(hashtextextended('dataface quotas ' || name, 0))
  FROM (SELECT DISTINCT value->>'project' AS name FROM jsonb_array_elements(operations) ORDER BY 1) AS projects;
  now_ms := coalesce(at_ms, floor(extract(epoch FROM clock_timestamp()) * 1000));
  FOR operation IN SELECT value FROM jsonb_array_elements(operations) WITH ORDINALITY ORDER BY ordinality LOOP
    counts := '[]';
    is_admitted := true;
    is_counted := '{}';
    FOR item IN SELECT value FROM jsonb_array_elements(operation->'accounts') WITH ORDINALITY ORDER BY ordinality LOOP
      SELECT to_jsonb(c) INTO one FROM dataface.quota_counts(operation->>'project', item, now_ms) AS c;
      CASE operation->>'kind'
      WHEN 'take' THEN
        is_admitted := is_admitted
          AND coalesce((one->>'calls')::double precision + 1 <= (item->>'calls_per_minute')::double precision + 1e-9, true)
          AND coalesce((one->>'running')::bigint < (item->>'concurrent_calls')::bigint, true)
          AND coalesce((one->>'rows')::bigint < (item->>'rows_per_day')::bigint, true)
          AND coalesce((one->>'bytes')::bigint < (item->>'bytes_per_day')::bigint, true)
          AND coalesce((one->>'tokens')::bigint < (item->>'tokens_per_day')::bigint, true);
      WHEN 'settle' THEN
        IF (operation->>'is_last')::boolean THEN
          DELETE FROM dataface.quota_leases l
          WHERE l.project = operation->>'project' AND l.account = item->>'key' AND l.call = (operation->>'call')::uuid
          RETURNING l.expires_ms > now_ms INTO is_due;
        ELSE
          SELECT false INTO is_due FROM dataface.quota_leases l
          WHERE l.project = operation->>'project' AND l.account = item->>'key' AND l.call = (operation->>'call')::uuid;
        END IF;
        is_counted := is_counted || FOUND;
        IF FOUND THEN
          one := one || jsonb_build_object('running', (one->>'running')::bigint - is_due::integer);
          is_admitted := is_admitted AND ((operation->>'is_given')::boolean OR NOT (
            dataface.quota_passed(one, operation, item, 'rows') OR dataface.quota_passed(one, operation, item, 'bytes')
            OR dataface.quota_passed(one, operation, item, 'tokens')));
        END IF;
      WHEN 'renew' THEN
        UPDATE dataface.quota_leases l SET expires_ms = now_ms + ${leaseMs}
        WHERE l.project = operation->>'project' AND l.account = item->>'key' AND l.call = (operation->>'call')::uuid;
      END CASE;
      counts := counts || one;
    END LOOP;
    IF operation->>'kind' = 'take' AND is_admitted THEN
      FOR i IN 0 .. jsonb_array_length(counts) - 1 LOOP
        item := operation->'accounts'->i;
        one := counts->i;
        one := one || jsonb_build_object('calls', (one->>'calls')::double precision + 1, 'running', (one->>'running')::bigint + 1);
        counts := jsonb_set(counts, ARRAY[i::text], one);
        PERFORM dataface.quota_write(operation->>'project', item->>'key', one, now_ms);
        IF (item->>'is_settled')::boolean THEN
          INSERT INTO dataface.quota_leases VALUES (operation->>'project', item->>'key', (operation->>'call')::uuid, now_ms + ${leaseMs});
        END IF;
      END LOOP;
    END IF;
    IF operation->>'kind' = 'settle' AND is_admitted THEN
      FOR i IN 0 .. jsonb_array_length(counts) - 1 LOOP
        CONTINUE WHEN NOT is_counted[i + 1];
        one := counts->i;
        one := one || jsonb_build_object(
          'rows', (one->>'rows')::bigint + (operation->>'rows')::bigint,
          'bytes', (one->>'bytes')::bigint + (operation->>'bytes')::bigint,
          'tokens', (one->>'tokens')::bigint + (operation->>'tokens')::bigint);
        counts := jsonb_set(counts, ARRAY[i::text], one);
        PERFORM dataface.quota_write(operation->>'project', operation->'accounts'->i->>'key', one, now_ms);
      END LOOP;
    END IF;
    answers := answers || jsonb_build_object('isAdmitted', is_admitted, 'counts', counts, 'now', now_ms);
  END LOOP;
  RETURN answers;
END $$;

-- Forgets what says nothing any more, but for what is being counted right now: it waits for nobody.
CREATE FUNCTION dataface.forget_counts() RETURNS void LANGUAGE sql AS $$
  DELETE FROM dataface.quota_leases WHERE (project, account, call) IN (
    SELECT project, account, call FROM dataface.quota_leases
    WHERE expires_ms < extract(epoch FROM clock_timestamp()) * 1000 - ${rememberedMs} FOR UPDATE SKIP LOCKED);
  DELETE FROM dataface.quota_accounts WHERE (project, account) IN (
    SELECT project, account FROM dataface.quota_accounts
    WHERE day < floor(extract(epoch FROM clock_timestamp()) / 86400) AND at_ms < extract(epoch FROM clock_timestamp()) * 1000 - 60000
    FOR UPDATE SKIP LOCKED);
$$;
`,
  },
  {
    name: 'audit',
    sql: `
-- The last record of each project.
CREATE TABLE dataface.audit_chains (project text PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);

-- json keeps the text of a record as it was written, and that is what its hash is of.
CREATE TABLE dataface.audit (
  project text NOT NULL,
  seq bigint NOT NULL,
  record json NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (project, seq)
);
CREATE INDEX audit_times ON dataface.audit (project, (record->>'time'));
CREATE INDEX audit_callers ON dataface.audit (project, (record->>'caller'), seq);

CREATE FUNCTION dataface.audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('dataface.is_trimming', true) = 'on' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'records of the audit are only ever added';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dataface.audit
FOR EACH STATEMENT EXECUTE FUNCTION dataface.audit_guard();

-- Adds records to the chain of a project, which one session at a time does.
CREATE FUNCTION dataface.audit_append(of_project text, records text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head dataface.audit_chains;
  one text;
  next bytea;
BEGIN
  SELECT * INTO head FROM dataface.audit_chains WHERE project = of_project FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO dataface.audit_chains VALUES (of_project, 0, sha256(convert_to('dataface audit ' || of_project, 'UTF8')))
    ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM dataface.audit_chains WHERE project = of_project FOR UPDATE;
  END IF;
  FOREACH one IN ARRAY records LOOP
    head.seq := head.seq + 1;
    next := sha256(head.hash || convert_to(head.seq || ' ' || of_project || E'\\n' || one, 'UTF8'));
    INSERT INTO dataface.audit VALUES (of_project, head.seq, one::json, head.hash, next);
    head.hash := next;
  END LOOP;
  UPDATE dataface.audit_chains SET seq = head.seq, hash = head.hash WHERE project = of_project;
END $$;

-- Removes the oldest records, as many as are of an earlier time and at most so many, and adds one that says so. Gives how many.
CREATE FUNCTION dataface.audit_trim(of_project text, before text, most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  head dataface.audit_chains;
  first bigint;
  through bigint;
  through_hash bytea;
BEGIN
  SELECT * INTO head FROM dataface.audit_chains WHERE project = of_project FOR UPDATE;
  SELECT seq INTO first FROM dataface.audit WHERE project = of_project ORDER BY seq LIMIT 1;
  SELECT seq - 1 INTO through FROM dataface.audit
  WHERE project = of_project AND seq < first + most AND record->>'time' >= before ORDER BY seq LIMIT 1;
  through := least(coalesce(through, first + most - 1), head.seq);
  IF first IS NULL OR through < first THEN RETURN 0; END IF;
  SELECT hash INTO through_hash FROM dataface.audit WHERE project = of_project AND seq = through;
  PERFORM set_config('dataface.is_trimming', 'on', true);
  DELETE FROM dataface.audit WHERE project = of_project AND seq <= through;
  PERFORM set_config('dataface.is_trimming', 'off', true);
  PERFORM dataface.audit_append(of_project, ARRAY[json_build_object(
    'time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'project', of_project,
    'checkpoint', json_build_object('through', through, 'hash', encode(through_hash, 'hex'), 'removed', through - first + 1, 'before', before)
  )::text]);
  RETURN through - first + 1;
END $$;
`,
  },
]
