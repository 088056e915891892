import { leaseMs, rememberedMs } from '../leased-quotas.ts'

/**
 * KEYS: two for each account, a hash of its counts and the calls that run, by the time when they are believed no more.
 * ARGV: the time or an empty text, the call, the accounts as JSON, and what the call came to as JSON.
 */
const prelude = `
local time = redis.call('TIME')
local now = tonumber(ARGV[1]) or (time[1] * 1000 + math.floor(time[2] / 1000))
local call, accounts = ARGV[2], cjson.decode(ARGV[3])
local today = math.floor(now / 86400000)
local units = { 'rows', 'bytes', 'tokens' }
local function read(i)
  local found = redis.call('HMGET', KEYS[2 * i - 1], 'calls', 'at', 'day', 'rows', 'bytes', 'tokens')
  local limit = accounts[i].calls_per_minute
  local one = { calls = 0, at = math.max(now, tonumber(found[2]) or 0), day = math.max(today, tonumber(found[3]) or 0) }
  if limit and found[1] then one.calls = math.max(0, tonumber(found[1]) - math.max(0, now - tonumber(found[2])) * limit / 60000) end
  local is_today = found[3] and tonumber(found[3]) >= today
  for n, unit in ipairs(units) do one[unit] = is_today and tonumber(found[n + 3]) or 0 end
  one.running = redis.call('ZCOUNT', KEYS[2 * i], '(' .. string.format('%.0f', now), '+inf')
  return one
end
local function write(i, one)
  redis.call('HSET', KEYS[2 * i - 1], 'calls', string.format('%.17g', one.calls), 'at', string.format('%.0f', one.at),
    'day', one.day, 'rows', string.format('%.0f', one.rows), 'bytes', string.format('%.0f', one.bytes), 'tokens', string.format('%.0f', one.tokens))
  redis.call('PEXPIRE', KEYS[2 * i - 1], 2 * 86400000)
end
local function lease(i)
  redis.call('ZREMRANGEBYSCORE', KEYS[2 * i], '-inf', string.format('%.0f', now - ${rememberedMs}))
  redis.call('ZADD', KEYS[2 * i], string.format('%.0f', now + ${leaseMs}), call)
  redis.call('PEXPIRE', KEYS[2 * i], ${leaseMs + rememberedMs})
end
local function told(is_admitted, all)
  local counts = {}
  for i, one in ipairs(all) do
    counts[i] = string.format('{"calls":%.17g,"running":%d,"rows":%.0f,"bytes":%.0f,"tokens":%.0f}', one.calls, one.running, one.rows, one.bytes, one.tokens)
  end
  return string.format('{"isAdmitted":%s,"now":%.0f,"counts":[%s]}', tostring(is_admitted), now, table.concat(counts, ','))
end
`

export const takeScript = `${prelude}
local all, is_admitted = {}, true
for i, account in ipairs(accounts) do
  local one = read(i)
  all[i] = one
  if account.calls_per_minute and one.calls + 1 > account.calls_per_minute + 1e-9 then is_admitted = false end
  if account.concurrent_calls and one.running >= account.concurrent_calls then is_admitted = false end
  for _, unit in ipairs(units) do
    local limit = account[unit .. '_per_day']
    if limit and one[unit] >= limit then is_admitted = false end
  end
end
if is_admitted then
  for i, account in ipairs(accounts) do
    all[i].calls = all[i].calls + 1
    all[i].running = all[i].running + 1
    write(i, all[i])
    if account.is_settled then lease(i) end
  end
end
return told(is_admitted, all)
`

export const settleScript = `${prelude}
local usage, all, is_counted, is_within = cjson.decode(ARGV[4]), {}, {}, true
for i, account in ipairs(accounts) do
  if usage.is_last then
    is_counted[i] = redis.call('ZREM', KEYS[2 * i], call) == 1
  else
    is_counted[i] = redis.call('ZSCORE', KEYS[2 * i], call) ~= false
  end
  all[i] = read(i)
  for _, unit in ipairs(units) do
    local limit = account[unit .. '_per_day']
    local is_passed = limit and usage[unit] > 0 and all[i][unit] + usage[unit] > limit
    if is_counted[i] and is_passed and not usage.is_given then is_within = false end
  end
end
if is_within then
  for i, one in ipairs(all) do
    if is_counted[i] then
      for _, unit in ipairs(units) do one[unit] = one[unit] + usage[unit] end
      write(i, one)
    end
  end
end
return told(is_within, all)
`

export const renewScript = `${prelude}
for i in ipairs(accounts) do
  if redis.call('ZSCORE', KEYS[2 * i], call) then lease(i) end
end
return told(true, {})
`
