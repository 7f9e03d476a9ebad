"""What people read: every sentence in Vietnamese, and values that cannot break a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import collector
from collector.rules import RULES
from collector.words import LOCALE_FOLDER, Sentence, Speaker, fill

PLACES = re.compile(r"\{\w+\}")


def templates() -> dict[str, str]:
    """Every sentence of the program, with where it stands."""
    folder = Path(collector.__file__).parent
    found = extract_from_dir(
        folder,
        method_map=[("**.py", "python"), ("**.html", "jinja2")],
        keywords={"N_": None, "_": None},
    )
    return {str(message): f"{file}:{line}" for file, line, message, _, _ in found}


def test_vietnamese_is_complete() -> None:
    """Every N_("…") and every template's sentence has a translation."""
    speaker = Speaker()
    known = speaker._catalogues["vi"]
    missing = {text: place for text, place in templates().items() if text not in known}
    assert not missing
    assert len(known) > 150


def test_translations_keep_the_places() -> None:
    """A value that a translation leaves out, or one it invents, is a slip."""
    speaker = Speaker()
    for text in templates():
        said = speaker.translate(text, "vi")
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(text)), text


def test_streams_of_a_call_are_said_in_words() -> None:
    """Nobody at an office knows what receive/video is."""
    sentence = Sentence("({instance})", {"instance": "receive/video"})
    assert Speaker().say(sentence, "vi") == "(chiều nhận, hình ảnh)"
    assert Speaker().say(sentence, "en") == "(picture received)"


EXPECTED = re.compile(
    r"should|limit|at (most|least)|used to|usual|others|good enough|passes the test|more than"
)
"""Words by which a sentence says what would have been right."""

BESIDE_THE_RULES = ("blindness", "clock_words", "heartbeat", "lifeline", "outage_words")
"""Modules whose sentences are findings' reasons as well."""


def test_every_finding_says_what_was_expected() -> None:
    """What was measured is half of it: each reason says what should have been."""
    reasons = {rule.template for rule in RULES}
    reasons |= {
        text for text, place in templates().items() if place.partition(".py")[0] in BESIDE_THE_RULES
    }
    assert len(reasons) > 70
    assert not [text for text in reasons if not EXPECTED.search(text)]


def test_nothing_obsolete_is_kept() -> None:
    """A translation whose sentence is gone would be mended for nobody."""
    assert set(Speaker()._catalogues["vi"]) <= set(templates())


def test_unknown_words_stay_english() -> None:
    """What has no translation is said in English rather than not at all."""
    speaker = Speaker()
    assert speaker.say(Sentence("Never seen {x}", {"x": "1"}), "vi") == "Never seen 1"
    assert speaker.say(Sentence("{name} is too hot", {"name": "A"}), "fr") == "A is too hot"
    assert speaker.say(Sentence("{name} is too hot", {"name": "A"}), "vi") == "A quá nóng"
    assert speaker.languages == ("en", "vi")


@pytest.mark.parametrize(
    "value", ["{name}", "{0.__class__}", "%s", "{", "}{", "{{7*7}}", "\\1", "<b>"]
)
def test_values_are_only_text(value: str) -> None:
    """Braces in a device's name neither reach into objects nor break the sentence."""
    assert fill("a {x} b", {"x": value}) == f"a {value} b"


def test_fuzzy_translations_are_not_used(tmp_path: Path) -> None:
    """A translator's guess is not told to people."""
    folder = tmp_path / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "collector.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        '#, fuzzy\nmsgid "Over"\nmsgstr "Trên"\n\nmsgid "Warning"\nmsgstr "Cảnh báo"\n',
        encoding="utf-8",
    )
    speaker = Speaker(tmp_path)
    assert speaker.translate("Over", "vi") == "Over"
    assert speaker.translate("Warning", "vi") == "Cảnh báo"


def test_the_catalogue_is_shipped() -> None:
    """The file is where the program looks for it."""
    assert (LOCALE_FOLDER / "vi" / "LC_MESSAGES" / "collector.po").is_file()
