"""Recipe of rule export_data: the tables that all scenarios share, as CSV and Parquet."""

from pathlib import Path

from evdose.recipe import running
from evdose.rendering.catalogue import SHARED
from evdose.rendering.export import export_table
from evdose.tables import read_table

with running(snakemake) as run:
    folder = Path(snakemake.output.tables[0]).parent
    tables = {name: read_table(snakemake.input.get(name), schema) for name, schema in SHARED.items()}
    for name, schema in SHARED.items():
        export_table(tables[name], schema, folder)
    run.say(f"{len(tables)} tables, {sum(map(len, tables.values()))} rows")
