"""Simulations from Python, and random worlds run by the core and by an independent model of the rules."""

import datetime
import random
import threading

import pytest

import licensing_model as model
import slwmi

START = datetime.datetime(2008, 3, 1, tzinfo=datetime.timezone.utc)
LAB = {
    "seed": 1, "duration": "10 days",
    "machines": [{"name": "KMS1", "os": "2008", "role": "kms-host"},
                 {"name": "SV#", "os": "2008", "count": 6, "spread": "1 day"}],
}


def minute_of(time):
    return int((time - START).total_seconds()) // 60


def test_a_described_world_runs_to_its_end():
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(LAB)
        assert (run.start, run.now) == (START, START)
        assert run.series[0]["licensed"] == 1 and run.series[0]["oob_grace"] == 0  # nobody else is there as yet
        seen = []
        attempts = run.run(progress=seen.append)
        assert attempts > 6 and seen[-1] == run.end == run.now
        last = run.series[-1]
        assert last["licensed"] == 7
        assert last["hosts"]["KMS1"]["count"] == 6
        assert len(run.series) == 11
        rows = world.query("SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE PartialProductKey IS NOT NULL")
        assert {row["__SERVER"] for row in rows} == {"KMS1", *(f"SV{i}" for i in range(1, 7))}
        assert all(row["LicenseStatus"] == 1 for row in rows)


def test_a_run_stops_where_it_is_told_and_goes_on():
    with slwmi.World.temporary(seed=1) as world:
        world.simulate(LAB).run(until=START + datetime.timedelta(days=3))
        assert world.now == START + datetime.timedelta(days=3)
        again = world.simulate()  # what the world remembers
        again.run()
        digest, series = world.digest(), again.series
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(LAB)
        assert run.run(driver="provider") == 0  # as the docstring says: it does not count
        assert "0 with driver='provider'" in run.run.__doc__
        assert world.digest() == digest
        assert run.series == series


def test_what_is_wrong_is_told():
    with slwmi.World.temporary() as world:
        with pytest.raises(slwmi.NotFound):
            world.simulate()
        with pytest.raises(slwmi.WmiError, match="machines is not a list") as told:
            world.simulate({"machines": 5})
        assert (told.value.line, told.value.column) == (0, 0)  # nobody wrote a text
        for text, place, what in [
                ('{"machines": [{"name": "PC1"},\n  {"name": "PC2", "count": "x"}]}', (2, 19), "machines[1].count"),
                ('machines { item { name PC1 } }\nseed x\n', (2, 1), "seed"),
                ('<document>\n <machines><item name="PC1" os="97"/></machines></document>', (2, 12), "machines[0]")]:
            with pytest.raises(slwmi.WmiError) as told:
                world.simulate(text)
            assert what in told.value.message
            assert (told.value.line, told.value.column) == place
        world.add_machine("PC1")
        with pytest.raises(slwmi.AlreadyExists):
            world.simulate(LAB)


def test_an_exception_of_a_listener_ends_the_run_at_its_next_checkpoint():
    heard = []

    def refuse(exchange):
        heard.append(exchange)
        raise ValueError(exchange["client"])

    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate({**LAB, "checkpoint": "1 day"})
        with pytest.raises(ValueError, match="SV"):
            run.run(on_exchange=refuse)
        assert len(heard) == 1
        assert START < run.now == world.now < run.end
        run.run()
        assert run.now == run.end


def test_progress_may_answer_anything_that_is_true_or_false():
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate({**LAB, "checkpoint": "1 day"})
        run.run(progress=lambda now: [])
        assert run.now == START + datetime.timedelta(days=1)
        run.run(progress=lambda now: "go on")
        assert run.now == run.end


def test_the_reference_driver_has_no_listener():
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(LAB)
        with pytest.raises(slwmi.InvalidArgument, match="fleet"):
            run.run(driver="provider", on_exchange=print)
        assert run.now == START


