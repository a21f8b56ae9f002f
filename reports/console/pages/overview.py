"""The overview: how many devices are compliant now, what needs somebody today, and whether that can be believed."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from reports.console import charts
from reports.console.fleet import Verdict, counts
from reports.console.fleet_findings import AGES, SHORT, Age, tally
from reports.console.fleet_today import Published, Today, Trust, Week, published, today, trend, trust
from reports.console.model import Access, Ask, Endpoint, Reply
from reports.web.entered import start_of

DAY = 86400
SHOWN = 5
AGE_WORDS = {
    Age.HOURS: "Under 24 hours",
    Age.DAYS: "1 to 7 days",
    Age.WEEKS: "8 to 90 days",
    Age.LONGER: "Over 90 days",
}
ORDER = (Verdict.COMPLIANT, Verdict.NOT_COMPLIANT, Verdict.CANNOT_TELL, Verdict.OVERDUE)
ICONS = {"compliant": "pass", "not_compliant": "fail", "cannot_tell": "unknown", "overdue": "stale"}


def show(ask: Ask) -> Reply:
    """All figures are of one reading of the database."""
    console, now = ask.console, ask.console.now()
    practice = console.practice(ask.practice_id)
    zone = ZoneInfo(practice.timezone)
    with console.store.read() as db:
        standing = counts(db, practice.id, now)
        if not standing.total:
            return console.page("overview_empty.html", ask)
        open_now = tally(db, practice.id, now)
        needs, believed = today(db, practice, now), trust(db, practice.id, now)
        weeks = trend(db, practice.id, now, zone)
        since = start_of(weeks[0].day, zone) if weeks else now
        policies = published(db, practice.id, since)
    numbers = {str(verdict): standing.of(verdict) for verdict in ORDER}
    return console.page(
        "overview.html",
        ask,
        standing=standing,
        numbers=numbers,
        icons=ICONS,
        bar=charts.share(numbers),
        needs=needs,
        nothing=_nothing(needs, standing.overdue),
        believed=believed,
        broken=believed.broken(now),
        doubts=doubts(believed, now),
        failing=_bars([(SHORT.get(name, name), name, number) for name, number in open_now.failing[:SHOWN]]),
        ages=_bars([(AGE_WORDS[age], str(age), open_now.ages[age]) for age in AGES]),
        open_total=open_now.total,
        weeks=weeks,
        line=_line(weeks, policies, zone),
        policies=policies,
    )


def _nothing(needs: Today, overdue: int) -> bool:
    """Nobody needs to do anything."""
    return not (overdue or needs.errors_total or needs.ending_total or needs.gaps or needs.paths)


def doubts(believed: Trust, now: int) -> list[str]:
    """What speaks against the page, in sentences; none: nothing that the console can see of itself."""
    found = []
    if believed.runs == 0:
        found.append("No device has reported in the last day.")
    elif believed.proven < believed.runs:
        found.append(
            f"{believed.runs - believed.proven} of {believed.runs} runs in the last day did not find what they had "
            "planted for themselves; they are never counted as compliant."
        )
    if believed.channels == 0:
        found.append("Nobody is told by message: no channel is set up.")
    elif believed.told_at is None or now - believed.told_at > 2 * DAY:
        found.append("No test message has gone out for two days.")
    if believed.late_jobs:
        found.append("The console's own daily work is behind by more than an hour.")
    return found


def _bars(rows: list[tuple[str, str, int]]) -> list[tuple[str, str, int, float]]:
    """Words, the word in an address, the number, and how long its bar is in percent."""
    return [(*row, length) for row, length in zip(rows, charts.lengths([row[2] for row in rows]), strict=True)]


def _line(weeks: list[Week], policies: list[Published], zone: ZoneInfo) -> charts.Line | None:
    if len(weeks) < 2:
        return None
    first, last = (start_of(day, zone) for day in (weeks[0].day, weeks[-1].day + timedelta(days=1)))
    span = (weeks[-1].day - weeks[0].day).days
    places = [(week.day - weeks[0].day).days * 100 / span for week in weeks]
    marks = [(one.at - first) * 100 / (last - first) for one in policies]
    return charts.line([week.percent for week in weeks], places, marks)


ENDPOINTS: tuple[Endpoint, ...] = (Endpoint(method="GET", path="/", name="overview", access=Access.PERSON, run=show),)
