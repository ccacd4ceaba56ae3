"""Enumerations of the licensing classes."""

import enum

__all__ = ["LicenseStatus"]


class LicenseStatus(enum.IntEnum):
    """SoftwareLicensingProduct.LicenseStatus. Source: VA2 Appendix 1; NOTIFICATION from 6.0.6001 on."""

    UNLICENSED = 0
    LICENSED = 1
    OOB_GRACE = 2
    OOT_GRACE = 3
    NON_GENUINE_GRACE = 4
    NOTIFICATION = 5
