"""`/healthz`: whether this web process can do its work. For load balancers and operators; it tells no secrets."""

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from redis import Redis, RedisError

OK = "ok"


def database() -> str:
    """Whether PostgreSQL answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unreachable"
    return OK


def queue() -> str:
    """Whether Redis answers."""
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except RedisError:
        return "unreachable"
    return OK


def migrations() -> str:
    """Whether the database has the shape that this program expects."""
    try:
        loader = MigrationLoader(connection)
    except Error:
        return "unknown"
    missing = loader.graph.nodes.keys() - loader.applied_migrations.keys()
    return f"{len(missing)} unapplied" if missing else OK


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503 that names what is not."""
    state = {"database": database(), "queue": queue()}
    state["migrations"] = migrations() if state["database"] == OK else "unknown"
    return JsonResponse(state, status=200 if set(state.values()) == {OK} else 503)
