"""Normalise: dose, schedule and route of every arm.

Config: vocabularies. Writes build/dosing/.
"""


rule normalize:
    input:
        trials=rules.ingest.output.trials,
        arms=rules.ingest.output.arms,
        routes=config["vocabularies"]["routes"],
        units=config["vocabularies"]["units"],
        wording=config["vocabularies"]["wording"],
        conversions=config["vocabularies"]["conversions"],
        schema="workflow/schemas/conversions.schema.json",
    output:
        **{name: f"build/dosing/{name}.parquet" for name in DOSING},
    log:
        "build/logs/normalize.log",
    benchmark:
        "build/benchmarks/normalize.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code_of("normalize.py"),
    script:
        "../../scripts/normalize.py"
