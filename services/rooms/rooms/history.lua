-- One page of a room, and where its log begins and ends, as of one instant.
--
-- KEYS  1 the room's log
-- ARGV  1 the number after which to start  2 how many messages at most
-- Returns the oldest number, the newest (both 0 in an empty room), and the entries.

local function number(entry)
  return entry and tonumber(string.match(entry[1], '^%d+')) or 0
end

local oldest = number(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1])
local newest = number(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1])
return {oldest, newest, redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])}
