"""One line a finding: for logs, pipes and grep."""

from checks.model import Finding
from reports.envelope import Report


def render(report: Report) -> str:
    """`<time> <device>`, a line a finding, and the roll-up. Codes and bands: nothing to wrap, nothing to escape."""
    stamp = report.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"{stamp} {report.device.kind} {report.device.id}"]
    lines += [f"{report.device.kind} {_line(one)}" for one in report.findings]
    proof = "proven" if report.proof.proven else "unproven"
    lines.append(f"proof {proof} {report.proof.found} of {report.proof.planted}")
    lines.append(f"rollup {report.overall}")
    return "\n".join(lines) + "\n"


def _line(one: Finding) -> str:
    words = [one.check_id, one.status, *("waived" for _ in (one.waiver,) if one.waiver is not None)]
    words += ["recommended"] if one.level == "recommended" else []
    return " ".join([*words, *(_word(key, value) for key, value in one.measures.items()), *_attested(one)])


def _attested(one: Finding) -> list[str]:
    """The person's own word, what it is worth and when it ends."""
    said = one.attestation
    if said is None:
        return []
    stamp = said.until.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [f"attested={said.saw}", f"attested_counts={str(said.counts).lower()}", f"attested_until={stamp}"]


def _word(key: str, value: int | bool | str | tuple[str, ...]) -> str:
    if key == "reasons" and isinstance(value, tuple):
        return ",".join(value)
    shown = ",".join(value) if isinstance(value, tuple) else str(value).lower()
    return f"{key}={shown or 'none'}"
