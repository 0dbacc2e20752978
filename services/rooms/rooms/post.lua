-- One message into one room. The next number, the write and the wake-up are one step that nobody gets between,
-- so numbers have no holes and wake-ups come in the order of the log.
--
-- The entry's ID *is* the message's number ("17-0"): there is no counter beside the log that could disagree with it.
--
-- KEYS  1 the room's log, a stream
-- ARGV  1 author  2 text  3 how many messages the room remembers  4 where the listeners wait
-- Returns the number and the time in milliseconds since 1970.

local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local number = newest and tonumber(string.match(newest[1], '^%d+')) + 1 or 1

local now = redis.call('TIME')
local time = now[1] * 1000 + math.floor(now[2] / 1000)

redis.call('XADD', KEYS[1], 'MAXLEN', ARGV[3], string.format('%.0f-0', number),
           'author', ARGV[1], 'text', ARGV[2], 'time', string.format('%.0f', time))

-- The wake-up is a message of Channels' layer (channels-redis' pub/sub layer with its default serializer, msgpack).
-- It carries the whole message, so that a listener who is up to date needs no read. If nobody hears it, nothing is
-- lost: the log has it.
redis.call('PUBLISH', ARGV[4], cmsgpack.pack({
  type = 'room.posted', number = number, author = ARGV[1], text = ARGV[2], time = time }))

return {number, time}
