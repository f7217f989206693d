"""Screen: which records a scenario includes, and why not the others.

Config: scenarios, manual_decisions, same_trial, review. Writes build/{scenario}/screening/.
"""


rule screen:
    input:
        trials=rules.ingest.output.trials,
        outcomes=rules.ingest.output.outcomes,
        quarantine=rules.ingest.output.quarantine,
        eligibility=config["vocabularies"]["eligibility"],
    output:
        **{name: f"build/{{scenario}}/screening/{name}.parquet" for name in SCREENING},
    log:
        "build/logs/{scenario}/screen.log",
    benchmark:
        "build/benchmarks/{scenario}/screen.tsv"
    conda:
        "../../environment.yml"
    params:
        scenario=lookup(dpath="scenarios/{scenario}", within=config),
        manual_decisions=config["manual_decisions"],
        same_trial=config["same_trial"],
        trial_cards=config["sources"]["trial_cards"],
        review=config["review"],
        code=code_of("screen.py"),
    script:
        "../../scripts/screen.py"
