/**
 * What the shared state stores on a Valkey server, and the scripts that change it. A value is a hash; sorted sets list the keys of a
 * space and of a group in the order of writing, and all values by their expiry, in milliseconds since 1970.
 * The first argument of each script is the prefix; then come those that its comment lists.
 */

/** With a hash tag, so that all keys stay together if they are ever moved to a cluster. */
export const PREFIX = '{barewire}:';
export const CHANNEL = `${PREFIX}changes`;
/** Between the parts of a key; no space contains it. */
export const SEPARATOR = '\u001f';

/**
 * Writes a value unless it has changed: space, key, the stored value and expiry, the new value and expiry, whether it has a group, the
 * group, and the message to publish, which may be empty. Returns 1 if it was written.
 */
export const PUT = `
  local prefix, space, key = ARGV[1], ARGV[2], ARGV[3]
  local member = space .. '${SEPARATOR}' .. key
  local stored = redis.call('HMGET', prefix .. 'value:' .. member, 'value', 'expires', 'group')
  if (stored[1] or '') ~= ARGV[4] or (stored[2] or '') ~= ARGV[5] then return 0 end
  local order = redis.call('INCR', prefix .. 'puts')
  if stored[3] then redis.call('ZREM', prefix .. 'group:' .. space .. '${SEPARATOR}' .. stored[3], key) end
  redis.call('DEL', prefix .. 'value:' .. member)
  redis.call('HSET', prefix .. 'value:' .. member, 'value', ARGV[6], 'expires', ARGV[7])
  redis.call('ZADD', prefix .. 'order:' .. space, order, key)
  redis.call('ZADD', prefix .. 'expiry', ARGV[7], member)
  if ARGV[8] == '1' then
    redis.call('HSET', prefix .. 'value:' .. member, 'group', ARGV[9])
    redis.call('ZADD', prefix .. 'group:' .. space .. '${SEPARATOR}' .. ARGV[9], order, key)
  end
  if ARGV[10] ~= '' then redis.call('PUBLISH', prefix .. 'changes', ARGV[10]) end
  return 1`;

/** Unexpired values and their places in the order, last written first: space, now, limit, the sorted set, and where to begin. */
export const LIST = `
  local prefix, space, now, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), 2 * tonumber(ARGV[4])
  local listed, offset = {}, 0
  while #listed < limit do
    local batch = redis.call('ZREVRANGEBYSCORE', prefix .. ARGV[5], ARGV[6], '-inf', 'WITHSCORES', 'LIMIT', offset, 100)
    for at = 1, #batch, 2 do
      local name = prefix .. 'value:' .. space .. '${SEPARATOR}' .. batch[at]
      local stored = redis.call('HMGET', name, 'value', 'expires')
      if #listed < limit and stored[1] and tonumber(stored[2]) > now then
        listed[#listed + 1] = stored[1]
        listed[#listed + 1] = batch[at + 1]
      end
    end
    if #batch < 200 then break end
    offset = offset + 100
  end
  return listed`;

/** Few enough that other clients hardly wait for one script. */
export const SWEPT = 1_000;
/** Removes up to `SWEPT` expired values and their places in the sorted sets: now. Returns how many. */
export const SWEEP = `
  local prefix = ARGV[1]
  local expired = redis.call('ZRANGEBYSCORE', prefix .. 'expiry', '-inf', ARGV[2], 'LIMIT', 0, ${SWEPT})
  for _, member in ipairs(expired) do
    local at = string.find(member, '${SEPARATOR}', 1, true)
    local space, key = string.sub(member, 1, at - 1), string.sub(member, at + 1)
    local group = redis.call('HGET', prefix .. 'value:' .. member, 'group')
    if group then redis.call('ZREM', prefix .. 'group:' .. space .. '${SEPARATOR}' .. group, key) end
    redis.call('ZREM', prefix .. 'order:' .. space, key)
    redis.call('DEL', prefix .. 'value:' .. member)
    redis.call('ZREM', prefix .. 'expiry', member)
  end
  return #expired`;