def test_a_listener_that_changes_the_world_ends_the_run_before_its_checkpoint():
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(LAB)
        registry = world["SV1"].registry(user="system")
        with pytest.raises(slwmi.WmiError) as refused:
            run.run(on_exchange=lambda exchange: registry.set(r"HKLM\SOFTWARE\Contoso", "x", 1))
        assert refused.value.hresult == 0x80071A90 and world.now == START
        run.run()
        assert world.now == run.end


def test_exchanges_tell_the_name_that_a_client_has_by_then():
    description = {**LAB, "duration": "20 days", "actions": [{"at": "8 days", "do": "rename", "machines": "SV6", "to": "SV9"}]}
    seen = []
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(description)
        run.run(on_exchange=seen.append)
        renamed = run.start + datetime.timedelta(days=8)
    assert {e["client"] for e in seen if e["time"] < renamed} == {f"SV{i}" for i in range(1, 7)}
    assert {e["client"] for e in seen if e["time"] > renamed} == {f"SV{i}" for i in (1, 2, 3, 4, 5, 9)}


def test_other_threads_ask_while_a_run_calls_python():
    with slwmi.World.temporary(seed=1) as world:
        run = world.simulate(LAB)
        asked, over = [], threading.Event()

        def ask():
            while not over.is_set():
                world.query("SELECT LicenseStatus FROM SoftwareLicensingProduct WHERE LicenseStatus = 1")
                asked.append((run.now, len(run.series)))

        thread = threading.Thread(target=ask)
        thread.start()
        inside = []
        try:
            run.run(on_exchange=lambda exchange: world.machine_names, progress=lambda now: inside.append(len(run.series)))
        finally:
            over.set()
            thread.join()
        assert inside == [11]
        assert world.now == run.end and asked == sorted(asked)


