"""Recipe of rule report: one page from the figures and tables of all scenarios."""

import json
from pathlib import Path

from evdose.recipe import running
from evdose.rendering.catalogue import OF_SCENARIO, SHARED
from evdose.rendering.report import Scenario, report
from evdose.tables import read_table

with running(snakemake) as run:
    asked, made = snakemake.params, Path(snakemake.output.report)
    scenarios = []
    for name, settings in asked.scenarios.items():
        folder = made.parent / name
        tables = {
            table: read_table(folder / f"tables/{table}.parquet", schema)
            for table, schema in OF_SCENARIO.items()
        }
        figures = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
        drawings = {
            figure["figure"]: (folder / f"figures/{figure['figure']}.svg").read_text(encoding="utf-8")
            for figure in figures
        }
        scenarios.append(Scenario(name, settings["title"], tables, figures, drawings))
    shared = {
        name: read_table(made.parent / f"data/{name}.parquet", schema) for name, schema in SHARED.items()
    }

    page = report(shared, scenarios, asked.release, asked.review, asked.data_to)
    made.write_text(page, encoding="utf-8")
    run.say(f"{made}: {len(page.encode()) / 1e6:.1f} MB, {len(scenarios)} scenarios")
