-- CreateTable
CREATE TABLE "limit_account" (
    "user_id" UUID NOT NULL,
    "touched_at" BIGINT NOT NULL,
    "request_times" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "request_amounts" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "requests_used" BIGINT NOT NULL DEFAULT 0,
    "request_began" BIGINT NOT NULL DEFAULT 0,
    "token_times" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "token_amounts" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "tokens_used" BIGINT NOT NULL DEFAULT 0,
    "token_began" BIGINT NOT NULL DEFAULT 0,
    "hold_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "hold_expiries" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "hold_remaining" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "hold_charged" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "held" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "limit_account_pkey" PRIMARY KEY ("user_id")
);

-- From here on written by hand: Prisma has no word for unlogged tables and functions, and its diff does not look at them.

-- What is counted here is worth nothing after a minute: it is not written ahead. Rows change in place, without an index, and
-- stay in one piece, not compressed.
ALTER TABLE "limit_account" SET UNLOGGED;
ALTER TABLE "limit_account" SET (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE "limit_account"
    ALTER "request_times" SET STORAGE EXTERNAL, ALTER "request_amounts" SET STORAGE EXTERNAL,
    ALTER "token_times" SET STORAGE EXTERNAL, ALTER "token_amounts" SET STORAGE EXTERNAL,
    ALTER "hold_ids" SET STORAGE EXTERNAL, ALTER "hold_expiries" SET STORAGE EXTERNAL,
    ALTER "hold_remaining" SET STORAGE EXTERNAL, ALTER "hold_charged" SET STORAGE EXTERNAL;

-- How many of the oldest marks have left the window of a minute.
CREATE FUNCTION "limit_expired"(times bigint[], now_us bigint) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT count(*)::integer FROM unnest(times) AS at WHERE at + 60000000 <= now_us;
$$;

-- Microseconds until at least that much of what is counted now has left the window.
CREATE FUNCTION "limit_wait"(times bigint[], amounts bigint[], amount bigint, now_us bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    freed bigint := 0;
    at bigint;
    part bigint;
BEGIN
    IF amount <= 0 THEN
        RETURN 0;
    END IF;
    FOR at, part IN SELECT * FROM unnest(times, amounts) LOOP
        freed := freed + part;
        IF freed >= amount THEN
            RETURN at + 60000000 - now_us;
        END IF;
    END LOOP;
    RETURN 60000000;
END;
$$;

-- The limits of one person, decided in one step: the same rules as Account and SlidingWindow, on the server's clock, with
-- the person's row locked. Beyond 128 marks a minute, uses within 469 ms share the mark of the latest.
-- "given" is the time in microseconds that a test sets; null: the clock's. A limit below zero is none.
-- Answers [code, time, requests used, their reset, tokens used, their reset, held, size, wait]; the code is 0 for done,
-- 1 for too late, 2, 3 and 4 for refused by requests, tokens and concurrency; durations are microseconds.
CREATE FUNCTION "limit_call"(
    action text, who uuid, given bigint, hold text, total bigint, charged bigint, reserved bigint, lifetime bigint,
    not_after bigint DEFAULT 0, rpm bigint DEFAULT -1, tpm bigint DEFAULT -1, most bigint DEFAULT -1
) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
    a limit_account;
    arrived bigint;
    now_us bigint;
    gone integer;
    place integer;
    last integer;
    add_requests bigint := 0;
    add_tokens bigint := 0;
    code bigint := 0;
    size bigint := 0;
    wait bigint := -1;
    pause bigint;
    is_set_back boolean := false;
BEGIN
    LOOP
        SELECT * INTO a FROM limit_account WHERE user_id = who FOR UPDATE;
        EXIT WHEN FOUND;
        INSERT INTO limit_account (user_id, touched_at) VALUES (who, 0) ON CONFLICT DO NOTHING;
    END LOOP;
    arrived := coalesce(given, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);
    now_us := arrived;
    IF not_after > 0 AND arrived > not_after THEN
        RETURN ARRAY[1, arrived];
    END IF;

    -- A clock that was set back a little stands still; set back far, what was counted counts from now on.
    IF a.touched_at > now_us AND a.touched_at - now_us <= 1000000 THEN
        now_us := a.touched_at;
    ELSIF a.touched_at > now_us THEN
        is_set_back := true;
        IF a.requests_used > 0 THEN
            a.request_times := ARRAY[now_us];
            a.request_amounts := ARRAY[a.requests_used];
        END IF;
        IF a.tokens_used > 0 THEN
            a.token_times := ARRAY[now_us];
            a.token_amounts := ARRAY[a.tokens_used];
        END IF;
        a.request_began := now_us;
        a.token_began := now_us;
        a.hold_expiries := ARRAY(SELECT least(expiry, now_us + lifetime) FROM unnest(a.hold_expiries) AS expiry);
    END IF;
    a.touched_at := now_us;

    gone := limit_expired(a.request_times, now_us);
    IF gone > 0 THEN
        a.requests_used := a.requests_used - (SELECT sum(amount) FROM unnest(a.request_amounts[:gone]) AS amount);
        a.request_times := a.request_times[gone + 1:];
        a.request_amounts := a.request_amounts[gone + 1:];
    END IF;
    gone := limit_expired(a.token_times, now_us);
    IF gone > 0 THEN
        a.tokens_used := a.tokens_used - (SELECT sum(amount) FROM unnest(a.token_amounts[:gone]) AS amount);
        a.token_times := a.token_times[gone + 1:];
        a.token_amounts := a.token_amounts[gone + 1:];
    END IF;
    IF now_us >= ANY (a.hold_expiries) THEN
        SELECT coalesce(array_agg(id ORDER BY n), '{}'), coalesce(array_agg(expiry ORDER BY n), '{}'),
               coalesce(array_agg(remaining ORDER BY n), '{}'), coalesce(array_agg(known ORDER BY n), '{}'),
               coalesce(sum(remaining), 0)
          INTO a.hold_ids, a.hold_expiries, a.hold_remaining, a.hold_charged, a.held
          FROM unnest(a.hold_ids, a.hold_expiries, a.hold_remaining, a.hold_charged)
               WITH ORDINALITY AS kept (id, expiry, remaining, known, n)
         WHERE expiry > now_us;
    END IF;

    IF action = 'admit' THEN
        IF most >= 0 AND cardinality(a.hold_ids) >= most THEN
            code := 4; size := most; wait := 1000000;
        END IF;
        IF rpm >= 0 AND a.requests_used >= rpm THEN
            pause := limit_wait(a.request_times, a.request_amounts, a.requests_used - rpm + 1, now_us);
            IF pause > wait THEN
                code := 2; size := rpm; wait := pause;
            END IF;
        END IF;
        IF tpm >= 0 AND a.tokens_used + a.held >= tpm THEN
            pause := limit_wait(a.token_times, a.token_amounts, a.tokens_used + a.held - tpm + 1, now_us);
            IF pause > wait THEN
                code := 3; size := tpm; wait := pause;
            END IF;
        END IF;
        IF code = 0 THEN
            add_requests := 1;
        END IF;
    ELSIF action = 'carry' THEN
        add_requests := reserved;
        add_tokens := total;
    ELSIF action IN ('settle', 'renew') THEN
        place := array_position(a.hold_ids, hold);
        IF place IS NOT NULL THEN
            charged := greatest(charged, a.hold_charged[place]);
            a.held := a.held - a.hold_remaining[place];
            a.hold_ids := a.hold_ids[:place - 1] || a.hold_ids[place + 1:];
            a.hold_expiries := a.hold_expiries[:place - 1] || a.hold_expiries[place + 1:];
            a.hold_remaining := a.hold_remaining[:place - 1] || a.hold_remaining[place + 1:];
            a.hold_charged := a.hold_charged[:place - 1] || a.hold_charged[place + 1:];
        END IF;
        -- A settlement that was sent before (its attempts come in "reserved"), of a hold that is gone, has been done.
        IF action = 'renew' OR place IS NOT NULL OR reserved = 0 THEN
            add_tokens := total - charged;
        END IF;
        charged := greatest(charged, total);
    END IF;

    IF code = 0 AND action IN ('admit', 'renew') THEN
        a.hold_ids := a.hold_ids || hold;
        a.hold_expiries := a.hold_expiries || now_us + lifetime;
        a.hold_remaining := a.hold_remaining || greatest(0, reserved - charged);
        a.hold_charged := a.hold_charged || charged;
        a.held := a.held + greatest(0, reserved - charged);
    END IF;
    IF add_requests > 0 THEN
        last := cardinality(a.request_times);
        IF last > 128 AND now_us - a.request_began < 60000000 / 128 THEN
            a.request_times[last] := now_us;
            a.request_amounts[last] := a.request_amounts[last] + add_requests;
        ELSE
            a.request_times := a.request_times || now_us;
            a.request_amounts := a.request_amounts || add_requests;
            a.request_began := now_us;
        END IF;
        a.requests_used := a.requests_used + add_requests;
    END IF;
    IF add_tokens > 0 THEN
        last := cardinality(a.token_times);
        IF last > 128 AND now_us - a.token_began < 60000000 / 128 THEN
            a.token_times[last] := now_us;
            a.token_amounts[last] := a.token_amounts[last] + add_tokens;
        ELSE
            a.token_times := a.token_times || now_us;
            a.token_amounts := a.token_amounts || add_tokens;
            a.token_began := now_us;
        END IF;
        a.tokens_used := a.tokens_used + add_tokens;
    END IF;

    -- Who is refused, or only looks, changes nothing: what has left the window is left out again the next time.
    IF (code = 0 AND action <> 'standing') OR is_set_back THEN
        UPDATE limit_account
           SET touched_at = a.touched_at,
               request_times = a.request_times, request_amounts = a.request_amounts,
               requests_used = a.requests_used, request_began = a.request_began,
               token_times = a.token_times, token_amounts = a.token_amounts,
               tokens_used = a.tokens_used, token_began = a.token_began,
               hold_ids = a.hold_ids, hold_expiries = a.hold_expiries,
               hold_remaining = a.hold_remaining, hold_charged = a.hold_charged, held = a.held
         WHERE user_id = who;
    END IF;
    RETURN ARRAY[
        code, arrived,
        a.requests_used, coalesce(a.request_times[cardinality(a.request_times)] + 60000000 - now_us, 0),
        a.tokens_used, coalesce(a.token_times[cardinality(a.token_times)] + 60000000 - now_us, 0),
        a.held, size, wait
    ];
END;
$$;
