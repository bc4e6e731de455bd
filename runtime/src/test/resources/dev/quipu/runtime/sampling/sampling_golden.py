"""What llama.cpp's samplers make of given logits: prints llama-cpp-samplers.json.

sampling_golden.py VOCABULARY.gguf: needs numpy and llama-cpp-python (made with 0.3.36); the vocabulary only tells
DRY which tokens are breakers. Each case is a row of stages as the tests name them, the tokens accepted before, and the
candidates that are left with their probabilities, likeliest first.
"""
import ctypes
import json
import sys

import llama_cpp
import numpy as np

SIZE = 48
generator = np.random.default_rng(7)
logit_rows = [[round(float(x), 3) for x in generator.normal(0, s, SIZE)] for s in (1.0, 3.0, 6.0)]
histories = [[], [3, 5, 3, 5, 7, 3, 5], [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3], [9] * 6 + [8]]

parameters = llama_cpp.llama_model_default_params()
parameters.vocab_only = True
silence = llama_cpp.llama_log_callback(lambda *_: None)
llama_cpp.llama_log_set(silence, ctypes.c_void_p(0))
model = llama_cpp.llama_model_load_from_file(sys.argv[1].encode(), parameters)
vocabulary = llama_cpp.llama_model_get_vocab(model)


def dry(multiplier, base, allowed, last):
    return llama_cpp.llama_sampler_init_dry(vocabulary, multiplier, base, allowed, last, None, 0)


def penalties(last, repeat, frequency, presence):
    return llama_cpp.llama_sampler_init_penalties(SIZE, last, repeat, frequency, presence)


def bias(*pairs):
    array = (llama_cpp.llama_logit_bias * len(pairs))(*[llama_cpp.llama_logit_bias(t, b) for t, b in pairs])
    return llama_cpp.llama_sampler_init_logit_bias(SIZE, len(pairs), array)


STAGES = {
    "bias": bias,
    "penalties": penalties,
    "dry": dry,
    "top_n_sigma": lambda n: llama_cpp.llama_sampler_init_top_n_sigma(n),
    "top_k": lambda k: llama_cpp.llama_sampler_init_top_k(k),
    "typ_p": lambda p, keep: llama_cpp.llama_sampler_init_typical(p, keep),
    "top_p": lambda p, keep: llama_cpp.llama_sampler_init_top_p(p, keep),
    "min_p": lambda p, keep: llama_cpp.llama_sampler_init_min_p(p, keep),
    "xtc": lambda p, t, keep: llama_cpp.llama_sampler_init_xtc(p, t, keep, 1),
    "temperature": lambda t, delta, exponent: llama_cpp.llama_sampler_init_temp_ext(t, delta, exponent),
    "mirostat": lambda tau, eta: llama_cpp.llama_sampler_init_mirostat(SIZE, 1, tau, eta, 100),
    "mirostat2": lambda tau, eta: llama_cpp.llama_sampler_init_mirostat_v2(1, tau, eta),
}

CHAINS = [
    [["bias", [0, 2.5], [5, -1.25], [11, float("-inf")]]],
    [["penalties", 64, 1.3, 0.0, 0.0]],
    [["penalties", 64, 1.1, 0.4, 0.7]],
    [["penalties", 4, 0.8, -0.5, 0.2]],
    [["dry", 0.8, 1.75, 2, 64]],
    [["dry", 1.5, 2.0, 1, 8]],
    [["dry", 0.8, 1.75, 3, 6]],
    [["top_n_sigma", 1.0]],
    [["top_n_sigma", 2.2]],
    [["top_k", 7]],
    [["typ_p", 0.3, 0]],
    [["typ_p", 0.9, 0]],
    [["typ_p", 0.2, 5]],
    [["top_p", 0.8, 0]],
    [["top_p", 0.1, 3]],
    [["min_p", 0.1, 0]],
    [["min_p", 0.9, 4]],
    [["xtc", 1.0, 0.1, 0]],
    [["xtc", 1.0, 0.05, 1]],
    [["xtc", 1.0, 0.02, 47]],
    [["xtc", 1.0, 0.5, 0]],
    [["temperature", 0.7, 0.0, 1.0]],
    [["temperature", 0.0, 0.0, 1.0]],
    [["temperature", 0.8, 0.5, 1.0]],
    [["temperature", 1.2, 1.0, 2.5]],
    [["temperature", 0.3, 0.8, 0.5]],
    [["mirostat", 3.0, 0.1]],
    [["mirostat", 1.0, 0.5]],
    [["mirostat", 5.0, 0.1]],
    [["mirostat2", 3.0, 0.1]],
    [["mirostat2", 1.0, 0.5]],
    [["mirostat2", 0.2, 0.1]],
    [["temperature", 1.3, 0.0, 1.0], ["mirostat2", 1.5, 0.1]],
    [["penalties", 64, 1.1, 0.1, 0.1], ["dry", 0.8, 1.75, 2, 64], ["top_k", 40],
     ["typ_p", 0.97, 0], ["top_p", 0.95, 0], ["min_p", 0.05, 0], ["xtc", 1.0, 0.2, 0], ["temperature", 0.8, 0.3, 1.2]],
    # Not before typ_p: llama.cpp gives what top_n_sigma drops a probability of 0, and its entropy is no number then.
    [["top_n_sigma", 2.0], ["top_k", 40], ["top_p", 0.95, 0], ["temperature", 0.8, 0.0, 1.0]],
    [["temperature", 2.0, 0.0, 1.0], ["min_p", 0.1, 0], ["typ_p", 0.8, 0], ["xtc", 1.0, 0.1, 2], ["top_k", 3]],
]


def left(chain, logits, history):
    data = (llama_cpp.llama_token_data * SIZE)(*[llama_cpp.llama_token_data(i, x, 0.0) for i, x in enumerate(logits)])
    array = llama_cpp.llama_token_data_array(data, SIZE, -1, False)
    for name, *values in chain:
        stage = STAGES[name](*[tuple(v) if isinstance(v, list) else v for v in values])
        for token in history:
            llama_cpp.llama_sampler_accept(stage, token)
        llama_cpp.llama_sampler_apply(stage, ctypes.byref(array))
        llama_cpp.llama_sampler_free(stage)
    pairs = sorted(((array.data[i].logit, array.data[i].id) for i in range(array.size)), key=lambda p: (-p[0], p[1]))
    scores = np.array([p[0] for p in pairs], dtype=np.float64)
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    return [[i, float("%.5g" % w)] for (_, i), w in zip(pairs, weights) if w > 0]


cases = []
for chain in CHAINS:
    looks_back = any(stage[0] in ("penalties", "dry") for stage in chain)
    for row, logits in enumerate(logit_rows):
        for history in histories[1:] if looks_back else histories[:1]:
            cases.append({"chain": chain, "logits": row, "history": history, "left": left(chain, logits, history)})
text = json.dumps({"logits": logit_rows, "cases": cases}, separators=(",", ":"))
print(text.replace("-Infinity", '"-Infinity"').replace('{"chain"', '\n{"chain"'))
