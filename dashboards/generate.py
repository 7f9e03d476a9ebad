"""What is generated: boards for Grafana, rules and configurations; written, or compared with what is
there.
"""

from __future__ import annotations

from pathlib import Path

from dashboards import rules
from dashboards.boards import BOARDS
from dashboards.language import Language

GENERATED = Path(__file__).parent / "generated"


def board_files() -> dict[str, str]:
    """The boards: path below `generated/` and the text that the file must have."""
    return {
        f"{language.value}/{board.name}.json": board.json(language)
        for language in Language
        for board in BOARDS
    }


def generated_files() -> dict[str, str]:
    """Everything below `generated/`, by its path there."""
    return {**board_files(), **rules.files()}


def write() -> list[str]:
    """Writes what is missing or different, removes what is no more; returns the paths that changed."""
    wanted = generated_files()
    changed = stale()
    for name in changed:
        path = GENERATED / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def stale() -> list[str]:
    """The files that are not what the code makes: changed, missing, or made by nothing any more."""
    wanted = generated_files()
    there = {str(path.relative_to(GENERATED)) for path in GENERATED.rglob("*") if path.is_file()}
    different = {name for name in there & set(wanted) if _read(name) != wanted[name]}
    return sorted(different | there ^ set(wanted))


def _read(name: str) -> str:
    return (GENERATED / name).read_text(encoding="utf-8")
