//! What must happen in Redis at one go. Each script touches one key, so that it runs on a cluster as well; `PUBLISH`
//! reaches all nodes of one.

use super::connection::Script;

/// Overwrites a key, and tells the other nodes: key; entry, milliseconds, channel, message.
///
/// Both at one go, or a node that hears of the write could read the value from before it.
pub(super) static SET: Script = Script::new(
    "
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1",
);

/// Writes what was loaded, unless somebody wrote since the load began: key; what was seen then, entry, milliseconds.
pub(super) static FILL: Script = Script::new(
    "
local kind = redis.call('TYPE', KEYS[1]).ok
local seen = '?'
if kind == 'none' then seen = '' elseif kind == 'string' then seen = redis.call('GETRANGE', KEYS[1], 0, 10) end
if seen ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1",
);

/// Frees what a load found to be gone, unless somebody wrote since the load began: key; what was seen then.
pub(super) static FREE: Script = Script::new(
    "
local kind = redis.call('TYPE', KEYS[1]).ok
if kind == 'string' and redis.call('GETRANGE', KEYS[1], 0, 10) == ARGV[1] then return redis.call('UNLINK', KEYS[1]) end
return 0",
);

/// Invalidates stripes, and tells the other nodes: hash of times; channel, beginning of the message, whether each time must
/// be a new one, and in turns a stripe and a proposed time. Answers the times that count.
///
/// What stands there and is more than a day ahead is nobody's time. Numbers of Lua are exact up to 2^53, which microseconds of Unix time reach in the year 2255. What else stands there is
/// nobody's time, and gives way.
pub(super) static INVALIDATE: Script = Script::new(
    "
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local message = {ARGV[2]}
local times = {}
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'hash' then redis.call('UNLINK', KEYS[1]) end
for i = 4, #ARGV, 2 do
  local before = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0)
  if not before or not (before >= 0 and before <= now + 86400000000) then before = 0 end
  local time = math.max(before, tonumber(ARGV[i + 1]))
  if ARGV[3] == '1' then time = math.max(time, before + 1, now) end
  if time > before then redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f', time)) end
  times[#times + 1] = time
  message[#message + 1] = ARGV[i] .. '=' .. string.format('%.0f', time)
end
redis.call('PUBLISH', ARGV[1], table.concat(message, ' '))
return times",
);

/// Takes the lock of a key, unless somebody has it: key; token, milliseconds.
pub(super) static LOCK: Script = Script::new(
    "
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0",
);

/// Gives a lock back, unless it is somebody else's by now: key; token.
pub(super) static UNLOCK: Script = Script::new(
    "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('UNLINK', KEYS[1]) end
return 0",
);

/// Takes one call out of a rate, by the generic cell rate algorithm: key; microseconds of a call's share, calls at once. Answers the wait,
/// the calls that remain, and the time until all do, in microseconds.
///
/// The key holds when all calls remain again. What else stands there is nobody's time, and gives way.
pub(super) static TAKE: Script = Script::new(
    "
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local share = tonumber(ARGV[1])
local all = share * ARGV[2]
local full = now
if redis.call('TYPE', KEYS[1]).ok == 'string' then full = tonumber(redis.call('GET', KEYS[1])) or now end
if not (full > now and full <= now + all) then full = now end
local used = full - now + share
if used > all then return {used - all, 0, full - now} end
redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', math.ceil(used / 1000))
return {0, math.floor((all - used) / share), used}",
);
