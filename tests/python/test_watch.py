"""Event queries as a user of the package waits for them."""

import asyncio
import threading

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


def test_waiting_too_long_is_a_timeout(machine):
    with machine.connect().watch(SERVICE) as events:
        with pytest.raises(TimeoutError) as caught:
            events.next(timeout=0.05)
        assert isinstance(caught.value, slwmi.Timeout) and caught.value.hresult == 0x40004


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
