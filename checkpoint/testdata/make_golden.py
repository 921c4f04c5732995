"""Golden outputs of HF transformers for an existing FalconMamba or Mamba checkpoint, in float32 on the CPU.
usage: make_golden.py CHECKPOINT_DIR [--prompt TEXT | --ids 1,2,3] [--new 48] [--out DIR]
Writes golden.safetensors and golden.json as README.md beside this script says."""
import argparse, json, os, torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor
import transformers
p = argparse.ArgumentParser(); p.add_argument("dir"); p.add_argument("--prompt"); p.add_argument("--short"); p.add_argument("--ids"); p.add_argument("--new", type=int, default=48); p.add_argument("--out")
a = p.parse_args(); out = a.out or a.dir; os.makedirs(out, exist_ok=True)
m = AutoModelForCausalLM.from_pretrained(a.dir, dtype=torch.float32).eval(); cfg = m.config; V = cfg.vocab_size
def encode(s):
    from tokenizers import Tokenizer
    return Tokenizer.from_file(a.dir + "/tokenizer.json").encode(s).ids
ids = torch.tensor([encode(a.prompt) if a.prompt else [int(i) for i in a.ids.split(",")] if a.ids else torch.randint(4, V, (41,), generator=torch.Generator().manual_seed(7)).tolist()])
L = ids.shape[1]
@torch.no_grad()
def run():
    o = m(ids, use_cache=True, output_hidden_states=True, labels=ids); T = {"logits": o.logits[0].clone()}
    first = lambda v: v[0] if isinstance(v, (list, tuple)) else v
    for i, h in enumerate(o.hidden_states): T[f"hidden_states.{i}"] = h[0].float().clone()
    for i, l in enumerate(o.cache_params.layers): T[f"conv_state.{i}"] = first(l.conv_states)[0].float().clone(); T[f"ssm_state.{i}"] = first(l.recurrent_states)[0].float().clone()
    J = dict(prompt=a.prompt, input_ids=ids[0].tolist(), loss=float(o.loss), transformers=transformers.__version__, torch=torch.__version__)
    seq = ids.clone()
    for _ in range(a.new): seq = torch.cat([seq, m(seq).logits[:, -1:].argmax(-1)], 1)
    J["greedy_ids"] = seq[0, L:].tolist()
    J["greedy_ids_cached"] = m.generate(ids, max_new_tokens=a.new, min_new_tokens=a.new, do_sample=False, pad_token_id=0, eos_token_id=None)[0, L:].tolist()
    short = torch.tensor([encode(a.short)]) if a.short else ids[:, L//3:]
    pad = L - short.shape[1]; b = torch.cat([ids, torch.cat([torch.full((1, pad), cfg.pad_token_id or 0), short], 1)]); mask = torch.ones_like(b); mask[1, :pad] = 0
    T["batch.logits"] = m(b, attention_mask=mask).logits.clone(); J["batch_ids"], J["batch_mask"] = b.tolist(), mask.tolist(); T["batch.alone_logits"] = m(short).logits[0].clone()
    row = o.logits[:, -1].clone(); J["processed"] = []
    for j, s in enumerate([dict(temperature=0.7), dict(top_k=10), dict(top_p=0.8), dict(min_p=0.1), dict(repetition_penalty=1.3), dict(repetition_penalty=1.2, temperature=0.8, top_k=40, top_p=0.9, min_p=0.02)]):
        P = LogitsProcessorList()
        if "repetition_penalty" in s: P.append(RepetitionPenaltyLogitsProcessor(s["repetition_penalty"]))
        if "temperature" in s: P.append(TemperatureLogitsWarper(s["temperature"]))
        if "top_k" in s: P.append(TopKLogitsWarper(s["top_k"]))
        if "top_p" in s: P.append(TopPLogitsWarper(s["top_p"]))
        if "min_p" in s: P.append(MinPLogitsWarper(s["min_p"]))
        T[f"processed.{j}"] = torch.softmax(P(ids, row.clone()), -1)[0].clone(); J["processed"].append(s)
    save_file({k: v.contiguous() for k, v in T.items()}, out + "/golden.safetensors"); json.dump(J, open(out + "/golden.json", "w"))
    print(out, "loss", J["loss"], J["greedy_ids"][:16], J["greedy_ids"] == J["greedy_ids_cached"])
run()
