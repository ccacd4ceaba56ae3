"""What the compiled core hands out besides plain values: method callables and their results."""


class CallResult(int):
    """What a method returned: an int that equals ReturnValue, with the [out] parameters beside it.

    ``result == 0``, ``result.ReturnValue``, ``result.sValue`` and ``result["sValue"]`` all work; ``dict(result)`` has
    ReturnValue and every [out] parameter. Names are compared without regard to case.
    """

    def __new__(cls, return_value, out=()):
        self = super().__new__(cls, 0 if return_value is None else return_value)
        self._out = {"ReturnValue": return_value, **dict(out)}
        return self

    def _find(self, name):
        if name in self._out:
            return name
        folded = name.upper()
        return next((key for key in self._out if key.upper() == folded), None)

    def __getattr__(self, name):
        key = None if name.startswith("_") else self._find(name)
        if key is None:
            raise AttributeError(f"the method has no parameter {name!r}")
        return self._out[key]

    def __getitem__(self, name):
        key = self._find(name)
        if key is None:
            raise KeyError(name)
        return self._out[key]

    def keys(self):
        return self._out.keys()

    def values(self):
        return self._out.values()

    def items(self):
        return self._out.items()

    def to_dict(self):
        return dict(self._out)

    def __repr__(self):
        return "CallResult(" + ", ".join(f"{k}={v!r}" for k, v in self._out.items()) + ")"

    def __reduce__(self):
        out = dict(self._out)
        return (CallResult, (out.pop("ReturnValue"), out))


class SlmgrResult(tuple):
    """What slmgr.vbs printed and how it ended: ``text, exit_code = machine.slmgr("/dli")``.

    ``exit_code`` is what Windows gives: 0, 1 for wrong usage, or a failure's HRESULT as a negative number; ``hresult``
    is that code as it is printed, or None. ``lines`` are the printed lines without the blanks around them.
    """

    __slots__ = ()

    def __new__(cls, text, exit_code):
        return super().__new__(cls, (text, exit_code))

    def __getnewargs__(self):
        return tuple(self)

    @property
    def text(self):
        return self[0]

    @property
    def exit_code(self):
        return self[1]

    @property
    def hresult(self):
        return self[1] & 0xFFFFFFFF if self[1] not in (0, 1) else None

    @property
    def lines(self):
        return [line.strip() for line in self[0].splitlines() if line.strip()]

    def __str__(self):
        return self[0]

    def __repr__(self):
        return f"SlmgrResult(text={self[0]!r}, exit_code={self[1]})"


class Method:
    """A method of an instance or class, ready to be called with keyword or positional arguments.

    Positional arguments follow the declaration; ``help(obj.Method)`` shows it.
    """

    def __init__(self, session, path, name, parameters, doc):
        self._session = session
        self._path = path
        self.__name__ = name
        self._parameters = parameters
        self.__doc__ = doc

    def __call__(self, *args, **kwargs):
        if args:
            if len(args) > len(self._parameters):
                raise TypeError(
                    f"{self.__name__} takes {len(self._parameters)} arguments ({len(args)} given)")
            for name, value in zip(self._parameters, args):
                if name in kwargs:
                    raise TypeError(f"{self.__name__} got two values for {name!r}")
                kwargs[name] = value
        return self._session.call(self._path, self.__name__, **kwargs)

    @property
    def __signature__(self):
        import inspect
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Signature([inspect.Parameter(p, kind, default=None) for p in self._parameters])

    def __repr__(self):
        return f"<method {self.__name__} of {self._path}>"
