import { heldParts, leaseMs, rememberedMs } from '../leased-quotas.ts'

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

-- Calls that run, as long as the process that runs them says so, and what of each limit of the day is held for their answers.
CREATE TABLE dataface.quota_leases (
  project text NOT NULL,
  account text NOT NULL,
  call uuid NOT NULL,
  expires_ms double precision NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (project, account, call)
);

-- What each of some accounts has used, how many other calls run and what is held for them, in the order of the question. An account
-- is looked up by its key, whatever the planner believes: a project may have many.
CREATE FUNCTION dataface.quota_states(of_project text, of_call uuid, accounts jsonb, now_ms double precision)
RETURNS TABLE (
  n bigint, key text, calls_per_minute double precision, concurrent_calls bigint, rows_per_day bigint, bytes_per_day bigint,
  tokens_per_day bigint, is_settled boolean, calls double precision, others bigint,
  rows bigint, bytes bigint, tokens bigint, held_rows bigint, held_bytes bigint, held_tokens bigint
) LANGUAGE sql STABLE AS $$
  SELECT asked.n, asked.key, calls_per_minute, concurrent_calls, rows_per_day, bytes_per_day, tokens_per_day, is_settled,
    coalesce(greatest(0, least(coalesce(a.calls, 0), calls_per_minute) - greatest(0, now_ms - a.at_ms) * calls_per_minute / 60000), 0), l.calls,
    coalesce(CASE WHEN is_today THEN a.rows END, 0), coalesce(CASE WHEN is_today THEN a.bytes END, 0),
    coalesce(CASE WHEN is_today THEN a.tokens END, 0), l.rows, l.bytes, l.tokens
  FROM ROWS FROM (jsonb_to_recordset(accounts) AS (
    key text, calls_per_minute double precision, concurrent_calls bigint, rows_per_day bigint, bytes_per_day bigint, tokens_per_day bigint,
    is_settled boolean)) WITH ORDINALITY
    AS asked(key, calls_per_minute, concurrent_calls, rows_per_day, bytes_per_day, tokens_per_day, is_settled, n)
  LEFT JOIN LATERAL (SELECT * FROM dataface.quota_accounts a WHERE a.project = of_project AND a.account = asked.key LIMIT 1) a ON true
  CROSS JOIN LATERAL (SELECT a.day >= floor(now_ms / 86400000) AS is_today) AS days
  CROSS JOIN LATERAL (
    SELECT count(*) AS calls, coalesce(sum(l.rows), 0)::bigint AS rows, coalesce(sum(l.bytes), 0)::bigint AS bytes,
      coalesce(sum(l.tokens), 0)::bigint AS tokens
    FROM dataface.quota_leases l
    WHERE asked.is_settled AND l.project = of_project AND l.account = asked.key AND l.expires_ms > now_ms AND l.call <> of_call) l
$$;

