"""Counters in Redis: each question is one script, so that what is counted is exact in parallel.

A server that is away, or that hangs, costs whoever asks first what ``CACHES`` allows to wait; for
some seconds after that it is not asked. Without counting nothing is allowed that is limited.
"""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.commands.core import Script
from redis.exceptions import ConnectionError as AwayError
from redis.exceptions import TimeoutError as HangsError

from services.breaker import Breaker, LeftAloneError

PAUSE_S = 5.0  # as long as refused callers are told to wait: see api.refusals.UNAVAILABLE

# Keys: what all counters of the day are named with, the counter. Arguments: what the caller takes
# for the former, how many are allowed, seconds until it ends. Returns -1 if the caller is mistaken.
TAKE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if tonumber(redis.call('GET', KEYS[2]) or '0') >= tonumber(ARGV[2]) then return 0 end
if redis.call('INCR', KEYS[2]) == 1 then redis.call('EXPIRE', KEYS[2], ARGV[3]) end
return 1
"""
GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
return 0
"""
# The first to come names the day. Arguments: what it would be named, seconds until it ends.
AGREE = """
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2])
return redis.call('GET', KEYS[1])
"""
# Arguments: how many are allowed, quiet seconds after which all is forgotten. Tries beyond what is
# allowed do not keep it from being forgotten.
TRY = """
local tries = redis.call('INCR', KEYS[1])
if tries <= tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return tries
"""

breakers: dict[str, Breaker] = defaultdict(lambda: Breaker(PAUSE_S, (AwayError, HangsError)))


def ask(script: str, *keys: str, arguments: tuple[bytes | int, ...] = ()) -> Any:
    """Run a script of the above.

    Args:
        script: which.
        keys: as they are called here; the cache's prefix is put before them.
        arguments: of the script.

    Raises:
        RedisError: Redis is away, hangs, or did a moment ago.
    """
    try:
        with breakers[settings.CACHES["default"]["LOCATION"]].asking():
            client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
            return Script(client, script)(
                keys=[cache.make_key(key) for key in keys], args=arguments
            )
    except LeftAloneError:
        raise AwayError("failed a moment ago") from None
