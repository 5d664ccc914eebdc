"""How the tables of BENCHMARKS.md are measured, for their readers."""

METHOD = """## How it is measured

- **Same documents.** Every tool learns from the documents that Dateline's final model learns from, which are all those
  that the corpus sets aside for training (the training and validation splits of `data/prepared/`), and is judged on the
  same test split by the same code. No tool learns from the test split. The papers report on the same test split, but
  cleaned the texts in their own ways, and some trained on nine tenths of the training documents.
- **Standard errors** (±) of F1 are over 200 bootstrap samples of the test documents, those of accuracy binomial.
  Macro-F1 is over the labels that occur in the test documents.
- **Training CPU** is user and system time from texts in memory to a fitted model, thresholds and calibration
  included, one thread, Dateline with `jobs=1`; **wall** the same by the clock. Reading the corpus, preparing it, the
  fit that is judged on the validation split only, and logging to MLflow don't count. **Model** is the file that is
  needed for tagging; Dateline's default model holds both tasks.
- **Load** is the system's load average at the end of a measurement, 1 of which is the measurement's own. Where it is
  higher than the number of cores, wall times say little, and CPU times are longer than on an idle machine: compare rows
  of a table with one another.
- **Peers** are installed from PyPI into an environment of their own; their settings are those of `benchmarks/peers/`.
  LibMultiLabel got the options of its own examples after its defaults had scored 86.2 / 48.3 on R90's test split; its
  thresholding draws folds without a seed, and another run on R90 came to 88.4 / 63.4. All other figures are of one run.

Papers: Adhikari, Ram, Tang and Lin (2019), DocBERT: BERT for document classification. Yao, Mao and Luo (2019), Graph
convolutional networks for text classification.
"""
