"""Event queries as a user of the package waits for them."""

import asyncio
import threading
import time

import pytest

import slwmi

CHANGES = ("SELECT * FROM __InstanceModificationEvent WITHIN 3600 WHERE TargetInstance ISA 'SoftwareLicensingProduct' "
           "AND PreviousInstance.LicenseStatus = 2 AND TargetInstance.LicenseStatus <> 2")
SERVICE = ("SELECT TargetInstance FROM __InstanceModificationEvent WITHIN 1 "
           "WHERE TargetInstance ISA 'SoftwareLicensingService'")


@pytest.fixture
def world():
    with slwmi.World.temporary() as world:
        yield world


@pytest.fixture
def machine(world):
    return world.add_machine("PC1")


def set_host(machine, name):
    service, = machine.connect().query("SELECT * FROM SoftwareLicensingService")
    service.SetKeyManagementServiceMachine(MachineName=name)


def test_what_happens_while_time_passes_is_told_in_order(world, machine):
    with machine.connect().watch(CHANGES) as events:
        assert events.poll() is None
        world.advance(days=40)
        event = events.poll()
        assert event.class_name == "__InstanceModificationEvent"
        assert (event.PreviousInstance.LicenseStatus, event.TargetInstance.LicenseStatus) == (2, 5)
        assert events.poll() is None


def test_iterating_waits_and_ends_after_the_timeout(machine):
    events = machine.connect().watch(SERVICE, timeout=20)
    threading.Timer(0.1, set_host, (machine, "kms7")).start()
    event = next(events)
    assert event.keys() == ["TargetInstance"]
    assert event.TargetInstance.KeyManagementServiceMachine == "kms7"
    events.timeout = 0.05
    assert list(events) == []


def test_a_dotted_name_selects_the_embedded_object(world, machine):
    query = SERVICE.replace("TargetInstance FROM", "TargetInstance.KeyManagementServiceMachine FROM")
    with machine.connect().watch(query) as events:
        set_host(machine, "kms01.contoso.com")
        world.advance(minutes=1)
        event = events.poll()
        assert list(event) == ["TargetInstance"]
        assert event.TargetInstance.KeyManagementServiceMachine == "kms01.contoso.com"


def test_waiting_too_long_is_a_timeout(machine):
    with machine.connect().watch(SERVICE) as events:
        with pytest.raises(TimeoutError) as caught:
            events.next(timeout=0.05)
        assert isinstance(caught.value, slwmi.Timeout) and caught.value.hresult == 0x40004


def test_a_timeout_is_a_number(machine):
    with machine.connect().watch(SERVICE, timeout=float("nan")) as events:
        with pytest.raises(ValueError):
            next(events)


def test_events_come_to_async_for(machine):
    async def first():
        threading.Timer(0.1, set_host, (machine, "kms8")).start()
        async for event in machine.connect().watch(SERVICE, timeout=20):
            return event.TargetInstance.KeyManagementServiceMachine
        return None

    assert asyncio.run(first()) == "kms8"


def test_queries_that_are_no_registration_are_refused(machine):
    with pytest.raises(slwmi.InvalidQuery) as caught:
        machine.connect().watch("SELECT * FROM Win32_ComputerSystem WITHIN 1")
    assert caught.value.hresult == 0x80041059


def test_a_closed_watch_says_so(machine):
    events = machine.connect().watch(SERVICE)
    events.close()
    with pytest.raises(slwmi.InvalidArgument):
        events.poll()


@pytest.fixture
def host(world):
    return world.add_machine("KMS1", os="2008", role="kms-host")


def interval(within):
    return f"SELECT * FROM __InstanceModificationEvent WITHIN {within} WHERE TargetInstance ISA 'SoftwareLicensingService'"


def set_interval(machine, minutes):
    service, = machine.connect().query("SELECT * FROM SoftwareLicensingService")
    service.SetVLRenewalInterval(RenewalInterval=minutes)


def test_closing_ends_the_iteration_of_another_thread(machine):
    events = machine.connect().watch(SERVICE)
    threading.Timer(0.1, events.close).start()
    assert list(events) == []
    assert list(events) == []


def test_closing_ends_async_for(machine):
    async def all_of(events):
        asyncio.get_running_loop().call_later(0.1, events.close)
        return [event async for event in events]

    assert asyncio.run(all_of(machine.connect().watch(SERVICE))) == []


def test_time_waited_in_cancelled_tasks_counts(host):
    async def first(events):
        for _ in range(2000):
            try:
                return await asyncio.wait_for(events.__anext__(), 0.01)
            except asyncio.TimeoutError:
                pass
        return None

    with host.connect().watch(interval(0.2)) as events:
        set_interval(host, 100)
        assert asyncio.run(first(events)).TargetInstance.VLRenewalInterval == 100


def test_time_in_which_several_threads_wait_counts_once(host):
    with host.connect().watch(interval(0.5)) as events:
        set_interval(host, 100)
        start, seen = time.monotonic(), []

        def wait():
            try:
                events.next(20 if not seen else 0)
            except slwmi.Timeout:
                return
            seen.append(time.monotonic() - start)
            set_interval(host, 100 + len(seen))

        waiters = [threading.Thread(target=wait) for _ in range(4)]
        for waiter in waiters:
            waiter.start()
        for waiter in waiters:
            waiter.join()
        assert min(seen) >= 0.49


PRODUCT = "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE TargetInstance ISA 'SoftwareLicensingProduct'"


def test_events_that_are_due_let_other_tasks_have_their_turn(world, machine):
    async def close_after_some_turns(events):
        for _ in range(5):
            await asyncio.sleep(0)
        events.close()

    async def both(events):
        other = asyncio.create_task(close_after_some_turns(events))
        found = [event async for event in events]
        await other
        return found

    with machine.connect().watch(PRODUCT) as events:
        world.advance(days=1)  # 1,440 minutes of grace go by
        assert 0 < len(asyncio.run(both(events))) < 20


def test_long_searches_stop_between(world, machine):
    query = PRODUCT + " AND TargetInstance.GracePeriodRemaining = 99999999"
    with machine.connect().watch(query) as events:
        world.advance(days=1)
        assert events._events.poll() is None and events._events.behind() and events._events.pause() == 0
        assert events.poll() is None and not events._events.behind()
        with pytest.raises(slwmi.Timeout):
            world.advance(days=1)
            events.next(timeout=0)


def test_looking_is_no_waiting(world, machine):
    query = PRODUCT + " AND TargetInstance.GracePeriodRemaining = 42000"
    with machine.connect().watch(query, timeout=0) as events:
        world.advance(days=1)
        assert [event.TargetInstance.GracePeriodRemaining for event in events] == [42000]
