"""Parsers: Python's own, and some by hand."""

from collections.abc import Iterator
import ast
import io
import operator
import re
import token
import tokenize


class LiteralEval:
    """Python literals; what isn't one is named."""

    def process(self, data: str) -> dict[str, object]:
        try:
            value = ast.literal_eval(data)
        except (ValueError, SyntaxError) as error:
            return {"error": type(error).__name__, "message": str(error).partition(" on line")[0].partition(": <")[0]}
        return {"type": type(value).__name__, "repr": repr(sorted(value) if isinstance(value, set) else value)}


class Calculate:
    """Arithmetic by recursive descent, with the usual precedence and a power that leans right."""

    TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|(\*\*|//|.))")
    SUMS = {"+": operator.add, "-": operator.sub}
    PRODUCTS = {"*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod}

    def process(self, data: str) -> dict[str, object]:
        self.tokens = [number or symbol for number, symbol in self.TOKEN.findall(data)]
        try:
            value = self.sum()
            if self.tokens:
                raise SyntaxError(f"unexpected {self.tokens[0]!r}")
        except (SyntaxError, ZeroDivisionError) as error:
            return {"expression": data, "error": str(error)}
        return {"expression": data, "value": value}

    def accept(self, *symbols: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in symbols else None

    def sum(self) -> float:
        value = self.product()
        while symbol := self.accept(*self.SUMS):
            value = self.SUMS[symbol](value, self.product())
        return value

    def product(self) -> float:
        value = self.sign()
        while symbol := self.accept(*self.PRODUCTS):
            value = self.PRODUCTS[symbol](value, self.sign())
        return value

    def sign(self) -> float:
        if self.accept("-"):
            return -self.sign()
        base = self.atom()
        return base ** self.sign() if self.accept("**") else base

    def atom(self) -> float:
        if self.accept("("):
            value = self.sum()
            if not self.accept(")"):
                raise SyntaxError("missing )")
            return value
        if not self.tokens:
            raise SyntaxError("unexpected end")
        text = self.tokens.pop(0)
        if not text[0].isdigit():
            raise SyntaxError(f"unexpected {text!r}")
        return float(text) if "." in text else int(text)


class PythonTokens:
    """The tokens of a piece of Python."""

    def process(self, data: str) -> Iterator[list[object]]:
        for item in tokenize.generate_tokens(io.StringIO(data).readline):
            yield [token.tok_name[item.exact_type], item.string, *item.start]


class FoldConstants(ast.NodeTransformer):
    """Rewrites a syntax tree, and writes it as source again."""

    OPERATORS = {ast.Add: operator.add, ast.Mult: operator.mul, ast.Sub: operator.sub}

    def process(self, data: str) -> dict[str, object]:
        tree = ast.parse(data)
        before = ast.dump(tree, indent=1).count("\n")
        tree = ast.fix_missing_locations(self.visit(tree))
        namespace: dict[str, object] = {}
        exec(compile(tree, "<folded>", "exec"), namespace)
        return {"source": ast.unparse(tree), "shrank": ast.dump(tree, indent=1).count("\n") < before, "value": namespace["result"]}

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.Constant(left), op, ast.Constant(right)) if type(op) in self.OPERATORS:
                return ast.Constant(self.OPERATORS[type(op)](left, right))
        return node


class SyntaxErrors:
    """Where the compiler finds fault, and its words."""

    def process(self, data: str) -> dict[str, object]:
        try:
            compile(data, "<case>", "exec")
        except SyntaxError as error:
            return {"type": type(error).__name__, "message": error.msg, "line": error.lineno, "offset": error.offset, "text": error.text}
        return {"compiles": True}


class StackMachine:
    """A small virtual machine; its program is a list of instructions."""

    def __init__(self, program: list[list]) -> None:
        self.program = program

    def process(self, data: int) -> dict[str, object]:
        stack, position, steps = [data], 0, 0
        while position < len(self.program):
            steps += 1
            position += 1
            match self.program[position - 1]:
                case ["push", value]:
                    stack.append(value)
                case ["dup", int(depth)]:
                    stack.append(stack[-depth])
                case ["swap"]:
                    stack[-1], stack[-2] = stack[-2], stack[-1]
                case ["mul" | "sub" as name]:
                    right, left = stack.pop(), stack.pop()
                    stack.append(left * right if name == "mul" else left - right)
                case ["jump_if", target]:
                    if stack.pop():
                        position = target
                case other:
                    raise ValueError(f"unknown instruction {other}")
        return {"stack": stack, "steps": steps}


class Roman:
    """Numbers to Roman numerals and back; a string that isn't one is refused."""

    SYMBOLS = list(zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split()))

    def process(self, data: int | str) -> int | str:
        if isinstance(data, int):
            return self.write(data)
        value = self.read(data)
        return value if self.write(value) == data else f"{data} is not canonical"

    def write(self, number: int) -> str:
        text = ""
        for value, symbol in self.SYMBOLS:
            count, number = divmod(number, value)
            text += symbol * count
        return text

    def read(self, text: str) -> int:
        values = [dict(zip("IVXLCDM", (1, 5, 10, 50, 100, 500, 1000)))[letter] for letter in text]
        return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0]))


class SExpressions:
    """Lisp-like text to lists, evaluated with local names."""

    TOKEN = re.compile(r'[()]|"[^"]*"|[^\s()"]+')
    FUNCTIONS = {"+": sum, "max": max, "list": list, "len": lambda values: len(values[0])}

    def process(self, data: str) -> dict[str, object]:
        tree, rest = self.parse(self.TOKEN.findall(data))
        return {"tree": tree, "rest": rest, "value": self.evaluate(tree, {})}

    def parse(self, tokens: list[str]) -> tuple[object, list[str]]:
        head, *rest = tokens
        if head != "(":
            return (int(head) if head.lstrip("-").isdigit() else head), rest
        items: list[object] = []
        while rest[0] != ")":
            item, rest = self.parse(rest)
            items.append(item)
        return items, rest[1:]

    def evaluate(self, tree: object, names: dict[str, object]) -> object:
        match tree:
            case int():
                return tree
            case str() if tree.startswith('"'):
                return tree[1:-1]
            case str():
                return names[tree]
            case ["let", name, value, body]:
                return self.evaluate(body, names | {name: self.evaluate(value, names)})
            case [function, *arguments]:
                return self.FUNCTIONS[function]([self.evaluate(argument, names) for argument in arguments])
