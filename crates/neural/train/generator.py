"""Trains the generator on lessons: reads a question and slotted facts, writes slotted, cited sentences.

Needs PyTorch and tokenizers; uses a CUDA GPU when there is one. Lessons come from

    cargo run --release -p quid-mind --example lessons -- 2000000 0 nouns=NOUNS > lessons.tsv
    cargo run --release -p quid-mind --example lessons -- 4000 0 unseen nouns=NOUNS > unseen.tsv
    python3 generator.py --lessons lessons.tsv --unseen unseen.tsv --out OUT [--minutes 60]

Writes OUT/{config.json,tokenizer.json,model.safetensors,losses.tsv,report.json} at every checkpoint (two minutes by
default) and goes on from there when started again. The weights have the names and shapes of a Llama checkpoint, so
that any Llama runtime can read them.
"""

import argparse
import json
import math
import os
import random
import time

import torch
import torch.nn.functional as F
from torch import nn

MARKS = ["<pad>", "<q>", "<f>", "<a>", "<e>", "<dk>"]
SLOTS = [f"<s{n}>" for n in range(64)]
CITES = [f"<c{n}>" for n in range(1, 49)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", required=True)
    parser.add_argument("--unseen", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--words", help="a text whose words the tokenizer should know besides those of the lessons")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--checkpoint", type=float, default=2, help="minutes between checkpoints")
    parser.add_argument("--vocabulary", type=int, default=6144)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=16384, help="tokens of a step")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--warm", type=int, default=300, help="steps until the rate is reached")
    parser.add_argument("--longest", type=int, default=640)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def make_tokenizer(lessons, words, size):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token=None, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=True)]
    )
    special = MARKS + SLOTS + CITES
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )

    def texts():
        with open(lessons) as file:
            for number, line in enumerate(file):
                if number >= 60000:
                    break
                yield " ".join(word for word in line.split("\t")[1].split() if not word.startswith("<"))
        if words:
            with open(words) as file:
                yield from file

    tokenizer.train_from_iterator(texts(), trainer)
    return tokenizer


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, 1e-5)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x, cos, sin):
        batch, length, width = x.shape

        def split(y):
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        q, k, v = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))

        def turn(y):
            half = y.shape[-1] // 2
            a, b = y[..., :half], y[..., half:]
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

        y = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).reshape(batch, length, width))


