"""Makes the static table: a vector for each word and word piece, so that texts are compared in microseconds.

The vectors are distilled from all-MiniLM-L6-v2 (each word is embedded alone, the dimensions reduced by principal
components; the way of Model2Vec, Tulkens and van Dongen 2024), weighted as by Arora et al. 2017, and then tuned with
InfoNCE on WordNet: definitions find their words, synonyms and derived words find each other.

Needs PyTorch, transformers and tokenizers, the model's folder, and WordNet's data files:

    python3 vectors.py --model MINILM --wordnet /usr/share/wordnet --out data/vectors

Writes OUT/static.txt (the words, one a line, sorted: the order of the rows) and OUT/static.bin: "QVEC", version, rows,
dimensions (u32, little-endian), then for each row its scale (f32) and its dimensions (i8).
"""

import argparse
import json
import os
import random
import re
import struct
import time
from collections import Counter

import torch
import torch.nn.functional as F


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--wordnet", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rows", type=int, default=30000)
    parser.add_argument("--dimensions", type=int, default=128)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def read_wordnet(folder):
    """Synsets: (words, definition), and pairs of derivationally related words."""
    synsets, places, derived = [], {}, []
    for part in ["noun", "verb", "adj", "adv"]:
        for line in open(os.path.join(folder, f"data.{part}"), encoding="utf-8", errors="replace"):
            if line.startswith(" "):
                continue
            fields, gloss = line.split("|", 1)
            fields = fields.split()
            count = int(fields[3], 16)
            words = [re.sub(r"\((a|p|ip)\)$", "", fields[4 + 2 * i]).replace("_", " ").lower() for i in range(count)]
            definition = gloss.split('; "')[0].strip().lower()
            places[(part[0] if part != "adv" else "r", fields[0])] = len(synsets)
            at = 4 + 2 * count
            for i in range(int(fields[at])):
                symbol, offset, pos, ends = fields[at + 1 + 4 * i : at + 5 + 4 * i]
                if symbol == "+":
                    derived.append((len(synsets), pos.replace("s", "a"), offset, int(ends[:2], 16), int(ends[2:], 16)))
            synsets.append((words, definition))
    pairs = []
    for synset, pos, offset, here, there in derived:
        other = places.get((pos, offset))
        if other is not None and here and there:
            pairs.append((synsets[synset][0][here - 1], synsets[other][0][there - 1]))
    return synsets, pairs


class Pieces:
    """Greedy longest match, as WordPiece does, over a vocabulary of words and of pieces that begin with ##."""

    def __init__(self, words):
        self.ids = {word: row for row, word in enumerate(words)}
        self.cache = {}

    def word(self, word):
        found = self.cache.get(word)
        if found is not None:
            return found
        found, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                row = self.ids.get(("##" if start else "") + word[start:end])
                if row is not None:
                    found.append(row)
                    break
            else:
                end = start + 1
            start = end
        self.cache[word] = found
        return found

    def text(self, text):
        return [row for word in re.findall(r"[a-z]+|[0-9]", text.lower()) for row in self.word(word)]


def bags(texts):
    flat, offsets = [], []
    for rows in texts:
        offsets.append(len(flat))
        flat.extend(rows)
    return torch.tensor(flat), torch.tensor(offsets)


@torch.no_grad()
def teach(folder, words):
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    rows = [None] * len(words)
    lists = []
    for row, word in enumerate(words):
        ids = [tokenizer.convert_tokens_to_ids(word)] if word.startswith("##") else tokenizer.encode(word, add_special_tokens=False)
        lists.append((len(ids), row, [tokenizer.cls_token_id] + ids + [tokenizer.sep_token_id]))
    lists.sort()
    done = 0
    while done < len(lists):
        length = lists[done][0]
        batch = [one for one in lists[done : done + 512] if one[0] == length]
        tokens = torch.tensor([ids for _, _, ids in batch])
        out = model(tokens).last_hidden_state.mean(1)
        for (_, row, _), vector in zip(batch, out):
            rows[row] = vector
        done += len(batch)
    return torch.stack(rows)


