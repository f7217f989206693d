"""``ro-crate-metadata.json``: a Process Run Crate, of the Workflow Run RO-Crate profiles.

It tells which inputs (by digest) which version of evdose turned into which files. The graph is made by the
rocrate library; the one date in it is that of the release, and no identifier is random, so that its bytes are
fixed. When and where a run took place is in ``run.json``.
Process Run Crate 0.5: https://w3id.org/ro/wfrun/process/0.5
"""

from __future__ import annotations

from pathlib import PurePosixPath

from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

import evdose
from evdose.release.naming import Release

_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_LICENSE = "https://spdx.org/licenses/MIT"
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


def crate(release: Release, review: dict, inputs: list[dict], files: list[str]) -> dict:
    """The JSON-LD document; ``inputs`` as in the manifest, ``files`` the paths of the release."""
    made = ROCrate(version="1.1")
    made.metadata.extra_contexts.append(_TERMS)

    def add(identifier: str, kind: str, **properties: object) -> ContextEntity:
        return made.add(ContextEntity(made, identifier, properties={"@type": kind, **properties}))

    made.name = f"evdose, release {release.name}"
    made.description = (
        "Doses, routes and outcomes of clinical trials of extracellular vesicles from mesenchymal stem "
        "cells: tables, figures and report, with the source of every value."
    )
    made.datePublished = release.date
    made.license = add(_LICENSE, "CreativeWork", name="MIT License")
    made.creator = add("#authors", "Organization", name="The evdose authors")
    root = made.root_dataset
    root["version"] = release.name
    root["conformsTo"] = add(_PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    review_id = f"https://doi.org/{review['doi']}"
    root["citation"] = add(review_id, "ScholarlyArticle", name=review["citation"])
    results = [made.add_file(dest_path=path, properties=_described(path)) for path in sorted(files)]
    sources = [
        add(f"#{entry['path']}", "CreativeWork", name=entry["path"], sha256=entry["sha256"])
        for entry in inputs
    ]
    tool = add("#evdose", "SoftwareApplication", name="evdose", softwareVersion=evdose.__version__)
    root["mentions"] = add(
        "#run",
        "CreateAction",
        name=f"Making of release {release.name}",
        description="snakemake, in the project folder",
        instrument=tool,
        object=sources,
        result=results,
    )
    return made.metadata.generate()


def _described(path: str) -> dict:
    media_type = _MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")
    return {"name": path, "encodingFormat": media_type}
