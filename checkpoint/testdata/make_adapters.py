"""LoRA adapters as PEFT saves them, and what PEFT computes with them, in float32 on the CPU.

usage: make_adapters.py MODELS OUT      (MODELS: this folder)
Each case is a folder as save_pretrained writes it, plus golden.safetensors:
  logits [L,V]        of ids with the adapter apart
  merged.NAME         tensors that merge_and_unload changes, for cases that say so
and refused/NAME.json are adapter_config.json of adapters with other formulas.
"""
import os, sys
import torch, transformers
from peft import LoraConfig, get_peft_model
from peft.tuners import tuners_utils
from safetensors.torch import save_file

CASES = {
    "list": dict(model="tiny", merged=True, target_modules=["x_proj", "dt_proj", "layers.1.mixer.in_proj"], r=4,
                 lora_alpha=8, rank_pattern={"layers.1.mixer.in_proj": 2}, alpha_pattern={"x_proj": 3},
                 use_rslora=True, exclude_modules=["layers.2.mixer.dt_proj"]),
    "expression": dict(model="tiny", merged=True, target_modules=r".*layers\.[02]\.mixer\.(x|dt)_proj", r=3),
    "layers": dict(model="mamba", merged=True, target_modules=["x_proj"], layers_to_transform=[1], layers_pattern="layers"),
    "bf16": dict(model="sharded", merged=True, target_modules=["x_proj"], layers_to_transform=0, r=2),
    "all-linear": dict(model="mamba", target_modules="all-linear", exclude_modules=["out_proj"], r=2),
    "ends": dict(model="tiny", target_modules=["embeddings", "lm_head"], r=2, lora_alpha=0.5),
    "saved": dict(model="tiny", target_modules=["dt_proj"], modules_to_save=["lm_head"], r=1),
    "tied-head": dict(model="odd", target_modules=["lm_head"], r=2),
    "tied-embeddings": dict(model="odd", target_modules=["embeddings"], r=2, lora_alpha=0.5),
    "out_proj": dict(model="tiny", old=True, target_modules=["out_proj"], r=2),
}
REFUSED = dict(use_dora=True, lora_bias=True, bias="lora_only", trainable_token_indices=[1, 2],
               layer_replication=[[0, 2], [1, 3]], init_lora_weights="pissa", alora_invocation_tokens=[1, 2])

check = tuners_utils._check_lora_target_modules_mamba
for name, c in CASES.items():
    torch.manual_seed(len(name))
    base = os.path.join(sys.argv[1], c.pop("model"))
    merged, old = c.pop("merged", False), c.pop("old", False)
    tuners_utils._check_lora_target_modules_mamba = (lambda *a: None) if old else check  # of versions that do not refuse
    m = transformers.AutoModelForCausalLM.from_pretrained(base, dtype="auto").eval()
    before = {k: v.clone() for k, v in m.state_dict().items()}
    p = get_peft_model(m, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **c)).eval()
    with torch.no_grad():
        for k, v in p.named_parameters():
            if "modules_to_save" in k: v.add_(0.1 * torch.randn_like(v))
    p.peft_config["default"].base_model_name_or_path = "org/base"
    d = os.path.join(sys.argv[2], name)
    p.save_pretrained(d)
    ids = torch.arange(4, 12)[None] * 7
    T = {}
    if m.dtype == torch.float32:
        with torch.no_grad(): T["logits"] = p(ids).logits[0].clone()
    if merged:
        for k, v in p.merge_and_unload().state_dict().items():
            if not torch.equal(v, before[k]): T["merged." + k] = v.contiguous()
    save_file(T, os.path.join(d, "golden.safetensors"))
    readme = os.path.join(d, "README.md")
    if os.path.exists(readme): os.remove(readme)
os.makedirs(os.path.join(sys.argv[2], "refused"))
for k, v in REFUSED.items():
    c = LoraConfig(task_type="CAUSAL_LM", target_modules=["x_proj"], **{k: v})
    c.save_pretrained(sys.argv[2])
    os.rename(os.path.join(sys.argv[2], "adapter_config.json"), os.path.join(sys.argv[2], "refused", k + ".json"))
