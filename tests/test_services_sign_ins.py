"""Connecting a calendar step by step, without a browser: what is taken, asked, refused and stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.domain.calendar import ExtraAccess
from bot.domain.connecting import VisitStage
from bot.domain.delivery import ConnectionNews
from bot.domain.people import Person
from bot.errors import (
    ConnectionRefusedByProviderError,
    DeliveryError,
    NotAllowedError,
    NotFoundError,
    StaleStateError,
)
from bot.ports import UnitOfWorkFactory
from bot.services.sign_ins import LIFETIME, TRIES, Departure, SignIns
from storage.database import Database
from tests.cast import BEN, DANA, PRIYA
from tests.connect_cast import (
    PASSWORD,
    REFRESH_TOKEN,
    FakePassword,
    FakeSignIn,
    connect_stage,
    state_in,
    token_of,
)
from tests.world import Stage

MINUTE = timedelta(minutes=1)


@pytest.fixture
def connecting(unit_of_work: UnitOfWorkFactory) -> tuple[Stage, FakeSignIn, FakePassword]:
    return connect_stage(unit_of_work)


@pytest.fixture
def stage(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> Stage:
    return connecting[0]


@pytest.fixture
def google(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> FakeSignIn:
    return connecting[1]


@pytest.fixture
def caldav(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> FakePassword:
    return connecting[2]


def link(stage: Stage, person: Person = DANA) -> str:
    """The token of a fresh link."""
    return token_of(stage.services.sign_ins.link(person))


def depart(stage: Stage, token: str | None = None) -> Departure:
    sign_ins, token = stage.services.sign_ins, token or link(stage)
    departure = sign_ins.begin(token, sign_ins.look(token).nonce, "google")
    assert isinstance(departure, Departure)
    return departure


def arrive(stage: Stage, departure: Departure, *, browser: str | None = None) -> str:
    answer = {"state": state_in(departure.url), "code": "a code"}
    return stage.services.sign_ins.arrive("google", answer, departure.browser if browser is None else browser)


def try_password(stage: Stage, token: str, password: str = PASSWORD, *, server: str = "cal.example") -> str:
    sign_ins = stage.services.sign_ins
    return sign_ins.sign_in(token, sign_ins.look(token).nonce, "caldav", server, "dana", password)


def accounts(stage: Stage, person: Person = DANA) -> list[tuple[str, str, str]]:
    with stage.unit_of_work() as unit:
        found = unit.connections.of_user(person.workspace_id, person.user_id)
    return [(one.provider, one.account, one.credentials) for one in found]


# ---------------------------------------------------------------- the link


def test_link_names_user_workspace_and_what_is_set_up_and_is_not_used_up_by_looking(stage: Stage) -> None:
    token = link(stage)
    for _ in range(3):
        page = stage.services.sign_ins.look(token)
        assert (page.person, page.workspace, page.visit.stage) == (DANA, "Northwind", VisitStage.CHOOSE)
        assert [system.name for system in page.offers] == ["Google", "CalDAV"]
    assert isinstance(depart(stage, token), Departure)


def test_link_is_good_for_ten_minutes(stage: Stage) -> None:
    token = link(stage)
    stage.clock.advance(LIFETIME - timedelta(seconds=1))
    nonce = stage.services.sign_ins.look(token).nonce
    stage.clock.advance(timedelta(seconds=1))
    with pytest.raises(StaleStateError, match="Go back to Slack"):
        stage.services.sign_ins.look(token)
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.begin(token, nonce, "google")


def test_unknown_link_says_no_more_than_a_used_one(stage: Stage) -> None:
    token = link(stage)
    depart(stage, token)
    said = set()
    for dead in (token, "never-a-link", ""):
        with pytest.raises(StaleStateError) as refused:
            stage.services.sign_ins.look(dead)
        said.add(str(refused.value))
    assert len(said) == 1


def test_link_is_good_once(stage: Stage) -> None:
    token = link(stage)
    nonce = stage.services.sign_ins.look(token).nonce
    stage.services.sign_ins.begin(token, nonce, "google")
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.begin(token, nonce, "google")
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.sign_in(token, nonce, "caldav", "", "dana", PASSWORD)
    assert accounts(stage) == []


def test_of_many_who_press_at_once_one_departs(database: Database) -> None:
    stage, _, _ = connect_stage(database.unit_of_work)
    token = link(stage)
    nonce = stage.services.sign_ins.look(token).nonce

    def press(_: int) -> str:
        try:
            return type(stage.services.sign_ins.begin(token, nonce, "google")).__name__
        except StaleStateError:
            return "used"

    with ThreadPoolExecutor(8) as pool:
        pressed = list(pool.map(press, range(24)))
    assert sorted(set(pressed)) == ["Departure", "used"]
    assert pressed.count("Departure") == 1


def test_nonce_of_another_link_takes_nothing(stage: Stage) -> None:
    token, other = link(stage), link(stage, PRIYA)
    with pytest.raises(NotAllowedError, match="once more"):
        stage.services.sign_ins.begin(token, stage.services.sign_ins.look(other).nonce, "google")
    assert isinstance(depart(stage, token), Departure), "the link is as good as before"


def test_what_is_not_set_up_cannot_be_begun(stage: Stage) -> None:
    token = link(stage)
    nonce = stage.services.sign_ins.look(token).nonce
    with pytest.raises(NotAllowedError):
        stage.services.sign_ins.begin(token, nonce, "microsoft")
    with pytest.raises(NotAllowedError):
        stage.services.sign_ins.sign_in(token, nonce, "google", "", "dana", PASSWORD)
    with pytest.raises(NotAllowedError):
        stage.services.sign_ins.confirm(token, nonce)
    assert accounts(stage) == []


def test_slack_being_away_takes_nothing(stage: Stage) -> None:
    token = link(stage)
    nonce = stage.services.sign_ins.look(token).nonce
    stage.directory.failure = DeliveryError("Slack could not be reached.")
    with pytest.raises(DeliveryError):
        stage.services.sign_ins.begin(token, nonce, "google")
    stage.directory.failure = None
    assert isinstance(depart(stage, token), Departure)


# ---------------------------------------------------------------- signing in at the provider


def test_signing_in_with_the_address_of_slack_connects_at_once(stage: Stage) -> None:
    done = stage.services.sign_ins.look(arrive(stage, depart(stage)))
    assert (done.visit.stage, done.visit.account, done.visit.credentials) == (VisitStage.DONE, DANA.email, "")
    assert accounts(stage) == [("google", DANA.email, REFRESH_TOKEN)]
    stage.deliver()
    assert ("connection news", DANA.user_id, ConnectionNews.CONNECTED, DANA.email, "Google") in stage.notifier.told


def test_address_is_the_same_in_any_case_of_letters(stage: Stage, google: FakeSignIn) -> None:
    google.address = DANA.email.upper()
    assert stage.services.sign_ins.look(arrive(stage, depart(stage))).visit.stage is VisitStage.DONE


def test_provider_is_told_whom_we_expect(stage: Stage) -> None:
    assert "login_hint=dana%40northwind.example" in depart(stage).url


def test_another_address_is_asked_about_before_anything_is_stored(stage: Stage, google: FakeSignIn) -> None:
    google.address = "dana@private.example"
    sign_ins = stage.services.sign_ins
    token = arrive(stage, depart(stage))
    asked = sign_ins.look(token)
    assert (asked.visit.stage, asked.visit.account) == (VisitStage.CONFIRM, "dana@private.example")
    assert accounts(stage) == []
    done = sign_ins.look(sign_ins.confirm(token, asked.nonce))
    assert done.visit.stage is VisitStage.DONE
    assert accounts(stage) == [("google", "dana@private.example", REFRESH_TOKEN)]
    with pytest.raises(StaleStateError):
        sign_ins.confirm(token, asked.nonce)


def test_declined_account_is_forgotten_and_revoked(stage: Stage, google: FakeSignIn) -> None:
    google.address = "somebody@else.example"
    sign_ins = stage.services.sign_ins
    token = arrive(stage, depart(stage))
    again = sign_ins.look(sign_ins.decline(token, sign_ins.look(token).nonce))
    assert (again.visit.stage, again.visit.account, again.visit.credentials) == (VisitStage.CHOOSE, "", "")
    assert (accounts(stage), google.revoked) == ([], [REFRESH_TOKEN])


def test_declining_does_not_break_what_is_connected_elsewhere(stage: Stage, google: FakeSignIn) -> None:
    arrive(stage, depart(stage))
    sign_ins = stage.services.sign_ins
    token = arrive(stage, depart(stage, link(stage, PRIYA)), browser="Dana's, who was sent there by Priya's link")
    sign_ins.decline(token, sign_ins.look(token).nonce)
    assert google.revoked == []
    assert accounts(stage, PRIYA) == []


def test_account_that_was_confirmed_before_is_not_asked_about_again(stage: Stage, google: FakeSignIn) -> None:
    google.address = "dana@private.example"
    sign_ins = stage.services.sign_ins
    token = arrive(stage, depart(stage))
    sign_ins.confirm(token, sign_ins.look(token).nonce)
    assert sign_ins.look(arrive(stage, depart(stage))).visit.stage is VisitStage.DONE
    assert len(accounts(stage)) == 1


@pytest.mark.parametrize("browser", ["", "somebody-else's"])
def test_who_was_sent_to_the_provider_by_somebody_else_is_asked(stage: Stage, browser: str) -> None:
    token = arrive(stage, depart(stage), browser=browser)
    assert stage.services.sign_ins.look(token).visit.stage is VisitStage.CONFIRM
    assert accounts(stage) == []


def test_state_is_good_once(stage: Stage) -> None:
    departure = depart(stage)
    arrive(stage, departure)
    with pytest.raises(StaleStateError):
        arrive(stage, departure)


def test_state_is_good_for_ten_minutes_and_for_its_own_provider(stage: Stage) -> None:
    departure = depart(stage)
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.arrive("caldav", {"state": state_in(departure.url), "code": "c"}, departure.browser)
    stage.clock.advance(LIFETIME)
    with pytest.raises(StaleStateError):
        arrive(stage, departure)


def test_callback_may_come_to_another_process(database: Database, database_url: str) -> None:
    from storage.database import open_database
    from tests.databases import KEYS

    here, _, _ = connect_stage(database.unit_of_work)
    departure = depart(here)
    other_process = open_database(database_url, KEYS)
    there, _, _ = connect_stage(other_process.unit_of_work)
    assert there.services.sign_ins.look(arrive(there, departure)).visit.stage is VisitStage.DONE
    assert accounts(here) == [("google", DANA.email, REFRESH_TOKEN)]
    other_process.close()


def test_refused_sign_in_leads_to_a_page_that_says_why_and_can_be_used(stage: Stage) -> None:
    departure, sign_ins = depart(stage), stage.services.sign_ins
    token = sign_ins.arrive("google", {"state": state_in(departure.url), "error": "access_denied"}, departure.browser)
    page = sign_ins.look(token)
    assert page.visit.stage is VisitStage.CHOOSE
    assert "not allowed to share" in page.visit.problem
    assert sign_ins.look(arrive(stage, depart(stage, token))).visit.stage is VisitStage.DONE


@pytest.mark.parametrize("failure", [DeliveryError("Google is away."), ConnectionRefusedByProviderError("No.")])
def test_provider_that_is_away_at_the_beginning_leads_to_such_a_page(
    stage: Stage, google: FakeSignIn, failure: DeliveryError | ConnectionRefusedByProviderError
) -> None:
    google.failures = [failure]
    sign_ins, token = stage.services.sign_ins, link(stage)
    next_token = sign_ins.begin(token, sign_ins.look(token).nonce, "google")
    assert isinstance(next_token, str)
    assert sign_ins.look(next_token).visit.problem == str(failure)


# ---------------------------------------------------------------- a password


def test_password_connects(stage: Stage, caldav: FakePassword) -> None:
    done = stage.services.sign_ins.look(try_password(stage, link(stage)))
    assert done.visit.stage is VisitStage.DONE
    assert caldav.asked == [("cal.example", "dana", PASSWORD)]
    assert [(provider, account) for provider, account, _ in accounts(stage)] == [("caldav", DANA.email)]


def test_wrong_password_is_said_at_the_form_which_keeps_everything_else(stage: Stage) -> None:
    page = stage.services.sign_ins.look(token := try_password(stage, link(stage), "wrong"))
    assert (page.visit.server, page.visit.user) == ("cal.example", "dana")
    assert "does not accept this password" in page.visit.problem
    assert "wrong" not in page.visit.dump().replace(page.visit.problem, "")
    assert stage.services.sign_ins.look(try_password(stage, token)).visit.stage is VisitStage.DONE


def test_passwords_cannot_be_guessed_without_end(stage: Stage, caldav: FakePassword) -> None:
    token = link(stage)
    for number in range(TRIES - 1):
        token = try_password(stage, token, f"guess {number}")
    with pytest.raises(StaleStateError, match="several times"):
        try_password(stage, token, "the last guess")
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.look(token)
    assert len(caldav.asked) == TRIES


# ---------------------------------------------------------------- connecting again


def test_link_to_reconnect_offers_that_system_with_that_account(stage: Stage) -> None:
    arrive(stage, depart(stage))
    [connection] = stage.services.connections.items(DANA)
    page = stage.services.sign_ins.look(token_of(stage.services.sign_ins.link(DANA, connection.connection.id)))
    assert [system.key for system in page.offers] == ["google"]
    assert (page.visit.account, page.system) == (DANA.email, "Google")


def test_nobody_reconnects_what_is_not_theirs(stage: Stage) -> None:
    arrive(stage, depart(stage))
    [connection] = stage.services.connections.items(DANA)
    for stranger in (PRIYA, BEN):
        with pytest.raises(NotFoundError):
            stage.services.sign_ins.link(stranger, connection.connection.id)


def test_what_was_left_behind_is_pruned(stage: Stage) -> None:
    token = link(stage)
    depart(stage)
    stage.clock.advance(LIFETIME + MINUTE)
    stage.services.followups.prune()
    with stage.unit_of_work() as unit:
        assert unit.one_time.look(token, "connect", stage.clock() - LIFETIME - MINUTE) is None


def test_sign_ins_need_no_provider(unit_of_work: UnitOfWorkFactory) -> None:
    stage = Stage(unit_of_work)
    assert isinstance(stage.services.sign_ins, SignIns)
    assert stage.services.sign_ins.look(link(stage)).offers == ()


# ---------------------------------------------------------------- a server that the domain names


def test_server_that_is_not_the_domains_own_is_shown_and_no_try_is_used_up(stage: Stage, caldav: FakePassword) -> None:
    caldav.elsewhere = "https://dav.hoster.example/dav/"
    token = link(stage)
    for _ in range(TRIES + 1):
        token = try_password(stage, token, server="")
        visit = stage.services.sign_ins.look(token).visit
        assert (visit.server, visit.tries) == (caldav.elsewhere, 0)
        assert "dav.hoster.example" in visit.problem
    done = stage.services.sign_ins.look(try_password(stage, token, server=visit.server))
    assert done.visit.stage is VisitStage.DONE


# ---------------------------------------------------------------- asking for more than connecting takes


def asked_for_rooms(stage: Stage) -> str:
    """The token of a link that Dana's connection gets when it is asked for the directory."""
    arrive(stage, depart(stage))
    with stage.unit_of_work() as unit:
        [connection] = unit.connections.of_user(DANA.workspace_id, DANA.user_id)
    return token_of(stage.services.sign_ins.link(DANA, connection.id, ExtraAccess.ROOM_DIRECTORY))


