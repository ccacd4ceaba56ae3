"""The exceptions of slwmi.

Every failure is a :class:`WmiError` with the HRESULT that Windows would give, and derives from the built-in
exception that fits, so ``except PermissionError`` catches a denied call.
"""

import errno

__all__ = [
    "WmiError", "AccessDenied", "NotFound", "FileMissing", "InvalidQuery", "InvalidClass", "InvalidNamespace",
    "InvalidArgument", "InvalidMethod", "TypeMismatch", "AlreadyExists", "Timeout", "NotSupported",
    "CorruptWorld", "LicensingError",
]


class WmiError(Exception):
    """A call that failed.

    ``hresult`` is the code as an unsigned 32-bit number, ``signed`` the same as COM shows it, ``name`` the Windows
    symbol ("" when unknown), ``message`` one sentence, ``offset`` the UTF-8 byte in the input or None, and ``token``
    the offending piece of input. Errors that are an OSError have the errno that fits, and all have ``winerror``: the
    Win32 code when the HRESULT is one of Win32's, else ``signed``.
    """

    _errno = errno.EIO

    hresult: int
    message: str
    name: str
    offset: "int | None"
    token: str
    line: int
    column: int

    def __init__(self, hresult: int, message: str = "", name: str = "", offset: "int | None" = None, token: str = "",
                 line: int = 0, column: int = 0) -> None:
        super().__init__(hresult, message)
        if isinstance(self, OSError):
            self.errno = self._errno
        self.hresult = hresult & 0xFFFFFFFF
        self.message = message
        self.name = name
        self.offset = offset
        self.token = token
        self.line = line
        self.column = column

    @property
    def signed(self) -> int:
        """The code as a signed 32-bit number."""
        return self.hresult - (1 << 32) if self.hresult & 0x80000000 else self.hresult

    @property
    def winerror(self) -> int:
        """What an OSError of Windows has under this name."""
        return self.hresult & 0xFFFF if self.hresult & 0xFFFF0000 == 0x80070000 else self.signed

    def __str__(self) -> str:
        symbol = f" ({self.name})" if self.name else ""
        where = f" at line {self.line}, column {self.column}" if self.line else (
            f" at byte {self.offset}" if self.offset is not None else "")
        return f"0x{self.hresult:08X}{symbol}: {self.message}{where}"

    def __reduce__(self):
        arguments = (self.hresult, self.message, self.name, self.offset, self.token, self.line, self.column)
        filename = getattr(self, "filename", None)
        return (type(self), arguments) if filename is None else (type(self), arguments, {"filename": filename})


class AccessDenied(WmiError, PermissionError):
    """The caller lacks a right, or is not elevated."""

    _errno = errno.EACCES


class NotFound(WmiError, KeyError):
    """No such instance, machine, policy or snapshot."""


class FileMissing(NotFound, FileNotFoundError):
    """No such file, registry key or registry value."""

    _errno = errno.ENOENT


class InvalidQuery(WmiError, ValueError):
    """The text is not WQL, or its types do not fit the class."""


class InvalidClass(WmiError, LookupError):
    """No such class in the namespace."""


class InvalidNamespace(WmiError, LookupError):
    """No such namespace."""


class InvalidArgument(WmiError, ValueError):
    """An argument, a path or a document is not valid."""


class InvalidMethod(WmiError, LookupError):
    """No such method, or it is not available on this version."""


class TypeMismatch(WmiError, TypeError):
    """A value of the wrong type."""


class AlreadyExists(WmiError, FileExistsError):
    """It exists already."""

    _errno = errno.EEXIST


class Timeout(WmiError, TimeoutError):
    """Nothing happened in time."""

    _errno = errno.ETIMEDOUT


class NotSupported(WmiError, NotImplementedError):
    """Not supported by this class or version."""


class CorruptWorld(WmiError, OSError):
    """The world file is damaged or no world."""


class LicensingError(WmiError):
    """A refusal of the licensing service (0xC004xxxx, 0x4004xxxx, 0x8004Dxxx)."""


_BY_CODE = {
    0x80070005: AccessDenied, 0x80041003: AccessDenied, 0x80041062: AccessDenied, 0xC004F025: AccessDenied,
    0x80041002: NotFound, 0x80070490: NotFound, 0x80070103: NotFound,
    0x80070002: FileMissing, 0x80070003: FileMissing,
    0x80041017: InvalidQuery, 0x80041018: InvalidQuery, 0x80041058: InvalidQuery, 0x80041059: InvalidQuery,
    0x8004105A: InvalidQuery, 0x8004105B: InvalidQuery, 0x8004105C: InvalidQuery, 0x8004105D: InvalidQuery,
    0x8004106C: InvalidQuery, 0x80042001: InvalidQuery, 0x80042002: InvalidQuery,
    0x80041010: InvalidClass, 0x8004100E: InvalidNamespace,
    0x80070057: InvalidArgument, 0x8004103A: InvalidArgument, 0x80041008: InvalidArgument, 0x8007007B: InvalidArgument,
    0x80070006: InvalidArgument, 0x800700A1: InvalidArgument, 0x8004102F: InvalidArgument, 0x8004102B: InvalidArgument, 0x8007000D: InvalidArgument,
    0x8004102E: InvalidMethod, 0x80041055: InvalidMethod, 0x80041056: InvalidMethod,
    0x80041005: TypeMismatch, 0x800700B7: AlreadyExists, 0x80041019: AlreadyExists,
    0x80040004: Timeout, 0x80043001: Timeout,
    0x80041024: NotSupported, 0x8004100C: NotSupported, 0x80004001: NotSupported, 0x80070032: NotSupported,
    0x80070570: CorruptWorld, 0x800703F1: CorruptWorld,
}


def make(hresult, message="", name="", offset=None, token="", line=0, column=0):
    """The exception for a code; what the compiled core raises."""
    kind = _BY_CODE.get(hresult)
    if kind is None:
        facility = hresult & 0xFFFF0000
        if facility in (0xC0040000, 0x40040000) or (hresult & 0xFFFFF000) == 0x8004D000:
            kind = LicensingError
        elif facility == 0x80040000 and (hresult & 0xF000) == 0x4000:  # WBEMMOF_E_*
            kind = InvalidArgument
        else:
            kind = WmiError
    return kind(hresult, message, name, offset, token, line, column)
