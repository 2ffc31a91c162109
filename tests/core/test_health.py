import pytest


@pytest.mark.django_db
def test_healthz_answers_200_when_database_queue_and_migrations_are_well(client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "queue": "ok", "migrations": "ok"}
