"""Who may call what, as data: a row for every operation of /openapi.json and for every page.

Letters of roles: H handler, X expert, L lead, J journey owner, D data scientist, A auditor, R administrator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.vocabulary import Role

LETTERS = dict(zip("HXLJDAR", Role, strict=True))
EVERYBODY = "HXLJDAR"
READ = "HXLJDA"  # cases of one's own line of business
SEE = "HXLJA"  # the same without pseudonyms
DECIDE = "HXL"
RULES_READ, RULES_DRAFT = "JA", "J"
MODELS_READ = "JDA"
INSIGHTS = "LJA"
SHUT = "XLJDR"
SETTINGS = "AR"
READ_SCOPE, SEND_SCOPE, WATCH_SCOPE = "cases:read", "messages:write", "metrics:read"


@dataclass(frozen=True)
class Row:
    """may: letters of roles. scope: the token that is let in too. strangers: nobody needs to sign in.

    send: a body of JSON, or the fields of a page's form; words in braces are filled in. asked: added to the address.
    once: of those who may, only one and who reads without names ask it, since it takes long. ends: the session is over
    afterwards.
    """

    may: str = ""
    scope: str = ""
    strangers: bool = False
    send: Mapping[str, Any] | None = None
    asked: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    ends: bool = False


OPEN = Row(EVERYBODY, strangers=True)
FORM: Mapping[str, Any] = {}
DRAFT = {"fields": {"text": "half"}, "opened_at": "2026-11-22T12:00:00Z"}
STALE = {"choice": "escalate", "reason": "x", "version": 0}

CALLS: Mapping[str, Row] = {
    "GET /openapi.json": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /metrics": Row(scope=WATCH_SCOPE),
    "POST /api/messages": Row(EVERYBODY, SEND_SCOPE, strangers=True, send={"sender": "x@example.org"}),
    "POST /api/messages/raw": Row(scope=SEND_SCOPE),
    "POST /api/channels/sms": Row(send={"type": "text", "from": "+31612345678", "text": "hello"}),
    "OPTIONS /api/uploads": OPEN,
    "POST /api/uploads": Row(scope=SEND_SCOPE),
    "HEAD /api/uploads/{upload_id}": OPEN,
    "PUT /api/uploads/{upload_id}": OPEN,
    "PATCH /api/uploads/{upload_id}": OPEN,
    "DELETE /api/uploads/{upload_id}": OPEN,
    "GET /api/tracking/{token}": OPEN,
    "GET /api/cases": Row(READ, READ_SCOPE, asked="?q={foreign_word}"),
    "GET /api/cases/{reference}": Row(READ, READ_SCOPE),
    "GET /api/cases/{reference}/timeline": Row(READ, READ_SCOPE),
    "GET /api/cases/{reference}/decision-file": Row(READ, READ_SCOPE),
    "GET /api/cases/{reference}/decision-file.pdf": Row(READ, READ_SCOPE, once=True),
    "GET /api/cases/{reference}/letters": Row(READ, READ_SCOPE),
    "GET /api/cases/{reference}/photos/{file_id}": Row(SEE, READ_SCOPE),
    "POST /api/cases/{reference}/decisions": Row(DECIDE, send=STALE),
    "POST /api/cases/{reference}/undo": Row(DECIDE, send={}),
    "POST /api/cases/{reference}/messages": Row(DECIDE, send={"text": "hello"}),
    "POST /api/cases/{reference}/notes": Row(DECIDE, send={"text": "hello"}),
    "POST /api/cases/{reference}/assign": Row(DECIDE, send={"to": "{me}"}),
    "POST /api/cases/{reference}/snooze": Row(DECIDE, send={"until": "2999-01-01T00:00:00Z"}),
    "POST /api/cases/{reference}/told": Row(DECIDE, send={"text": "Called: the car stands at home"}),
    "POST /api/cases/{reference}/facts": Row(DECIDE, send={"name": "plate", "value": "GX-482-B"}),
    "POST /api/cases/{reference}/merge": Row(DECIDE, send={"into": "{reference}"}),
    "POST /api/cases/{reference}/unmerge": Row(DECIDE, send={"other": "{reference}"}),
    "POST /api/cases/{reference}/split": Row(DECIDE, send={"messages": []}),
    "POST /api/cases/{reference}/unsplit": Row(DECIDE, send={"other": "{reference}"}),
    "POST /api/cases/{reference}/links": Row(DECIDE, send={"other": "{reference}", "relation": "related"}),
    "POST /api/cases/{reference}/links/remove": Row(DECIDE, send={"other": "{reference}", "relation": "related"}),
    "POST /api/cases/next": Row(DECIDE, send={}),
    "POST /api/bulk": Row(DECIDE, send={"act": "release", "matching": "view=mine", "dry_run": True}),
    "POST /api/bulk/{act}/undo": Row(DECIDE, send={}),
    "GET /api/live": Row(READ, headers={"Accept": "text/event-stream"}),
    "PUT /api/cases/{reference}/presence": Row(READ, send={"typing": True}),
    "GET /api/cases/{reference}/drafts": Row(DECIDE),
    "PUT /api/cases/{reference}/drafts/{form}": Row(DECIDE, send=DRAFT),
    "DELETE /api/cases/{reference}/drafts/{form}": Row(DECIDE),
}
PAGES: Mapping[str, Row] = {
    "GET /": OPEN,
    "GET /login": OPEN,
    "POST /login": OPEN,
    "GET /login/once/{secret}": OPEN,
    "GET /login/oidc": Row(EVERYBODY, strangers=True, ends=True),
    "GET /login/oidc/back": OPEN,
    "POST /logout": Row(EVERYBODY, send=FORM, ends=True),
    "GET /report": OPEN,
    "GET /report/{subject}": OPEN,
    "GET /report/{subject}/{step}": OPEN,
    "POST /report/{subject}/{step}": OPEN,
    "GET /t": OPEN,
    "POST /t": OPEN,
    "GET /t/{token}": OPEN,
    "GET /t/new-link": OPEN,
    "POST /t/new-link": OPEN,
    "GET /t/calendar.ics": OPEN,
    "GET /t/choices": OPEN,
    "GET /t/{token}/choices": OPEN,
    "POST /t/choices": OPEN,
    "POST /t/{token}/choices": OPEN,
    "GET /t/survey": OPEN,
    "GET /t/{token}/survey": OPEN,
    "POST /t/survey": OPEN,
    "POST /t/{token}/survey": OPEN,
    "POST /t/sign": OPEN,
    "POST /t/{token}/sign": OPEN,
    "GET /t/representative": OPEN,
    "GET /t/{token}/representative": OPEN,
    "POST /t/representative": OPEN,
    "POST /t/{token}/representative": OPEN,
    "GET /t/{token}/calendar.ics": OPEN,
    "POST /t/call-back": OPEN,
    "POST /t/{token}/call-back": OPEN,
    "POST /t/uploads": OPEN,
    "POST /t/{token}/uploads": OPEN,
    "PUT /t/drafts/{form}": OPEN,
    "PUT /t/{token}/drafts/{form}": OPEN,
    "GET /t/live": OPEN,
    "GET /t/{token}/live": OPEN,
    "POST /t/chat": OPEN,
    "POST /t/{token}/chat": OPEN,
    "POST /t/{kind}": OPEN,
    "POST /t/{token}/{kind}": OPEN,
    "GET /queue": Row(READ, asked="?view=all&q={foreign_word}"),
    "GET /cases/{reference}/peek": Row(READ),
    "GET /queue.csv": Row(READ, asked="?view=all&q={foreign_word}"),
    "GET /keys": Row(EVERYBODY),
    "POST /keys": Row(EVERYBODY, send=FORM),
    "POST /queue/next": Row(DECIDE, send=FORM),
    "POST /queue/bulk": Row(DECIDE, send={"act": "release", "all": "1", "in": "view=mine"}),
    "POST /queue/bulk/do": Row(DECIDE, send={"act": "release", "in": "view=mine"}),
    "POST /queue/undo": Row(DECIDE, send=FORM),
    "POST /queue/saved": Row(READ, send={"name": "mine", "query": "view=mine"}),
    "POST /queue/saved/{view_id}/drop": Row(READ, send=FORM),
    "GET /cases/{reference}": Row(READ),
    "GET /cases/{reference}/conversation": Row(READ),
    "GET /cases/{reference}/history": Row(READ),
    "GET /cases/{reference}/notes": Row(SEE),
    "GET /cases/{reference}/customer": Row(SEE),
    "GET /cases/{reference}/call": Row(SEE),
    "POST /cases/{reference}/call-back": Row(DECIDE, send={"slot": "2000-01-01.morning", "number": "0612345678"}),
    "GET /cases/{reference}/photos/{file_id}/view": Row(SEE),
    "GET /cases/{reference}/compare": Row(SEE),
    "GET /cases/{reference}/as-sent": Row(SEE),
    "GET /cases/{reference}/as-sent/frame": Row(SEE),
    "GET /cases/{reference}/file.pdf": Row(READ, once=True),
    "POST /cases/{reference}/again": Row(READ, send=FORM),
    "POST /cases/{reference}/decide": Row(DECIDE, send={"choice": "escalate", "reason": "x", "version": "0"}),
    "POST /cases/{reference}/undo": Row(DECIDE, send=FORM),
    "POST /cases/{reference}/messages": Row(DECIDE, send={"text": "hello"}),
    "POST /cases/{reference}/draft": Row(DECIDE, send={"text": ""}),
    "POST /cases/{reference}/draft/discard": Row(DECIDE, send={"said": "x"}),
    "POST /cases/{reference}/notes": Row(DECIDE, send={"text": "hello"}),
    "GET /cases/{reference}/chat": Row(DECIDE),
    "POST /cases/{reference}/chat/take": Row(DECIDE, send=FORM),
    "POST /cases/{reference}/chat/answer": Row(DECIDE, send={"chat_text": "hello"}),
    "POST /cases/{reference}/chat/end": Row(DECIDE, send=FORM),
    "POST /cases/{reference}/told": Row(DECIDE, send={"text": "Called: the car stands at home"}),
    "POST /cases/{reference}/facts": Row(DECIDE, send={"name": "plate", "value": "GX-482-B"}),
    "POST /cases/{reference}/representatives": Row(DECIDE, send={"rep_name": "Eva", "rep_address": "eva@example.org"}),
    "POST /cases/{reference}/snooze": Row(DECIDE, send={"until": "2999-01-01"}),
    "POST /cases/{reference}/assign": Row(DECIDE, send={"to": "{me}"}),
    "POST /cases/{reference}/preview": Row(DECIDE, send={"text": "hello"}),
    "POST /cases/{reference}/take-over": Row(DECIDE, send=FORM),
    "POST /cases/{reference}/drafts/{form}": Row(DECIDE, send={"text": "half"}),
    "POST /cases/{reference}/drafts/{form}/drop": Row(DECIDE, send=FORM),
    "GET /cases/{reference}/together": Row(DECIDE, asked="?other={reference}"),
    "POST /cases/{reference}/together": Row(DECIDE, send={"other": "{reference}", "how": "related"}),
    "POST /cases/{reference}/apart": Row(DECIDE, send={"other": "{reference}", "how": "related"}),
    "POST /cases/{reference}/belongs": Row(DECIDE, send={}),
    "GET /cases/{reference}/assistant": Row(DECIDE, asked="?q=steen"),
    "POST /cases/{reference}/assistant/judge": Row(DECIDE, send={"said": "x", "do": "discard"}),
    "POST /cases/{reference}/assistant/{task}": Row(DECIDE, send={"question": "hello"}),
    "GET /cases/{reference}/split": Row(DECIDE),
    "POST /cases/{reference}/split": Row(DECIDE, send=FORM),
    "GET /journeys": Row(EVERYBODY),
    "GET /rules": Row(RULES_READ),
    "GET /rules/{journey}/{table}": Row(RULES_READ, asked="?case={reference}"),
    "POST /rules/{journey}/{table}": Row(RULES_DRAFT, send={"do": "check"}),
    "GET /rules/{journey}/{table}/history": Row(RULES_READ),
    "POST /rules/{journey}/{table}/rollback": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/replay": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/publish": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/discard": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/shadow": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/shadow/end": Row(RULES_DRAFT, send=FORM),
    "POST /rules/{journey}/{table}/take-up": Row(RULES_DRAFT, send=FORM),
    "GET /models": Row(MODELS_READ, asked="?journey={journey}"),
    "GET /insights": Row(INSIGHTS, asked="?journey={journey}"),
    "GET /insights/survey": Row(INSIGHTS),
    "GET /insights.csv": Row(INSIGHTS, asked="?journey={journey}"),
    "POST /insights/move": Row("L", send={"n": "1", "of": "-", "to": "{me}"}),
    "GET /oversight": Row(SEE),
    "GET /approvals": Row(DECIDE),
    "POST /cases/{reference}/approval": Row(DECIDE, send={"held": "1", "do": "approve"}),
    "GET /shut-off": Row(SHUT),
    "POST /shut-off": Row(SHUT, send={"journey": "{journey}", "topic": "windscreen", "why": "x"}),
    "POST /shut-off/reopen": Row(SHUT, send={"journey": "{journey}", "topic": "windscreen", "why": "x"}),
    "GET /login/password/{secret}": OPEN,
    "POST /login/password/{secret}": OPEN,
    "GET /people": Row(SETTINGS),
    "GET /people/one": Row(SETTINGS, asked="?name={me}"),
    "POST /people": Row("R", send={"name": "nobody"}),
    "POST /people/change": Row("R", send={"name": "{me}"}),
    "POST /people/away": Row("R", send={"name": "{me}"}),
    "POST /people/link": Row("R", send={"name": "{me}"}),
    "POST /people/sessions": Row("R", send={"name": "{me}"}),
    "POST /people/bar": Row("R", send={"name": "{me}"}),
    "POST /people/let-in": Row("R", send={"name": "{me}"}),
    "POST /insights/move/do": Row("L", send={"to": "{me}"}),
}
