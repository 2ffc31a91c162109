"""Posts, promises, suggestions and reviews by program: the rights and refusals of the pages."""

from __future__ import annotations

from django.test import Client

JSON = {"content_type": "application/json"}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_api_writes_what_the_pages_write(cast, roster):
    desk, one, two = signed_in(cast.users.secretary_a), roster.worker_a1.pk, roster.worker_a2.pk
    body = {"org": "JYA", "kind": "post", "name": "一线", "since": "2026-03-01", "members": [one], "leader": one}
    post = desk.post("/api/v1/pioneer-posts/", body, **JSON)
    assert post.status_code == 201, post.json()
    here = f"/api/v1/pioneer-posts/{post.json()['id']}/"
    assert desk.patch(here, {"duty": "质量"}, **JSON).json()["duty"] == "质量"
    manned = desk.post(f"{here}members/", {"on": "2026-05-01", "members": [two]}, **JSON).json()
    assert [(seat["member"], seat["until"]) for seat in manned["seats"]] == [(one, "2026-05-01"), (two, None)]
    assert desk.post(f"{here}end/", {"on": "2026-06-01", "reason": "完成"}, **JSON).json()["until"] == "2026-06-01"
    body = {
        "org": "JYA",
        "promises": [{"member": one, "content": "带徒弟"}],
        "made_on": "2026-03-01",
        "due_on": "2026-12-31",
    }
    (pledge,) = desk.post("/api/v1/pledges/", body, **JSON).json()
    here = f"/api/v1/pledges/{pledge['id']}/"
    assert desk.post(f"{here}progress/", {"on": "2026-05-01", "text": "一名"}, **JSON).json()["state"] == "keeping"
    refused = desk.post(f"{here}verify/", {"kept": True, "on": "2026-11-20", "by": "陈一鸣"}, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "own_pledge")
    assert (
        desk.post(f"{here}verify/", {"kept": True, "on": "2026-11-20", "by": "赵敏"}, **JSON).json()["state"]
        == "verified"
    )
    body = {"org": "JYA", "member": one, "content": "改进夹具", "proposed_on": "2026-03-01"}
    here = f"/api/v1/suggestions/{desk.post('/api/v1/suggestions/', body, **JSON).json()['id']}/"
    assert desk.post(f"{here}answer/", {"adopted": True, "on": "2026-04-01"}, **JSON).json()["state"] == "adopted"
    assert desk.post(f"{here}effect/", {"effect": "省电", "benefit": "2.5"}, **JSON).json()["benefit"] == "2.50"
    body = {"org": "JYA", "kind": "democratic", "year": 2026, "held_on": "2026-11-20"}
    found = desk.post("/api/v1/reviews/", body, **JSON).json()
    here = f"/api/v1/reviews/{found['id']}/"
    entries = [{"id": r["id"], "grade": "qualified"} for r in found["results"] if not r["is_probationary"]]
    assert desk.post(f"{here}enter/", {"entries": entries}, **JSON).status_code == 200
    assert desk.post(f"{here}close/", {}, **JSON).json()["state"] == "closed"
    assert desk.post(f"{here}reopen/", {"reason": "误"}, **JSON).status_code == 403
    assert signed_in(cast.users.park_officer).post(f"{here}reopen/", {"reason": "误"}, **JSON).json()["state"] == "open"
