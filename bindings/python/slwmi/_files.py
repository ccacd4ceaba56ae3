"""Files that the compiled core reads and writes whole. What is missing or denied is an error of the package."""

import os

from slwmi import errors

_REFUSALS = (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError)


def _refused(error, path):
    if isinstance(error, FileNotFoundError):
        code, name = 0x80070002, "ERROR_FILE_NOT_FOUND"
    elif isinstance(error, NotADirectoryError):
        code, name = 0x80070003, "ERROR_PATH_NOT_FOUND"
    else:
        code, name = 0x80070005, "E_ACCESSDENIED"
    made = errors.make(code, f"{os.fspath(path)!r}: {error.strerror}", name)
    made.filename = path
    return made


def read(path):
    """The bytes of a file."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except _REFUSALS as error:
        raise _refused(error, path) from None


def replace(path, data):
    """Puts bytes into a file. The old one or the new one lies there, whatever happens in between."""
    place = os.fsdecode(path)
    fresh = place + ".new"
    try:
        file = open(fresh, "wb")
        try:
            with file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, place)
        except BaseException:
            os.unlink(fresh)
            raise
    except _REFUSALS as error:
        raise _refused(error, path) from None
