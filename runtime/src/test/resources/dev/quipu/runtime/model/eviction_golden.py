"""Float64 figures of eviction on a small model: prints perturbation-float64.json.

eviction_golden.py MODEL.gguf INDEX.json: needs numpy, gguf and, beside it or on PYTHONPATH, a module `reference` whose
Reference(path).forward(ids, trace) computes a Llama in float64 and calls trace(layer, head, A, V, W_O) with A = softmax
of all queries, V the values and W_O the rows of the output projection of that head.
"""
import json
import os
import sys

import numpy as np
from reference import Reference

model, index = sys.argv[1:3]
ids = json.load(open(index))["tokens"]
n = len(ids)
kept = [i for i in range(n) if i % 3 != 1 or i >= n - 8]
stays = np.isin(np.arange(n), kept)
heads = []


def short(x):
    return float("%.9g" % x)


def trace(layer, head, attention, values, projection):
    projected = values @ projection
    u = np.abs(projected).sum(-1)
    queries = []
    for q in range(n - 4, n):
        a = attention[q]
        sigma = a[stays].sum()
        loss = np.abs(a @ projected - (a * stays) @ projected / sigma).sum()
        theta = (a * u).sum() - (2 - 1 / sigma) * (a * u)[stays].sum()
        queries.append(
            {"position": q, "m": short(1 - sigma), "L": short(loss), "theta": short(theta) if sigma > 0.5 else None})
    heads.append({
        "layer": layer, "head": head, "attention": [short(x) for x in attention[-1]], "u": [short(x) for x in u],
        "queries": queries})


Reference(model).forward(np.asarray(ids), trace)
json.dump({
    "about": "float64: A = softmax(q k / sqrt(d)), u = |v W_O|_1, L = |o - o_hat|_1, theta = C - (2 - 1/sigma) sum A u",
    "command": "eviction_golden.py tiny-Q8_0.gguf index.json > perturbation-float64.json",
    "model": os.path.basename(model), "tokens": ids, "kept": kept, "heads": heads}, sys.stdout, separators=(",", ":"))
print()
