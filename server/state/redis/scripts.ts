import { heldParts, leaseMs, rememberedMs } from '../leased-quotas.ts'

/**
 * KEYS: three for each account, a hash of its counts, the calls that run by the time when they are believed no more, and what is held
 * for each of them.
 * ARGV: the time or an empty text, the call, the accounts as JSON, and what the call came to as JSON.
 */
const prelude = `
local time = redis.call('TIME')
local now = tonumber(ARGV[1]) or (time[1] * 1000 + math.floor(time[2] / 1000))
local call, accounts = ARGV[2], cjson.decode(ARGV[3])
local today = math.floor(now / 86400000)
local units = { 'rows', 'bytes', 'tokens' }
local function read(i)
  local found = redis.call('HMGET', KEYS[3 * i - 2], 'calls', 'at', 'day', 'rows', 'bytes', 'tokens')
  local limit = accounts[i].calls_per_minute
  local one = { calls = 0, at = math.max(now, tonumber(found[2]) or 0), day = math.max(today, tonumber(found[3]) or 0) }
  if limit and found[1] then one.calls = math.max(0, math.min(limit, tonumber(found[1])) - math.max(0, now - tonumber(found[2])) * limit / 60000) end
  local is_today = found[3] and tonumber(found[3]) >= today
  for n, unit in ipairs(units) do one[unit] = is_today and tonumber(found[n + 3]) or 0 end
  one.others, one.held = 0, { rows = 0, bytes = 0, tokens = 0 }
  if accounts[i].is_settled then
    for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3 * i - 1], '(' .. string.format('%.0f', now), '+inf')) do
      if other ~= call then
        one.others = one.others + 1
        local held = redis.call('HGET', KEYS[3 * i], other)
        for unit, amount in pairs(held and cjson.decode(held) or {}) do one.held[unit] = one.held[unit] + amount end
      end
    end
  end
  one.running = one.others
  return one
end
local function write(i, one)
  redis.call('HSET', KEYS[3 * i - 2], 'calls', string.format('%.17g', one.calls), 'at', string.format('%.0f', one.at),
    'day', one.day, 'rows', string.format('%.0f', one.rows), 'bytes', string.format('%.0f', one.bytes), 'tokens', string.format('%.0f', one.tokens))
  redis.call('PEXPIRE', KEYS[3 * i - 2], 2 * 86400000)
end
local function lease(i)
  local forgotten = string.format('%.0f', now - ${rememberedMs})
  for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3 * i - 1], '-inf', forgotten)) do redis.call('HDEL', KEYS[3 * i], other) end
  redis.call('ZREMRANGEBYSCORE', KEYS[3 * i - 1], '-inf', forgotten)
  redis.call('ZADD', KEYS[3 * i - 1], string.format('%.0f', now + ${leaseMs}), call)
  redis.call('PEXPIRE', KEYS[3 * i - 1], ${leaseMs + rememberedMs})
  redis.call('PEXPIRE', KEYS[3 * i], ${leaseMs + rememberedMs})
end
local function json_of(usage)
  return string.format('"rows":%.0f,"bytes":%.0f,"tokens":%.0f', usage.rows, usage.bytes, usage.tokens)
end
local function told(is_admitted, all, held)
  local counts = {}
  for i, one in ipairs(all) do
    counts[i] = string.format('{"calls":%.17g,"running":%d,%s}', one.calls, one.running, json_of(one))
  end
  return string.format('{"isAdmitted":%s,"now":%.0f,%s"counts":[%s]}', tostring(is_admitted), now,
    held and '"held":{' .. json_of(held) .. '},' or '', table.concat(counts, ','))
end
`

export const takeScript = `${prelude}
local all, is_admitted, held = {}, true, {}
for i, account in ipairs(accounts) do
  local one = read(i)
  all[i] = one
  if account.calls_per_minute and one.calls + 1 > account.calls_per_minute + 1e-9 then is_admitted = false end
  if account.concurrent_calls and one.others >= account.concurrent_calls then is_admitted = false end
  for _, unit in ipairs(units) do
    local limit = account[unit .. '_per_day']
    if limit and one[unit] >= limit then is_admitted = false end
    if limit then held[unit] = math.min(held[unit] or math.huge, math.max(0, math.floor((limit - one[unit] - one.held[unit]) / ${heldParts}))) end
  end
end
for _, unit in ipairs(units) do held[unit] = held[unit] or 0 end
if is_admitted then
  for i, account in ipairs(accounts) do
    all[i].calls = all[i].calls + 1
    all[i].running = all[i].running + 1
    write(i, all[i])
    if account.is_settled then
      lease(i)
      redis.call('HSET', KEYS[3 * i], call, '{' .. json_of(held) .. '}')
    end
  end
end
return told(is_admitted, all, held)
`

export const settleScript = `${prelude}
local usage, all, is_counted, is_within = cjson.decode(ARGV[4]), {}, {}, true
for i, account in ipairs(accounts) do
  if usage.is_last then
    is_counted[i] = redis.call('ZREM', KEYS[3 * i - 1], call) == 1
    redis.call('HDEL', KEYS[3 * i], call)
  else
    is_counted[i] = redis.call('ZSCORE', KEYS[3 * i - 1], call) ~= false
  end
  all[i] = read(i)
  if is_counted[i] and not usage.is_last then all[i].running = all[i].others + 1 end
  for _, unit in ipairs(units) do
    local limit = account[unit .. '_per_day']
    local is_passed = limit and usage[unit] > 0 and all[i][unit] + all[i].held[unit] + usage[unit] > limit
    if is_counted[i] and is_passed and not usage.is_given then is_within = false end
  end
end
for i, one in ipairs(all) do
  local more = is_within and (is_counted[i] and usage or { rows = 0, bytes = 0, tokens = 0 }) or one.held
  for _, unit in ipairs(units) do one[unit] = one[unit] + more[unit] end
  if is_within and is_counted[i] then write(i, one) end
end
return told(is_within, all)
`

export const renewScript = `${prelude}
for i in ipairs(accounts) do
  if redis.call('ZSCORE', KEYS[3 * i - 1], call) then lease(i) end
end
return told(true, {})
`
