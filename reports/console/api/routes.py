"""The API's endpoints, its OpenAPI document, and the page to try it on."""

from reports.console.api import acting, openapi, reading, shapes
from reports.console.console import as_json
from reports.console.model import Access, Ask, Endpoint, Person, Reply, Role, Scope

BASE = "/api/v1"


def document(ask: Ask) -> Reply:
    """The OpenAPI document."""
    return as_json(openapi.document(CALLS))


def docs(ask: Ask) -> Reply:
    """A page made of the document, where each call can be tried."""
    assert isinstance(ask.caller, Person)
    made: Reply = ask.console.page("api_docs.html", ask)
    return made


def _read(path: str, name: str, run: object, answer: type, about: str) -> Endpoint:
    assert callable(run)
    return Endpoint(method="GET", path=BASE + path, name=name, access=Access.TOKEN, run=run, answer=answer, about=about)


def _act(path: str, name: str, run: object, answer: type, about: str, body: type | None = None) -> Endpoint:
    assert callable(run)
    return Endpoint(
        method="POST",
        path=BASE + path,
        name=name,
        access=Access.TOKEN,
        run=run,
        role=Role.MANAGER,
        scope=Scope.MANAGE,
        body=body,
        answer=answer,
        about=about,
    )


CALLS: tuple[Endpoint, ...] = (
    _read("/counts", "api_counts", reading.counts, shapes.Counts, "How many devices stand how."),
    _read("/devices", "api_devices", reading.devices, shapes.Devices, "Devices, fifty at a time."),
    _read("/devices/{device_id}", "api_device", reading.device, shapes.WholeDevice, "One device with its findings."),
    _read("/findings", "api_findings", reading.findings, shapes.Findings, "Open findings, the oldest first."),
    _read("/waivers", "api_waivers", reading.waivers, shapes.Waivers, "Waivers."),
    _act("/waivers", "api_waiver_give", acting.give_waiver, shapes.Waiver, "Give a waiver.", shapes.NewWaiver),
    _act("/waivers/{waiver_id}/end", "api_waiver_end", acting.end_waiver, shapes.Waiver, "End a waiver now."),
    _act("/codes", "api_code_make", acting.make_code, shapes.Code, "Make an enrolment code.", shapes.NewCode),
    _read("/policy", "api_policy", reading.policy, shapes.Policy, "The policy in force."),
    _read(
        "/policy/versions", "api_policy_versions", reading.policy_versions, shapes.PolicyVersions, "Policy versions."
    ),
    _read("/audit", "api_audit", reading.audit, shapes.Audit, "The audit log, the newest first."),
)
ENDPOINTS: tuple[Endpoint, ...] = (
    *CALLS,
    Endpoint(method="GET", path="/api/openapi.json", name="api_document", access=Access.ANYBODY, run=document),
    Endpoint(method="GET", path="/api/docs", name="api_docs", access=Access.PERSON, run=docs),
)
