"""Coroutines: what asyncio offers without sockets, threads and processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
import asyncio

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="none")


class Sleeper:
    """Gives way a few times before it answers."""

    def __init__(self, rounds: int = 3) -> None:
        self.rounds = rounds

    async def process(self, data: int) -> int:
        for _ in range(self.rounds):
            await asyncio.sleep(0)
        return data + 1


class GatherSquares:
    """Results come in the order of the arguments, whatever order the tasks end in."""

    async def process(self, data: list[int]) -> dict[str, object]:
        finished: list[int] = []

        async def square(value: int) -> int:
            for _ in range(value):
                await asyncio.sleep(0)
            finished.append(value)
            return value * value

        squares = await asyncio.gather(*map(square, data))
        mixed = await asyncio.gather(square(1), self.fail(), return_exceptions=True)
        return {"squares": squares, "finished": finished[:-1], "mixed": [repr(result) for result in mixed]}

    @staticmethod
    async def fail() -> None:
        raise ValueError("on purpose")


class QueueWorkers:
    """A producer and workers around a bounded queue."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    async def process(self, data: list[int]) -> dict[str, object]:
        queue: asyncio.Queue[int | None] = asyncio.Queue(maxsize=2)
        done: list[tuple[int, int]] = []

        async def work(worker: int) -> None:
            while (item := await queue.get()) is not None:
                await asyncio.sleep(0)
                done.append((worker, item * 10))
                queue.task_done()
            queue.task_done()

        tasks = [asyncio.create_task(work(worker)) for worker in range(self.workers)]
        for item in data:
            await queue.put(item)
        for _ in tasks:
            await queue.put(None)
        await queue.join()
        await asyncio.gather(*tasks)
        return {"done": done, "empty": queue.empty()}


class Countdown:
    """An async generator: several items, with a pause between them."""

    async def process(self, data: int) -> AsyncIterator[int]:
        while data > 0:
            yield data
            await asyncio.sleep(0)
            data -= 1


class AsyncSource:
    """A source that is an async generator."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    async def process(self, data: None) -> AsyncIterator[str]:
        async for number, word in self.numbered():
            yield f"{number}:{word}"

    async def numbered(self) -> AsyncIterator[tuple[int, str]]:
        for number, word in enumerate(self.words):
            await asyncio.sleep(0)
            yield number, word


class AsyncLifecycle:
    """initialize, process and cleanup are coroutines; the first one prepares the second."""

    def __init__(self, base: int) -> None:
        self.base = base
        self.table: dict[int, int] = {}

    async def initialize(self) -> None:
        for exponent in range(5):
            await asyncio.sleep(0)
            self.table[exponent] = self.base**exponent

    async def process(self, data: int) -> int:
        await asyncio.sleep(0)
        return self.table[data]

    async def cleanup(self) -> None:
        await asyncio.sleep(0)
        self.table.clear()


class Impatient:
    """Waits for something that never comes, until the timeout fires."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    async def process(self, data: str) -> dict[str, object]:
        events = []
        try:
            await asyncio.wait_for(self.forever(events), self.timeout)
        except TimeoutError as error:
            events.append(type(error).__name__)
        try:
            async with asyncio.timeout(self.timeout):
                await asyncio.Event().wait()
        except TimeoutError:
            events.append("timeout block")
        quick = await asyncio.wait_for(asyncio.sleep(0, data), 60)
        return {"events": events, "quick": quick}

    @staticmethod
    async def forever(events: list[str]) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            events.append("cancelled")
            raise


class Cancellation:
    """Cancels a task and looks at what is left of it."""

    async def process(self, data: int) -> dict[str, object]:
        progress: list[int] = []

        async def count() -> None:
            for number in range(1000):
                progress.append(number)
                await asyncio.sleep(0)

        task = asyncio.create_task(count(), name="counter")
        while len(progress) < data:
            await asyncio.sleep(0)
        task.cancel()
        outcome = await asyncio.gather(task, return_exceptions=True)
        return {"progress": progress, "cancelled": task.cancelled(), "outcome": type(outcome[0]).__name__, "name": task.get_name()}


class Locks:
    """A semaphore, a lock, an event and a condition between tasks."""

    async def process(self, data: int) -> dict[str, object]:
        gate, lock, started = asyncio.Semaphore(2), asyncio.Lock(), asyncio.Event()
        inside = peak = 0
        order: list[int] = []

        async def visit(number: int) -> None:
            nonlocal inside, peak
            await started.wait()
            async with gate:
                inside += 1
                peak = max(peak, inside)
                await asyncio.sleep(0)
                async with lock:
                    order.append(number)
                inside -= 1

        async with asyncio.TaskGroup() as group:
            for number in range(data):
                group.create_task(visit(number))
            started.set()
        return {"peak": peak, "order": order, "locked": lock.locked()}


class GroupErrors:
    """A task group collects what its tasks raise and cancels the others."""

    async def process(self, data: list[str]) -> dict[str, object]:
        async def fail(message: str) -> None:
            raise RuntimeError(message)

        handled: list[str] = []
        try:
            async with asyncio.TaskGroup() as group:
                for message in data:
                    group.create_task(fail(message))
                waiting = group.create_task(asyncio.sleep(3600))
        except* RuntimeError as errors:
            handled = [str(error) for error in errors.exceptions]
        return {"handled": handled, "cancelled": waiting.cancelled()}


class Contexts:
    """Context variables follow tasks, and async context managers close in order."""

    async def process(self, data: list[str]) -> dict[str, object]:
        log: list[str] = []

        @asynccontextmanager
        async def request(name: str) -> AsyncIterator[str]:
            token = REQUEST.set(name)
            log.append(f"open {name}")
            try:
                yield name
            finally:
                log.append(f"close {name}")
                REQUEST.reset(token)

        async def handle(name: str) -> str:
            async with request(name):
                await asyncio.sleep(0)
                return REQUEST.get()

        seen = await asyncio.gather(*map(handle, data))
        return {"seen": seen, "log": log, "after": REQUEST.get()}


class FirstOf:
    """Whoever is first: as_completed, wait, and callbacks in loop order."""

    async def process(self, data: list[int]) -> dict[str, object]:
        async def after(rounds: int) -> int:
            for _ in range(rounds):
                await asyncio.sleep(0)
            return rounds

        completed = [await task for task in asyncio.as_completed([asyncio.create_task(after(n)) for n in data])]
        tasks = [asyncio.create_task(after(n), name=f"task-{n}") for n in data]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        calls: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_later(0.002, calls.append, "later")
        loop.call_soon(calls.append, "soon")
        future: asyncio.Future[str] = loop.create_future()
        loop.call_later(0.004, future.set_result, "resolved")
        return {
            "completed": completed,
            "first": sorted(task.get_name() for task in done),
            "future": await future,
            "calls": calls,
        }


class InThread:
    """Awaits what a thread computes, with a time limit that is never reached."""

    async def process(self, data: int) -> dict[str, object]:
        quick = await asyncio.wait_for(asyncio.to_thread(pow, data, 2), 60)
        several = await asyncio.gather(*(asyncio.to_thread(pow, data, power) for power in range(4)))
        return {"quick": quick, "several": several}
