"""Trains the generator on lessons: reads a question and slotted facts, writes slotted, cited sentences.

Needs PyTorch and tokenizers; uses a CUDA GPU when there is one. Lessons come from

    cargo run --release -p quid-mind --example lessons -- 2000000 0 nouns=NOUNS > lessons.tsv
    cargo run --release -p quid-mind --example lessons -- 4000 0 unseen nouns=NOUNS > unseen.tsv
    python3 generator.py --lessons lessons.tsv --unseen unseen.tsv --out OUT [--minutes 60]

Words come with what they mean: a row of the embedding is the static table's vector (data/vectors, kept as it is)
through a learned projection, plus a learned difference that is left out of three batches in ten, so that words no
lesson has shown are read by their neighbours in meaning. What may be written is only what the prompt has and the
words that answers are made of, in training as when it runs.

Writes OUT/{config.json,tokenizer.json,model.safetensors,losses.tsv,report.json} at every checkpoint (two minutes by
default) and goes on from there when started again. The weights have the names and shapes of a Llama checkpoint, so
that any Llama runtime can read them.
"""

import argparse
import json
import math
import os
import random
import struct
import time

import torch
import torch.nn.functional as F
from torch import nn

MARKS = ["<pad>", "<q>", "<f>", "<a>", "<e>", "<dk>", "[UNK]"]
SLOTS = [f"<s{n}>" for n in range(64)]
CITES = [f"<c{n}>" for n in range(1, 49)]
SIGNS = list("?.,:;'()-\"!&/0123456789")
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "data")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", required=True)
    parser.add_argument("--unseen", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=60, help="of this run")
    parser.add_argument("--whole", type=float, help="minutes of all runs together, which the rate falls over")
    parser.add_argument("--checkpoint", type=float, default=2, help="minutes between checkpoints")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=16384, help="tokens of a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="of AdamW, for what is no matrix inside a layer")
    parser.add_argument("--matrices", type=float, default=0.02, help="rate of Muon, for matrices inside layers")
    parser.add_argument("--warm", type=int, default=200, help="steps until the rate is reached")
    parser.add_argument("--short", type=float, default=0.15, help="part of the time in which prompts grow to --longest")
    parser.add_argument("--shortest", type=int, default=40, help="tokens of a lesson at the start")
    parser.add_argument("--longest", type=int, default=400)
    parser.add_argument("--finding", type=float, default=2.0, help="weight of finding the facts that an answer rests on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def static_table():
    """The words of the static table and their vectors, each of length one: what a word means, not how rare it is."""
    words = open(os.path.join(DATA, "vectors", "static.txt"), encoding="utf-8").read().split("\n")[:-1]
    with open(os.path.join(DATA, "vectors", "static.bin"), "rb") as file:
        _, _, rows, wide = struct.unpack("<4sIII", file.read(16))
        record = torch.frombuffer(bytearray(file.read()), dtype=torch.int8).view(rows, wide + 4)
    vectors = record[:, 4:].float()
    return words, vectors / vectors.norm(dim=1, keepdim=True).clamp(min=1e-6)


def make_tokenizer(words):
    """WordPiece over the table's words. Marks are in the vocabulary only: no text is cut into one."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

    known = set(words)
    pieces = MARKS + SLOTS + CITES + [sign for sign in SIGNS if sign not in known] + words
    tokenizer = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


class Words(nn.Module):
    """Rows for all pieces: the table's vector through a projection, plus a difference of their own."""

    def __init__(self, tokenizer, width):
        super().__init__()
        words, vectors = static_table()
        numbers = torch.tensor([tokenizer.token_to_id(word) for word in words])
        table = torch.zeros(tokenizer.get_vocab_size(), vectors.shape[1])
        table[numbers] = vectors
        self.register_buffer("table", table, persistent=False)
        marks = torch.ones(tokenizer.get_vocab_size(), 1)
        marks[numbers] = 0
        self.register_buffer("marks", marks, persistent=False)
        self.projection = nn.Parameter(torch.randn(vectors.shape[1], width) / math.sqrt(width))
        self.difference = nn.Parameter(torch.randn(table.shape[0], width) / math.sqrt(width) * marks)

    def rows(self, numbers, part=1.0):
        """The rows of these pieces; `part` is how much of their difference words have, marks have it whole."""
        marks = self.marks[numbers]
        return self.table[numbers] @ self.projection + self.difference[numbers] * (marks + (1 - marks) * part)


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
        self.layers = nn.ModuleList([Block(config) for _ in range(config["num_hidden_layers"])])
        self.norm = Norm(width)
        head = width // config["num_attention_heads"]
        turns = 1.0 / (config["rope_theta"] ** (torch.arange(0, head, 2).float() / head))
        angles = torch.outer(torch.arange(config["max_position_embeddings"]).float(), turns)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                # Layers begin as nothing: what goes back into the stream starts at zero.
                ends = "o_proj" in name or "down_proj" in name
                nn.init.normal_(parameter, std=0.0 if ends else 1 / math.sqrt(width))
        # Queries and keys begin alike, so that the same slot finds itself (Trockman and Kolter 2023).
        for layer in self.layers:
            layer.self_attn.k_proj.weight.data.copy_(layer.self_attn.q_proj.weight.data)

    def forward(self, x):
        length = x.shape[1]
        cos, sin = self.cos[:length].to(x.dtype), self.sin[:length].to(x.dtype)
        middle = x
        for number, layer in enumerate(self.layers):
            x = layer(x, cos, sin)
            if number == len(self.layers) - 2:
                middle = x
        return self.norm(x), self.norm(middle)


class Finder(nn.Module):
    """Says by the hidden states before the last layer which facts an answer rests on: used in training alone.

    Choosing the facts is the hard part of a lesson and its sentences say little about it; told so, layers learn to
    look facts up in a tenth of the steps.
    """

    def __init__(self, width):
        super().__init__()
        self.asks, self.tells = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.never = nn.Parameter(torch.zeros(1))

    def forward(self, asked, ends):
        return (self.asks(asked).unsqueeze(1) * self.tells(ends)).sum(-1) / math.sqrt(asked.shape[-1]) + self.never


class Muon(torch.optim.Optimizer):
    """Momentum whose steps are made orthogonal by five Newton-Schulz iterations (Jordan et al. 2024)."""

    def __init__(self, parameters, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(list(parameters), {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                moved = state.setdefault("moved", torch.zeros_like(parameter))
                moved.lerp_(parameter.grad, 1 - group["momentum"])
                x = parameter.grad.lerp(moved, group["momentum"])
                tall = x.shape[0] > x.shape[1]
                x = x.t() if tall else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    square = x @ x.t()
                    x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
                x = x.t() if tall else x
                scale = max(1.0, parameter.shape[0] / parameter.shape[1]) ** 0.5
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(x, alpha=-group["lr"] * scale)


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


def lessons(path, reader, seed):
    """Endless lessons of a file, from a place that the seed gives: pairs of prompt and answer."""
    chance = random.Random(seed)
    with open(path, "rb") as file:
        file.seek(chance.randrange(os.path.getsize(path)))
        file.readline()
        while True:
            line = file.readline()
            if not line:
                file.seek(0)
                continue
            _, prompt, answer = line.decode().rstrip("\n").split("\t")
            yield reader.encode(prompt), reader.encode(answer)


class Batches:
    """Endless batches of similar lengths; prompts longer than `longest` are left for later."""

    def __init__(self, path, reader, tokens, seed):
        self.source, self.reader, self.tokens = lessons(path, reader, seed), reader, tokens
        self.chance, self.groups = random.Random(seed), []
        self.cites, self.meaning = {reader.marks[mark] for mark in CITES}, reader.marks["<f>"]

    def next(self, longest):
        """Inputs and targets, where only the answer counts."""
        while not self.groups:
            pool = []
            while len(pool) < 1024:
                pair = next(self.source)
                if len(pair[0]) + len(pair[1]) <= longest:
                    pool.append(pair)
            pool.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
            group, width = [], 0
            for pair in pool:
                width = len(pair[0]) + len(pair[1])
                if group and width * (len(group) + 1) > self.tokens:
                    self.groups.append(group)
                    group = []
                group.append(pair)
            self.groups.append(group)
            self.chance.shuffle(self.groups)
        group = self.groups.pop()
        width = max(len(prompt) + len(answer) for prompt, answer in group)
        # Facts end before the next number; those that the answer cites are right.
        places, cited = [], []
        for prompt, answer in group:
            starts = [at for at, number in enumerate(prompt) if number in self.cites or number == self.meaning]
            ends = [at - 1 for at in starts[1:]] + [len(prompt) - 2]
            facts = [(prompt[start], end) for start, end in zip(starts, ends) if prompt[start] in self.cites]
            places.append([end for _, end in facts])
            cited.append([float(number in answer) for number, _ in facts])
        most = max(1, max(len(facts) for facts in places))
        ends = torch.tensor([facts + [-1] * (most - len(facts)) for facts in places])
        cited = torch.tensor([facts + [0.0] * (most - len(facts)) for facts in cited])
        asked = torch.tensor([len(prompt) - 1 for prompt, _ in group])
        inputs = torch.full((len(group), width), self.reader.marks["<pad>"], dtype=torch.long)
        targets = torch.full((len(group), width), -100, dtype=torch.long)
        for row, (prompt, answer) in enumerate(group):
            ids = prompt + answer
            inputs[row, : len(ids)] = torch.tensor(ids)
            targets[row, len(prompt) - 1 : len(ids) - 1] = torch.tensor(answer)
        return inputs, targets, (asked, ends, cited)


class Answers:
    """What answers may say besides what their prompt has: the commonest pieces of answers, as the runtime allows."""

    def __init__(self, path, reader, most=400):
        counts, source = {}, lessons(path, reader, 0)
        for _ in range(20000):
            prompt, answer = next(source)
            for number in set(answer) - set(prompt):
                counts[number] = counts.get(number, 0) + 1
        never = {reader.marks[mark] for mark in SLOTS + CITES}
        chosen = sorted((number for number in counts if number not in never), key=counts.get, reverse=True)[:most]
        self.numbers = torch.tensor(sorted(set(chosen) | {reader.marks["<e>"], reader.marks["<dk>"]}))


def losses_of(model, words, answers, inputs, targets, part):
    """Scores over the pieces that these prompts and answers may say, and where the right ones stand among them."""
    legal = torch.unique(torch.cat([inputs.flatten(), answers, targets[targets != -100]]))
    place = torch.zeros(words.table.shape[0], dtype=torch.long, device=inputs.device)
    place[legal] = torch.arange(len(legal), device=inputs.device)
    rows = words.rows(legal, part)
    wanted = targets != -100
    hidden, middle = model(rows[place[inputs]])
    return hidden[wanted] @ rows.t(), place[targets[wanted]], legal, middle


@torch.no_grad()
def examine(model, words, answers, reader, path, device, most):
    """Greedy answers to lessons whose relations and ways of asking were never trained: share exact, by family."""
    table, refused = {}, [0, 0, 0]
    unknown = reader.marks["<dk>"]
    for line in list(open(path))[:most]:
        family, prompt, answer = line.rstrip("\n").split("\t")
        prompt, wanted = reader.encode(prompt), reader.encode(answer)
        # Teacher-forced: exact greedy equality of every token is the same as equality of the greedy text.
        inputs = torch.tensor([prompt + wanted], device=device)
        targets = torch.full_like(inputs, -100)
        targets[0, len(prompt) - 1 : -1] = inputs[0, len(prompt) :]
        scores, places, legal, _ = losses_of(model, words, answers, inputs, targets, 1.0)
        guess = scores.argmax(-1)
        right = bool((guess == places).all())
        row = table.setdefault(family, [0, 0])
        row[0] += right
        row[1] += 1
        begins = int(legal[guess[0]])
        if wanted[0] == unknown:
            refused[1] += 1
            refused[0] += begins == unknown
        elif begins == unknown:
            refused[2] += 1
    total = [sum(row[0] for row in table.values()), sum(row[1] for row in table.values())]
    return {
        "exact": round(total[0] / max(1, total[1]), 4),
        "of": total[1],
        "families": {family: round(row[0] / row[1], 3) for family, row in sorted(table.items())},
        "unknown_recall": round(refused[0] / max(1, refused[1]), 4),
        "known_refused": round(refused[2] / max(1, total[1] - refused[1]), 4),
    }


def save(model, words, answers, tokenizer, config, kept, out):
    from safetensors.torch import save_file

    every = torch.arange(words.table.shape[0], device=words.table.device)
    with torch.no_grad():
        weights = {"model.embed_tokens.weight": words.rows(every)}
    weights.update({f"model.{name}": tensor for name, tensor in model.state_dict().items()})
    weights = {name: tensor.detach().cpu().to(torch.float16).contiguous() for name, tensor in weights.items()}
    save_file(weights, os.path.join(out, "model.safetensors"), {"format": "pt"})
    tokenizer.save(os.path.join(out, "tokenizer.json"))
    pieces = [tokenizer.id_to_token(number) for number in answers.tolist()]
    json.dump(config, open(os.path.join(out, "config.json"), "w"), indent=1)
    json.dump(pieces, open(os.path.join(out, "answers.json"), "w"), indent=0)
    json.dump(kept["state"], open(os.path.join(out, "report.json"), "w"), indent=1)
    torch.save(kept, os.path.join(out, "checkpoint.part"))
    os.replace(os.path.join(out, "checkpoint.part"), os.path.join(out, "checkpoint.pt"))


def main():
    asked = arguments()
    os.makedirs(asked.out, exist_ok=True)
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tokenizer = make_tokenizer(static_table()[0])
    reader = Reader(tokenizer)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": asked.width,
        "intermediate_size": int(asked.width * 8 / 3 + 63) // 64 * 64,
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
    model, words = Llama(config).to(device), Words(tokenizer, asked.width).to(device)
    answers = Answers(asked.lessons, reader).numbers.to(device)
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    finder = Finder(asked.width).to(device)
    others = [parameter for parameter in model.parameters() if parameter.dim() <= 1]
    others += list(words.parameters()) + list(finder.parameters())
    optimisers = [Muon(matrices, asked.matrices), torch.optim.AdamW(others, asked.rate, (0.9, 0.98), weight_decay=0, fused=True)]
    rates = [asked.matrices, asked.rate]
    state = {"step": 0, "tokens": 0, "seconds": 0.0, "seed": asked.seed, "device": device, "examined": []}
    state["parameters"] = sum(parameter.numel() for parameter in model.parameters()) + words.difference.numel()
    path = os.path.join(asked.out, "checkpoint.pt")
    if os.path.exists(path):
        kept = torch.load(path, map_location=device, weights_only=False)
        model.load_state_dict(kept["model"])
        words.load_state_dict(kept["words"])
        finder.load_state_dict(kept["finder"])
        for optimiser, before in zip(optimisers, kept["optimisers"]):
            optimiser.load_state_dict(before)
        state = kept["state"]
    print(f"{state['parameters']:,} parameters, {device}, from step {state['step']}", flush=True)
    began, before, saved = time.time(), state["seconds"], time.time()
    until = before + asked.minutes * 60
    whole = asked.whole * 60 if asked.whole else until
    losses = open(os.path.join(asked.out, "losses.tsv"), "a")
    chance = random.Random(asked.seed * 7 + state["step"])
    batches = Batches(asked.lessons, reader, asked.tokens, asked.seed * 1000003 + state["step"])
    while True:
        step, part = state["step"], min(1.0, state["seconds"] / whole)
        # The rate rises for a while, stays, and falls to nothing over the last half of the time there is.
        now = min(1.0, (step + 1) / asked.warm) * min(1.0, max(0.02, 2 * (1 - part)))
        for optimiser, rate in zip(optimisers, rates):
            for group in optimiser.param_groups:
                group["lr"] = rate * now
        grown = min(1.0, part / asked.short) if asked.short else 1.0
        inputs, targets, (at, ends, cited) = batches.next(int(asked.shortest + (asked.longest - asked.shortest) * grown))
        inputs, targets, at, ends, cited = (x.to(device) for x in (inputs, targets, at, ends, cited))
        with torch.autocast(device, torch.bfloat16):
            part = 0.0 if chance.random() < 0.3 else 1.0
            scores, places, _, middle = losses_of(model, words, answers, inputs, targets, part)
            loss = F.cross_entropy(scores.float(), places)
            rows = torch.arange(len(inputs), device=device)
            found = finder(middle[rows, at], middle[rows.unsqueeze(1), ends.clamp(min=0)])
            missed = F.binary_cross_entropy_with_logits(found.float(), cited, reduction="none")[ends >= 0].mean()
            missed = missed if (ends >= 0).any() else loss * 0
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        (loss + asked.finding * missed).backward()
        nn.utils.clip_grad_norm_(others, 1.0)
        for optimiser in optimisers:
            optimiser.step()
        state["step"] += 1
        state["tokens"] += int((inputs != reader.marks["<pad>"]).sum())
        state["seconds"] = before + time.time() - began
        if step % 20 == 0:
            right = (scores.argmax(-1) == places).float().mean().item()
            losses.write(f"{step}\t{state['tokens']}\t{state['seconds']:.0f}\t{loss.item():.4f}\t{right:.4f}\t{missed.item():.4f}\n")
            losses.flush()
        over = state["seconds"] >= until
        if over or time.time() - saved > asked.checkpoint * 60:
            report = examine(model, words, answers, reader, asked.unseen, device, 4000 if over else 200)
            report.update(step=state["step"], tokens=state["tokens"], loss=round(loss.item(), 4))
            state["examined"].append(report)
            print(json.dumps(report), flush=True)
            kept = {"model": model.state_dict(), "words": words.state_dict(), "finder": finder.state_dict(), "state": state}
            kept["optimisers"] = [optimiser.state_dict() for optimiser in optimisers]
            save(model, words, answers, tokenizer, config, kept, asked.out)
            saved = time.time()
        if over:
            break


if __name__ == "__main__":
    main()
