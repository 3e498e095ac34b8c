"""The two charts of a topic: how much can close by itself, and what its audits say."""

from collections.abc import Sequence

from api.pages import charts
from api.pages.charts import Chart, Rule
from api.pages.models_reading import nearest
from api.pages.spoken import Spoken
from pipelines.auditing import AuditPoint, TopicState

_FLOOR = 0.01  # evidence below it speaks for the certificate, and is drawn at the edge


def risk_chart(topic: TopicState, spoken: Spoken) -> Chart:
    """Bound and errors seen against coverage, with alpha as the rule and the threshold marked."""
    say, alpha = spoken.say, topic.alpha
    points = sorted(topic.curve, key=lambda point: point.coverage)
    lowest = min(point.upper for point in points)
    top = charts.nice_top(min(1.0, max(4 * alpha, 1.6 * lowest)))
    x, y = charts.across(0, 1), charts.upward(0, top)
    here = nearest(topic)
    alpha_text = spoken.share(alpha)
    label = say("models.curve.label_open", alpha=alpha_text)
    mark = None
    if here is not None:
        coverage, upper = spoken.share(here.coverage, digits=0), spoken.bound(here.upper)
        certified = topic.state == "certified"
        if certified:
            label = say("models.curve.label", coverage=coverage, upper=upper, alpha=alpha_text)
        text = say("models.curve.now" if certified else "models.curve.would", coverage=coverage, upper=upper)
        mark = charts.mark_at(x(here.coverage), y(here.upper), text, clear=y(alpha))
    quarters = (0.0, 0.25, 0.5, 0.75, 1.0)
    return Chart(
        label=label,
        x_title=say("models.curve.x"),
        lines=(
            charts.line([(p.coverage, p.observed) for p in points], x, y, kind="soft", name=say("models.curve.seen")),
            charts.line([(p.coverage, p.upper) for p in points], x, y, kind="blue", name=say("models.curve.bound")),
        ),
        x_ticks=charts.ticks(x, quarters, lambda value: spoken.share(value, digits=0)),
        y_ticks=charts.ticks(y, [top * part for part in quarters], spoken.share),
        rules=(Rule(y(alpha), say("models.curve.alpha", alpha=alpha_text), "red"),),
        mark=mark,
        head=tuple(say(f"models.curve.{key}") for key in ("coverage", "threshold", "seen", "bound")),
        rows=tuple(
            (
                spoken.share(point.coverage, digits=0),
                spoken.number(point.threshold, digits=3),
                spoken.share(point.observed),
                spoken.bound(point.upper),
            )
            for point in points
        ),
    )


def audit_chart(topic: TopicState, spoken: Spoken) -> Chart:
    """Detector and e-process over the audits, by tens, with the lines at which they act; topic: with an audit."""
    say, series = spoken.say, list(enumerate(topic.audits, start=1))
    number, last = series[-1]
    broken = 1 / topic.level
    top = 10 * max(topic.limit, broken, *(max(point.e, point.detector) for _, point in series))
    x, y = charts.across(0, number), charts.upward_by_tens(_FLOOR, top)
    label = say(
        "models.audit.label",
        n=spoken.number(topic.audited),
        k=topic.errors,
        detector=spoken.evidence(last.detector),
        limit=spoken.number(topic.limit),
        e=spoken.evidence(last.e),
        broken=spoken.number(broken),
    )
    tens = [10.0**power for power in range(-2, 13, 2) if 10.0**power <= top]
    return Chart(
        label=label,
        x_title=say("models.audit.x"),
        lines=(
            _series([(n, p.detector) for n, p in series], x, y, "blue", say("models.audit.detector")),
            _series([(n, p.e) for n, p in series], x, y, "amber", say("models.audit.e")),
        ),
        x_ticks=charts.ticks(x, sorted({0, number // 2, number}), spoken.number),
        y_ticks=charts.ticks(y, tens, spoken.number),
        rules=(
            Rule(y(topic.limit), say("models.audit.shuts", n=spoken.number(topic.limit)), "blue"),
            Rule(y(broken), say("models.audit.broken", n=spoken.number(broken)), "amber"),
        ),
        head=(say("models.audit.number"), say("models.audit.detector"), say("models.audit.e")),
        rows=tuple((spoken.number(n), spoken.evidence(p.detector), spoken.evidence(p.e)) for n, p in _few(series)),
    )


def _series(
    points: Sequence[tuple[float, float]], x: charts.Scale, y: charts.Scale, kind: str, name: str
) -> charts.Line:
    return charts.line([(0.0, 0.0), *points], x, y, kind=kind, name=name)


def _few(series: Sequence[tuple[int, AuditPoint]], most: int = 20) -> list[tuple[int, AuditPoint]]:
    """Evenly, with the last."""
    step = -(-len(series) // most)
    return [*series[::-1][::step]][::-1]
