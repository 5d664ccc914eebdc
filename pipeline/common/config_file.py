"""A configuration read from YAML, with dotted overrides; a wrong key is refused with the nearest right one."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.common.config import Config
from pipeline.common.errors import ConfigError
from pipeline.common.nesting import parts
from pipeline.common.project import project_file
from pipeline.common.wording import must_be, nearest

Model = TypeVar("Model", bound=BaseModel)


_LARGEST, _MOST_VALUES, _DIGITS = 1 << 20, 10_000, 4


def load_config(path: Path, overrides: list[str] | None = None) -> Config:
    """Read a YAML configuration and put `dotted.key=value` overrides on top.

    Raises ConfigError for a missing or malformed file, an unknown key (the nearest right one is named) or a bad value.
    """
    tree = _read_yaml(path)
    for override in overrides or []:
        _override(tree, override)
    return parse_config(tree, str(path))


def parse_config(tree: dict[str, Any], origin: str) -> Config:
    """A configuration from plain values; `origin` names it in messages. Raises ConfigError."""
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{origin}: {_first_problem(error, Config)}") from None


def parse_options(model: type[Model], options: dict[str, Any], origin: str) -> Model:
    """A corpus's options as its own model. Raises ConfigError, naming the nearest right key."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        raise ConfigError(f"{origin}: {_first_problem(error, model)}") from None


def _read_yaml(path: Path) -> dict[str, Any]:
    given, path = path, project_file(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path} has more than {_LARGEST >> 10:,} kB: that is no configuration")
        tree = _plain_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {given.absolute()}: name one of {_configs_beside(path)}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} can't be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not valid YAML: {_yaml_problem(error)}") from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: a configuration is a mapping of settings, such as 'name: news'")
    return tree


def _yaml_problem(error: yaml.YAMLError) -> str:
    """What is wrong, where the parser's own words tell it; they mostly name its states."""
    problem = str(getattr(error, "problem", None) or error)
    return problem if problem.startswith(("found", "more than", "a value")) else "a bracket, quote or colon is amiss"


def _plain_yaml(text: str) -> Any:
    """The values of a YAML text: no objects, and no more values than a configuration can have.

    A few lines whose anchors hold one another stand for billions of values. Raises yaml.YAMLError.
    """
    try:
        tree = yaml.safe_load(text)
    except yaml.YAMLError:
        raise
    except Exception as error:  # tags such as !!timestamp let what their values raise through
        raise yaml.YAMLError(f"a value that can't be read ({type(error).__name__})") from None
    level, count = [tree], 0
    while level:
        count += len(level)
        if count > _MOST_VALUES:
            raise yaml.YAMLError(f"more than {_MOST_VALUES:,} values")
        level = list(islice((part for one in level for part in parts(one)), _MOST_VALUES))
    return tree


def _configs_beside(path: Path) -> str:
    found = sorted(file.name for file in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
    return ", ".join(found) or "the files in configs/"


def _override(tree: dict[str, Any], override: str) -> None:
    dotted, equals, text = override.partition("=")
    if not equals or not dotted:
        raise ConfigError(f"--set {override}: write it as dotted.key=value, such as --set prepare.split=time")
    try:
        value = _plain_yaml(text)
    except yaml.YAMLError:
        raise ConfigError(f"--set {override}: the value is not valid YAML") from None
    *path, last = dotted.split(".")
    node: Any = tree
    for key in path:
        node = _child(node, key, override)
    if isinstance(node, list):
        node[_index(node, last, override)] = value
    else:
        node[last] = value


def _child(node: Any, key: str, override: str) -> Any:
    if isinstance(node, list):
        return node[_index(node, key, override)]
    child = node.get(key)
    if child is None:
        child = node[key] = {}
    if not isinstance(child, dict | list):
        raise ConfigError(f"--set {override}: '{key}' is a value, not a section")
    return child


def _index(node: list[Any], key: str, override: str) -> int:
    if not key.isdecimal() or len(key) > _DIGITS or int(key) >= len(node):
        raise ConfigError(f"--set {override}: '{key}' is no position in a list of {len(node)}, counted from 0")
    if isinstance(node[int(key)], str):
        node[int(key)] = {"corpus": node[int(key)]}
    return int(key)


def _first_problem(error: ValidationError, model: type[BaseModel]) -> str:
    problem = error.errors()[0]
    where = [str(part) for part in problem["loc"]]
    dotted = ".".join(where)
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{dotted}'{_nearest(model, where)}"
    if problem["type"] == "missing":
        return f"'{dotted}' is missing"
    return f"'{dotted}' {must_be(problem)}"


def _nearest(model: type[BaseModel], where: list[str]) -> str:
    """What the unknown key was probably meant to be, or the keys there are."""
    known = _keys_at(model, where[:-1])
    close = nearest(where[-1], known)
    return f"; did you mean '{close}'?" if close else f"; known there: {', '.join(known)}"


def _keys_at(model: type[BaseModel], path: list[str]) -> list[str]:
    for key in path:
        annotation = model.model_fields[key].annotation
        options = [annotation, *getattr(annotation, "__args__", ())]
        model = next(option for option in options if isinstance(option, type) and issubclass(option, BaseModel))
    return list(model.model_fields)
