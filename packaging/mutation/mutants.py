"""Every small way in which a decision could be wrong: one edit of the syntax tree each, always in the same order."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
"""Negated, and for order the boundary moved by one as well."""
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
"""Functions that a tired hand confuses."""
NOT_CODE = {"annotation", "returns", "decorator_list", "type_params"}
"""Fields whose text does not run when a decision is made."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change. `apply` alters the tree that it was found in."""

    first_line: int
    last_line: int
    """A test that runs none of these lines cannot notice the change."""
    what: str
    apply: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A node, the field of its parent that holds it, and the statement around both."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt | None

    def put(self, node: ast.AST) -> None:
        """Set another node in the place of this one."""
        if isinstance(self.node, ast.stmt | ast.expr):
            ast.copy_location(node, self.node)
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node
        ast.fix_missing_locations(self.parent)


def edits(tree: ast.Module) -> Iterator[Edit]:
    """Every edit of a module. Each belongs to this tree and is applied at most once to it."""
    for place in _places(tree, None):
        for what, apply in _changes(place):
            node = place.node.pattern if isinstance(place.node, ast.match_case) else place.node
            first = place.statement or node
            yield Edit(first.lineno, node.end_lineno, f"{what}: {_shown(place.node)}", apply)


def mutated(source: str, number: int) -> ast.Module:
    """The module with its edit of this number applied."""
    tree = ast.parse(source)
    list(edits(tree))[number].apply()
    return tree


def _places(parent: ast.AST, statement: ast.stmt | None) -> Iterator[Place]:
    for field, value in ast.iter_fields(parent):
        if field in NOT_CODE:
            continue
        rows = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in rows:
            if isinstance(node, ast.expr | ast.stmt | ast.match_case | ast.comprehension | ast.keyword | ast.arguments):
                around = node if isinstance(node, ast.stmt) else statement
                yield Place(node, parent, field, index, around)
                yield from _places(node, around)


def _changes(place: Place) -> Iterator[tuple[str, Callable[[], None]]]:
    if _is_condition(place):
        for truth in (True, False):
            yield f"condition is always {truth}", lambda truth=truth: place.put(ast.Constant(truth))
    match place.node:
        case ast.expr() as expression:
            yield from _expression(place, expression)
        case ast.stmt() as statement:
            yield from _statement(place, statement)
        case ast.match_case() as case if not _never(case.body[0]):
            yield "case dropped", lambda: _set(case, "guard", ast.Constant(False))


def _expression(place: Place, node: ast.expr) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Compare():
            for index, old in enumerate(node.ops):
                for new in COMPARISONS[type(old)]:
                    yield _turns(old, new), lambda index=index, new=new: node.ops.__setitem__(index, new())
        case ast.BoolOp():
            swapped = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield _turns(node.op, swapped), lambda: _set(node, "op", swapped())
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", lambda: place.put(node.operand)
        case ast.BinOp() if type(node.op) in ARITHMETIC:
            new_op = ARITHMETIC[type(node.op)]
            yield _turns(node.op, new_op), lambda: _set(node, "op", new_op())
        case ast.Constant() | ast.Name() | ast.Attribute():
            yield from _word(node)


def _word(node: ast.Constant | ast.Name | ast.Attribute) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Constant(value=bool(value)):
            yield f"{value} turns {not value}", lambda: _set(node, "value", not value)
        case ast.Constant(value=int(value) | float(value)):
            yield f"{value} turns {value + 1}", lambda: _set(node, "value", value + 1)
        case ast.Name(id=name) if name in TWINS:
            yield f"{name} turns {TWINS[name]}", lambda: _set(node, "id", TWINS[name])
        case ast.Attribute(value=ast.Name(id="Status"), attr=name):
            other = "FAIL" if name == "PASS" else "PASS"
            yield f"{name} turns {other}", lambda: _set(node, "attr", other)


def _statement(place: Place, node: ast.stmt) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "returns None", lambda: _set(node, "value", ast.Constant(None))
        case ast.Raise():
            yield "not raised", lambda: place.put(ast.Pass())
        case ast.Expr() if not isinstance(node.value, ast.Constant) and not _never(node):
            # Not simply gone: a function whose only `yield` goes would no longer be a generator.
            yield "statement dropped", lambda: place.put(ast.If(test=ast.Constant(False), body=[node], orelse=[]))
        case ast.AugAssign() if type(node.op) in ARITHMETIC:
            new = ARITHMETIC[type(node.op)]
            yield _turns(node.op, new), lambda: _set(node, "op", new())


def _is_condition(place: Place) -> bool:
    if isinstance(place.node, ast.Constant):
        return False
    if place.field == "test":
        return isinstance(place.parent, ast.If | ast.IfExp)
    return (place.field, type(place.parent)) in {("ifs", ast.comprehension), ("guard", ast.match_case)}


def _never(node: ast.stmt) -> bool:
    """`assert_never(...)` cannot run: the type checker proves it."""
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith("assert_never(")


def _turns(old: ast.AST, new: type[ast.AST]) -> str:
    return f"{type(old).__name__} turns {new.__name__}"


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node).splitlines()[0]
    return text if len(text) <= 60 else f"{text[:57]}..."


def _set(node: ast.AST, field: str, value: object) -> None:
    setattr(node, field, value)
    ast.fix_missing_locations(node)
