"""Whether the server lives, and whether it can work."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.deps import HouseHere
from api.errors import problem

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(house: HouseHere) -> JSONResponse:
    """The database answers. Strangers read only ready or not."""
    try:
        with house.database.reading() as store:
            store.people.user("")
    except Exception:  # noqa: BLE001  # the server's edge: whatever is wrong, the answer is the same
        return problem(503, "not ready")
    return JSONResponse({"status": "ready"})
