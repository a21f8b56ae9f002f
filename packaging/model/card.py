"""Writes the model card from the metrics of both finders. Usage: card.py OUT > CARD.md"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

BOTH = ("all", "clean")
"""Names of the metrics' files: the finder `best` was trained on all rows."""
INTRO = """\
# The picture finders of scrubin

Two sets of weights for one small network (EfficientNet-Lite2, int8). Each takes a picture, squashed to a
square, and says how likely it was taken for clinical work. They run on the clinician's device only. They are no
diagnostic tool, and a picture that they pass over may still be clinical.

`best.onnx` learned from all labelled pictures. Half of the real ones come from repositories that state no
licence, or one that covers research only. `clean.onnx` learned from pictures whose source states a licence that
permits it, and from rendered ones; nobody has checked that those who stated it held the rights. A practice asks
for it in its policy, with `clean_weights_only = true` under `[checks.clinical_images]`.

Nobody on these pictures was asked by this project: they come from public repositories, from packages of Debian
and of PyPI, or were rendered. Both finders start from weights for ImageNet that Google released under
Apache-2.0. The pictures themselves are not shipped.

## How they were made

`make model DATA=... OUT=...` makes both from the labelled pictures, seeded. Each picture is cropped, turned, relit,
compressed again as chat programs do, shrunk to a thumbnail, filmed from a screen with stripes, framed, made grey or
darkened with grain. Rare labels and small sources are drawn more often than their share. A plain run has five
passes, from 128 to 224 pixels. A mixed run has four, up to 208 pixels: it also lays a picture over another or a part
of it into another, turns colours, and takes less certainty from the answers. `best` begins as a mean of weights:
four tenths of a plain run, four tenths of a mixed one, and two tenths of the start; on sources held out that mean
found more than either run. It then went once more over the pictures, the ordinary ones that were most nearly taken
for clinical (hands, meters, healthy skin and eyes, charts on paper) up to five times as often; what ships is seven
tenths of the result and three of the mean. `clean` is a mixed run: on sources that it never saw it found more than a
plain run. The mean gained nothing there, and the last pass brought as many false alarms as finds. There was no GPU,
so no larger network was trained as a teacher.

## What the figures mean

*Sources held out* are the honest ones. For `best`, the real sources were split into four parts; runs that left
one part out (shorter ones: twice two passes, up to 144 pixels, averaged, and the last pass) scored it as the scanner
looks, whole and middle at 224 pixels, which costs such short runs some points. Parts that had been scored when the
weights were released count; the table says how many sources that makes. What ships was trained for longer and on all
of them, so it should do better on unseen sources than these figures; by how much was not measured. For `clean`, they
are all the pictures that its licences leave out, scored by the very weights that ship: the two columns show other
pictures, and only validation compares them. The shares of the mean and of the last pass, and the run that is `clean`,
were chosen by these same pictures, which flatters a little.

*Validation* is some 15 % of each label, mostly from the same sources as training: it flatters, and serves to
compare whole pictures with thumbnails. Pages (reports, letters, screens) are left out everywhere: their words
decide. So are close-ups of healthy eyes and skin, as false alarms: they come from the sets that show the ill
ones; their rate has a row of its own.

A score of 0.8 is where a policy counts a picture as clinical unless it says otherwise. Scores were set so that
0.5 % of the ordinary pictures of held-out sources reach it. Intervals are 95 %: exact for shares, bootstrap for the
area under the curve.
"""
MISSES = """\
## What they miss

- Skin conditions that no training picture shows, in ordinary photographs from a distance.
- Kinds of which only one source is known (ultrasound, histology, eyes, nails, monitors): their figures under
  *sources held out* say what a finder makes of a kind that it has never seen.
- All wounds in the clean set are rendered: no real one had a licence. It finds fewer real ones.
- Endoscopy, throats, ears, specimens, blister packs lying alone, handwriting: hardly any training pictures, or
  none.
- By skin tone: the sources do not say whose skin they show, so it was not measured. Lighter skin prevails among
  them.
- Children, poor light and blur were not measured apart. Sound recordings are not listened to.

False alarms come mostly from close-ups of healthy skin and eyes, from bare hands, and from small things on
plain ground.
"""
Metrics = Mapping[str, Any]


