"""``README.md`` of a release: what it is, its counts, how to read it and how to cite it."""

from __future__ import annotations

import evdose
from evdose.modelling.tables import VERDICTS
from evdose.release.naming import Release
from evdose.release.summary import Counts


def readme(release: Release, review: dict, scenarios: list[Counts]) -> str:
    """Markdown text, made from the counts of the run."""
    columns = ["scenario", "records identified", "trials included", "arms", "arms with particles known"]
    rows = [[n.scenario, n.identified, n.included, n.arms, n.arms_with_particles] for n in scenarios]
    verdict_rows = [[n.scenario, *(len(n.verdicts.get(v, [])) for v in VERDICTS)] for n in scenarios]
    return f"""\
# evdose, release {release.name}

Date {release.date}, made by evdose {evdose.__version__}. Doses, routes and outcomes of clinical trials of
extracellular vesicles from mesenchymal stem cells, and what they say about the claims of a review of them:
{review["citation"]}, doi [{review["doi"]}](https://doi.org/{review["doi"]}).

{_table(columns, rows)}

An arm counts where the product is given in an included trial. Particles per administration are known where
they were stated, or converted by a sourced conversion.

Claims of the review by verdict:

{_table(["scenario", *VERDICTS], verdict_rows)}

## How to read it

* `report.html`: everything on one page; it opens without a network.
* `data/`: what was read, one row a record, arm, dose, route or outcome, each with the file it came from.
* {", ".join(f"`{n.scenario}/`" for n in scenarios)}: `figures/` and `tables/` of results,
  one folder a scenario (a set of trials to ask the same questions of).
* `datapackage.json`: the meaning, type and unit of every column (Frictionless Data Package).
* `manifest.json`: SHA-256 of every input and output. `ro-crate-metadata.json`: the same as linked data.
* `run.json`: when and where this copy was made; the one file that the hash in the folder's name leaves out.

Every table is a CSV file (UTF-8, comma, empty: not known; an apostrophe before text that a spreadsheet would
run) and a Parquet file. A git checkout leaves out Parquet and PDF files; running the workflow puts them back.

## How to cite it

> The evdose authors. evdose: doses, routes and outcomes of trials of mesenchymal-stem-cell-derived
> extracellular vesicles. Release {release.name}, {release.date[:4]}.

Give the folder's name, hash included: it stands for these very bytes. Please cite the registries and
publications behind the values that you use as well (`data/`, column `source_id`), and the review.
"""


def _table(header: list, rows: list[list]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
