-- Who is in a room. Each process that people are connected to holds their names for a while and renews them, so that
-- those of a process that died go by themselves.
--
-- KEYS  1 who is here, a sorted set of "name\nholder" by when it ends, in milliseconds
-- ARGV  1 where the listeners wait  2 "enter" or "leave"  3 for how many milliseconds a name is held  4… the members
-- Returns all members.

local now = redis.call('TIME')
local time = now[1] * 1000 + math.floor(now[2] / 1000)
local changed = redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', time))

for index = 4, #ARGV do
  if ARGV[2] == 'enter' then
    changed = changed + redis.call('ZADD', KEYS[1], string.format('%.0f', time + ARGV[3]), ARGV[index])
  else
    changed = changed + redis.call('ZREM', KEYS[1], ARGV[index])
  end
end

redis.call('PEXPIRE', KEYS[1], ARGV[3])
if changed > 0 then
  redis.call('PUBLISH', ARGV[1], cmsgpack.pack({type = 'room.presence'}))
end
return redis.call('ZRANGE', KEYS[1], 0, -1)
