"""The page of the models: who may read it, the promises with their figures, and charts that a table repeats."""

import dataclasses
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from web_house import PASSWORD_HASH, signed_in

from api.app import create_app
from api.pages import charts
from api.pages.models_charts import audit_chart, risk_chart
from api.pages.models_reading import TopicRead
from api.pages.models_view import topic_shown
from api.pages.spoken import Spoken
from api.pages.templating import open_pages
from api.pages.times import Say
from cases import events as e
from cases.store.certificates import Certificate
from cases.vocabulary import SYSTEM, Role
from models import registry
from pipelines.auditing import AuditPoint, TopicState
from pipelines.drift import serving_version
from pipelines.house import House
from pipelines.model_log import STREAM
from pipelines.photo_models import PhotoModels
from pipelines.shares import audits_of
from pipelines.standing import rules_digest
from pipelines.wiring import build
from tests.homes import settings

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
JOURNEY, TOPIC, CERTIFICATE = "motor_claim", "windscreen", "motor_claim.windscreen.1"
CURVE = tuple(e.RiskPoint(n / 20, 1 - n / 40, 0.0004 * n, 0.004 + 0.0006 * n) for n in range(1, 21))


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, trained: Path) -> Iterator[House]:
    """A house with one certified and audited topic, a drift and a comparison in its log."""
    home = tmp_path_factory.mktemp("models-page")
    built = dataclasses.replace(
        build(settings(home, models=trained, public_url="http://testserver", desk_language="en")), now=lambda: NOW
    )
    built.texts.of(JOURNEY)
    people = (
        ("joris", Role.JOURNEY_OWNER, "motor"), ("dana", Role.DATA_SCIENTIST, "motor"), ("olga", Role.AUDITOR, "motor"),
        ("anouk", Role.EXPERT, "motor"), ("noor", Role.LEAD, "motor"), ("hanna", Role.HANDLER, "motor"),
        ("root", Role.ADMINISTRATOR, "motor"),
    )  # fmt: skip
    with built.database.writing() as store:
        for name, role, line in people:
            store.people.add_user(name, (role,), PASSWORD_HASH, at=NOW, lines=(line,))
    certify(built)
    yield built
    built.decoder.close()
    built.database.close()


def certify(house: House) -> None:
    folder, issued = house.journeys.get(JOURNEY), NOW - timedelta(days=10)
    version = str(serving_version(house, JOURNEY))
    rules = rules_digest(folder, TOPIC)
    look = e.CertificationTried(
        CERTIFICATE, JOURNEY, TOPIC, version, rules, 0.01, 0.025, 1, 900, 1, 640, 0.0093, certified=True, needs=0,
        threshold=0.7, method="betting", simulated=True, curve=CURVE,
    )  # fmt: skip
    drift = e.DriftSeen(JOURNEY, "scores", 0.3, 0.000001, 0.00002, 500, 300, version)
    compared = e.ModelCompared(
        f"text/{JOURNEY}", "champion1", "challenger1", 400, 310, 0.91, 0.93, 0.004, 0.031, "better", "surely", "ada"
    )
    with house.database.writing() as store:
        store.append(STREAM, [(event, SYSTEM) for event in (look, drift, compared)], at=issued)
        store.certificates.put(Certificate(CERTIFICATE, JOURNEY, TOPIC, 0.7, 0.01, 0.05, 1, version, rules, issued))
        for number in range(60):
            at, case = issued + timedelta(hours=3 * number), f"case-{number}"
            store.append(audits_of(CERTIFICATE), [(e.AuditDrawn(JOURNEY, TOPIC, CERTIFICATE, case), SYSTEM)], at=at)
            if number < 50:
                seen = e.AuditObserved(
                    JOURNEY, TOPIC, CERTIFICATE, case, wrong=number == 20, late=False, audits=number + 1,
                    errors=int(number >= 20), e=0.5, detector=10.0 * number,
                )  # fmt: skip
                store.append(audits_of(CERTIFICATE), [(seen, SYSTEM)], at=at + timedelta(days=2))


def page(house: House, path: str = f"/models?journey={JOURNEY}", *, name: str = "dana") -> str:
    answer = signed_in(house, name).get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


@pytest.mark.parametrize(
    ("name", "status"),
    [("joris", 200), ("dana", 200), ("olga", 200), ("anouk", 403), ("noor", 403), ("hanna", 403), ("root", 403)],
)
def test_journey_owner_data_scientist_and_auditor_may_read_and_see_the_link(
    watched: House, name: str, status: int
) -> None:
    client = signed_in(watched, name)

    assert client.get(f"/models?journey={JOURNEY}").status_code == status
    assert ('href="/models"' in client.get("/journeys").text) is (status == 200)


def test_a_stranger_is_sent_to_the_door_and_a_foreign_or_unknown_journey_does_not_exist(watched: House) -> None:
    stranger = TestClient(create_app(watched), follow_redirects=False)

    assert stranger.get("/models").headers["location"] == "/login?next=%2Fmodels"
    assert signed_in(watched, "dana").get("/models?journey=home_repair").status_code == 404
    assert signed_in(watched, "dana").get("/models?journey=nothing").status_code == 404
    assert "home_repair" not in page(watched)


def test_the_two_promises_are_worded_exactly_with_their_figures(watched: House) -> None:
    shown = page(watched)

    assert "of the cases that close by themselves, at most a share 1% is wrong, with confidence 95%" in shown
    assert re.search(
        r"a rise to 2·α is found after a median of \d+ audits, and auto-close for the topic then shuts\. "
        r"Smaller rises may go unfound \(1\.5 α practically does\)\.",
        shown,
    )
    assert "partly simulated" in shown
    assert "not for each group of customers" in shown