def main():
    asked = arguments()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    chance = random.Random(asked.seed)
    synsets, derived = read_wordnet(asked.wordnet)
    counts = Counter()
    for words, definition in synsets:
        counts.update(re.findall(r"[a-z]+", definition))
        for word in words:
            counts.update(re.findall(r"[a-z]+", word))
    vocabulary = list(json.load(open(os.path.join(asked.model, "tokenizer.json")))["model"]["vocab"])
    words = [word for word in vocabulary if re.fullmatch(r"(##)?[a-z]+|(##)?[0-9]", word)]
    # Names of people and places fill much of the vocabulary; words of the dictionary come first.
    plain = [word for word in words if word.startswith("##") or counts[word] or len(word) < 2]
    names = [word for word in words if not (word.startswith("##") or counts[word] or len(word) < 2)]
    seen = set(words)
    new = [word for word, _ in counts.most_common() if word not in seen and len(word) > 3]
    # Half of what is left over for names of the vocabulary, in its order, half for more words of the dictionary.
    left = asked.rows - len(plain)
    table = plain + names[: left // 3] + new[: left - len(names[: left // 3])]
    print(f"{len(plain)} of the vocabulary, {len(table)} rows", flush=True)
    began = time.time()
    vectors = teach(asked.model, table)
    vectors = vectors - vectors.mean(0)
    _, _, axes = torch.pca_lowrank(vectors, asked.dimensions, niter=8)
    vectors = F.normalize(vectors @ axes, dim=1)
    pieces = Pieces(table)
    total = sum(counts.values())
    share = torch.tensor([max(counts[word.removeprefix("##")], 1) / total for word in table])
    weight = 1e-3 / (1e-3 + share)
    print(f"taught in {time.time() - began:.0f} s", flush=True)

    chance.shuffle(synsets)
    held, kept = synsets[:2000], synsets[2000:]
    pairs = [(definition, word) for words, definition in kept for word in words]
    synonyms = [(a, b) for words, _ in kept for a in words for b in words if a < b]
    texts = {}

    def rows(text):
        found = texts.get(text)
        if found is None:
            found = texts[text] = pieces.text(text)
        return found

    start = vectors * weight[:, None]
    model = torch.nn.Parameter(start.clone())
    scale = torch.nn.Parameter(torch.tensor(20.0).log())
    optimiser = torch.optim.Adam([{"params": [model], "lr": 2e-3}, {"params": [scale], "lr": 1e-2}])

    def embed(many, table):
        flat, offsets = bags(many)
        return F.normalize(F.embedding_bag(flat, table, offsets, mode="sum"), dim=1)

    @torch.no_grad()
    def examine(table):
        """Of definitions never trained, how often their word is among the first 1, 10, 100 of all words."""
        names = sorted({word for words, _ in synsets for word in words if rows(word)})
        index = {name: number for number, name in enumerate(names)}
        every = embed([rows(name) for name in names], table)
        ranks = []
        for words, definition in held:
            if not rows(definition):
                continue
            scores = every @ embed([rows(definition)], table)[0]
            best = max(scores[index[word]] for word in words if word in index)
            ranks.append(int((scores > best).sum()))
        return [round(sum(rank < top for rank in ranks) / len(ranks), 3) for top in (1, 10, 100)]

    print("definition to word at 1, 10, 100 before:", examine(start), flush=True)
    for step in range(asked.steps):
        source = [pairs, pairs, synonyms, derived][step % 4]
        batch = [pair for pair in chance.sample(source, asked.batch) if rows(pair[0]) and rows(pair[1])]
        left, right = embed([rows(a) for a, _ in batch], model), embed([rows(b) for _, b in batch], model)
        logits = left @ right.t() * scale.exp().clamp(max=60)
        # The same word more than once in a batch is no counter-example to itself.
        names = {}
        ids = torch.tensor([names.setdefault(b, len(names)) for _, b in batch])
        same = ids[:, None] == ids[None, :]
        same.fill_diagonal_(False)
        logits = logits.masked_fill(same, -1e4)
        target = torch.arange(len(batch))
        loss = (F.cross_entropy(logits, target) + F.cross_entropy(logits.t(), target)) / 2
        # Words that WordNet says little of stay where the teacher put them.
        loss = loss + 0.05 * ((model - start) ** 2).sum(1).mean()
        rate = min(1.0, (step + 1) / 100) * (1 - step / asked.steps)
        optimiser.param_groups[0]["lr"] = 2e-3 * rate
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 500 == 0:
            print(step, round(loss.item(), 3), round(time.time() - began), flush=True)
    tuned = model.detach()
    scales = tuned.abs().amax(1).clamp(min=1e-8) / 127
    small = (tuned / scales[:, None]).round().clamp(-127, 127).to(torch.int8)
    print("after:", examine(small.float() * scales[:, None]), f"{time.time() - began:.0f} s", flush=True)
    os.makedirs(asked.out, exist_ok=True)
    # In the order of their bytes, so that a word is found by halving.
    order = sorted(range(len(table)), key=lambda row: table[row].encode())
    with open(os.path.join(asked.out, "static.txt"), "w") as file:
        file.write("".join(table[row] + "\n" for row in order))
    with open(os.path.join(asked.out, "static.bin"), "wb") as file:
        file.write(b"QVEC" + struct.pack("<III", 1, len(table), asked.dimensions))
        for row in order:
            file.write(struct.pack("<f", scales[row].item()) + small[row].numpy().tobytes())


if __name__ == "__main__":
    main()
