import { createHash } from 'node:crypto';

/**
 * The limits of one person, decided in one step. The same rules as `Account` and `SlidingWindow`, on Redis' own clock.
 *
 * Keys, of one hash slot: the marks of requests and of tokens (lists), when holds expire (sorted set), what they hold
 * (hash, with the sum under `held`). A mark is four doubles: when its first and its last use came (µs), what was counted
 * in all before it, and its amount; so the sum of a window, and where a part of it ends, follow from single marks.
 *
 * Arguments: what to do, the time in µs (0: Redis' own; tests give one), and what the action needs. The answer ends with
 * the standing: requests used, their reset, tokens used, their reset, held; durations in µs.
 */
export const SCRIPT = `
local WINDOW, EXACT, STEP = 60000000, 2048, 1000000
local MERGE = WINDOW / EXACT
local KEEP = 130000
local requests, tokens, expiries, holds = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local action, now = ARGV[1], tonumber(ARGV[2])
if now == 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local arrived = now

local function text(number) return string.format('%.0f', number) end
local function newest(key)
  local mark = redis.call('LINDEX', key, -1)
  if not mark then return nil end
  return { struct.unpack('dddd', mark) }
end

-- What was counted in an hour that the clock has been set back by counts from now on.
local function collapse(key)
  local last = newest(key)
  if not last or last[2] <= now then return end
  local _, _, before = struct.unpack('dddd', redis.call('LINDEX', key, 0))
  redis.call('DEL', key)
  redis.call('RPUSH', key, struct.pack('dddd', now, now, 0, last[3] + last[4] - before))
  redis.call('PEXPIRE', key, KEEP)
end

local ahead = 0
for _, key in ipairs({ requests, tokens }) do
  local last = newest(key)
  if last then ahead = math.max(ahead, last[2] - now) end
end
if ahead > 0 and ahead <= STEP then
  now = now + ahead
elseif ahead > STEP then
  collapse(requests)
  collapse(tokens)
end

local function expire(key)
  local head = redis.call('LINDEX', key, 0)
  while head do
    local _, time = struct.unpack('dddd', head)
    if time + WINDOW > now then return head end
    local gone = 0
    for _, mark in ipairs(redis.call('LRANGE', key, 0, 255)) do
      local _, at = struct.unpack('dddd', mark)
      if at + WINDOW > now then break end
      gone = gone + 1
    end
    redis.call('LTRIM', key, gone, -1)
    head = redis.call('LINDEX', key, 0)
  end
  return nil
end

local function window(key)
  local head = expire(key)
  if not head then return { key = key, used = 0, before = 0, reset = 0 } end
  local _, _, before = struct.unpack('dddd', head)
  local last = newest(key)
  return { key = key, used = last[3] + last[4] - before, before = before, last = last, reset = last[2] + WINDOW - now }
end

local function add(key, amount)
  if amount <= 0 then return end
  expire(key)
  local last = newest(key)
  if last and redis.call('LLEN', key) > EXACT and now - last[1] < MERGE then
    redis.call('LSET', key, -1, struct.pack('dddd', last[1], now, last[3], last[4] + amount))
  else
    redis.call('RPUSH', key, struct.pack('dddd', now, now, last and last[3] + last[4] or 0, amount))
  end
  redis.call('PEXPIRE', key, KEEP)
end

-- Microseconds until at least that much of what is counted now has left the window.
local function waitToFree(counted, amount)
  if amount <= 0 then return 0 end
  if amount > counted.used then return WINDOW end
  local low, high = 0, redis.call('LLEN', counted.key) - 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    local _, _, before, size = struct.unpack('dddd', redis.call('LINDEX', counted.key, middle))
    if before + size - counted.before >= amount then high = middle else low = middle + 1 end
  end
  local _, time = struct.unpack('dddd', redis.call('LINDEX', counted.key, low))
  return time + WINDOW - now
end

local function keepHolds(lifetime)
  for _, key in ipairs({ expiries, holds }) do
    if redis.call('PTTL', key) < lifetime / 1000 + KEEP then
      redis.call('PEXPIRE', key, math.floor(lifetime / 1000) + 2 * KEEP)
    end
  end
end

local function dropHold(id)
  local hold = redis.call('HGET', holds, id)
  if not hold then return nil end
  local remaining, charged = struct.unpack('dd', hold)
  redis.call('HDEL', holds, id)
  redis.call('ZREM', expiries, id)
  if remaining > 0 then redis.call('HINCRBY', holds, 'held', text(-remaining)) end
  return charged
end

local function putHold(id, remaining, charged, lifetime)
  redis.call('HSET', holds, id, struct.pack('dd', remaining, charged))
  redis.call('ZADD', expiries, text(now + lifetime), id)
  redis.call('HINCRBY', holds, 'held', text(remaining))
  keepHolds(lifetime)
end

local function openHolds()
  local expired = redis.call('ZRANGEBYSCORE', expiries, '-inf', text(now))
  for _, id in ipairs(expired) do dropHold(id) end
  local open = redis.call('ZCARD', expiries)
  -- Redis may have thrown one of the two away for want of memory.
  if redis.call('HLEN', holds) ~= (open == 0 and 0 or open + 1) then
    redis.call('DEL', holds)
    if open > 0 then redis.call('DEL', expiries) end
    open = 0
  end
  return open, tonumber(redis.call('HGET', holds, 'held') or '0')
end

local function standing()
  local r, t = window(requests), window(tokens)
  local _, held = openHolds()
  return r.used, r.reset, t.used, t.reset, held
end

if action == 'standing' then return { 'ok', text(arrived), standing() } end

if action == 'carry' then
  add(requests, tonumber(ARGV[3]))
  add(tokens, tonumber(ARGV[4]))
  return { 'ok', text(arrived) }
end

if action == 'settle' then
  local id, total, charged, isRepeated = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
  openHolds()
  local hold = redis.call('HGET', holds, id)
  if hold then
    local _, known = struct.unpack('dd', hold)
    charged = math.max(charged, known)
  end
  if hold or not isRepeated then add(tokens, total - charged) end
  dropHold(id)
  openHolds()
  return { 'ok', text(arrived) }
end

if action == 'renew' then
  local id, reserved, total, charged, lifetime =
    ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
  openHolds()
  charged = math.max(charged, dropHold(id) or 0)
  add(tokens, total - charged)
  charged = math.max(charged, total)
  putHold(id, math.max(0, reserved - charged), charged, lifetime)
  return { 'ok', text(arrived) }
end

local id, estimate, lifetime, notAfter = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local rpm, tpm, most = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
if notAfter > 0 and arrived > notAfter then return { 'late', text(arrived) } end

local r, t = window(requests), window(tokens)
local open, held = openHolds()
local refusal, size, wait
local function consider(name, limit, duration)
  if not refusal or duration > wait then refusal, size, wait = name, limit, duration end
end
if most >= 0 and open >= most then consider('concurrency', most, 1000000) end
if rpm >= 0 and r.used >= rpm then consider('requests', rpm, waitToFree(r, r.used - rpm + 1)) end
if tpm >= 0 and t.used + held >= tpm then consider('tokens', tpm, waitToFree(t, t.used + held - tpm + 1)) end
if refusal then return { refusal, text(arrived), r.used, r.reset, t.used, t.reset, held, size, wait } end
add(requests, 1)
putHold(id, estimate, 0, lifetime)
return { 'admitted', text(arrived), r.used + 1, WINDOW, t.used, t.reset, held + estimate }
`;

export const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');