class RandomWorld:
    """A world that leaves nothing to chance, as a description and as the model's objects."""

    def __init__(self, seed):
        self.r = r = random.Random(seed)
        self.days = r.choice([2, 20, 70, 230])
        least = self.days * model.DAY // 100
        self.faults, self.policies = [], []
        self.hosts = [model.Host(f"KMS{i}.contoso.com") for i in range(1, 1 + r.choice([1, 1, 2]))]
        self.clients, groups = [], [
            {"name": host.name.split(".")[0], "os": "2008", "role": "kms-host"} for host in self.hosts]
        for host in self.hosts:
            host.activation_interval = min(max(least, r.randrange(15, 9000)), 43200)
            host.renewal_interval = min(max(least, r.randrange(15, 30000)), 43200)
            self.policy(host.name.split(".")[0], VLActivationInterval=host.activation_interval,
                        VLRenewalInterval=host.renewal_interval)
        images = [{"name": "image", "generalized": False, "age": f"{r.randrange(0, 20)} days"}]
        self.local = min(max(least, r.randrange(15, 9000)), 43200)
        for number in range(1, r.randrange(3, 40)):
            os, needed = r.choice([("2008", 5), ("2008", 5), ("vista-sp1", 25), ("vista-rtm", 25)])
            client = model.Client(f"PC{number:02}", len(self.hosts) + number, r.randrange(0, 3 * model.DAY), needed,
                                  virtual=r.random() < 0.15, notifies=os != "vista-rtm", identity=f"own {number}",
                                  activation_interval=self.local, renewal_interval=self.local)
            group = {"name": client.name, "os": os, "virtual": client.virtual, "start": f"{client.installed}m"}
            if r.random() < 0.2:
                group["image"], client.identity = "image", "image"
                client.age = int(images[0]["age"].split()[0]) * model.DAY
            if r.random() < 0.1:
                client.automatic = False
                self.policy(client.name, Manual=1)
            if len(self.hosts) > 1 or r.random() < 0.2:
                client.fixed = r.choice(self.hosts).name
                self.policy(client.name, KeyManagementServiceName=client.fixed)
            groups.append(group)
            self.clients.append(client)
        self.policy("PC*", VLActivationInterval=self.local, VLRenewalInterval=self.local)
        for _ in range(r.randrange(0, 4)):
            self.fault()
        self.description = {"seed": seed, "duration": f"{self.days} days", "images": images, "machines": groups,
                            "policies": self.policies, "network": {"faults": [f["text"] for f in self.faults]}}

    def policy(self, machines, **settings):
        name = f"p{len(self.policies)}"
        self.policies.append({"machines": machines, "document": {"policy": name, "settings": settings}})

    def fault(self):
        r = self.r
        kind = r.choice(["host-unreachable", "response-lost", "clock-skew", *model.DNS])
        first = r.randrange(0, self.days * model.DAY)
        last = first + r.randrange(1, self.days * model.DAY)
        who = r.choice(["all", "PC*", "PC0*", "KMS1"])
        fault = {"kind": kind, "who": who, "from": first, "until": last, "skew": 0}
        fault["text"] = {"kind": kind, "who": who, "from": f"{first}m", "until": f"{last}m"}
        if kind == "clock-skew":
            fault["skew"] = r.choice([-400, -200, 30, 180, 300, 9000])
            sign = "-" if fault["skew"] < 0 else ""
            fault["text"]["skew"] = f"{sign}{abs(fault['skew'])}m"
        self.faults.append(fault)

    def holds(self, kind, machine, minute):
        """The first fault of the kind that the machine has then."""
        short = machine.split(".")[0]
        for fault in self.faults:
            who = fault["who"]
            fits = who == "all" or (who.endswith("*") and short.startswith(who[:-1])) or who == short
            if fault["kind"] == kind and fits and fault["from"] <= minute < fault["until"]:
                yield fault

    def lookup(self, client, minute):
        for fault in self.faults:  # the first that holds, whichever kind it is
            if fault["kind"] in model.DNS and fault in self.holds(fault["kind"], client, minute):
                return model.DNS[fault["kind"]]
        return self.hosts[0].name

    def run(self):
        world = model.World(
            self.clients, self.hosts,
            skew=lambda name, minute: sum(f["skew"] for f in self.holds("clock-skew", name, minute)),
            blocked=lambda client, host, minute: any(self.holds("host-unreachable", client, minute)),
            lost=lambda client, host, minute: any(self.holds("response-lost", client, minute)),
            lookup=self.lookup,
            turns=[t for f in self.faults if f["kind"] == "clock-skew" for t in (f["from"], f["until"])])
        world.run(self.days * model.DAY)
        return world


@pytest.mark.parametrize("seed", range(60))
def test_the_model_agrees_on_random_worlds(seed):
    plan = RandomWorld(seed)
    expected = plan.run()
    seen = []
    with slwmi.World.temporary(seed=seed) as world:
        run = world.simulate(plan.description)
        run.run(on_exchange=seen.append)
        last = run.series[-1]
    told = [(minute_of(e["time"]), e["client"], e["server"], e["requested"], e["processed"], e["bound"], e["status"],
             e["remaining"], e["count"]) for e in seen]
    wanted = [(a.minute, a.client, a.host, a.requested, a.processed, a.bound, a.status, a.left, a.count)
              for a in expected.attempts]
    assert told == wanted
    assert {name: (h["requests"], h["failed"]) for name, h in last["hosts"].items()} == \
        {h.name.split(".")[0]: (sum(h.by_status), h.refused) for h in plan.hosts}
    names = ["unlicensed", "licensed", "oob_grace", "oot_grace", "non_genuine_grace", "notification"]
    end = plan.days * model.DAY
    states = [c.state(end + expected.skew(c.name, end))[0] for c in plan.clients if c.installed <= end]
    states += [model.LICENSED] * len(plan.hosts)
    assert [last[name] for name in names] == [states.count(i) for i in range(6)]
