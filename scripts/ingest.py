"""Rule ingest: read trial cards, published outcomes, claims and vocabularies into tables."""

from evdose.recipe import running
from evdose.records.ingest import TABLES, Inputs, ingest
from evdose.records.summary import summary
from evdose.tables import write_table

with running(snakemake) as run:
    source = snakemake.input
    inputs = Inputs(
        cards=source.cards,
        studies=source.studies,
        claims=source.claims,
        anchors=source.anchors,
        conditions=source.conditions,
        cell_sources=source.cell_sources,
        products=source.products,
        schemas=source.schemas,
    )
    tables = ingest(inputs, strict=snakemake.params.strict, cache_folder="build/cache")
    for name, schema in TABLES.items():
        write_table(tables[name], schema, snakemake.output[name])
    for line in summary(tables):
        run.say(line)
