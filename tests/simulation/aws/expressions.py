"""JSONata as Step Functions evaluates it (JSONata 2.0.6): parsed once for the process, undefined is an error.

The few shapes that the definitions mostly have (a path, a comparison with a literal, `$exists`) are answered by plain
Python, where that gives what the library would give; a value that the shape is not made for goes to the library.
"""

import operator
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

_limit = sys.getrecursionlimit()
from jsonata import Jsonata  # noqa: E402
from jsonata.jexception import JException  # noqa: E402
from jsonata.utils import Utils  # noqa: E402

# jsonata raises it for the whole process: an endless recursion of the product would crash the interpreter instead
sys.setrecursionlimit(_limit)

EXPRESSION = re.compile(r"^\{%(.*)%\}$", re.DOTALL)
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
NOT_HERE = frozenset({"eval", "parse", "random", "shuffle", "now", "uuid", "hash", "partition", "range"})
"""Functions of Step Functions or JSONata that depend on something other than their arguments, or that nobody needed."""


class QueryError(Exception):
    """`States.QueryEvaluationError`: an expression has no value, or fails."""


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = _Undefined()


class _OtherShapeError(Exception):
    """A value that the plain answer is not made for."""


@dataclass(frozen=True, slots=True)
class Names:
    """What an expression sees: `$states`, the variables, and the instant as `$millis()`."""

    values: Mapping[str, Any]
    millis: int


Plain = Callable[[Names], Any]
"""Gives UNDEFINED where JSONata has no value. Raises _OtherShapeError."""
Template = Callable[[Names], Any]
"""Gives JSON. Raises QueryError."""


def template(value: Any) -> Template:
    """Prepare a field of a definition: each `{% … %}` in it is evaluated, everything else stands for itself."""
    if isinstance(value, str) and (found := EXPRESSION.match(value)):
        return expression(found[1].strip())
    if isinstance(value, dict):
        members = {name: template(member) for name, member in value.items()}
        if all(isinstance(member, _Constant) for member in members.values()):
            return _Constant(value)
        return lambda names: {name: member(names) for name, member in members.items()}
    if isinstance(value, list):
        items = [template(item) for item in value]
        if all(isinstance(item, _Constant) for item in items):
            return _Constant(value)
        return lambda names: [item(names) for item in items]
    return _Constant(value)


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Any

    def __call__(self, names: Names) -> Any:
        return self.value


@cache
def expression(text: str) -> Template:
    """Parse an expression, once for the process."""
    parsed = parse(text)
    plain = plain_form(parsed.ast)

    def evaluate(names: Names) -> Any:
        value = UNDEFINED
        if plain is not None:
            try:
                value = plain(names)
            except _OtherShapeError:
                value = by_library(parsed, names)
        else:
            value = by_library(parsed, names)
        if value is UNDEFINED:
            raise QueryError(f"{text} has no value")
        return value

    return evaluate


def parse(text: str) -> Any:
    """Parse with the library. Raises NotImplementedError for a function that is not played here."""
    parsed = Jsonata(text)
    parsed.set_output_convert_nulls(False)
    for node in _nodes(parsed.ast):
        if node.type in {"function", "partial"} and node.procedure.type == "variable":
            name = node.procedure.value
            if name in NOT_HERE or Jsonata.static_frame.lookup(name) is None:
                raise NotImplementedError(f"${name}() in {text}")
    return parsed


def by_library(parsed: Any, names: Names) -> Any:
    """Evaluate with the library; JSONata's null becomes None and its undefined UNDEFINED."""
    bound = {name: Utils.NULL_VALUE if value is None else value for name, value in names.values.items()}
    bound["millis"] = Jsonata.JLambda(lambda: names.millis)
    try:
        return _json_of(parsed.evaluate(None, bound))
    except (JException, ArithmeticError, RecursionError) as error:
        raise QueryError(str(error)) from error


def _json_of(value: Any, *, within: bool = False) -> Any:
    """Copy a value of the library as JSON: lists without its marks, whole numbers as JavaScript writes them."""
    if value is Utils.NULL_VALUE or (within and value is None):
        return None
    if value is None:
        return UNDEFINED
    if isinstance(value, dict):
        return {name: _json_of(member, within=True) for name, member in value.items()}
    if isinstance(value, list):
        return [_json_of(item, within=True) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | int | float):
        return value
    raise QueryError("a function is no JSON")


def _nodes(symbol: Any) -> Any:
    """Every node of a parsed expression, the root first."""
    if isinstance(symbol, list | tuple):
        for item in symbol:
            yield from _nodes(item)
    elif hasattr(symbol, "type") and hasattr(symbol, "position"):
        yield symbol
        for name, member in vars(symbol).items():
            if name not in {"_outer_instance", "parser", "ancestor", "slot"}:
                yield from _nodes(member)


# ---- the plain forms ---------------------------------------------------------------------------------

_SAID = {
    "id",
    "value",
    "type",
    "position",
    "steps",
    "lhs",
    "rhs",
    "procedure",
    "arguments",
    "condition",
    "then",
}
_SAID |= {"_else", "expressions"}
"""All that a node may say; whatever else it says (a filter, a grouping, a binding) makes it the library's."""


