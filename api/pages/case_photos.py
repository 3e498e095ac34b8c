"""The photos of a case: one large with all that is known of it, and two side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.deps import Caller, HouseHere, SessionHere, line_for
from api.pages.case import Dossier, open_dossier
from api.pages.case_pictures import Shot, shots_of
from api.pages.case_view import FileReader
from api.pages.desk import desk_of, zone_of
from api.pages.templating import Pages, pages_of
from api.security import Operation
from api.signing_in import Session, note_access
from cases.errors import NotFound
from pipelines.house import House

router = APIRouter(include_in_schema=False)
ZOOMS = (1, 2, 4)  # times the width of the page


@dataclass(frozen=True, slots=True)
class _Album:
    """The photos of one case that can be shown."""

    dossier: Dossier
    reader: FileReader
    shots: Sequence[Shot]


@router.get("/cases/{reference}/photos/{file_id}/view")
def show_photo(
    request: Request,
    reference: str,
    file_id: str,
    house: HouseHere,
    session: SessionHere,
    *,
    zoom: Annotated[Literal["1", "2", "4"], Query()] = "1",
) -> HTMLResponse:
    """One photo, once, twice or four times as wide as the page, with what was measured in it and stands against it."""
    pages = pages_of(request)
    album = _album(house, session, pages, reference)
    place = next((n for n, shot in enumerate(album.shots) if shot.id == file_id), None)
    if place is None:
        raise NotFound("photo", file_id)
    shot = album.shots[place]
    return pages.page(
        "desk/case_photo.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        shot=shot,
        zoom=int(zoom),
        zooms=ZOOMS,
        before=album.shots[place - 1] if place else None,
        after=album.shots[place + 1] if place + 1 < len(album.shots) else None,
        of=(place + 1, len(album.shots)),
        against=against(album.reader, file_id),
    )


@router.get("/cases/{reference}/compare")
def compare_photos(
    request: Request,
    reference: str,
    house: HouseHere,
    session: SessionHere,
    photo: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> HTMLResponse:
    """Two photos side by side; 404 for one that is not in the case. Of more the first two, of fewer the next one."""
    pages = pages_of(request)
    album = _album(house, session, pages, reference)
    by_id = {shot.id: shot for shot in album.shots}
    picked = list(dict.fromkeys(photo or ()))
    if unknown := next((one for one in picked if one not in by_id), None):
        raise NotFound("photo", unknown)
    chosen = list(dict.fromkeys([*picked, *by_id]))[:2]
    return pages.page(
        "desk/case_photos.html",
        desk=desk_of(house, session),
        section="queue",
        reference=reference,
        shots=album.shots,
        chosen=[by_id[one] for one in chosen],
        left_out=max(0, len(picked) - 2),
        against={one: against(album.reader, one) for one in chosen},
    )


def against(reader: FileReader, file_id: str) -> tuple[str, ...]:
    """What the file says against a photo: that it was seen in another case, taken on another day, or somewhere else."""
    flags = reader.file["headline"]["flags"]
    return tuple(one["text"] for one in flags if any(source.get("file_id") == file_id for source in one["sources"]))


def _album(house: House, session: Session, pages: Pages, reference: str) -> _Album:
    caller = Caller(session)
    line = line_for(house, caller, reference, operation=Operation.SEE_CUSTOMERS)
    dossier = open_dossier(house, caller, reference, language=pages.desk_language)
    if dossier.file is None:
        raise NotFound("decision file of case", reference)
    note_access(house, "case_read", who=session.user.name, subject=reference)
    reader = FileReader(dossier.file, pages=pages, zone=zone_of(house, line.journey))
    shots = [shot for shot in shots_of(reader, dossier.case, photos_shown=True) if shot.picture.src]
    return _Album(dossier, reader, shots)
