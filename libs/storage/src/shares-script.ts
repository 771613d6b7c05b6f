/**
 * The step that shares out, as Redis runs it (Lua). A throttle is a hash: `tat`, the theoretical arrival time of its GCRA,
 * which is ahead of now by what was handed out; `demand` of all instances, fading; and a field for each instance: life,
 * wanted, admitted, what it was handed, its own fading demand, and when; `swept`: when the silent ones were thrown out.
 */
export const SHARE_OUT = `
local now = tonumber(ARGV[1])
if not now then local time = redis.call('TIME'); now = time[1] * 1000 + math.floor(time[2] / 1000) end
local instance, every, kept, memory = 'i:' .. ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[6]), tonumber(ARGV[7])
local index, busyKey = KEYS[1], KEYS[2]
redis.call('ZREMRANGEBYSCORE', index, '-inf', now - kept)
redis.call('ZREMRANGEBYSCORE', busyKey, '-inf', now)
local answers = { 0 }

local function text(number) return string.format('%.17g', number) end

-- What this instance was told last: life, wanted, admitted, handed out, demand, at.
local function former(said, life)
  if not said then return nil end
  local old = {}
  for word in string.gmatch(said, '%S+') do old[#old + 1] = tonumber(word) end
  if old[1] ~= life then old[2] = 0; old[3] = 0 end
  return old
end

for k = 3, #KEYS do
  local key, a = KEYS[k], 7 + (k - 3) * 7
  local id, interval, window, burst = ARGV[a + 1], tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3]), tonumber(ARGV[a + 4])
  local life, wanted, admitted = tonumber(ARGV[a + 5]), tonumber(ARGV[a + 6]), tonumber(ARGV[a + 7])
  local said = redis.call('HMGET', key, 'tat', 'demand', 'at', instance)
  local old = former(said[4], life)
  if not old and redis.call('HLEN', key) >= tonumber(ARGV[5]) and now - (tonumber(redis.call('HGET', key, 'swept')) or 0) > 10000 then
    -- Instances are replaced all the time: who has said nothing for so long is gone.
    local all = redis.call('HGETALL', key)
    for field = 1, #all, 2 do
      local last = string.sub(all[field], 1, 2) == 'i:' and tonumber(string.match(all[field + 1], '%S+$'))
      if last and now - last > kept then redis.call('HDEL', key, all[field]) end
    end
    redis.call('HSET', key, 'swept', text(now))
  end
  local full = not said[3] and redis.call('ZCARD', index) >= tonumber(ARGV[4])
  if full or (not old and redis.call('HLEN', key) >= tonumber(ARGV[5])) then
    answers[#answers + 1] = ''
  else
    -- A clock that stepped back stands still.
    local at = math.max(now, tonumber(said[3]) or now)
    local tat, demand = tonumber(said[1]) or at, tonumber(said[2]) or 0
    local before = old or { life, 0, 0, 0, 0, at - every }
    local came, passed = math.max(0, wanted - before[2]), math.max(0, admitted - before[3])
    demand = demand * math.exp(((tonumber(said[3]) or at) - at) / memory) + came
    local own = before[5] * math.exp((before[6] - at) / memory) + came
    -- What it was handed goes back into the bucket, what it let pass comes out. No debt is longer than a window.
    tat = math.max(at, tat + (passed - before[4]) * interval)
    tat = math.min(tat, at + burst * interval + window)
    local free = burst - (tat - at) / interval
    -- Half of what just came: the others' demand is, on average, as far from their last word as from their next one.
    local part = 0
    if demand > 0 then part = math.min(1, (own - came / 2) / (demand - came / 2)) end
    local elapsed = math.min(every, math.max(every / 4, at - before[6]))
    -- What will come, and twice its scatter (Poisson), so that an uneven client is not refused while there is enough.
    local mean, hoped = math.max(came * every / elapsed, own / 2), 0
    if came > 0 then hoped = math.ceil(mean + 2 * math.sqrt(mean)) end
    local handed = 0
    if free >= 1 then handed = math.min(hoped, math.max(1, math.floor(free * part))) end
    tat = tat + handed * interval
    free = free - handed
    local wasBusy = redis.call('ZSCORE', busyKey, id)
    -- Until a quarter of the burst is there again: else it would begin and end with each request.
    local rest = math.max(1, burst / 4) - free
    local busy = 0
    if free < 1 or (wasBusy and rest > 0) then
      busy = 1
      redis.call('ZADD', busyKey, math.ceil(at + math.min(kept, rest * interval)), id)
    elseif wasBusy then
      redis.call('ZREM', busyKey, id)
    end
    if (busy == 1) ~= (wasBusy and true or false) then answers[1] = 1 end
    local note = { life, wanted, admitted, handed, own, at }
    for i = 1, #note do note[i] = text(note[i]) end
    redis.call('HSET', key, 'tat', text(tat), 'demand', text(demand), 'at', text(at), instance, table.concat(note, ' '))
    local keep = math.ceil(math.max(kept, tat - at))
    redis.call('PEXPIRE', key, keep)
    redis.call('ZADD', index, now, key)
    answers[#answers + 1] = string.format('%d %d %d', handed, math.floor(part * 1e6 + 0.5), busy)
  end
end
redis.call('PEXPIRE', index, kept)
redis.call('PEXPIRE', busyKey, kept)
return answers`;
