"""The rules of volume activation once more, written from the guide alone: what `slwmi sim` is compared with.

It knows worlds that leave nothing to chance: one KMS host that a client can find, faults that happen always or never
within a time. Times are minutes since the start of the world. Nothing here is taken from the C++ code.
"""

import dataclasses
import heapq
import itertools

DAY = 24 * 60
GRACE = 30 * DAY          # initial grace period, and the one after a lapsed activation
VALID = 180 * DAY         # a KMS activation
MEMORY = 30 * DAY         # a host forgets a client that it has not seen for so long
TOLERANCE = 4 * 60        # minutes that clocks may differ
WATCH = 15                # after a failed renewal the client watches the network first

UNLICENSED, LICENSED, OOB_GRACE, OOT_GRACE, _, NOTIFICATION = range(6)

OK = 0
UNAVAILABLE = 0x800706BA      # nobody answers there
NO_ANSWER = 0xC004F039        # the request was counted, its response never came
TOO_FEW = 0xC004F038
WRONG_TIME = 0xC004F069
DNS = {"dns-server-failure": 0x8007232A, "dns-name-missing": 0x8007232B, "dns-no-records": 0x8007251D}


@dataclasses.dataclass
class Attempt:
    """One request, or the try to make one, as the event logs tell it."""
    minute: int
    client: str
    host: str
    requested: int       # what came of sending
    processed: bool      # a response came back
    bound: bool
    status: int          # before
    left: int            # minutes, before
    count: int


@dataclasses.dataclass
class Host:
    name: str
    activation_interval: int = 120
    renewal_interval: int = 10080
    seen: dict = dataclasses.field(default_factory=dict)  # client machine ID -> minute
    largest: int = 0
    by_status: list = dataclasses.field(default_factory=lambda: [0] * 6)
    refused: int = 0

    def forget(self, clock):
        self.seen = {who: at for who, at in self.seen.items() if at > clock or clock - at < MEMORY}

    def ask(self, clock, client, client_clock, status):
        """(code, count) of one request."""
        if abs(client_clock - clock) > TOLERANCE:
            self.refused += 1
            return WRONG_TIME, 0
        self.by_status[status] += 1
        self.largest = max(self.largest, client.needed)
        self.forget(clock)
        if not client.virtual:
            self.seen.pop(client.identity, None)
            self.seen[client.identity] = clock
            while len(self.seen) > 2 * self.largest:
                del self.seen[next(iter(self.seen))]
        return OK, len(self.seen)


@dataclasses.dataclass
class Client:
    name: str
    number: int
    installed: int
    needed: int = 25
    virtual: bool = False
    notifies: bool = True        # an expired system notifies; Vista RTM loses functions instead
    automatic: bool = True       # Manual is not set
    identity: str = ""           # clones share one
    fixed: str = ""              # the KMS host that is set by name
    activation_interval: int = 120
    renewal_interval: int = 10080
    age: int = 0                 # of the image: so much of the grace period is gone
    found: str = ""              # the host that DNS gave, remembered
    activated: int = None
    tried: int = None
    failures: int = 0            # in a row
    told: tuple = None           # intervals of the last response

    def state(self, clock):
        """(status, minutes left) by the machine's own clock."""
        if self.activated is not None:
            end = self.activated + VALID
            if clock < end:
                return LICENSED, end - max(clock, self.activated)
            if clock < end + GRACE:
                return OOT_GRACE, end + GRACE - clock
        elif clock < self.installed - self.age + GRACE:
            return OOB_GRACE, self.installed - self.age + GRACE - max(clock, self.installed - self.age)
        return (NOTIFICATION if self.notifies else UNLICENSED), 0

    def next_try(self, clock):
        """When the machine acts by itself, by its clock; None: never."""
        every, renew = self.told or (self.activation_interval, self.renewal_interval)
        licensed = self.state(clock)[0] == LICENSED
        if licensed and not self.failures:
            due = self.activated + renew
        elif self.tried is None:
            due = self.installed
        elif licensed and self.failures == 1:
            due = self.tried + WATCH
        else:
            due = self.tried + every
        due = max(due, clock)
        if not self.automatic and self.state(due)[0] != LICENSED:
            return None
        return due


class World:
    """Clients, hosts and troubles. `skew(name, minute)`, `blocked(client, host, minute)`, `lost(client, host, minute)`
    and `lookup(client, minute)` (a host's name, or a code) are what the network does."""

    def __init__(self, clients, hosts, skew, blocked, lost, lookup, turns=()):
        self.clients = clients
        self.hosts = {host.name: host for host in hosts}
        self.skew, self.blocked, self.lost, self.lookup = skew, blocked, lost, lookup
        self.turns = sorted(turns)  # minutes in which some clock jumps
        self.attempts = []

    def run(self, end):
        serial = itertools.count()
        queue = []

        def plan(client, now):
            ahead = self.skew(client.name, now)
            due = client.next_try(now + ahead)
            if due is not None:
                due = max(due - ahead, client.installed)  # whatever its clock says: before, it is not there
                heapq.heappush(queue, (due, client.number, next(serial), client))

        def go(last):
            while queue and queue[0][0] <= last:
                minute, _, _, client = heapq.heappop(queue)
                self.attempt(client, minute)
                plan(client, minute)

        for client in self.clients:
            plan(client, 0)
        for turn in self.turns:
            if 0 < turn <= end:
                go(turn - 1)
                queue.clear()
                for client in self.clients:
                    plan(client, turn)
        go(end)

    def attempt(self, client, minute):
        clock = minute + self.skew(client.name, minute)
        status, left = client.state(clock)
        client.failures += 1
        client.tried = clock

        def note(host, requested, processed=False, bound=False, count=0):
            self.attempts.append(
                Attempt(minute, client.name, host, requested, processed, bound, status, left, count))

        def ask(name):
            """True when a response came."""
            host = self.hosts.get(name)
            if host is None or self.blocked(client.name, name, minute):
                note(name, UNAVAILABLE)
                return False
            code, count = host.ask(minute + self.skew(name, minute), client, clock, status)
            if code == OK and self.lost(client.name, name, minute):
                note(name, NO_ANSWER)
                return False
            if code != OK:
                note(name, NO_ANSWER if self.lost(client.name, name, minute) else code)
                return False
            client.told = (host.activation_interval, host.renewal_interval)
            enough = count >= client.needed
            if enough:
                client.activated, client.failures = clock, 0
            note(name, OK, True, enough, count)
            return True

        if client.fixed:
            ask(client.fixed)
            return
        dropped = client.found
        if client.found and ask(client.found):
            return
        answer = self.lookup(client.name, minute)
        if isinstance(answer, int):
            note("", answer)
        elif answer != dropped and ask(answer):
            client.found = answer