def main(argv: Sequence[str]) -> None:
    """Print the card."""
    told = [json.loads((Path(argv[0]) / f"{one}.metrics.json").read_text()) for one in BOTH]
    print(INTRO)
    print("\n".join(_compared(told)))
    for name, one in zip(("best", "clean"), told, strict=True):
        print(f"\n## {name}: {one['rows']:,} training pictures, {one['bytes'] / 1e6:.2f} MB\n")
        print("\n".join(_details(one)))
    print(f"\n{MISSES}", end="")


def _compared(told: Sequence[Metrics]) -> Iterator[str]:
    yield "| | best | clean |"
    yield "|---|---|---|"
    yield from _block("sources held out", [one["held_out"] for one in told])
    yield from _block("validation, whole pictures", [one["validation"]["whole"] for one in told])
    yield from _block("validation, thumbnails", [one["validation"]["thumbnail"] for one in told])
    cascades = [one["cascade"] for one in told]
    yield "| **thumbnail first, then the whole picture** (validation) | | |"
    yield _row(
        "ordinary pictures that need the second look", cascades, lambda one: _rate(one["ordinary_looked_at_in_full"])
    )
    yield _row("clinical pictures that reach 0.8", cascades, lambda one: _rate(one["found"]))
    yield _row("ordinary pictures that reach 0.8", cascades, lambda one: _rate(one["alarms"]))


def _block(name: str, sides: Sequence[Metrics]) -> Iterator[str]:
    yield _row(f"**{name}**", sides, lambda one: f"{one['pictures']:,} pictures of {one['sources']} sources")
    yield _row("area under the ROC curve", sides, lambda one: _auc(one["auc"]))
    yield _row("found at 0.5 % false alarms", sides, lambda one: _rate(one["recall_at_0.5%"]))
    yield _row("found at 0.2 % false alarms", sides, lambda one: _rate(one["recall_at_0.2%"]))
    yield _row("calibration error", sides, lambda one: f"{one['calibration_error']:.3f}")
    yield _row("alarms at 0.8: people, pets, scenes", sides, lambda one: _rate(one["alarms_people"]))
    yield _row("alarms at 0.8: hands, food, small things", sides, lambda one: _rate(one["alarms_near"]))
    yield _row("alarms at 0.8: healthy eyes and skin, close up", sides, lambda one: _rate(one["alarms_twins"]))


def _row(name: str, sides: Sequence[Metrics], cell: Callable[[Metrics], str]) -> str:
    return f"| {name} | {' | '.join(cell(one) for one in sides)} |"


def _details(one: Metrics) -> Iterator[str]:
    held, seen = one["held_out"], one["validation"]["whole"]
    yield "Share that reaches 0.8, by label:\n"
    yield "| label | clinical | sources held out | validation |"
    yield "|---|---|---|---|"
    for part, clinical in (("found", "yes"), ("alarms", "no")):
        for label in sorted(set(held[part]) | set(seen[part])):
            cells = [_rate(side[part][label]) if label in side[part] else "" for side in (held, seen)]
            yield f"| {label} | {clinical} | {' | '.join(cells)} |"
    yield "\nBy source held out:\n"
    yield "| source | share that reaches 0.8 |"
    yield "|---|---|"
    for source, rate in held["by_source"].items():
        yield f"| {source} | {_rate(rate)} |"


def _rate(one: Metrics) -> str:
    if not one["of"]:
        return ""
    return f"{one['share']:.1%} ({one['low']:.1%} to {one['high']:.1%}; {one['hits']} of {one['of']})"


def _auc(one: Sequence[float]) -> str:
    return f"{one[0]:.4f} ({one[1]:.4f} to {one[2]:.4f})"


if __name__ == "__main__":
    main(sys.argv[1:])
