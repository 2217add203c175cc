"""Programs that run others step by step: coroutines with and without an event loop, and a small interpreter."""

from collections.abc import AsyncIterator, Awaitable
import asyncio


class Coroutines:
    """A coroutine that awaits others: a chain of plain awaits, tasks that give way, and a queue between two of them."""

    async def process(self, data: int) -> list[int]:
        deep = [await self.nested(k % 20) for k in range(data)]
        gathered = await asyncio.gather(*(self.worker(k) for k in range(data // 4)))
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=8)
        producer = asyncio.create_task(self.produce(queue, data))
        received = [await queue.get() for _ in range(data)]
        await producer
        return [sum(deep), sum(gathered), sum(received), sum([value async for value in self.countdown(data)])]

    async def nested(self, depth: int) -> int:
        return depth if depth == 0 else 1 + await self.nested(depth - 1)

    async def worker(self, number: int) -> int:
        for _ in range(3):
            await asyncio.sleep(0)
        return number

    async def produce(self, queue: asyncio.Queue[int], count: int) -> None:
        for k in range(count):
            await queue.put(k)

    async def countdown(self, value: int) -> AsyncIterator[int]:
        while value:
            yield value
            value -= 1


class StackMachine:
    """An interpreter in the interpreter: a loop that picks a function by name for every instruction."""

    # counts down from the argument in register 0 and adds up squares in register 1
    PROGRAM: list[tuple[str, int]] = [
        ("load", 0),
        ("jump_if_zero", 12),
        ("load", 1),
        ("load", 0),
        ("copy", 0),
        ("multiply", 0),
        ("add", 0),
        ("store", 1),
        ("load", 0),
        ("push", -1),
        ("add", 0),
        ("store_and_jump", 0),
    ]

    def process(self, data: int) -> list[int]:
        stack: list[int] = []
        registers = [data, 0]
        counter = steps = 0
        while counter < len(self.PROGRAM):
            name, operand = self.PROGRAM[counter]
            counter += 1
            steps += 1
            if name == "jump_if_zero":
                counter = operand if stack.pop() == 0 else counter
            elif name == "store_and_jump":
                registers[operand] = stack.pop()
                counter = 0
            else:
                getattr(self, name)(stack, registers, operand)
        return [registers[1], steps]

    def push(self, stack: list[int], registers: list[int], operand: int) -> None:
        stack.append(operand)

    def load(self, stack: list[int], registers: list[int], operand: int) -> None:
        stack.append(registers[operand])

    def store(self, stack: list[int], registers: list[int], operand: int) -> None:
        registers[operand] = stack.pop()

    def copy(self, stack: list[int], registers: list[int], operand: int) -> None:
        stack.append(stack[-1])

    def add(self, stack: list[int], registers: list[int], operand: int) -> None:
        stack.append(stack.pop() + stack.pop())

    def multiply(self, stack: list[int], registers: list[int], operand: int) -> None:
        stack.append(stack.pop() * stack.pop())


def sleepless(awaitable: Awaitable[int]) -> int:
    """Runs a coroutine that never waits, without a loop."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("it waits")


class SleeplessCoroutines:
    """Coroutines driven by hand, without an event loop."""

    def process(self, data: int) -> int:
        return sum(sleepless(self.twice(k)) for k in range(data))

    async def twice(self, value: int) -> int:
        return await self.once(value) + await self.once(value + 1)

    async def once(self, value: int) -> int:
        return value % 7