def plain_form(node: Any) -> Plain | None:
    """Give plain Python that answers as the library does, None for what only the library answers."""
    said = {name for name, value in vars(node).items() if value not in (None, False, 0, [])}
    if said - _SAID - {"_outer_instance", "parser"}:
        return None
    form = _FORMS.get(node.type)
    return None if form is None else form(node)


def _literal(node: Any) -> Plain:
    value = None if node.value is Utils.NULL_VALUE else node.value
    return lambda names: value


def _variable(node: Any) -> Plain | None:
    name = str(node.value)
    if not name:  # `$`, the input, which Step Functions does not have
        return None
    if Jsonata.static_frame.lookup(name) is not None:
        return None
    return lambda names: names.values.get(name, UNDEFINED)


def _path(node: Any) -> Plain | None:
    first, *rest = node.steps
    begin = plain_form(first) if first.type == "variable" else None
    if begin is None or any(step.type != "name" or plain_form(step) is None for step in rest):
        return None
    fields = [step.value for step in rest]

    def walk(names: Names) -> Any:
        value = begin(names)
        for field in fields:
            if type(value) is dict:
                value = value.get(field, UNDEFINED)
            elif type(value) is list:
                raise _OtherShapeError
            else:
                return UNDEFINED
        return value

    return walk


def _exists(argument: Plain) -> Plain:
    return lambda names: argument(names) is not UNDEFINED


def _not(argument: Plain) -> Plain:
    def invert(names: Names) -> Any:
        value = argument(names)
        if value is UNDEFINED:
            return UNDEFINED
        return not _of(value, bool)

    return invert


def _string(argument: Plain) -> Plain:
    return lambda names: str(_of(argument(names), int))


def _to_millis(argument: Plain) -> Plain:
    def count(names: Names) -> int:
        text = argument(names)
        if type(text) is not str or not INSTANT.match(text):
            raise _OtherShapeError
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise _OtherShapeError from error
        return round(at.timestamp() * 1000)

    return count


_FUNCTIONS: Mapping[str, Callable[[Plain], Plain]] = {
    "exists": _exists,
    "not": _not,
    "string": _string,
    "toMillis": _to_millis,
}


def _function(node: Any) -> Plain | None:
    if node.procedure.type != "variable":
        return None
    name = node.procedure.value
    if name == "millis" and not node.arguments:
        return lambda names: names.millis
    if name not in _FUNCTIONS or len(node.arguments) != 1:
        return None
    argument = plain_form(node.arguments[0])
    return None if argument is None else _FUNCTIONS[name](argument)


def _condition(node: Any) -> Plain | None:
    if getattr(node, "_else", None) is None:
        return None
    condition, then, other = (plain_form(part) for part in (node.condition, node.then, node._else))
    if condition is None or then is None or other is None:
        return None
    return lambda names: then(names) if _of(condition(names), bool) else other(names)


_OPERATORS: Mapping[str, tuple[type, Callable[[Any, Any], Any]]] = {
    "&": (str, operator.add),
    "+": (int, operator.add),
    "-": (int, operator.sub),
    ">": (int, operator.gt),
    ">=": (int, operator.ge),
    "<": (int, operator.lt),
    "<=": (int, operator.le),
}


def _binary(node: Any) -> Plain | None:
    left = plain_form(node.lhs)
    if left is None:
        return None
    if node.value == "in":
        return _in(left, node.rhs)
    if node.value in {"=", "!="}:
        return _equality(left, node.rhs, is_equal=node.value == "=")
    right = plain_form(node.rhs)
    if right is None:
        return None
    return _operation(left, node.value, right)


def _operation(left: Plain, sign: str, right: Plain) -> Plain | None:
    if sign == "or":
        return lambda names: _of(left(names), bool) or _of(right(names), bool)
    if sign not in _OPERATORS:
        return None
    kind, operate = _OPERATORS[sign]
    return lambda names: operate(_of(left(names), kind), _of(right(names), kind))


def _equality(left: Plain, right: Any, *, is_equal: bool) -> Plain | None:
    """A comparison with a literal: equal are values of one type; what is undefined is neither equal nor unequal."""
    if right.type not in {"string", "number"} or type(right.value) not in {str, int}:
        return None
    literal = right.value

    def compare(names: Names) -> bool:
        value = left(names)
        if value is UNDEFINED:
            return False
        if type(value) is not type(literal):
            raise _OtherShapeError
        return (value == literal) is is_equal

    return compare


def _in(left: Plain, right: Any) -> Plain | None:
    if right.type != "unary" or right.value != "[":
        return None
    if any(item.type != "string" for item in right.expressions):
        return None
    words = frozenset(item.value for item in right.expressions)

    def look(names: Names) -> bool:
        value = left(names)
        return False if value is UNDEFINED else _of(value, str) in words

    return look


def _of(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise _OtherShapeError
    return value


_FORMS: Mapping[str, Callable[[Any], Plain | None]] = {
    "string": _literal,
    "number": _literal,
    "value": _literal,
    "name": _literal,
    "variable": _variable,
    "path": _path,
    "function": _function,
    "condition": _condition,
    "binary": _binary,
}
