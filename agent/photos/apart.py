"""The look for clinical images in a process of its own: what that says is taken in again as evidence."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any

from agent.child import ChildError
from agent.collect.host import CollectError, Host
from agent.collect.probe import Probe
from agent.photos.consent import given
from checks.clinical_images.fact import ClinicalImages, Disposition, Folder, Group, Origin, Tally
from checks.evidence import Gap, Why

Ask = Callable[..., str]
TALLY = tuple(one.name for one in fields(Tally))


class Apart:
    """Looks by asking another process; see agent.desk.Looks."""

    def __init__(self, folder: Path, ask: Ask) -> None:
        """`folder` holds the consent. `ask` runs `scrubin photos look` with more arguments, and raises ChildError.

        Every account of the laptop can see arguments: none of them is a path.
        """
        self._folder = folder
        self._ask = ask
        self._proven: bool | None = None

    def laptop(self, weights: str, extra: Sequence[str]) -> Probe:
        """The probe; `extra` must be the folders of agent.toml, which the other process reads for itself."""

        def look(_: Host) -> ClinicalImages:
            self._proven = None
            if not given(self._folder):
                raise CollectError(Why.NOT_CONSENTED, "")
            try:
                fact, self._proven = heard(self._ask("--weights", weights))
            except ChildError as error:
                raise CollectError(Why.TOOL_FAILED, "the look for pictures did not end well") from error
            return fact

        return Probe(look=look, canary=None, proof=lambda: self._proven)


def said(fact: ClinicalImages, *, proven: bool) -> str:
    """JSON of what was seen; details of gaps are left out.

    A tally is a list of its values: a large collection has ten thousand, and all must fit into what is heard.
    """
    gaps = [{"part": one.part, "why": one.why} for one in fact.gaps]
    body = {**asdict(fact), "gaps": gaps, "tallies": [astuple(one) for one in fact.tallies]}
    return json.dumps({"proven": proven, "fact": body}, separators=(",", ":"))


def not_said(why: Why) -> str:
    """JSON of why nothing was seen."""
    return json.dumps({"why": why})


def heard(text: str) -> tuple[ClinicalImages, bool]:
    """The reverse of `said`. Raises CollectError, also for what `not_said` says."""
    try:
        told = json.loads(text)
        if "why" in told:
            raise CollectError(Why(told["why"]), "")
        return _fact(told["fact"]), told["proven"] is True
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CollectError(Why.UNPARSABLE, "the look for pictures") from error


def _fact(told: Mapping[str, Any]) -> ClinicalImages:
    return ClinicalImages(
        looked_at=tuple(Folder(one) for one in told["looked_at"]),
        tallies=tuple(_tally(one) for one in told["tallies"]),
        not_scanned=None if told["not_scanned"] is None else int(told["not_scanned"]),
        model=str(told["model"]),
        unread_documents=int(told["unread_documents"]),
        clean_weights=told["clean_weights"] is True,
        gaps=tuple(Gap(part=str(one["part"]), why=Why(one["why"])) for one in told["gaps"]),
    )


def _tally(values: Sequence[Any]) -> Tally:
    told = dict(zip(TALLY, values, strict=True))
    return Tally(
        folder=Folder(told["folder"]),
        age_hours=None if told["age_hours"] is None else int(told["age_hours"]),
        score_percent=int(told["score_percent"]),
        count=int(told["count"]),
        group=Group(told["group"]),
        origin=Origin(told["origin"]),
        gps=told["gps"] is True,
        disposition=Disposition(told["disposition"]),
        known_hours=int(told["known_hours"]),
    )
