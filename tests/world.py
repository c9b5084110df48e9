"""The services over a real database and fakes of everything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain import fields as f
from bot.domain.calendar import Connection
from bot.domain.delivery import Delivery
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Draft, DraftStep, Invitation
from bot.domain.people import Person
from bot.mail.messages import Messages
from bot.ports import CalendarProvider, GuardedCalendar, PasswordProvider, SignInProvider, UnitOfWorkFactory
from bot.services import Services
from bot.services.assembly import World, assemble
from tests.calendar_contract import PATIENCE_S
from tests.cast import BEN, DANA, PRIYA, ManualClock
from tests.fakes import FakeCalendar, FakeConferences, FakeDirectory, FakeMailer, FakeNotifier

PUBLIC_URL = "https://meet.example"
ANNA: Mapping[str, Any] = {f.PARTICIPANT_NAME: "Anna Ruiz", f.EMAIL: "anna@acme.com", f.SUBJECT: "Roadmap review"}


class AtOnce(Executor):
    """An executor that does the work at once, so that nothing is left to chance."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def patient(provider: Any) -> Any:
    """The same provider, which waits for real servers longer than the services would: the machine may be busy."""
    kind = type(provider)

    class Patient(kind):  # type: ignore[misc,valid-type]  # whatever it is
        def free_busy(self, *asked: Any, timeout_s: float) -> Any:
            return super().free_busy(*asked, timeout_s=PATIENCE_S)

        def free_busy_of(self, *asked: Any, timeout_s: float) -> Any:
            return super().free_busy_of(*asked, timeout_s=PATIENCE_S)

        if issubclass(kind, GuardedCalendar):

            def read_only(self, *asked: Any, timeout_s: float) -> Any:
                return super().read_only(*asked, timeout_s=PATIENCE_S)

    provider.__class__ = Patient
    return provider


@dataclass
class Stage:
    """Where the tests play: the services, and what stands around them."""

    unit_of_work: UnitOfWorkFactory
    clock: ManualClock = field(default_factory=ManualClock)
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    mailer: FakeMailer = field(default_factory=FakeMailer)
    calendar: FakeCalendar = field(default_factory=FakeCalendar)
    pool: Executor = field(default_factory=AtOnce)
    read_back_pool: Executor = field(default_factory=AtOnce)
    systems: Mapping[str, CalendarProvider] = field(default_factory=dict)
    """Calendar systems in place of the one calendar that everybody has here."""
    conferences: FakeConferences = field(default_factory=FakeConferences)
    sign_in: Sequence[SignInProvider] = ()
    password: Sequence[PasswordProvider] = ()
    command: str = "/invite"
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.services = assemble(
            World(
                unit_of_work=self.unit_of_work,
                directory=self.directory,
                notifier=self.notifier,
                providers=self.systems or {self.calendar.key: self.calendar},
                mailer=self.mailer,
                renderer=Messages("InviteOnce <invitations@northwind.example>"),
                clock=self.clock,
                calendar_pool=self.pool,
                read_ahead_pool=self.pool,
                read_back_pool=self.read_back_pool,
                signing_keys=[b"a key of the tests"],
                public_url=PUBLIC_URL,
                sign_in=self.sign_in,
                password=self.password,
                conferences={self.conferences.key: self.conferences},
                command=self.command,
            )
        )

    def connect(self, *people: Person, provider: str = "builtin") -> None:
        for person in people or (DANA, PRIYA, BEN):
            connection = Connection(
                ConnectionId(f"{provider}-{person.user_id}"),
                person.workspace_id,
                person.user_id,
                provider,
                person.email,
            )
            with self.unit_of_work(write=True) as unit:
                unit.connections.put(connection)
                unit.commit()

    def draft(self, inviter: Person = DANA, **fields: Any) -> Draft:
        """A draft that has gone through every step but the last."""
        drafts = self.services.drafts
        draft = drafts.begin(inviter, {**ANNA, **fields})
        for step in (DraftStep.PARTICIPANT, DraftStep.DETAILS, DraftStep.TIME_FRAME):
            draft = self.services.steps.submit(inviter, draft, step, {})
        return draft

    def invite(self, inviter: Person = DANA, **fields: Any) -> Invitation:
        return self.services.invitations.send(inviter, self.draft(inviter, **fields), {})

    def book(self, invitation: Invitation, start: datetime | None = None) -> datetime:
        """Confirm the given or the first slot, as the Customer does; returns its start."""
        booking = self.services.booking
        start = start or booking.look(invitation.token).starts[0]
        booking.confirm(invitation.token, start, booking.nonce(invitation.token), "Europe/Madrid")
        return start

    def deliver(self) -> Sequence[Delivery]:
        """Carry out what is due until nothing is; returns the rows in the order they were claimed."""
        carried: list[Delivery] = []
        while claimed := self.services.deliveries.claim("test"):
            for delivery in claimed:
                self.services.deliveries.carry_out(delivery, "test")
            carried.extend(claimed)
        return carried


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(count) as pool:
        yield pool
