"""Makes the table of words as names of relations: "boss" near "employer", "hometown" near "residence".

Alone, a word means all it may mean, and a table of such words finds "capital" as near to "headquarters" as "couple"
to "spouse". Asked for ("what is the boss of him"), it means a relation. Each word is embedded within a few such
sentences by all-MiniLM-L6-v2, the mean of all words is taken off (what the sentences themselves say), and the
dimensions are reduced by principal components.

Needs PyTorch, transformers, the model's folder, and WordNet's files:

    python3 relations.py --model MINILM --wordnet /usr/share/wordnet --out data/vectors

Writes OUT/relations.txt and OUT/relations.bin, laid out as vectors.py lays out its table; every row has length one.
"""

import argparse
import os
import struct
import time

import torch
import torch.nn.functional as F
from transformers import AutoModel, AutoTokenizer

SENTENCES = ["what is the {} of him", "what is the {} of the city", "tell me the {} of the book"]
# Words that mean the same or nearly so where they are asked for, and words that do not, to see what is lost.
NEAR = """boss employer|salary wage|dad parent|movie film|prize award|hometown residence|writer author|wrote author
speech language|faith religion|sibling brother|inhabitants population|founder creator|illness disease|spouse wife
kid child|nation country|price cost|team club|song music|river stream|mayor leader|height altitude|job occupation"""
FAR = """boss river|salary religion|dad capital|movie height|prize parent|hometown author|writer disease|wrote award
speech spouse|faith club|sibling price|inhabitants song|founder height|illness language|capital headquarters
kid country|nation author|price religion|team disease|song child|population place|mayor birth|height nation"""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--wordnet", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rows", type=int, default=12000)
    parser.add_argument("--dimensions", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def asked_words(folder, vocabulary, rows):
    """The commonest words (the tokenizer's vocabulary begins with them) that are forms of nouns or verbs."""
    lemmas = set()
    for line in open(os.path.join(folder, "index.sense"), encoding="utf-8"):
        lemma, rest = line.split()[0].split("%")
        if rest[0] in "12":
            lemmas.add(lemma)
    for part in ["noun", "verb"]:
        lemmas.update(line.split()[0] for line in open(os.path.join(folder, f"{part}.exc"), encoding="utf-8"))
    endings = [("", ""), ("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e")]

    def is_asked(word):
        bases = (word[: len(word) - len(end)] + new for end, new in endings if word.endswith(end))
        return len(word) > 2 and word.isalpha() and word.isascii() and any(base in lemmas for base in bases)

    common = sorted(vocabulary, key=vocabulary.get)
    return sorted([word for word in common if is_asked(word)][:rows])


def main():
    asked = arguments()
    torch.set_num_threads(asked.threads)
    tokenizer, model = AutoTokenizer.from_pretrained(asked.model), AutoModel.from_pretrained(asked.model).eval()

    @torch.no_grad()
    def embed(texts):
        batch = tokenizer(texts, padding=True, return_tensors="pt")
        mask = batch["attention_mask"][..., None]
        return F.normalize((model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1), dim=1)

    words = asked_words(asked.wordnet, tokenizer.get_vocab(), asked.rows)
    began, found = time.time(), []
    for start in range(0, len(words), 256):
        part = words[start : start + 256]
        found.append(sum(embed([sentence.format(word) for word in part]) for sentence in SENTENCES))
        if start % 2048 == 0:
            print(f"{start} of {len(words)} words, {time.time() - began:.0f} s", flush=True)
    rows = F.normalize(torch.cat(found), dim=1)
    rows = rows - rows.mean(0)
    report("all dimensions", words, rows)
    _, _, axes = torch.pca_lowrank(rows, q=asked.dimensions, center=False, niter=6)
    rows = F.normalize(rows @ axes, dim=1)
    report(f"{asked.dimensions} dimensions", words, rows)
    scales = rows.abs().max(1).values / 127
    small = (rows / scales[:, None]).round().clamp(-127, 127).to(torch.int8)
    with open(os.path.join(asked.out, "relations.txt"), "w") as file:
        file.write("".join(f"{word}\n" for word in words))
    with open(os.path.join(asked.out, "relations.bin"), "wb") as file:
        file.write(b"QVEC" + struct.pack("<III", 1, len(words), asked.dimensions))
        for row in range(len(words)):
            file.write(struct.pack("<f", scales[row].item()) + small[row].numpy().tobytes())


def report(what, words, rows):
    """Prints how well near words are told from others, and how near words are by chance."""
    place, rows = {word: at for at, word in enumerate(words)}, F.normalize(rows, dim=1)

    def cosines(pairs):
        pairs = [pair.split() for line in pairs.split("\n") for pair in line.split("|")]
        missing = [pair for pair in pairs if not all(word in place for word in pair)]
        if missing:
            print("without", missing)
        return torch.tensor([(rows[place[a]] @ rows[place[b]]).item() for a, b in pairs if a in place and b in place])

    near, far = cosines(NEAR), cosines(FAR)
    area = (near[:, None] > far[None, :]).float().mean().item()
    one, other = torch.randint(0, len(words), (2, 20000))
    chance = torch.quantile((rows[one] * rows[other]).sum(1), torch.tensor([0.5, 0.9, 0.99]))
    print(f"{what}: near {near.median():.2f} (least {near.min():.2f}), far {far.median():.2f} (most {far.max():.2f}),")
    print(f"  near before far in {100 * area:.1f}% of pairs; by chance 50, 90, 99%: {[round(x, 2) for x in chance.tolist()]}")


if __name__ == "__main__":
    torch.manual_seed(1)
    main()
