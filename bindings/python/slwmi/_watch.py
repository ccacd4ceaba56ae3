"""The events of a notification query, waited for."""

import time

from slwmi.errors import Timeout


class Watch:
    """What Session.watch gives: an iterator over events as they come, for ``for`` and for ``async for``.

    Without a timeout it goes on until it is closed or left; with one it ends when no event came for so many seconds.
    """

    def __init__(self, events, timeout=None):
        self._events = events
        self.timeout = timeout

    def poll(self):
        """The next event that is due, or None. Never waits."""
        return self._events.poll()

    def next(self, timeout=None):
        """Waits for the next event. Timeout (0x00040004) when none came within ``timeout`` seconds."""
        end = _end(timeout)
        while (event := self._events.poll()) is None:
            nap = self._nap(end)
            start = time.monotonic()
            time.sleep(nap)
            self._events.waited(time.monotonic() - start)
        return event

    async def _next(self, timeout):
        import asyncio  # who waits so has it already
        end = _end(timeout)
        while (event := self._events.poll()) is None:
            nap = self._nap(end)
            start = time.monotonic()
            await asyncio.sleep(nap)
            self._events.waited(time.monotonic() - start)
        return event

    def _nap(self, end):
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise Timeout(0x00040004, "no event came in time", "WBEM_S_TIMEDOUT")
        pause = self._events.pause()
        return pause if left is None else min(pause, left)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.next(self.timeout)
        except Timeout:
            raise StopIteration from None

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self._next(self.timeout)
        except Timeout:
            raise StopAsyncIteration from None

    def close(self):
        self._events.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


def _end(timeout):
    return None if timeout is None else time.monotonic() + timeout
