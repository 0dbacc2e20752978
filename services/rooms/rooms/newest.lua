-- Where each of these rooms' logs ends, in one read. KEYS: the logs. Returns their newest numbers, 0 for an empty room.

local numbers = {}
for index, key in ipairs(KEYS) do
  local entry = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  numbers[index] = entry and tonumber(string.match(entry[1], '^%d+')) or 0
end
return numbers
