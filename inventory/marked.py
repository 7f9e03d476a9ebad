"""YAML text to plain data that remembers the line of every key, through the safe loader only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import yaml

from inventory.problem import Problem, shown

MAX_BYTES = 16 << 20
MAX_NODES = 200_000  # aliases of aliases ("billion laughs") grow a small file without bound
MAX_DEPTH = 40
_TOO_MUCH = "the file is too long or nested too deeply to be an inventory or configuration"
# PyYAML 6.0.4 brings a libyaml that counts brackets itself, and looks ahead of the events that we count.
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"

Loc = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists, from the top."""

_STR = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_CONTAINERS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Scalars as YAML 1.2 reads them and no more: `no` and `on` are words, `12:30` is no number, a phone
    number keeps its leading zero, dates stay text until a model asks for a date.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    _BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(_INT, re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    _FLOAT,
    re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$"),
    list("-0123456789"),
)


@dataclass(frozen=True)
class Document:
    """One YAML file: plain data (mapping at the top) and the line, from 1, of every key and list item."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Loc, int]

    def line(self, loc: Loc) -> int:
        """The line of the value at `loc`, or of the nearest one around it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def key(self, loc: Loc) -> str:
        """`loc` in words: list items by their id where they have one, as `devices[olt-1].address`."""
        words, here = "", self.data
        for step in loc:
            here = _step(here, step)
            if isinstance(step, int):
                name = here.get("id") if isinstance(here, dict) else None
                words += f"[{name}]" if isinstance(name, str) else f"[{step}]"
            else:
                words += f".{step}" if words else step
        return words

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem at `loc` of this file."""
        return Problem(str(self.path), self.line(loc), self.key(loc), message)


class _UnreadableError(Exception):
    def __init__(self, path: Path, line: int | None, key: str, message: str) -> None:
        self.problem = Problem(str(path), line, key, message)


def parse(path: Path) -> tuple[Document | None, list[Problem]]:
    """The file's data, and what is wrong with its YAML (repeated keys, tags).

    No data when nothing can be read at all: then there is one problem.
    """
    try:
        return _parse(path)
    except _UnreadableError as error:
        return None, [error.problem]


def _parse(path: Path) -> tuple[Document, list[Problem]]:
    text = _read(path)
    try:
        _refuse_depth(path, text)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        line, reason = _stumble(text, error)
        raise _UnreadableError(path, line, "", f"not valid YAML: {reason}") from None
    builder = _Builder(path)
    data = None if node is None else builder.build(node, (), 0)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        message = "expected a mapping (lines such as key: value) at the top of the file"
        raise _UnreadableError(path, 1, "", message)
    return Document(path, data, builder.lines), builder.problems


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _UnreadableError(path, None, "", "there is no such file") from None
    except OSError as error:
        raise _UnreadableError(
            path, None, "", f"the file cannot be read: {error.strerror}"
        ) from None
    if len(raw) > MAX_BYTES:
        raise _UnreadableError(path, None, "", _TOO_MUCH)
    try:
        return raw.decode("utf-8-sig")  # Notepad begins its files with a byte order mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "expected text in UTF-8; save the file again with the encoding UTF-8"
        raise _UnreadableError(path, line, "", message) from None


def _refuse_depth(path: Path, text: str) -> None:
    """Ends the reading of hostile nesting before libyaml's composer, which calls itself for every level,
    runs out of stack and takes the process with it (seen at 200,000 brackets).
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else None
                raise _UnreadableError(path, line, "", _TOO_MUCH)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _stumble(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    """The line where the parser stumbled, and its complaint."""
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
    if reason == _TOO_DEEP_FOR_LIBYAML:
        reason = _TOO_MUCH
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that YAML forbids; the position is all there is
        return text.count("\n", 0, getattr(error, "position", 0)) + 1, reason
    context = getattr(error, "context", None) or ""
    if context.startswith("expected"):
        reason = f"{context}, {reason}"
    rows = text.split("\n")
    if mark.line < len(rows) and "\t" in rows[mark.line]:
        reason += "; YAML is indented with blanks, this line holds a tab"
    return mark.line + 1, reason


def _step(here: Any, step: str | int) -> Any:
    if isinstance(here, dict) and isinstance(step, str):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return None


@dataclass
class _Builder:
    """Turns composed nodes into plain data, noting lines and problems on the way."""

    path: Path
    lines: dict[Loc, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def build(self, node: yaml.Node, loc: Loc, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise _UnreadableError(self.path, node.start_mark.line + 1, "", _TOO_MUCH)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, loc)
        if node.tag not in _CONTAINERS:
            self._refuse_tag(node, loc)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc, depth)
        result = []
        for index, item in enumerate(node.value):
            self.lines[(*loc, index)] = item.start_mark.line + 1
            result.append(self.build(item, (*loc, index), depth + 1))
        return result

    def _mapping(self, node: yaml.MappingNode, loc: Loc, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(self._problem(key_node, loc, "expected a plain word as key"))
                continue
            key, line = key_node.value, key_node.start_mark.line + 1
            if key in result:
                first = self.lines[(*loc, key)]
                message = f"the key stands twice, first in line {first}; keep one of them"
                self.problems.append(self._problem(key_node, (*loc, key), message))
                continue
            self.lines[(*loc, key)] = line
            result[key] = self.build(value_node, (*loc, key), depth + 1)
        return result

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> Any:
        text = node.value
        try:
            if node.tag == _STR:
                return text
            if node.tag == _NULL:
                return None
            if node.tag == _BOOL:
                return text.lower() == "true"
            if node.tag == _INT:
                return int(text)
            if node.tag == _FLOAT:
                return float(text)
        except ValueError:  # !!int abc, or a whole number of more than 4,300 digits
            self.problems.append(self._problem(node, loc, "expected a number"))
            return None
        self._refuse_tag(node, loc)
        return None

    def _refuse_tag(self, node: yaml.Node, loc: Loc) -> None:
        message = f"expected a plain value; the YAML tag {shown(node.tag)} is not allowed here"
        self.problems.append(self._problem(node, loc, message))

    def _problem(self, node: yaml.Node, loc: Loc, message: str) -> Problem:
        key = Document(self.path, {}, {}).key(loc)
        return Problem(str(self.path), node.start_mark.line + 1, key, message)
