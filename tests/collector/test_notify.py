"""From the engine's notifications to messages: who is told what, when, by which channel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from collector.channel import Channel, ChannelSettings, Message, Outcome, SendFailure
from collector.config import NotifySettings
from collector.database import Database, open_database
from collector.desk import Desk
from collector.events import Event, EventKind
from collector.incident import Incident
from collector.notify import Notifier
from collector.outbox import Outbox, Row, RowState
from collector.store import Store
from collector.words import Speaker
from inventory.inventory import Inventory
from telemetry.errors import ConfigError, DatabaseError
from tests.collector.fakes import (
    DISTRICT,
    START,
    Clock,
    events_of,
    incident,
    resolved,
    small_district,
    write_district,
)

pytestmark = pytest.mark.anyio

FINE = Outcome()
AWAY = Outcome(SendFailure.UNREACHABLE, "nobody there")
REFUSED = Outcome(SendFailure.REFUSED, "no such person")
BEFORE = Outcome(SendFailure.BUSY, "later")


@dataclass
class Recorder:
    """A channel that notes what it is given and answers what the test says."""

    outcome: Outcome = FINE
    got: list[tuple[str, Message]] = field(default_factory=list)
    tried: int = 0
    breaks: Exception | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: Message, to: str) -> Outcome:
        self.tried += 1
        self.asked.set()
        if self.breaks is not None:
            raise self.breaks
        if self.outcome.sent:
            self.got.append((to, message))
        return self.outcome

    @property
    def subjects(self) -> list[str]:
        return [message.subject for _, message in self.got]


class Ticking(Clock):
    """A clock that goes by itself."""

    def __call__(self) -> float:
        return self.now + time.monotonic() - self.began

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()


class NoSettings(ChannelSettings):
    """Settings of a recorder."""


class Forgetful(ChannelSettings):
    """Settings of a recorder for a program that forgets."""

    @property
    def standing_recipients(self) -> tuple[str, ...]:
        return ("all",)

    @property
    def rationed(self) -> bool:
        return False

    @property
    def repeat_seconds(self) -> float:
        return 75.0


class Everything(ChannelSettings):
    """Settings of a recorder that is told everything."""

    @property
    def standing_recipients(self) -> tuple[str, ...]:
        return ("all",)


class Office:
    """A notifier over a real database, with recorders for channels and a clock that the test sets."""

    def __init__(self, database: Database, inventory: Inventory, **settings: float) -> None:
        self.clock = Clock()
        self.inventory = inventory
        self.email, self.webhook = Recorder(), Recorder()
        self.store, self.outbox = Store(database), Outbox(database)
        self.settings = NotifySettings.model_validate(settings)
        self.channels: dict[str, tuple[ChannelSettings, Channel]] = {
            "email": (NoSettings(), self.email),
            "webhook": (NoSettings(), self.webhook),
        }
        self.standing: list[Incident] | None = None
        self.seq = 0
        self.start()

    def start(self) -> None:
        """A collector that starts (again) on the same database."""
        desk = Desk(
            outbox=self.outbox,
            store=self.store,
            inventory=lambda: self.inventory,
            clock=self.clock,
            speaker=Speaker(),
            standing=lambda: self.standing,
            public_url="https://x.example/",
        )
        self.notifier = Notifier(desk, self.settings, self.channels)

    def hear(self, about: str, *incidents: Incident, held: str = "") -> None:
        """The engine says something."""
        self.seq += 1
        self.store.record(events_of(self.seq, about, *incidents, held=held), self.notifier.take)

    async def deliver(self, at: float | None = None) -> None:
        self.clock.now = at if at is not None else self.clock.now
        await self.notifier.deliver_due()

    def states(self, about: Incident) -> list[tuple[str, str, str]]:
        rows = self.outbox.about(about.id, "person:lead")
        return [(row.channel, row.state.value, row.last_error) for row in rows]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    database = open_database(f"sqlite:///{tmp_path / 'collector.db'}", START)
    yield Office(database, small_district(tmp_path / "inventory"))
    database.close()


async def test_the_lead_is_told_once(office: Office) -> None:
    """By the preferred way, in Vietnamese, with what to do first and where to look."""
    office.hear("opened", incident())
    office.store.record(events_of(1, "opened", incident()), office.notifier.take)
    await office.deliver()
    await office.deliver()
    assert [to for to, _ in office.email.got] == ["hoa@lapthach.example"]
    assert office.webhook.got == []
    message = office.email.got[0][1]
    assert message.subject.startswith("Nghiêm trọng: ")
    assert message.subject.endswith("không trả lời")
    assert "Nên thử trước: Lau sạch bụi và thay quạt." in message.text
    assert "(40 người)" in message.text
    assert "https://x.example/incidents/20261123-0213-aaaa" in message.text
    assert office.notifier.counts == {("email", "sent"): 1}


async def test_a_channel_that_forgets_is_reminded(office: Office) -> None:
    """Of all that is open, as soon as that is known, after every restart, and no oftener than needed."""
    office.channels["webhook"] = (Forgetful(), office.webhook)
    office.start()
    assert not await office.notifier.repeat_due()
    assert office.webhook.got == []  # the journal is still being worked through
    office.standing = [incident(), incident("20261123-0214-bbbb")]
    for _ in range(3):
        await office.notifier.repeat_due()
    assert [to for to, _ in office.webhook.got] == ["hoa", "all"]
    told = office.webhook.got[0][1].data
    assert [one["id"] for one in told["incidents"]] == [one.id for one in office.standing]
    assert told["incidents"][0]["words"]["en"]["advice"].startswith("Clean out the dust")
    office.clock.now += 75.0
    office.webhook.outcome = Outcome(SendFailure.UNREACHABLE, "no answer")
    await office.notifier.repeat_due()
    office.start()
    office.webhook.outcome = Outcome()
    await office.notifier.repeat_due()
    assert (office.webhook.tried, len(office.webhook.got)) == (6, 4)
    assert office.notifier.counts == {("webhook", "repeated"): 2}
    office.standing = []
    office.clock.now += 75.0
    await office.notifier.repeat_due()
    assert office.webhook.tried == 6


async def test_a_change_is_passed_on_soon(office: Office) -> None:
    """Whom an incident hits, who has taken it on: worth no message, but a channel that is reminded
    has it within seconds.
    """
    office.channels["webhook"] = (Forgetful(), office.webhook)
    office.start()
    office.standing = [incident()]
    await office.notifier.repeat_due()
    told = office.webhook.tried
    wider = replace(incident(), affected=("room", "pc", "printer"), revision=2)
    office.seq += 1
    event = Event(office.seq, 0, START, EventKind.INCIDENT_UPDATED, incident=wider)
    office.store.record([event], office.notifier.take)
    office.standing = [wider]
    office.clock.now += 10.0
    await office.notifier.repeat_due()
    assert office.webhook.tried == 2 * told
    last = office.webhook.got[-1][1].data["incidents"]
    assert [one["affected"] for one in last] == [["room", "pc", "printer"]]


async def test_a_program_gets_all_at_once(office: Office) -> None:
    """Rations are for people: what comes together goes together, whatever went before."""
    office.channels["webhook"] = (Forgetful(), office.webhook)
    office.start()
    for round_ in range(12):
        office.hear("opened", incident(f"20261123-{round_:04d}-aaaa"))
        await office.deliver()
    rows = [message for to, message in office.webhook.got if to == "all"]
    assert len(rows) == 12


async def test_hostile_names_stay_text(office: Office) -> None:
    """Names from the inventory and devices are escaped in the HTML of a mail."""
    office.hear("opened", incident())
    await office.deliver()
    html = office.email.got[0][1].html
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


async def test_the_end_is_told(office: Office) -> None:
    """Who heard of the beginning hears of the end, however short it was."""
    office.hear("opened", incident())
    await office.deliver()
    office.hear("resolved", resolved(incident(), START + 90))
    await office.deliver()
    assert office.email.subjects[1].startswith("Đã xong: ")
    assert "Nên thử trước" not in office.email.got[1][1].text


async def test_over_before_told(office: Office) -> None:
    """A trouble of a moment that nobody heard of is not told at all, and that is counted."""
    office.hear("opened", incident())
    office.hear("resolved", resolved(incident(), START + 60 + 45))
    await office.deliver()
    assert office.email.got == []
    assert office.notifier.counts == {("email", "held_resolved_before_told"): 2}
    assert {state for _, state, _ in office.states(incident())} == {"held"}


async def test_overtaken_by_its_end(office: Office) -> None:
    """A longer trouble whose beginning could not be delivered in time comes as one message."""
    office.email.outcome = AWAY
    office.hear("opened", incident())
    await office.deliver()
    office.hear("resolved", resolved(incident(), START + 3000))
    office.email.outcome = FINE
    await office.deliver(START + 3001)
    assert [subject[:8] for subject in office.email.subjects] == ["Đã xong:"]
    assert "từ 09:13 hôm nay đến 10:03 hôm nay (50 phút)" in office.email.got[0][1].text
    assert office.notifier.counts["email", "held_overtaken"] == 1


async def test_silenced(office: Office) -> None:
    """What somebody silenced reaches nobody, and is counted."""
    office.hear("opened", incident(), held="silenced")
    await office.deliver()
    assert (office.email.got, office.email.tried) == ([], 0)
    assert office.notifier.counts == {("none", "held_silenced"): 1}


async def test_tried_again_later_and_later(office: Office) -> None:
    """Pauses double up to the longest; nothing is tried in between."""
    office.settings = NotifySettings(retry_first=10, retry_longest=35, attempts_before_next=99)
    office.start()
    office.email.outcome = AWAY
    office.hear("opened", incident())
    await office.deliver()
    times = []
    for _ in range(5):
        due = office.outbox.next_due()
        assert due is not None
        times.append(due - office.clock.now)
        await office.deliver(due - 0.5)
        before = office.email.tried
        await office.deliver(due)
        assert office.email.tried == before + 1
    assert times == [10, 20, 35, 35, 35]
    office.email.outcome = FINE
    await office.deliver(office.clock.now + 35)
    assert len(office.email.got) == 1
    assert office.notifier.counts["email", "failed_unreachable"] == 6


async def test_the_second_way(office: Office) -> None:
    """When the first channel keeps failing the next one tells, and the first is let off."""
    office.email.outcome = AWAY
    office.hear("opened", incident())
    for _ in range(3):
        assert office.webhook.got == []
        await office.deliver(office.outbox.next_due())
    await office.deliver()
    assert [to for to, _ in office.webhook.got] == ["hoa"]
    office.email.outcome = FINE
    await office.deliver(START + 3600)
    assert office.email.got == []
    assert office.notifier.counts["email", "held_told_otherwise"] == 1
    assert office.notifier.counts["email", "passed_on"] == 1


async def test_a_refusal_is_not_tried_again(office: Office) -> None:
    """What will never be taken goes to the next channel at once."""
    office.email.outcome = REFUSED
    office.hear("opened", incident())
    await office.deliver()
    await office.deliver()
    assert office.email.tried == 1
    assert len(office.webhook.got) == 1
    assert ("email", "given_up", "refused: no such person") in office.states(incident())


async def test_too_old_to_tell(office: Office) -> None:
    """After a day it would only confuse."""
    office.email.outcome = office.webhook.outcome = AWAY
    office.hear("opened", incident())
    await office.deliver()
    office.email.outcome = office.webhook.outcome = FINE
    await office.deliver(START + 2 * 86400)
    assert office.email.got == office.webhook.got == []
    assert office.notifier.counts["email", "held_too_old"] == 1


async def test_many_at_once_are_one(office: Office) -> None:
    """A storm is one digest; each of its messages is accounted for."""
    many = [incident(f"i{number}") for number in range(30)]
    for one in many:
        office.hear("opened", one)
    await office.deliver()
    (message,) = [message for _, message in office.email.got]
    assert message.subject == "Tổng hợp: 30 sự cố, 30 còn đang mở"
    assert "và 10 sự cố nữa" in message.text
    assert len(message.data["incidents"]) == 30
    assert office.notifier.counts == {("email", "sent"): 1, ("email", "digested"): 30}


async def test_rate_limit(office: Office) -> None:
    """More than the allowance within the window waits, and then comes as one digest."""
    office.settings = NotifySettings(rate=3, rate_window=600)
    office.start()
    for number in range(6):
        office.hear("opened", incident(f"i{number}"))
        await office.deliver(START + number)
    assert len(office.email.got) == 3
    assert office.notifier.counts["email", "delayed_rate"] == 3
    await office.deliver(START + 601)
    assert office.email.subjects[3:] == ["Tổng hợp: 3 sự cố, 3 còn đang mở"]


async def test_summary_of_a_backlog(office: Office) -> None:
    """One message for what a cut brought, also when all of it is over already."""
    office.hear("summary", incident("i1"), resolved(incident("i2"), START + 90))
    await office.deliver()
    assert office.email.subjects == ["Tổng hợp: 2 sự cố, 1 còn đang mở"]
    office.hear("summary", resolved(incident("i3"), START + 70))
    await office.deliver()
    assert office.email.subjects[1] == "Tổng hợp: 1 sự cố, 0 còn đang mở"


async def test_a_message_shows_the_incident_as_it_is_now(office: Office) -> None:
    """What waited is told with what is known by the time it goes out."""
    office.hear("opened", incident())
    later = replace(incident(), affected=("a", "b", "c"), updated_at=START + 100, revision=2)
    office.store.record(events_of(99, "opened", later)[:1])
    await office.deliver()
    assert "thêm 3 thiết bị" in office.email.got[0][1].text


async def test_restart_loses_and_doubles_nothing(office: Office) -> None:
    """What waited before a crash goes out after it; what was sent does not go again."""
    office.hear("opened", incident("i1"))
    await office.deliver()
    office.email.outcome = AWAY
    office.hear("opened", incident("i2"))
    await office.deliver()
    office.start()
    office.email.outcome = FINE
    office.store.record(events_of(1, "opened", incident("i1")), office.notifier.take)
    await office.deliver(START + 60)
    assert len(office.email.got) == 2


async def test_gone_from_the_inventory(office: Office, tmp_path: Path) -> None:
    """Who is no longer to be told is not told, even by a message that waits."""
    office.hear("opened", incident())
    lead = "  - id: lead\n"
    office.inventory = small_district_with(tmp_path, DISTRICT.replace(lead, "  - id: other\n"))
    await office.deliver()
    assert office.email.got == []
    assert office.notifier.counts == {("email", "held_no_way"): 1}


def small_district_with(folder: Path, text: str) -> Inventory:
    from inventory.load import load_inventory

    return load_inventory(write_district(folder / "other", text))


async def test_nobody_can_be_told(office: Office) -> None:
    """Without a channel that reaches the lead it is counted and logged, not swallowed."""
    office.channels = {}
    office.start()
    office.hear("opened", incident())
    assert office.notifier.counts == {("none", "given_up_no_channel"): 1}


async def test_a_standing_recipient_is_told_everything(office: Office) -> None:
    """A webhook that belongs to no person gets every message, in the district's language."""
    office.channels = {"webhook": (Everything(), office.webhook)}
    office.start()
    office.hear("opened", incident())
    await office.deliver()
    assert sorted(to for to, _ in office.webhook.got) == ["all", "hoa"]
    assert all(subject.startswith("Nghiêm trọng") for subject in office.webhook.subjects)


