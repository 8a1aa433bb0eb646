"""Faults on request: what goes wrong with which calls, how often, and what the caller gets to see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from sandbox.params import Params

Ending = Literal["answer", "reset", "never", "garbage"]
SAYS = {
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong. `method`, `token` and `chat_id` say which calls, `times` how often (None: always).

    With an `error` the call is refused with that status. Otherwise it is carried out if it is `delivered`, and after
    `delay` seconds ends with its answer, a connection reset, no answer ever, or an answer that is no JSON.
    """

    method: str | None = None
    token: str | None = None
    chat_id: int | None = None
    times: int | None = None
    error: int | None = None
    description: str | None = None
    retry_after: int | None = None
    delay: float = 0.0
    delivered: bool = True
    ends: Ending = "answer"

    def on(
        self,
        method: str | None = None,
        *,
        token: str | None = None,
        chat_id: int | None = None,
        times: int | None = None,
    ) -> Self:
        """The same fault for certain calls only, a number of times."""
        return replace(self, method=method, token=token, chat_id=chat_id, times=times)

    def refusal(self) -> dict[str, Any]:
        """The answer of a call that this fault refuses."""
        code = self.error or 500
        said = self.description or SAYS.get(code, "Refused on request").format(retry_after=self.retry_after)
        answer: dict[str, Any] = {"ok": False, "error_code": code, "description": said}
        if self.retry_after is not None:
            answer |= {"parameters": {"retry_after": self.retry_after}}
        return answer

    def concerns(self, token: str, method: str, params: Params) -> bool:
        """Whether it spoils this call."""
        return (
            (self.token is None or self.token == token)
            and (self.method is None or self.method.lower() == method)
            and (self.chat_id is None or str(self.chat_id) == str(params.get("chat_id")))
        )


def too_many_requests(retry_after: int) -> Fault:
    """429, to be tried again after that many seconds."""
    return Fault(error=429, retry_after=retry_after)


def failing(error: int, description: str | None = None) -> Fault:
    """A refusal with a status: 401, 403, 409, 500, 502, 504 …"""
    return Fault(error=error, description=description)


def slow(seconds: float) -> Fault:
    """The call is carried out at once, the answer comes late."""
    return Fault(delay=seconds)


def reset(*, delivered: bool) -> Fault:
    """The connection breaks: after the call was carried out, or before."""
    return Fault(ends="reset", delivered=delivered)


def silent(*, delivered: bool = False) -> Fault:
    """No answer ever comes."""
    return Fault(ends="never", delivered=delivered)


def garbage(*, delivered: bool = True) -> Fault:
    """The answer is no JSON."""
    return Fault(ends="garbage", delivered=delivered)


class Faults:
    """The faults in force. The first that concerns a call spoils it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._faults.append(fault)

    def clear(self) -> None:
        """From now on all goes well."""
        self._faults.clear()

    def in_force(self) -> tuple[Fault, ...]:
        """The faults in force, `times` being how often they still strike."""
        return tuple(self._faults)

    def strike(self, token: str, method: str, params: Params) -> Fault | None:
        """The fault that spoils this call, if any; it is used up by one."""
        for place, fault in enumerate(self._faults):
            if fault.concerns(token, method, params):
                self._use_up(place, fault)
                return fault
        return None

    def _use_up(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._faults[place] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[place]
