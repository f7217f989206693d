"""evdose: doses, routes and outcomes of trials of extracellular vesicles from mesenchymal stem cells.

One folder a stage, in the order in which data flow: ``records`` (ingest), ``dosing`` (normalise),
``screening``, ``modelling``, ``rendering``, ``release``. A stage imports from itself, from the modules beside
this file and from the table contracts (``tables.py``) of earlier stages; never from a later stage.
"""

__version__ = "0.3.0"
