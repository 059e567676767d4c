"""Measures llama.cpp on the files that the example `speed` wrote: tokens a second of processor time.

    python speed.py FOLDER [THREADS]        # needs the package llama-cpp-python
"""

import pathlib
import statistics
import sys
import time

import llama_cpp as l

PROMPT, WRITTEN = 256, 64


def measured(tokens, act):
    rates = []
    for _ in range(3):
        clock, before = time.perf_counter(), time.process_time()
        act()
        rates.append((tokens / (time.process_time() - before), tokens / (time.perf_counter() - clock)))
    return statistics.median_low(rates)


def main():
    folder, threads = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or ["1"])[0])
    for name in ("15M", "17M", "135M"):
        model = l.Llama(str(folder / f"{name}.gguf"), n_ctx=512, n_batch=PROMPT, n_threads=threads,
                        n_threads_batch=threads, verbose=False)
        memory = l.llama_get_memory(model.ctx)
        vocabulary = model.n_vocab()

        def read(tokens):
            array = (l.llama_token * len(tokens))(*tokens)
            assert l.llama_decode(model.ctx, l.llama_batch_get_one(array, len(tokens))) == 0
            l.llama_get_logits_ith(model.ctx, -1)

        prompt = [at * 97 % vocabulary for at in range(PROMPT)]

        def prefill():
            l.llama_memory_seq_rm(memory, 0, 0, -1)
            read(prompt)

        def decode():
            l.llama_memory_seq_rm(memory, 0, PROMPT, -1)
            for token in range(WRITTEN):
                read([token])

        prefill()
        for what, tokens, act in (("read", PROMPT, prefill), ("write", WRITTEN, decode)):
            processor, clock = measured(tokens, act)
            print(f"{name} {what} {tokens}: {processor:.0f} ({clock:.0f})")


if __name__ == "__main__":
    main()