async def test_runs_when_called(office: Office) -> None:
    """The task sleeps until there is something, delivers it, and tries again when the time comes."""
    office.settings = NotifySettings(retry_first=0.05, attempts_before_next=99)
    office.clock = Ticking()
    office.start()
    office.email.outcome = AWAY
    task = asyncio.create_task(office.notifier.run())
    await asyncio.sleep(0)
    office.hear("opened", incident())
    office.notifier.call()
    async with asyncio.timeout(10):
        await office.email.asked.wait()
        office.email.asked.clear()
        office.email.outcome = FINE
        await office.email.asked.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await office.deliver()
    assert office.states(incident()) == [("email", RowState.SENT.value, "")]


@pytest.mark.parametrize(
    ("breaks", "label"),
    [
        (ConfigError("The secret file x cannot be read."), "failed_credentials"),
        (RuntimeError("a bug"), "failed_broken"),
    ],
)
async def test_a_channel_that_breaks(office: Office, breaks: Exception, label: str) -> None:
    """A bug in a channel, or a secret that is gone, costs neither the message nor the others."""
    office.email.breaks = breaks
    office.hear("opened", incident())
    await office.deliver()
    assert office.notifier.counts == {("email", label): 1}
    office.email.breaks = None
    await office.deliver(START + 60)
    assert len(office.email.got) == 1


async def test_a_database_that_is_away(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task outlives it and goes on when it is back."""
    monkeypatch.setattr("collector.notify.RETRY_SECONDS", 0.01)
    due, broken = office.outbox.due, asyncio.Event()

    def fails(now: float) -> list[Row]:
        monkeypatch.setattr(office.outbox, "due", due)
        broken.set()
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(office.outbox, "due", fails)
    office.hear("opened", incident())
    task = asyncio.create_task(office.notifier.run())
    async with asyncio.timeout(10):
        await office.email.asked.wait()
    assert broken.is_set()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