CREATE FUNCTION dataface.quota_write(
  of_project text, keys text[], calls double precision[], rows bigint[], bytes bigint[], tokens bigint[], now_ms double precision
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO dataface.quota_accounts AS a (project, account, calls, at_ms, day, rows, bytes, tokens)
  SELECT of_project, one.key, one.calls, now_ms, floor(now_ms / 86400000), one.rows, one.bytes, one.tokens
  FROM unnest(keys, calls, rows, bytes, tokens) AS one(key, calls, rows, bytes, tokens)
  ON CONFLICT (project, account) DO UPDATE SET calls = excluded.calls, at_ms = greatest(a.at_ms, excluded.at_ms),
    day = greatest(a.day, excluded.day), rows = excluded.rows, bytes = excluded.bytes, tokens = excluded.tokens;
END $$;

-- Lets a call in where every account has something left, and holds a part of what is left of the day for its answer.
CREATE FUNCTION dataface.quota_take(of_project text, of_call uuid, accounts jsonb, now_ms double precision) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  is_admitted boolean;
  held_rows bigint; held_bytes bigint; held_tokens bigint;
  keys text[]; settled text[]; calls double precision[]; running bigint[]; rows bigint[]; bytes bigint[]; tokens bigint[];
BEGIN
  SELECT bool_and(coalesce(s.calls + 1 <= s.calls_per_minute + 1e-9, true) AND coalesce(s.others < s.concurrent_calls, true)
      AND coalesce(s.rows < s.rows_per_day, true) AND coalesce(s.bytes < s.bytes_per_day, true) AND coalesce(s.tokens < s.tokens_per_day, true)),
    coalesce(greatest(0, min(s.rows_per_day - s.rows - s.held_rows)) / ${heldParts}, 0),
    coalesce(greatest(0, min(s.bytes_per_day - s.bytes - s.held_bytes)) / ${heldParts}, 0),
    coalesce(greatest(0, min(s.tokens_per_day - s.tokens - s.held_tokens)) / ${heldParts}, 0),
    array_agg(s.key), array_agg(s.key) FILTER (WHERE s.is_settled), array_agg(s.calls), array_agg(s.others),
    array_agg(s.rows), array_agg(s.bytes), array_agg(s.tokens)
  INTO is_admitted, held_rows, held_bytes, held_tokens, keys, settled, calls, running, rows, bytes, tokens
  FROM (SELECT * FROM dataface.quota_states(of_project, of_call, accounts, now_ms) ORDER BY n) s;
  IF is_admitted THEN
    FOR i IN 1 .. cardinality(keys) LOOP
      calls[i] := calls[i] + 1;
      running[i] := running[i] + 1;
    END LOOP;
    PERFORM dataface.quota_write(of_project, keys, calls, rows, bytes, tokens, now_ms);
    INSERT INTO dataface.quota_leases (project, account, call, expires_ms, rows, bytes, tokens)
    SELECT of_project, key, of_call, now_ms + ${leaseMs}, held_rows, held_bytes, held_tokens FROM unnest(settled) AS key;
  END IF;
  RETURN jsonb_build_object('isAdmitted', is_admitted, 'now', now_ms,
    'held', jsonb_build_object('rows', held_rows, 'bytes', held_bytes, 'tokens', held_tokens),
    'calls', calls, 'running', running, 'rows', rows, 'bytes', bytes, 'tokens', tokens);
END $$;

-- Counts what an answer, or a part of one, comes to, where the call has a lease and it does not pass what the others leave.
CREATE FUNCTION dataface.quota_settle(of_project text, of_call uuid, accounts jsonb, operation jsonb, now_ms double precision) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  is_last boolean := operation->>'is_last';
  is_given boolean := operation->>'is_given';
  more_rows bigint := operation->>'rows';
  more_bytes bigint := operation->>'bytes';
  more_tokens bigint := operation->>'tokens';
  asked text[] := ARRAY(SELECT value->>'key' FROM jsonb_array_elements(accounts));
  is_leased boolean;
  is_within boolean;
  keys text[]; calls double precision[]; running bigint[]; rows bigint[]; bytes bigint[]; tokens bigint[];
  held_rows bigint[]; held_bytes bigint[]; held_tokens bigint[];
BEGIN
  IF is_last THEN
    DELETE FROM dataface.quota_leases l WHERE l.project = of_project AND l.account = ANY (asked) AND l.call = of_call;
  ELSE
    PERFORM FROM dataface.quota_leases l WHERE l.project = of_project AND l.account = ANY (asked) AND l.call = of_call;
  END IF;
  is_leased := FOUND;
  SELECT is_given OR NOT is_leased OR NOT bool_or(coalesce((more_rows > 0 AND s.rows + s.held_rows + more_rows > s.rows_per_day)
      OR (more_bytes > 0 AND s.bytes + s.held_bytes + more_bytes > s.bytes_per_day)
      OR (more_tokens > 0 AND s.tokens + s.held_tokens + more_tokens > s.tokens_per_day), false)),
    array_agg(s.key), array_agg(s.calls), array_agg(s.others + (is_leased AND NOT is_last)::integer),
    array_agg(s.rows), array_agg(s.bytes), array_agg(s.tokens), array_agg(s.held_rows), array_agg(s.held_bytes), array_agg(s.held_tokens)
  INTO is_within, keys, calls, running, rows, bytes, tokens, held_rows, held_bytes, held_tokens
  FROM (SELECT * FROM dataface.quota_states(of_project, of_call, accounts, now_ms) ORDER BY n) s;
  FOR i IN 1 .. cardinality(keys) LOOP
    rows[i] := rows[i] + CASE WHEN NOT is_within THEN held_rows[i] WHEN is_leased THEN more_rows ELSE 0 END;
    bytes[i] := bytes[i] + CASE WHEN NOT is_within THEN held_bytes[i] WHEN is_leased THEN more_bytes ELSE 0 END;
    tokens[i] := tokens[i] + CASE WHEN NOT is_within THEN held_tokens[i] WHEN is_leased THEN more_tokens ELSE 0 END;
  END LOOP;
  IF is_leased AND is_within THEN PERFORM dataface.quota_write(of_project, keys, calls, rows, bytes, tokens, now_ms); END IF;
  RETURN jsonb_build_object('isAdmitted', is_within, 'now', now_ms,
    'calls', calls, 'running', running, 'rows', rows, 'bytes', bytes, 'tokens', tokens);
END $$;

-- Ends a call whose answer is given, and counts it where the call has a lease.
CREATE FUNCTION dataface.quota_end(of_project text, of_call uuid, accounts jsonb, usage jsonb, now_ms double precision) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  keys text[] := ARRAY(SELECT value->>'key' FROM jsonb_array_elements(accounts));
  today integer := floor(now_ms / 86400000);
BEGIN
  DELETE FROM dataface.quota_leases l WHERE l.project = of_project AND l.account = ANY (keys) AND l.call = of_call;
  IF FOUND THEN
    UPDATE dataface.quota_accounts a SET day = greatest(a.day, today),
      rows = CASE WHEN a.day >= today THEN a.rows ELSE 0 END + (usage->>'rows')::bigint,
      bytes = CASE WHEN a.day >= today THEN a.bytes ELSE 0 END + (usage->>'bytes')::bigint,
      tokens = CASE WHEN a.day >= today THEN a.tokens ELSE 0 END + (usage->>'tokens')::bigint
    WHERE a.project = of_project AND a.account = ANY (keys);
  END IF;
END $$;

-- Takes, settles, ends and renews calls, one after the other; calls of one project are counted by one session at a time.
CREATE FUNCTION dataface.count_calls(operations jsonb, at_ms double precision DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  now_ms double precision;
  operation jsonb;
  of_project text;
  of_call uuid;
  accounts jsonb;
  answer jsonb;
  answers jsonb[] := '{}';
BEGIN
  -- Counts need not outlive a crash of the database, which then loses the last half second of them.
  -- Plans are the same whatever is asked for, and making one takes longer than what it does.
  PERFORM set_config('synchronous_commit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true);
  PERFORM pg_advisory_xact_lock(hashtextextended('dataface quotas ' || name, 0))
  FROM (SELECT DISTINCT value->>'project' AS name FROM jsonb_array_elements(operations) ORDER BY 1) AS projects;
  now_ms := coalesce(at_ms, floor(extract(epoch FROM clock_timestamp()) * 1000));
  FOR operation IN SELECT value FROM jsonb_array_elements(operations) WITH ORDINALITY ORDER BY ordinality LOOP
    of_project := operation->>'project';
    of_call := operation->>'call';
    accounts := operation->'accounts';
    CASE operation->>'kind'
    WHEN 'take' THEN
      answer := dataface.quota_take(of_project, of_call, accounts, now_ms);
    WHEN 'settle' THEN
      answer := dataface.quota_settle(of_project, of_call, accounts, operation, now_ms);
    WHEN 'end' THEN
      PERFORM dataface.quota_end(of_project, of_call, accounts, operation, now_ms);
      answer := 'null';
    WHEN 'renew' THEN
      UPDATE dataface.quota_leases l SET expires_ms = now_ms + ${leaseMs}
      WHERE l.project = of_project AND l.account = ANY (ARRAY(SELECT value->>'key' FROM jsonb_array_elements(accounts))) AND l.call = of_call;
      answer := 'null';
    END CASE;
    answers := answers || answer;
  END LOOP;
  RETURN to_jsonb(answers);
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