def credentials(stage: Stage) -> str:
    with stage.unit_of_work() as unit:
        [connection] = unit.connections.of_user(DANA.workspace_id, DANA.user_id)
    return connection.credentials


def test_consent_goes_to_the_connections_own_account_and_replaces_its_credentials(stage: Stage) -> None:
    token = asked_for_rooms(stage)
    assert stage.services.sign_ins.look(token).visit.extra is ExtraAccess.ROOM_DIRECTORY
    departure = depart(stage, token)
    assert "extra=room-directory" in departure.url
    page = stage.services.sign_ins.look(arrive(stage, departure))
    assert (page.visit.stage, page.visit.extra) == (VisitStage.DONE, ExtraAccess.ROOM_DIRECTORY)
    assert credentials(stage) == f"{REFRESH_TOKEN} room-directory"
    stage.deliver()
    told = [what for what in stage.notifier.told if what[0] == "connection news"]
    assert len(told) == 1, "that it is connected is no news"


def test_connection_keeps_what_it_has_when_the_consent_is_refused(stage: Stage) -> None:
    departure = depart(stage, asked_for_rooms(stage))
    refused = {"state": state_in(departure.url), "error": "access_denied"}
    page = stage.services.sign_ins.look(stage.services.sign_ins.arrive("google", refused, departure.browser))
    assert page.visit.problem
    assert page.visit.extra is ExtraAccess.ROOM_DIRECTORY, "the page's button asks for it once more"
    assert credentials(stage) == REFRESH_TOKEN


def test_another_account_is_not_taken_for_the_one_that_was_asked(stage: Stage, google: FakeSignIn) -> None:
    departure = depart(stage, asked_for_rooms(stage))
    google.address = "dana@private.example"
    page = stage.services.sign_ins.look(arrive(stage, departure))
    assert "dana@private.example" in page.visit.problem
    assert DANA.email in page.visit.problem
    assert credentials(stage) == REFRESH_TOKEN
    assert google.revoked == [f"{REFRESH_TOKEN} room-directory"]


def test_consent_that_came_from_another_browser_is_asked_about(stage: Stage) -> None:
    page = stage.services.sign_ins.look(arrive(stage, depart(stage, asked_for_rooms(stage)), browser="stolen"))
    assert page.visit.stage is VisitStage.CONFIRM
    assert credentials(stage) == REFRESH_TOKEN


def test_link_for_a_consent_is_good_once(stage: Stage) -> None:
    token = asked_for_rooms(stage)
    nonce = stage.services.sign_ins.look(token).nonce
    stage.services.sign_ins.begin(token, nonce, "google")
    with pytest.raises(StaleStateError):
        stage.services.sign_ins.begin(token, nonce, "google")
