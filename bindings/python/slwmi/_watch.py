"""The events of a notification query, waited for."""

import contextlib
import threading
import time

from slwmi.errors import InvalidArgument, Timeout


class Watch:
    """What Session.watch gives: an iterator over events as they come, for ``for`` and for ``async for``.

    Without a timeout it goes on until it is closed, by any thread; with one it ends when no event came for so many
    seconds. Threads and tasks may wait for the events of one watch: each event goes to one of them.
    """

    def __init__(self, events, timeout=None):
        self._events = events
        self._closed = False
        self._lock = threading.Lock()
        self._told = time.monotonic()
        self.timeout = timeout

    def poll(self):
        """The next event that is due, or None. Never waits."""
        while (event := self._events.poll()) is None and self._events.behind():
            pass
        return event

    def next(self, timeout=None):
        """Waits for the next event. Timeout (0x00040004) when none came within ``timeout`` seconds."""
        end = _end(timeout)
        while (event := self._events.poll()) is None:
            with self._nap(end) as nap:
                time.sleep(nap)
        return event

    async def _next(self, timeout):
        import asyncio  # who waits so has it already
        end = _end(timeout)
        await asyncio.sleep(0)  # others' turn, however many events are due
        while (event := self._events.poll()) is None:
            with self._nap(end) as nap:
                await asyncio.sleep(nap)
        return event

    @contextlib.contextmanager
    def _nap(self, end):
        """Gives how long to sleep, and tells how long it was; time in which several wait is told once."""
        pause = self._events.pause()
        if end is not None and pause:  # with no pause there is more to look at, which is no waiting
            pause = min(pause, end - time.monotonic())
            if pause <= 0:
                raise Timeout(0x00040004, "no event came in time", "WBEM_S_TIMEDOUT")
        start = time.monotonic()
        try:
            yield pause
        finally:
            with self._lock:
                now = time.monotonic()
                if not self._closed:
                    self._events.waited(now - max(start, self._told))
                self._told = now

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.next(self.timeout)
        except (Timeout, InvalidArgument) as error:
            if self._ends(error):
                raise StopIteration from None
            raise

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self._next(self.timeout)
        except (Timeout, InvalidArgument) as error:
            if self._ends(error):
                raise StopAsyncIteration from None
            raise

    def _ends(self, error):
        return self._closed or isinstance(error, Timeout)

    def close(self):
        with self._lock:
            self._closed = True
        self._events.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


def _end(timeout):
    end = None if timeout is None else time.monotonic() + timeout
    if end != end:
        raise ValueError("the timeout is no number")  # nothing is ever later than NaN
    return end
