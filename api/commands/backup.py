"""casewright backup and restore."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import AsJson, emit, err, out, the_house, told
from cases.store.keys import Keys
from configs.settings import Settings
from pipelines.backing.backup import BackedUp, back_up
from pipelines.backing.restore import Checked, Restored, check_backup, restore, secret_for
from pipelines.usable import refuse_unusable
from pipelines.wiring import secret_of

WITHOUT_KEY = (
    "THE SECRET IS NOT IN IT. Without secret.key (or CASEWRIGHT_SECRET) no file of it can be read, no chain checked "
    "and no tracking link opened: keep a copy of the secret elsewhere."
)
WITH_KEY = "THE SECRET IS IN IT: whoever has this folder can read everything. Lock it up."
TOMBSTONES = (
    "The list of what was erased is not in it, so that no restore brings it back: keep a copy of {where} elsewhere."
)
NO_TOMBSTONES = (
    "There was no list of tombstones: what was erased after {at} may be back. Give the list with --tombstones, into "
    "an empty home, or erase again by hand."
)
AGAIN = (
    "Letters and orders sent between the backup and now are sent again, under the same Message-ID and the same order "
    "id. Users, tokens and certificates stand as they did: disable, revoke and shut again what was since. Everybody "
    "signs in anew. New cases begin 10,000 references later."
)


def backup(
    folder: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder, or the one of the last backup.")],
    with_secret: Annotated[bool, typer.Option("--with-secret", help="Keep the secret in it too.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Copy database, files and models while everything runs on. Exit 1 when files that the database names are lost."""
    with told(), the_house() as house:
        secret = secret_of(house.settings) if with_secret else None
        done = back_up(house, folder, secret=secret)
        if as_json:
            emit(_plain_backup(done, with_secret=with_secret))
        else:
            _tell_backup(done, WITH_KEY if with_secret else WITHOUT_KEY, where=_where(house.settings))
    if done.lost:
        raise typer.Exit(1)


def restore_(
    folder: Annotated[Path, typer.Argument(metavar="IN", help="A folder that casewright backup filled.")],
    tombstones: Annotated[Path | None, typer.Option(help="tombstones.jsonl of the lost installation.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Read all of it and write nothing.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Put a backup back into an empty home, erase again what was erased since, verify. Exit 1 on any difference."""
    settings = Settings()
    with told():
        refuse_unusable(settings)
        if check:
            _tell_checked(check_backup(folder, Keys.from_secret(secret_for(settings, folder))), as_json=as_json)
            return
        done = restore(settings, folder, tombstones=tombstones)
    _tell_restored(done, as_json=as_json)
    if done.differences:
        raise typer.Exit(1)


def _where(settings: Settings) -> str:
    return f"{settings.blob_url}/tombstones" if settings.blob_url else str(settings.home / "tombstones.jsonl")


def _plain_backup(done: BackedUp, *, with_secret: bool) -> dict[str, object]:
    return {
        "folder": str(done.folder), "at": done.at, "cases": done.counts.cases, "events": done.counts.events,
        "messages": done.counts.messages, "blobs": done.blobs, "bytes": done.bytes, "copied": done.copied,
        "erased_meanwhile": done.erased, "lost": done.lost, "files": done.files, "secret_included": with_secret,
    }  # fmt: skip


def _tell_backup(done: BackedUp, secret: str, *, where: str) -> None:
    counts = done.counts
    out.print(
        f"{done.folder}: as of {done.at:%Y-%m-%d %H:%M:%S} UTC, {counts.cases} cases, {counts.events} events, "
        f"{counts.messages} messages, {done.blobs} files of cases ({done.bytes / 1e6:.1f} MB; {done.copied} new), "
        f"{done.files} models, letters and orders.",
        markup=False,
    )
    if done.erased:
        out.print(f"{done.erased} files were erased while it ran, and are not in it.", markup=False)
    for lost in done.lost:
        err.print(f"{lost}: the database names this file and nobody has it", style="red", markup=False)
    out.print(secret, style="bold yellow", markup=False)
    out.print(TOMBSTONES.format(where=where), markup=False)


def _tell_checked(checked: Checked, *, as_json: bool) -> None:
    counts = checked.manifest.counts
    if as_json:
        emit({"at": checked.manifest.at, "cases": counts.cases, "blobs": checked.blobs, "files": len(checked.files)})
        return
    out.print(
        f"{checked.folder}: every byte is as it was written at {checked.manifest.at:%Y-%m-%d %H:%M:%S} UTC; "
        f"{counts.cases} cases, {checked.blobs} files of cases. Nothing was restored.",
        markup=False,
    )


def _tell_restored(done: Restored, *, as_json: bool) -> None:
    if as_json:
        emit({
            "at": done.at, "cases": done.counts.cases, "events": done.counts.events, "messages": done.counts.messages,
            "blobs": done.blobs, "files_checked": done.checked_files, "decision_files": done.decision_files,
            "tombstones": done.tombstones, "erased_again": done.erased_again, "differences": done.differences,
        })  # fmt: skip
        return
    for difference in done.differences:
        out.print(difference, style="red", markup=False)
    out.print(
        f"As of {done.at:%Y-%m-%d %H:%M:%S} UTC: {done.counts.cases} cases, {done.counts.events} events, {done.blobs} "
        f"files put back and {done.checked_files} of them read, {done.decision_files} decision files built again, "
        f"{done.erased_again} cases erased again ({done.tombstones} tombstones), {len(done.differences)} differences.",
        markup=False,
    )
    if not done.tombstones:
        out.print(NO_TOMBSTONES.format(at=f"{done.at:%Y-%m-%d %H:%M:%S} UTC"), style="bold yellow", markup=False)
    out.print(AGAIN, markup=False)