class Gated(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.input_layernorm = Norm(width)
        self.self_attn = Attention(width, config["num_attention_heads"])
        self.post_attention_layernorm = Norm(width)
        self.mlp = Gated(width, config["intermediate_size"])

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Llama(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.embed_tokens = nn.Embedding(config["vocab_size"], width)
        self.layers = nn.ModuleList([Block(config) for _ in range(config["num_hidden_layers"])])
        self.norm = Norm(width)
        head = width // config["num_attention_heads"]
        turns = 1.0 / (config["rope_theta"] ** (torch.arange(0, head, 2).float() / head))
        angles = torch.outer(torch.arange(config["max_position_embeddings"]).float(), turns)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                scale = 0.02 / math.sqrt(2 * config["num_hidden_layers"]) if "o_proj" in name or "down_proj" in name else 0.02
                nn.init.normal_(parameter, std=scale)

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.embed_tokens(tokens)
        cos, sin = self.cos[:length].to(x.dtype), self.sin[:length].to(x.dtype)
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)

    def logits(self, hidden):
        return hidden @ self.embed_tokens.weight.t()


class Reader:
    """Encodes lessons: words by the tokenizer, marks by their own numbers; words can never spell a mark."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.marks = {mark: tokenizer.token_to_id(mark) for mark in MARKS + SLOTS + CITES}
        self.cache = {}

    def encode(self, text):
        ids = []
        for word in text.split():
            if word in self.marks:
                ids.append(self.marks[word])
                continue
            found = self.cache.get(word)
            if found is None:
                found = self.tokenizer.encode(word, add_special_tokens=False).ids
                self.cache[word] = found
            ids.extend(found)
        return ids


def batches(path, reader, longest, tokens, seed, start):
    """Endless batches of similar lengths: (inputs, targets), where only the answer counts."""
    chance = random.Random(seed * 1000003 + start)
    pad = reader.marks["<pad>"]
    pool = []
    size = os.path.getsize(path)
    file = open(path, "rb")
    file.seek(chance.randrange(size))
    file.readline()
    while True:
        while len(pool) < 2048:
            line = file.readline()
            if not line:
                file.seek(0)
                continue
            _, prompt, answer = line.decode().rstrip("\n").split("\t")
            prompt, answer = reader.encode(prompt), reader.encode(answer)
            if len(prompt) + len(answer) <= longest:
                pool.append((prompt, answer))
        pool.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
        groups, group, width = [], [], 0
        for pair in pool:
            width = max(width, len(pair[0]) + len(pair[1]))
            if group and width * (len(group) + 1) > tokens:
                groups.append(group)
                group, width = [], len(pair[0]) + len(pair[1])
            group.append(pair)
        groups.append(group)
        chance.shuffle(groups)
        pool = []
        for group in groups:
            width = max(len(prompt) + len(answer) for prompt, answer in group)
            inputs = torch.full((len(group), width), pad, dtype=torch.long)
            targets = torch.full((len(group), width), -100, dtype=torch.long)
            for row, (prompt, answer) in enumerate(group):
                ids = prompt + answer
                inputs[row, : len(ids)] = torch.tensor(ids)
                targets[row, len(prompt) - 1 : len(ids) - 1] = torch.tensor(answer)
            yield inputs, targets


@torch.no_grad()
def examine(model, reader, path, device, most):
    """Greedy answers to lessons whose relations and ways of asking were never trained: share exact, by family."""
    model.eval()
    lessons = [line.rstrip("\n").split("\t") for line in open(path)][:most]
    end, known = reader.marks["<e>"], {}
    unknown = reader.marks["<dk>"]
    table = {}
    refused = [0, 0, 0]
    for family, prompt, answer in lessons:
        ids, wanted = reader.encode(prompt), reader.encode(answer)
        if len(ids) + len(wanted) > model.cos.shape[0] - 8:
            continue
        # Teacher-forced: exact greedy equality of every token is the same as equality of the greedy text.
        tokens = torch.tensor([ids + wanted], device=device)
        hidden = model(tokens)[:, len(ids) - 1 : -1]
        guess = model.logits(hidden).argmax(-1)[0].tolist()
        right = guess == wanted
        row = table.setdefault(family, [0, 0])
        row[0] += right
        row[1] += 1
        if wanted[0] == unknown:
            refused[1] += 1
            refused[0] += guess[0] == unknown
        elif guess[0] == unknown:
            refused[2] += 1
    model.train()
    total = [sum(row[0] for row in table.values()), sum(row[1] for row in table.values())]
    return {
        "exact": total[0] / max(1, total[1]),
        "of": total[1],
        "families": {family: row[0] / row[1] for family, row in sorted(table.items())},
        "unknown_recall": refused[0] / max(1, refused[1]),
        "known_refused": refused[2] / max(1, total[1] - refused[1]),
    }


def save(model, optimiser, tokenizer, config, state, out):
    from safetensors.torch import save_file

    weights = {f"model.{name}": tensor.detach().cpu().to(torch.float16).contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, os.path.join(out, "model.safetensors"), {"format": "pt"})
    tokenizer.save(os.path.join(out, "tokenizer.json"))
    json.dump(config, open(os.path.join(out, "config.json"), "w"), indent=1)
    json.dump(state, open(os.path.join(out, "report.json"), "w"), indent=1)
    whole = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}
    torch.save(whole, os.path.join(out, "checkpoint.part"))
    os.replace(os.path.join(out, "checkpoint.part"), os.path.join(out, "checkpoint.pt"))


def main():
    asked = arguments()
    os.makedirs(asked.out, exist_ok=True)
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    from tokenizers import Tokenizer

    kept = os.path.join(asked.out, "tokenizer.json")
    tokenizer = Tokenizer.from_file(kept) if os.path.exists(kept) else make_tokenizer(asked.lessons, asked.words, asked.vocabulary)
    reader = Reader(tokenizer)
    inner = int(asked.width * 8 / 3 + 63) // 64 * 64
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": asked.width,
        "intermediate_size": inner,
        "num_hidden_layers": asked.layers,
        "num_attention_heads": asked.heads,
        "num_key_value_heads": asked.heads,
        "max_position_embeddings": 2048,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": True,
        "vocab_size": tokenizer.get_vocab_size(),
        "eos_token_id": reader.marks["<e>"],
        "torch_dtype": "float16",
    }
    model = Llama(config).to(device)
    decayed = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
        lr=asked.rate,
        betas=(0.9, 0.98),
        fused=device == "cuda",
    )
    state = {"step": 0, "tokens": 0, "seconds": 0.0, "seed": asked.seed, "device": device, "examined": []}
    state["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    path = os.path.join(asked.out, "checkpoint.pt")
    if os.path.exists(path):
        whole = torch.load(path, map_location=device, weights_only=False)
        model.load_state_dict(whole["model"])
        optimiser.load_state_dict(whole["optimiser"])
        state = whole["state"]
    print(f"{state['parameters']:,} parameters, {device}, from step {state['step']}", flush=True)
    began, before, saved = time.time(), state["seconds"], time.time()
    whole = before + asked.minutes * 60
    losses = open(os.path.join(asked.out, "losses.tsv"), "a")
    for inputs, targets in batches(asked.lessons, reader, asked.longest, asked.tokens, asked.seed, state["step"]):
        step = state["step"]
        # The rate rises for a while and then falls as a cosine over the time there is.
        part = min(1.0, state["seconds"] / whole)
        rate = asked.rate * min(1.0, (step + 1) / asked.warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * part)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        inputs, targets = inputs.to(device), targets.to(device)
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            hidden = model(inputs)
            wanted = targets != -100
            loss = F.cross_entropy(model.logits(hidden[wanted]).float(), targets[wanted])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state["step"] += 1
        state["tokens"] += int((inputs != reader.marks["<pad>"]).sum())
        state["seconds"] = before + time.time() - began
        if step % 20 == 0:
            losses.write(f"{step}\t{state['tokens']}\t{state['seconds']:.0f}\t{loss.item():.4f}\n")
            losses.flush()
        over = state["seconds"] >= whole
        if over or time.time() - saved > asked.checkpoint * 60:
            report = examine(model, reader, asked.unseen, device, 4000 if over else 300)
            report.update(step=state["step"], tokens=state["tokens"], loss=loss.item())
            state["examined"].append(report)
            print(json.dumps(report), flush=True)
            save(model, optimiser, tokenizer, config, state, asked.out)
            saved = time.time()
        if over:
            break


if __name__ == "__main__":
    main()
