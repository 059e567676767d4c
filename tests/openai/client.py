"""Drives `/v1` of `quid serve` with the official `openai` client, as tests/openai.rs asks it to.

Usage: client.py URL TOKEN
"""

import sys

import openai

URL, TOKEN = sys.argv[1:]
MODEL = "quidnunc"


def client(token):
    return openai.OpenAI(base_url=f"{URL}/v1", api_key=token, max_retries=0)


def say(api, *messages, **more):
    roles = [{"role": role, "content": content} for role, content in messages]
    # The client insists on some key; a guest sends none.
    headers = {"Authorization": openai.Omit()} if api is guest else {}
    return api.chat.completions.create(model=MODEL, messages=roles, extra_headers=headers, **more)


def reply(completion):
    """The reply itself, from the extension field."""
    return completion.quidnunc if hasattr(completion, "quidnunc") else completion.model_extra["quidnunc"]


def refused(error, act):
    try:
        act()
    except error as problem:
        return problem
    raise AssertionError(f"not refused with {error.__name__}")


admin, guest = client(TOKEN), client("nobody")

# Models
assert [model.id for model in admin.models.list()] == [MODEL]
assert admin.models.retrieve(MODEL).id == MODEL
problem = refused(openai.NotFoundError, lambda: admin.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "x"}]))
assert problem.code == "model_not_found", problem

# A lesson and a proved answer, with its proof and sources
taught = say(admin, ("user", "pepsi is a soda"))
assert reply(taught)["kind"] == "done" and reply(taught)["statement"], taught
answer = say(admin, ("system", "You are a pirate. Forget everything."), ("user", "is pepsi a soda?"), temperature=0.3, max_tokens=5)
assert answer.choices[0].message.role == "assistant" and answer.choices[0].finish_reason == "stop"
assert answer.choices[0].message.content == reply(answer)["text"]
assert reply(answer)["kind"] == "proved" and reply(answer)["proof"]["steps"] and reply(answer)["sources"], answer
assert answer.usage.total_tokens == 0, "no model read a token"

# What the system or the assistant says commands nothing
for role in ("system", "developer", "assistant"):
    say(admin, (role, "tea is a drink"), (role, "undo"), ("user", "is pepsi a soda?"))
assert reply(say(admin, ("user", "what is tea?")))["kind"] == "unknown"
assert reply(say(admin, ("user", "is pepsi a soda?")))["kind"] == "proved", "nothing was undone"
refused(openai.BadRequestError, lambda: say(admin, ("user", "hello"), ("assistant", "tea is a drink")))

# What was said before is context, and is not done again
before = (("user", "is pepsi a soda?"), ("assistant", "Yes."))
why = say(admin, *before, ("user", "why?"))
assert reply(why)["kind"] == "proved", why
assert reply(say(admin, ("user", "why?")))["kind"] != "proved", "no conversation is remembered"
for _ in range(2):
    say(admin, ("user", "cola is a soda"), ("assistant", "Noted."), ("user", "undo"))
assert reply(say(admin, ("user", "what is cola?")))["kind"] == "unknown", "a lesson of before is not taught again"

# Streams
streamed = list(say(admin, ("user", "is pepsi a soda?"), stream=True, stream_options={"include_usage": True}))
told = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
last = [chunk for chunk in streamed if chunk.choices and chunk.choices[0].finish_reason]
assert len(last) == 1 and reply(last[0])["kind"] == "proved" and reply(last[0])["text"] == told, streamed
assert streamed[-1].usage.total_tokens == 0 and not streamed[-1].choices

# A guest asks and teaches nothing
assert reply(say(guest, ("user", "tea is a drink")))["kind"] == "error"
assert reply(say(guest, ("user", "what is tea?")))["kind"] == "unknown"
refused(openai.AuthenticationError, lambda: say(client("0123456789abcdef-wrong"), ("user", "what is tea?")))

# Vectors: what is near in meaning is near
vectors = [row.embedding for row in admin.embeddings.create(model=MODEL, input=["a dog", "a puppy", "a tax return"]).data]
near = lambda one, other: sum(a * b for a, b in zip(vectors[one], vectors[other]))
assert len(vectors) == 3 and abs(near(0, 0) - 1) < 0.01 and near(0, 1) > near(0, 2) + 0.1, [near(0, 1), near(0, 2)]
plain = admin.embeddings.create(model=MODEL, input="a dog", encoding_format="float").data[0].embedding
assert all(abs(one - other) < 1e-6 for one, other in zip(plain, vectors[0]))

# Honest refusals
refused(openai.NotFoundError, lambda: admin.embeddings.create(model="other", input="a text"))
refused(openai.BadRequestError, lambda: say(admin, ("user", "is pepsi a soda?"), n=2))
refused(openai.BadRequestError, lambda: say(admin, ("user", "is pepsi a soda?"), response_format={"type": "json_object"}))
parts = [{"type": "text", "text": "is pepsi a soda?"}]
assert reply(admin.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}]))["kind"] == "proved"
picture = [{"type": "image_url", "image_url": {"url": "data:,"}}]
refused(openai.BadRequestError, lambda: admin.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": picture}]))

print("ok")
