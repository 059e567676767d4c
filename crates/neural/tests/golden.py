"""Writes tests/golden/*.json: what PyTorch's transformers compute for tiny models of every family.

The weights are not kept: they are made from their names, here and in tests/common/mod.rs alike, so that a fixture is a
description and some logits. Run with torch and transformers installed:  python tests/golden.py [FOLDER OF all-MiniLM-L6-v2]
"""

import json
import pathlib
import sys

import numpy as np
import torch
import transformers as t

HERE = pathlib.Path(__file__).parent / "golden"
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def numbers(name, count):
    """FNV-1a of the name seeds a SplitMix64; the upper 24 bits of each number, in -1..1."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & (2**64 - 1)
    with np.errstate(over="ignore"):
        x = np.uint64(seed) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * GOLDEN
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return (x >> np.uint64(40)).astype(np.float32) / np.float32(2**23) - np.float32(1)


def filled(name, shape, around):
    values = numbers(name, int(np.prod(shape)))
    if "norm" in name.lower() and name.endswith("weight"):
        values = np.float32(around) + values * np.float32(0.25)
    elif len(shape) == 1:
        values = values * np.float32(0.25)
    elif "embed" not in name:
        values = values * (np.float32(2) / np.sqrt(np.float32(shape[1])))
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def fill(model, around):
    tensors = {}
    state = model.state_dict()
    for name in sorted(state):
        if "position_ids" in name or "rotary" in name:
            continue
        tensors[name] = list(state[name].shape)
        state[name].copy_(filled(name, tensors[name], around))
    model.load_state_dict(state)
    model.tie_weights()
    return tensors


SIZES = dict(
    vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, pad_token_id=0, bos_token_id=1,
    eos_token_id=2, attn_implementation="eager",
)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
SHORT = dict(rope_type="longrope", short_factor=[1.0, 1.25, 1.5, 2.0], long_factor=[2.0, 3.0, 4.0, 5.0])
# name: (configuration, causal model, its settings, what its older configurations say instead, what norms are around)
DECODERS = {
    "llama": (t.LlamaConfig, t.LlamaForCausalLM, dict(rope_theta=5000.0, tie_word_embeddings=False),
              dict(rope_theta=5000.0), 1),
    "llama3": (t.LlamaConfig, t.LlamaForCausalLM,
               dict(rope_parameters=dict(rope_theta=500000.0, **LLAMA3), tie_word_embeddings=True),
               dict(rope_theta=500000.0, rope_scaling=LLAMA3), 1),
    "qwen2": (t.Qwen2Config, t.Qwen2ForCausalLM, dict(rope_theta=1e6, tie_word_embeddings=True),
              dict(rope_theta=1e6), 1),
    "qwen3": (t.Qwen3Config, t.Qwen3ForCausalLM, dict(rope_theta=1e6, head_dim=16, tie_word_embeddings=True),
              dict(rope_theta=1e6), 1),
    "gemma": (t.GemmaConfig, t.GemmaForCausalLM, dict(head_dim=16, num_key_value_heads=1), dict(rope_theta=1e4), 0),
    "gemma2": (t.Gemma2Config, t.Gemma2ForCausalLM,
               dict(head_dim=16, query_pre_attn_scalar=24, sliding_window=8), dict(rope_theta=1e4), 0),
    "gemma3": (t.Gemma3TextConfig, t.Gemma3ForCausalLM,
               dict(head_dim=16, query_pre_attn_scalar=24, sliding_window=8,
                    layer_types=["sliding_attention", "sliding_attention", "full_attention"]),
               dict(rope_theta=1e6, rope_local_base_freq=1e4, sliding_window_pattern=3), 0),
    "phi3": (t.Phi3Config, t.Phi3ForCausalLM,
             dict(rope_theta=1e4, sliding_window=12, tie_word_embeddings=False), dict(rope_theta=1e4), 1),
    "phi3long": (t.Phi3Config, t.Phi3ForCausalLM,
                 dict(max_position_embeddings=128, original_max_position_embeddings=32,
                      rope_parameters=dict(rope_theta=1e4, original_max_position_embeddings=32, **SHORT),
                      sliding_window=64, tie_word_embeddings=False),
                 dict(rope_theta=1e4, rope_scaling=dict(SHORT, type="longrope")), 1),
}
KEPT = set(SIZES) | {
    "model_type", "head_dim", "hidden_act", "hidden_activation", "tie_word_embeddings", "query_pre_attn_scalar",
    "sliding_window", "layer_types", "attn_logit_softcapping", "final_logit_softcapping", "rope_parameters",
    "original_max_position_embeddings", "type_vocab_size", "layer_norm_eps", "partial_rotary_factor",
}


def told(config):
    kept = {key: value for key, value in config.to_dict().items() if key in KEPT and value is not None}
    kept.pop("attn_implementation", None)
    return kept


def rounded(values):
    return [float(f"{value:.8g}") for value in values]


def main():
    HERE.mkdir(exist_ok=True)
    tokens = [(at * 37 + 11) % 96 for at in range(24)]
    for name, (config, model, more, older, around) in DECODERS.items():
        made = config(**{**SIZES, **more})
        network = model(made).float().eval()
        tensors = fill(network, around)
        with torch.no_grad():
            logits = network(torch.tensor([tokens])).logits[0]
        settings = told(made)
        before = {key: value for key, value in settings.items() if key not in ("rope_parameters", "layer_types")}
        fixture = dict(
            settings=settings, older={**before, **older}, norms_around=around, tensors=tensors, tokens=tokens,
            logits={str(row): rounded(logits[row].tolist()) for row in (0, 5, 23)},
        )
        (HERE / f"{name}.json").write_text(json.dumps(fixture) + "\n")
        print(name, float(logits.abs().max()))

    config = t.BertConfig(**{**SIZES, "num_attention_heads": 4}, type_vocab_size=2, layer_norm_eps=1e-12)
    network = t.BertModel(config, add_pooling_layer=False).float().eval()
    tensors = fill(network, 1)
    with torch.no_grad():
        state = network(torch.tensor([tokens])).last_hidden_state[0]
    mean = state.mean(0)
    fixture = dict(settings=told(config), norms_around=1, tensors=tensors, tokens=tokens,
                   states={str(row): rounded(state[row].tolist()) for row in (0, 23)},
                   mean=rounded((mean / mean.norm()).tolist()))
    (HERE / "bert.json").write_text(json.dumps(fixture) + "\n")

    if len(sys.argv) > 1:
        words = t.AutoTokenizer.from_pretrained(sys.argv[1])
        network = t.AutoModel.from_pretrained(sys.argv[1]).float().eval()
        vectors = {}
        for sentence in ("A soda is a sweet drink.", "Who was Mary's mother?", "[SEP] 50 € für Ümläute, naïvely! [CLS]"):
            # What looks like a control token is letters.
            tokens = torch.tensor([words(sentence, split_special_tokens=True)["input_ids"]])
            with torch.no_grad():
                mean = network(tokens).last_hidden_state[0].mean(0)
            vectors[sentence] = dict(tokens=tokens[0].tolist(), vector=rounded((mean / mean.norm()).tolist()))
        (HERE / "minilm.json").write_text(json.dumps(vectors, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