def test_a_certified_topic_shows_threshold_bound_labels_and_audits(watched: House) -> None:
    shown = page(watched)

    for figure in ("0.7 or more close by themselves", "0.93%", "640, of which 1 wrong", "50, of which 1 wrong"):
        assert figure in shown, figure
    assert "<dt>Waiting for a verdict</dt><dd><b>10</b>" in shown
    assert "2 days in the median" in shown
    assert shown.count('<svg class="chart"') == 2
    assert shown.count("Show as table") == 2
    assert "Watching blind" in shown


def test_drift_versions_and_comparisons_are_told(watched: House) -> None:
    shown = page(watched)

    assert "Too few to say, 100 more" in shown
    assert "champion1" in shown
    assert "310 customers" in shown
    assert str(serving_version(watched, JOURNEY)) in shown


def test_a_version_that_waits_and_how_boxes_in_photos_are_found_are_named_where_there_are_such_models(
    watched: House, tmp_path: Path, trained: Path
) -> None:
    root = Path(shutil.copytree(trained, tmp_path / "models"))
    card = {"sha256": "a" * 64, "data_digest": "b" * 64, "report": {"n": 40, "accuracy": 0.9, "ece": 0.03}}
    registry.find_or_train(root, "photo", JOURNEY, "c" * 64, lambda _: card)
    seeing = dataclasses.replace(
        watched, settings=watched.settings.model_copy(update={"models": root}), photos=PhotoModels(root)
    )

    registry.let_wait(root, "text", JOURNEY, registry.serving(root, "text", JOURNEY))
    assert "Waits" in page(seeing)
    assert "Waits" not in page(watched)
    assert "activation map" in page(seeing)
    assert "activation map" not in page(watched)


def test_nothing_on_the_page_needs_a_style_or_a_script_of_its_own(watched: House) -> None:
    shown = page(watched)

    assert "style=" not in shown
    assert not re.search(r"<script(?![^>]* src=)|\son[a-z]+=", shown)
    assert "models." not in re.sub(r"<[^>]*>", " ", shown)  # no key without its words


# --- what is prepared for it -----------------------------------------------------------------------------------------


def spoken(language: str = "en") -> Spoken:
    pages = open_pages(language)
    say: Say = pages.desk_say()
    return Spoken(say, language, ZoneInfo("Europe/Amsterdam"))


def stands(**changed: object) -> TopicState:
    audits = tuple(AuditPoint(NOW, wrong=False, late=False, e=1 / n, detector=float(n)) for n in (1, 2, 3))
    whole = TopicState(
        JOURNEY, TOPIC, "certified", 0.01, 0.05, 0.025, certificate=CERTIFICATE, threshold=0.7, n=640, k=1,
        upper=0.0093, needs=0, curve=CURVE, audits=audits, audited=3, waiting=1, share=0.3,
        delays=((2, 343), (3, 156), (5, 72), (10, None)), drawn_a_day=6.0, closed_a_day=20.0, label_delay_days=2.0,
    )  # fmt: skip
    return dataclasses.replace(whole, **changed)  # type: ignore[arg-type]


def topic(**changed: object) -> TopicRead:
    return TopicRead("Windscreen", stands(**changed))


def test_days_follow_from_volume_share_and_label_delay() -> None:
    days = stands().days_to_find

    assert days[3] == pytest.approx(156 / (20 * 0.3) + 2)
    assert days[10] is None
    assert stands(drawn_a_day=None).days_to_find[3] is None
    assert topic_shown(topic(drawn_a_day=None), spoken()).delays[0][2] == "nothing closes yet"
    assert [one[2] for one in topic_shown(topic(), spoken()).delays] == ["59 days", "28 days", "14 days", ""]


def test_a_bound_never_reads_smaller_than_it_is() -> None:
    assert spoken().bound(0.00931) == "0.94%"
    assert spoken().bound(1.0) == "100%"
    assert spoken("nl").bound(0.0075) == "0,75%"


def test_a_shut_topic_says_why_and_a_blind_one_how_many_more() -> None:
    shut = topic_shown(topic(state="shut", shut_because="audits found a rise"), spoken())
    blind = topic_shown(topic(state="shadow", needs=354, audits=(), curve=()), spoken("nl"))

    assert "audits found a rise" in shut.told[0]
    assert "354" in blind.told[0]
    assert (blind.curve, blind.audits) == (None, None)


def test_charts_stay_in_their_box_and_their_table_has_every_point() -> None:
    risk = risk_chart(stands(), spoken())
    audits = audit_chart(stands(), spoken())

    assert len(risk.rows) == len(CURVE)
    assert risk.mark is not None
    assert "now 60%" in risk.mark.text
    for chart in (risk, audits):
        for drawn in chart.lines:
            for point in drawn.points.split():
                x, y = map(float, point.split(","))
                assert charts.LEFT <= x <= charts.WIDTH - charts.RIGHT
                assert charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM
    assert audits.rules[0].y < audits.rules[1].y  # 2,000 lies above 40


def test_a_long_series_is_thinned_but_keeps_its_peaks_and_its_end() -> None:
    series = [(float(n), 1000.0 if n == 777 else 1.0) for n in range(5000)]

    kept = charts.thinned(series, 100)

    assert len(kept) <= 101
    assert (777.0, 1000.0) in kept
    assert kept[-1] == series[-1]


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.04, 0.04), (0.041, 0.05), (7, 8), (0.095, 0.1)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert charts.nice_top(value) == pytest.approx(top)
