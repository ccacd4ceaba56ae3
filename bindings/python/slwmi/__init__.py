"""slwmi: a world of simulated Windows machines whose licensing classes, registry and policy answer like real ones.

    >>> import slwmi
    >>> with slwmi.World.temporary() as world:
    ...     pc = world.add_machine("PC1", os="vista-sp1", role="kms-client")
    ...     service, = pc.connect().query("SELECT * FROM SoftwareLicensingService")
    ...     service.VLRenewalInterval
    10080

Nothing here touches, or can activate, a real Windows.
"""

from _collections_abc import Mapping  # loaded by every interpreter, unlike the package collections

from slwmi import errors
from slwmi._core import (
    CimClass, ComputerList, Event, Health, Machine, Network, Object, Plan, Policy, Registry, RegistryTransaction, Report,
    Session, Simulation, Vamt, World, __version__, events_xml, explain, reports_html,
)
from slwmi._objects import CallResult, SlmgrResult
from slwmi.errors import (
    AccessDenied, AlreadyExists, CorruptWorld, FileMissing, InvalidArgument, InvalidClass, InvalidMethod,
    InvalidNamespace, InvalidQuery, LicensingError, NotFound, NotSupported, Timeout, TypeMismatch, WmiError,
)

__all__ = [
    "World", "Machine", "Network", "Session", "Object", "CimClass", "Registry", "RegistryTransaction", "Policy", "Plan",
    "ComputerList", "Simulation", "Vamt", "CallResult", "SlmgrResult", "Event", "Report", "Health", "events_xml",
    "reports_html", "explain", "LicenseStatus", "errors", "WmiError", "AccessDenied", "AlreadyExists", "CorruptWorld",
    "FileMissing", "InvalidArgument", "InvalidClass", "InvalidMethod", "InvalidNamespace", "InvalidQuery",
    "LicensingError", "NotFound", "NotSupported", "Timeout", "TypeMismatch", "Watch", "__version__",
]

Mapping.register(Object)
del Mapping


def __getattr__(name):
    # enum costs two milliseconds to import: only who asks for it pays.
    if name == "LicenseStatus":
        from slwmi.enums import LicenseStatus
        globals()[name] = LicenseStatus
        return LicenseStatus
    if name == "Watch":
        from slwmi._watch import Watch
        globals()[name] = Watch
        return Watch
    raise AttributeError(f"module 'slwmi' has no attribute {name!r}")


def __dir__():
    return sorted(set(globals()) | {"LicenseStatus", "Watch"})
