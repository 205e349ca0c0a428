"""Steps that are performed at once, as a test has nothing to do between them."""

from __future__ import annotations

from tui.locations.steps import Result, Steps


async def performed(steps: Steps[Result]) -> Result:
    """Make the requests one after the other, and return the result."""
    try:
        request = next(steps)
        while True:
            try:
                answer = await request()
            except Exception as error:
                request = steps.throw(error)
            else:
                request = steps.send(answer)
    except StopIteration as end:
        result: Result = end.value
        return result
