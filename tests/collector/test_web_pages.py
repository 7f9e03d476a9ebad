"""The pages: what they say, in both languages, with names that mean harm, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from collector.web.drawing import band, sparkline
from collector.web.site_map import SECURITY_HEADERS
from telemetry import catalogue as c
from tests.collector.fakes import (
    AGENT_TOKEN,
    IMAGE,
    OPERATOR_TOKEN,
    SCRIPT,
    START,
    TEMPLATE,
    Clock,
    Running,
    collector_running,
    config_in,
    wait_for,
)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A district whose switch at the commune is dead, with the room and the PC behind it."""
    config = config_in(tmp_path_factory.mktemp("collector"))
    with collector_running(config, Clock()) as running:
        running.measure(6)
        running.measure(6, gone={"switch", "room", "pc"})
        yield running


class Tags(HTMLParser):
    """Every tag with its attributes, and the visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += " " + data.strip()


def page(district: Running, path: str, status: int = 200) -> Tags:
    answer = district.http.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Tags(answer.text)


def open_incident(district: Running) -> str:
    (incident,) = district.http.get("/api/v1/incidents").json()
    return str(incident["id"])


def paths(district: Running) -> list[str]:
    own = [
        "/",
        "/incidents",
        "/sites/bac-binh",
        "/sites/centre",
        "/devices/switch",
        "/devices/room",
        "/devices/pc",
        "/devices/core",
        "/devices/portal",
        f"/incidents/{open_incident(district)}",
    ]
    return [*own, *("/en" + path for path in own)]


def test_every_page_is_harmless(district: Running) -> None:
    """Names of devices stay text: no tag of theirs, no script, no style, no event, nothing foreign."""
    allowed = {"http-equiv", "hreflang"}
    for path in paths(district):
        answer = district.http.get(path)
        assert answer.status_code == 200, path
        tags = Tags(answer.text)
        names = {tag for tag, _ in tags.tags}
        assert not names & {"script", "img", "iframe", "object", "style", "embed"}, path
        for tag, attributes in tags.tags:
            assert not {a for a in attributes if a.startswith("on")} - allowed, (path, tag)
            assert "style" not in attributes, (path, tag)
            for name in ("href", "src", "action"):
                target = attributes.get(name)
                assert target is None or re.match(r"/(?!/)", target), (path, tag, target)


def test_every_page_is_locked_down(district: Running) -> None:
    """The browser is told to run nothing and to load nothing from elsewhere."""
    for path in [*paths(district), "/static/page.css", "/metrics", "/api/v1/sites", "/nowhere"]:
        headers = district.http.get(path).headers
        for name, value in SECURITY_HEADERS.items():
            assert headers[name] == value, path
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_status_in_vietnamese(district: Running) -> None:
    """The first line says it all; below it what is wrong, since when, whom it hits, what to do."""
    words = page(district, "/").words
    assert "1 sự cố đang mở" in words
    assert f"{IMAGE} không trả lời" in words
    assert "từ 09:16 hôm nay" in words
    assert f"{SCRIPT} (40 người) · thêm 2 thiết bị bị ngắt" in words
    assert "Xem đèn nguồn có sáng không" in words
    assert "0 trên 1 phòng hoạt động tốt" in words
    assert "Cổng dịch vụ" in words


def test_status_in_english(district: Running) -> None:
    """The same under /en, with links that stay there; ?lang= leads to the right address."""
    tags = page(district, "/en/")
    assert "1 incident is open" in tags.words
    inner = {a["href"] for tag, a in tags.tags if tag == "a" and a.get("href") != "/"}
    assert all(href and href.startswith("/en/") for href in inner)
    assert district.http.get("/?lang=en").headers["location"] == "/en/"
    assert district.http.get("/en/sites/centre?lang=vi").headers["location"] == "/sites/centre"
    assert district.http.get("/?lang=xx").status_code == 200


def test_pages_have_a_language_and_fit_a_phone(district: Running) -> None:
    """For screen readers and small screens; pages that are only read renew themselves."""
    html = district.http.get("/").text
    assert '<html lang="vi">' in html
    assert 'name="viewport"' in html
    assert '<meta http-equiv="refresh" content="20">' in html
    assert '<html lang="en">' in district.http.get("/en/").text


def test_site_shows_who_stands_behind_whom(district: Running) -> None:
    """The tree of devices, each with its state in words."""
    answer = district.http.get("/sites/bac-binh")
    tags = Tags(answer.text)
    links = [a["href"] for tag, a in tags.tags if tag == "a" and "target" in (a.get("class") or "")]
    assert links == ["/devices/switch", "/devices/room", "/devices/pc"]
    assert answer.text.count('<ul class="tree">') == 2
    assert "Không hoạt động" in tags.words
    assert "Không tới được" in tags.words
    assert "40 người làm việc ở đây" in tags.words


def test_device_says_why(district: Running) -> None:
    """State, since when, the reason, what was measured, and how it has been lately."""
    tags = page(district, "/devices/switch")
    assert "Không hoạt động" in tags.words
    assert re.search(r"không trả lời \d+ lần kiểm tra liên tiếp", tags.words)
    assert "Gói tin bị mất: 100%" in re.sub(r"\s+", " ", tags.words)
    assert IMAGE in tags.words
    assert f"{SCRIPT} · M1" in tags.words
    assert {"polyline", "rect"} <= {tag for tag, _ in tags.tags}
    room = page(district, "/devices/room")
    assert TEMPLATE in room.words
    assert "49" not in room.words
    assert f"{IMAGE} không trả lời" in room.words


def test_what_is_not_proven_says_so(district: Running) -> None:
    """Loss of a call out of a MIB that no real device has confirmed is shown, marked and explained."""
    info = {"vendor": "Poly", "model": "X50", "os": "", "serial": "", "profile": "poly-endpoint"}
    lost = c.CONFERENCE_CALL_LOSS.reading(0.4, direction="receive", media="all")
    said = [c.DEVICE_INFO.reading(1.0, **info), lost, c.CONFERENCE_REGISTERED.reading(1)]
    district.measure(1, gone={"switch", "room", "pc"}, more={"core": said})
    words = re.sub(r"\s+", " ", page(district, "/devices/core").words)
    assert re.search(r"Gói tin mất trong cuộc gọi chưa kiểm chứng receive, all 40%", words), words
    assert words.count("chưa kiểm chứng") == 1
    assert "Poly · X50" in words
    assert "nhưng không bao giờ gây cảnh báo" in words
    assert "unproven" in page(district, "/en/devices/core").words
    document = district.http.get("/api/v1/devices/core").json()
    doubted = [one["metric"] for one in document["latest"] if one["unproven"]]
    assert doubted == ["conference_call_loss_ratio"]
    assert "kiểm chứng" not in page(district, "/devices/switch").words


def test_a_device_that_was_never_measured(district: Running) -> None:
    """Says so, and nothing else."""
    words = page(district, "/devices/portal").words
    assert "Chưa đo được" in words
    assert "Chưa đo lần nào" in words


def test_incident_shows_what_happened(district: Running) -> None:
    """Advice, whom it hits, the history, and the form; such a page does not reload itself."""
    path = f"/incidents/{open_incident(district)}"
    tags = page(district, path)
    assert "Nên thử trước" in tags.words
    assert "Diễn biến" in tags.words
    assert {"name": "token", "type": "password"}.items() <= next(
        a.items() for tag, a in tags.tags if tag == "input"
    )
    assert "refresh" not in district.http.get(path).text


@pytest.mark.parametrize("token", ["", "wrong", AGENT_TOKEN, "í\xa0½"])
def test_taking_on_needs_a_token(district: Running, token: str) -> None:
    """A wrong one changes nothing, and what was written is not lost."""
    path = f"/incidents/{open_incident(district)}"
    answer = district.http.post(
        f"{path}/acknowledge", data={"token": token, "note": f"giữ lại {SCRIPT}"}
    )
    assert answer.status_code == 403
    assert "Mã này không đúng" in answer.text
    assert "giữ lại &lt;script&gt;" in answer.text
    assert "set-cookie" not in answer.headers
    assert token == "" or token not in answer.text
    assert district.http.get(f"/api/v1{path}").json()["state"] == "open"


def test_unknown_things_are_told_in_words(district: Running) -> None:
    """A page for people, in their language; nothing of the address is repeated."""
    for path in ("/devices/nope", "/sites/nope", "/incidents/nope", "/a/b/c", f"/devices/{SCRIPT}"):
        tags = page(district, path, 404)
        assert "Không có trang này" in tags.words
        assert "script" not in {tag for tag, _ in tags.tags}
    assert "There is no such page" in page(district, "/en/devices/nope", 404).words
    assert district.http.get("/static/../pages.py").status_code == 404
    assert district.http.get("/static/%2e%2e/pages.py").status_code == 404


def test_an_agent_has_the_page_of_its_office(district: Running) -> None:
    """Boards link what a finding names as a device; a silent agent's link leads to its office."""
    answer = district.http.get("/devices/bac-binh?lang=en", follow_redirects=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/sites/bac-binh?lang=en"


def test_taking_on_and_solving(district: Running) -> None:
    """With a token it is taken on under the operator's name; when it is solved the list says so."""
    incident = open_incident(district)
    answer = district.http.post(
        f"/incidents/{incident}/acknowledge",
        data={"token": f" {OPERATOR_TOKEN} ", "note": f"Đang đến {SCRIPT}\x00\x1b[31m"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}")
    words = page(district, f"/incidents/{incident}").words
    assert f"Chị Hoa: Đang đến {SCRIPT}" in words
    assert "Chị Hoa đang xử lý" in page(district, "/").words
    district.measure(8)
    assert "nhưng 1 thiết bị hoặc dịch vụ chưa đo được" in page(district, "/").words
    over = page(district, f"/incidents/{incident}").words
    assert "Đã xong" in over
    assert "từ 09:16 hôm nay đến" in over
    assert f"{IMAGE} không trả lời" in page(district, "/incidents").words
    late = district.http.post(
        f"/incidents/{incident}/acknowledge", data={"token": OPERATOR_TOKEN, "note": ""}
    )
    assert late.status_code == 409


def test_a_form_that_is_too_long(district: Running) -> None:
    """Nobody needs a megabyte to say what they do."""
    answer = district.http.post("/incidents/x/acknowledge", content=b"note=" + b"x" * 1_000_000)
    assert answer.status_code == 413


def test_a_mistake_in_the_inventory_is_told(tmp_path: Path) -> None:
    """The old inventory stays in force, every page says that the new one has a mistake."""
    config = config_in(tmp_path)
    with collector_running(config, Clock()) as running:
        assert "Chưa có số liệu đo nào" in page(running, "/").words
        file = config.inventory / "district.yaml"
        good = file.read_text(encoding="utf-8")
        file.write_text(good + "devices: 5\n", encoding="utf-8")
        assert not running.collector.folder.look()
        words = page(running, "/").words
        assert "Danh mục thiết bị có lỗi, vẫn đang dùng bản trước" in words
        assert "district.yaml" in words
        assert page(running, "/devices/switch").words
        file.write_text(good.replace("people: 40", "people: 41"), encoding="utf-8")
        running.loop.call_soon_threadsafe(running.collector.folder.call)
        wait_for(lambda: "41 người" in running.http.get("/sites/bac-binh").text)
        assert "có lỗi" not in page(running, "/").words


def test_sparklines_do_not_lie() -> None:
    """A hole stays a hole, what is no number is left out, and little noise is no mountain."""
    assert sparkline([]) is None
    assert sparkline([(0, 1.0)]) is None
    assert sparkline([(0, 1.0), (1, float("nan"))]) is None
    drawn = sparkline([(t, 10.0 + t % 2) for t in range(5)] + [(100.0, 10.0), (101.0, 12.0)])
    assert drawn is not None
    assert len(drawn.lines) == 2
    assert (drawn.low, drawn.high, drawn.last) == (0.0, 12.0, 12.0)
    alone = sparkline([(0, 1.0), (1, 1.0), (2, 1.0), (50, 1.0)])
    assert alone is not None
    assert (len(alone.lines), len(alone.dots)) == (1, 1)
    flat = sparkline([(0, 0.0), (1, 0.0)])
    assert flat is not None
    assert flat.lines == ("0.0,80.0 600.0,80.0",)


def test_bands() -> None:
    """States over time; what is before the first change is left empty."""
    spans = band([(START - 100, "up"), (START + 50, "down")], START, START + 100)
    assert [(s.state, s.x, s.width) for s in spans] == [
        ("up", "0.0", "300.0"),
        ("down", "300.0", "300.0"),
    ]
    assert band([], START, START + 100) == []
