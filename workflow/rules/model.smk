"""Model: effects, safety and synthesis; the landscape of doses and registrations; dose and response; what choices
and uncertain doses move; power; the review's claims.

Config: scenarios, models, effective_rule, claim_rules, review, data_to, seed. Writes build/{scenario}/modelling/.
"""


rule effects:
    input:
        outcomes=rules.ingest.output.outcomes,
        arms=rules.ingest.output.arms,
        doses=rules.normalize.output.doses,
        routes=rules.normalize.output.routes,
        studies=rules.screen.output.studies,
    output:
        **{name: f"build/{{scenario}}/modelling/{name}.parquet" for name in EFFECTS},
    log:
        "build/logs/{scenario}/effects.log",
    benchmark:
        "build/benchmarks/{scenario}/effects.tsv"
    conda:
        "../../environment.yml"
    params:
        models=config["models"],
        effective_rule=config["effective_rule"],
        code=code_of("effects.py"),
    script:
        "../../scripts/effects.py"


rule landscape:
    input:
        trials=rules.ingest.output.trials,
        arms=rules.ingest.output.arms,
        doses=rules.normalize.output.doses,
        routes=rules.normalize.output.routes,
        conversions=rules.normalize.output.conversions,
        dose_sensitivity=rules.normalize.output.dose_sensitivity,
        screening=rules.screen.output.screening,
        studies=rules.screen.output.studies,
        effect_direction=rules.effects.output.effect_direction,
    output:
        **{name: f"build/{{scenario}}/modelling/{name}.parquet" for name in LANDSCAPE},
    log:
        "build/logs/{scenario}/landscape.log",
    benchmark:
        "build/benchmarks/{scenario}/landscape.tsv"
    conda:
        "../../environment.yml"
    params:
        scenario=lookup(dpath="scenarios/{scenario}", within=config),
        models=config["models"],
        data_to=config["data_to"],
        seed=config["seed"],
        code=code_of("landscape.py"),
    script:
        "../../scripts/landscape.py"


rule dose_response:
    input:
        outcomes=rules.ingest.output.outcomes,
        trials=rules.ingest.output.trials,
        arms=rules.ingest.output.arms,
        doses=rules.normalize.output.doses,
        routes=rules.normalize.output.routes,
        studies=rules.screen.output.studies,
        effects=rules.effects.output.effects,
        effect_direction=rules.effects.output.effect_direction,
        tried_arms=rules.landscape.output.tried_arms,
    output:
        **{name: f"build/{{scenario}}/modelling/{name}.parquet" for name in DOSE_RESPONSE},
    log:
        "build/logs/{scenario}/dose_response.log",
    benchmark:
        "build/benchmarks/{scenario}/dose_response.tsv"
    conda:
        "../../environment.yml"
    params:
        models=config["models"],
        seed=config["seed"],
        code=code_of("dose_response.py"),
    script:
        "../../scripts/dose_response.py"


rule multiverse:
    input:
        trials=rules.ingest.output.trials,
        arms=rules.ingest.output.arms,
        doses=rules.normalize.output.doses,
        routes=rules.normalize.output.routes,
        dose_sensitivity=rules.normalize.output.dose_sensitivity,
        screening=rules.screen.output.screening,
        effects=rules.effects.output.effects,
        tried_arms=rules.landscape.output.tried_arms,
    output:
        **{name: f"build/{{scenario}}/modelling/{name}.parquet" for name in CHOICES},
    log:
        "build/logs/{scenario}/multiverse.log",
    benchmark:
        "build/benchmarks/{scenario}/multiverse.tsv"
    conda:
        "../../environment.yml"
    params:
        models=config["models"],
        seed=config["seed"],
        code=code_of("multiverse.py"),
    script:
        "../../scripts/multiverse.py"


rule power:
    input:
        tried_arms=rules.landscape.output.tried_arms,
    output:
        power="build/{scenario}/modelling/power.parquet",
    log:
        "build/logs/{scenario}/power.log",
    benchmark:
        "build/benchmarks/{scenario}/power.tsv"
    conda:
        "../../environment.yml"
    params:
        models={name: config["models"][name] for name in ["confidence", "range_share_of_peak", "power"]},
        seed=config["seed"],
        code=code_of("power.py"),
    script:
        "../../scripts/power.py"


rule claims:
    input:
        **{
            name: f"build/{{scenario}}/modelling/{name}.parquet"
            for name in ["effect_direction", "route_shift", "effective_range", "dose_response", "mcp_mod"]
        },
        claims=rules.ingest.output.claims,
        trials=rules.ingest.output.trials,
        arms=rules.ingest.output.arms,
        doses=rules.normalize.output.doses,
        routes=rules.normalize.output.routes,
        screening=rules.screen.output.screening,
        eligibility_switches=rules.screen.output.eligibility_switches,
    output:
        claims="build/{scenario}/modelling/claims.parquet",
    log:
        "build/logs/{scenario}/claims.log",
    benchmark:
        "build/benchmarks/{scenario}/claims.tsv"
    conda:
        "../../environment.yml"
    params:
        scenario=lookup(dpath="scenarios/{scenario}", within=config),
        models=config["models"],
        claim_rules=config["claim_rules"],
        code=code_of("claims.py"),
    script:
        "../../scripts/claims.py"
