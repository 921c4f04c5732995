"""Write golden.json: what jinja2 3.1.6 makes of templates, set up as by the
transformers library (utils/chat_template_utils.py: a sandbox with trim_blocks,
lstrip_blocks, loop controls, tojson, raise_exception and strftime_now).

The *.jinja files are in the manner of those of well-known models, and the
snippets below are each about one thing."""
import datetime, json, pathlib
import jinja2, jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2024, 7, 9, 15, 4, 5)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.ScopedContextModifier([], lineno=line) if not body else nodes.If(nodes.Const(True), body, [], [], lineno=line)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = NOW.strftime

U, A, S = (lambda c, r=r: {"role": r, "content": c} for r in ("user", "assistant", "system"))
CALL = {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {"name": "add", "arguments": {"b": 2, "a": [1, None, 2.5, True]}}}]}
TOOL = {"type": "function", "function": {"name": "add", "description": "Adds \"näturals\" <b> & 'more'", "parameters": {"type": "object", "properties": {}, "required": []}}}
CONVERSATIONS = {
    "one": [U("Hello")],
    "system": [S("  Be brief.\n"), U("Hi\n")],
    "turns": [S("Be brief."), U("Why?"), A(" Because.\n"), U("Really?\r\n\r\nSo?")],
    "odd": [A("I begin"), A("twice")],
    "empty": [U(""), A(""), U("")],
    "think": [U("2+2?"), A("<think>\nfour\n</think>\n\n4"), U("3+3?"), A("<think>\nsix\n</think>\n\n6")],
    "tools": [U("1+2?"), CALL, {"role": "tool", "content": "3"}, {"role": "tool", "content": "4"}, A("3.")],
    "unicode": [U("é 日本 🙂 \u00a0"), A("ß\u3000")],
}
VARS = {"n": 3, "x": 2.5, "neg": -7, "s": "Hello, World", "sp": "  a  b \n", "l": [3, 1, 2], "d": {"b": 1, "a": None}, "e": [], "t": True,
        "nested": [{"k": "x", "v": 1}, {"k": "y", "v": 2}, {"k": "z"}], "words": ["b", "A", "c"], "u": "é日🙂", "q": "it's \"q\"\n\\", "none": None}
SNIPPETS = r"""
{{ n }} {{ x }} {{ neg }} {{ t }} {{ none }} {{ missing }} {{ l }} {{ d }} {{ e }}
{{ [s, q, 1.0, none, t, [u]] }} {{ {'a': 1, 2: 'b'} }} {{ (1, 2) | list }} {{ (1,) }} {{ () }} {{ (1, 'a')[:1] }} {{ (1, 2) == [1, 2] }}
{{ 1 + 2 * 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 1e20 }} {{ 1e-7 }}
{{ 1_000 + 1 }} {{ 1.5e3 }} {{ 4 / 2 }} {{ -x }} {{ +n }} {{ - n | abs }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}
{{ s ~ n ~ none ~ l }} {{ 'a' 'b' }} {{ 'a' * 3 }} {{ 2 * 'ab' }} {{ [1] + [2] }}
{{ '\n\t\'\"\\\x41\u00e9\q' }}
{{ n == 3 }} {{ n == 3.0 }} {{ t == 1 }} {{ s == 'Hello, World' }} {{ l == [3, 1, 2] }} {{ d == {'a': none, 'b': 1} }} {{ none == false }} {{ missing == missing }}
{{ 1 < 2 < 3 }} {{ 1 < 2 > 2 }} {{ 'a' < 'b' }} {{ [1, 2] < [1, 3] }} {{ n != 3 }} {{ n >= 3 }}
{{ 'lo' in s }} {{ 'b' in d }} {{ 3 in l }} {{ 4 not in l }} {{ 'x' in missing }} {{ not 'b' in d }} {{ '' in s }}
{{ n and 'yes' }} {{ 0 or 'no' }} {{ not n }} {{ not not e }} {{ 'a' if n > 2 else 'b' }} {{ 'a' if n > 5 }}{{ 1 if false else 2 if false else 3 }}
{{ s[0] }}{{ s[-1] }}{{ s[1:4] }}{{ s[:-7] }}{{ s[::-1] }}{{ s[::2] }}{{ s[50:] }}{{ s[5:2] }} {{ u[1] }}{{ u[-1:] }}{{ u[::-1] }}
{{ l[0] }} {{ l[1:] }} {{ l[::-1] }} {{ l[-2:] }} {{ l[5] }} {{ l[2:0:-1] }} {{ l[:50] }} {{ l.1 }} {{ l[none:2] }}
{{ d.b }} {{ d['b'] }} {{ d.a }} {{ d.zzz }} {{ d['zzz'] is defined }} {{ d.items() | list }} {{ d.keys() | list }} {{ d.values() | list }} {{ d.get('b') }} {{ d.get('z', 5) }} {{ d.get('z') }}
{{ none.foo is defined }} {{ s.foo is defined }} {{ nested[0].k }} {{ nested[2].v is undefined }}
{{ sp.strip() }}|{{ sp.lstrip() }}|{{ sp.rstrip() }}|{{ 'xxaxx'.strip('x') }}|{{ 'abc'.strip('cb') }}|
{{ s.split(', ') }} {{ sp.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b  c d'.split(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a-b-c'.rsplit('-') }}
{{ 'a\nb\r\nc\n'.splitlines() }} {{ 'a=b=c'.partition('=') | list }} {{ 'a=b=c'.rpartition('=') | list }} {{ 'abc'.partition('=') | list }} {{ 'abc'.rpartition('=') | list }}
{{ s.startswith('He') }} {{ s.endswith(('x', 'd')) }} {{ s.upper() }} {{ s.lower() }} {{ 'hello wORLD'.title() }} {{ 'hELLO'.capitalize() }}
{{ s.replace('l', 'L') }} {{ s.replace('l', 'L', 1) }} {{ 'aaa'.replace('aa', 'b') }} {{ 'ab'.replace('', '-') }} {{ s.find('o') }} {{ s.rfind('o') }} {{ s.find('z') }} {{ s.count('l') }} {{ u.find('🙂') }}
{{ '-'.join(words) }} {{ 'Tested'.removeprefix('Te').removesuffix('ed') }} {{ '12'.isdigit() }} {{ 'a1'.isalpha() }} {{ ''.isdigit() }} {{ 'AB'.isupper() }}
{{ sp | trim }}|{{ 'xax' | trim('x') }}|{{ s | upper }}|{{ s | lower }}|{{ s | length }}|{{ u | length }}|{{ l | count }}|{{ d | length }}|{{ missing | length }}
{{ missing | default('d') }} {{ none | default('d') }} {{ none | default('d', true) }} {{ '' | d('e', boolean=true) }} {{ missing | default }}|
{{ l | join(', ') }} {{ nested | join('+', attribute='k') }} {{ words | join }} {{ l | first }} {{ l | last }} {{ e | first }} {{ s | first }} {{ l | reverse | list }} {{ s | reverse }}
{{ l | sort }} {{ words | sort }} {{ words | sort(case_sensitive=true) }} {{ l | sort(reverse=true) }} {{ nested[:2] | sort(attribute='v', reverse=true) | map(attribute='k') | list }}
{{ nested | map(attribute='v', default=0) | list }} {{ words | map('upper') | list }} {{ l | map('string') | join }} {{ ['a b', 'c'] | map('replace', ' ', '_') | list }}
{{ nested | selectattr('v', 'defined') | list }} {{ nested | rejectattr('v') | list }} {{ nested | selectattr('k', 'equalto', 'y') | map(attribute='v') | first }} {{ l | select('odd') | list }} {{ l | reject('gt', 1) | list }} {{ [0, 1, none] | select | list }} {{ nested | selectattr('k', 'in', ['x', 'z']) | list | length }}
{{ '12' | int }} {{ ' 7 ' | int }} {{ '3.9' | int }} {{ 'x' | int }} {{ 'x' | int(5) }} {{ 3.9 | int }} {{ -3.9 | int }} {{ '1.5' | float }} {{ 'x' | float }} {{ n | float }} {{ true | int }}
{{ neg | abs }} {{ 2.345 | round(2) }} {{ 2.5 | round }} {{ 2.1 | round(method='ceil') }} {{ l | sum }} {{ nested[:2] | sum(attribute='v') }} {{ l | min }} {{ l | max }} {{ ['a', 'A', 'b'] | unique | list }} {{ d | dictsort }} {{ d | items | list }} {{ missing | items | list }}
{{ d | tojson }} {{ q | tojson }} {{ u | tojson }} {{ [1, 2.0, none, true, {}] | tojson }} {{ [] | tojson(indent=2) }} {{ {'b': [1, {}], 'a': {'c': 2}} | tojson(indent=2) }} {{ d | tojson(sort_keys=true) }} {{ d | tojson(separators=(',', ':')) }} {{ '\x07<' | tojson }}
{{ 'a\nb\n\nc' | indent(2) }} {{ 'a\nb' | indent(2, true) }} {{ 'a\nb' | indent('> ') }}
{{ s | replace('l', 'L') }} {{ n | string + '!' }} {{ '<a & "b">' | escape }} {{ '<' | safe }} {{ s | list | length }} {{ d | list }}
{{ n is odd }} {{ n is even }} {{ n is divisibleby 3 }} {{ n is divisibleby(2) }} {{ x is number }} {{ x is integer }} {{ x is float }} {{ t is boolean }} {{ t is number }} {{ t is true }} {{ none is none }} {{ n is not none }} {{ s is string }} {{ d is mapping }} {{ l is iterable }} {{ n is iterable }} {{ s is iterable }} {{ l is sequence }} {{ d is sequence }}
{{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ n is defined and n is odd }} {{ 'a' is in ['a'] }} {{ n is eq 3 }} {{ n is gt(2) }} {{ 'A' is upper }} {{ 'a' is lower }} {{ range is callable }} {{ missing is none }} {{ missing is string }}
{% for i in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }};{% endfor %}
{% for k, v in d.items() %}{{ k }}={{ v }} {% endfor %}{% for i in e %}x{% else %}none{% endfor %}{% for i in range(10) if i is odd %}{{ i }}{{ loop.index }} {% endfor %}
{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %} {% for a in 'ab' %}{% for b in 'cd' %}{{ a }}{{ b }}{{ loop.depth }}{% endfor %}{% endfor %}
{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %} {% for a, b in [[1, 2]] %}{{ a }}{{ b }}{% endfor %} {% for i in 1, 2 %}{{ i }}{% endfor %} {{ range(3) | list }} {{ range(5, 1, -2) | list }} {{ range(2, 4) | list }}
{% set y = 1 %}{% for i in l %}{% set y = y + i %}{{ y }}{% endfor %}{{ y }} {% set ns = namespace(y=1) %}{% for i in l %}{% set ns.y = ns.y + i %}{% endfor %}{{ ns.y }} {% if true %}{% set z = 9 %}{% endif %}{{ z }}
{% set a, b = 1, 'two' %}{{ a }}{{ b }} {% set c %}in {{ a }}{% endset %}[{{ c }}] {% set f | upper | trim %} abc {% endset %}[{{ f }}] {% set g = (1, 2) %}{{ g[1] }}
{% macro m(a, b='x', c=none) %}<{{ a }}{{ b }}{{ c }}{{ s }}>{% endmacro %}{{ m(1) }}{{ m(1, c=2) }}{{ m(b=3, a=4) }}{{ m() }}{{ m(1) | length }}
{% macro fact(k) %}{% if k > 1 %}{{ k }}*{{ fact(k - 1) }}{% else %}1{% endif %}{% endmacro %}{{ fact(5) }}
{% for i in [1] %}{% macro inner() %}{{ i }}{% endmacro %}{{ inner() }}{% endfor %}
{% if n > 5 %}a{% elif n > 2 %}b{% else %}c{% endif %}{% if missing %}x{% endif %}{% if e %}x{% else %}y{% endif %}{% if d.zzz and d.zzz.y %}x{% endif %}
{# comment #}a{#- x -#} b {#+ y +#} c
a {%- if true %} b {%- endif %} c {{- ' d ' -}} e {% if true -%} f {% endif +%} g
{% raw %}{{ x }} {% if %}{% endraw %} {%- raw -%} {{ y }} {%- endraw -%} .
{{ '}}' }} {{ '%}' }} {{ {'a': {'b': 1}}['a'].b }} {{ {'a': {'b': 1}} }}
{% generation %}in {{ n }}{% endgeneration %}!
{{ strftime_now('%d %B %Y %H:%M %-d %j') }} {{ dict(a=1, b=[2]) }} {{ dict(d, c=3) }}
{{ nested | map(attribute='k') | map('upper') | join('') }} {{ (n + 1) | string | length }} {{ n + 1 | int }} {{ s.split(',')[0].lower() | length }} {{ l | length > 2 }} {{ not l | length == 3 }}
{{ 5 | round }} {{ 5.5 | round }} {{ 2.675 | round(2) }} {{ 5 | round(0, 'ceil') }} {{ 15 | round(-1) }} {{ true | round }} {{ 0.15 | round(1) }} {{ 1234.5 | round(-2) }}
{{ missing is callable }} {{ s.upper is callable }} {{ d.zzz is callable }} {{ namespace() is callable }} {% for a in [1] %}{{ loop is callable }}{% endfor %}
{{ '1e400' | float }} {{ '1e400' | int }} {{ '0x1p3' | float }} {{ '1_0' | float }} {{ '_1' | float }} {{ 'inf' | int }} {{ '-1e999' | float }}
{{ range(3) }} {{ range(1, 7, 2) }} {{ [range(3)] }} {{ range(9)[2:5] }} {{ range(9)[::-2] }} {{ range(3) == range(0, 3) }} {{ range(3) == [0, 1, 2] }} {{ range(3) is sequence }} {{ range(3)[1] }}
{{ 'ß' | upper }} {{ 'ﬁx' | upper }} {{ 'ßx' | title }} {{ 'ßx' | capitalize }} {{ 'ßx'.title() }} {{ 'ΑΣ' | lower }} {{ 'ŉa'.title() }} {{ 'ǆa'.title() }} {{ 'ǆa' | title }} {{ '中a'.title() }} {{ u | upper }}
{{ 'tool_response' | title }} {{ "don't STOP" | title }} {{ 'a-b c(d [e {f <g' | title }} {{ '  x\ty' | title }} {{ "don't".title() }} {{ [1, 'a b'] | title }}
{{ 'a\u2028b\x1cc\x1dd\x1ee\x85f\u2029g\r\nh\x0bi'.splitlines() }}
{{ '²'.isdigit() }} {{ '½'.isdigit() }} {{ '½'.isalnum() }} {{ '①'.isdigit() }} {{ '١'.isdigit() }} {{ '⑩'.isdigit() }}
{{ 'y' if [] | select else 'n' }}{{ 'y' if [] | map('upper') else 'n' }}{{ 'y' if [] | unique else 'n' }}{{ 'y' if [] | reverse else 'n' }}{{ 'y' if {} | items else 'n' }}{{ 'y' if [] | list else 'n' }}{{ 'y' if '' | reverse else 'n' }}{{ 'y' if 5 | select else 'n' }}{{ 'y' if missing | map('upper') else 'n' }}
{% set a = [1, 2] | select %}{{ a | list }}{{ a | list }}{% set b = l | reject('odd') %}{{ b | first }}{{ b | list }}{{ ([1] | select)[0] }} {{ [1] | select is iterable }} {{ [1] | select is sequence }} {{ 2 in [1, 2] | select }} {{ [1] | select == [1] }}
{% for a in [1, 2] | select %}{{ loop.length }}{{ loop.last }}{% endfor %} {{ [[1] | select, 2] | length }} {{ 'ab' | map('upper') | list }} {{ [2, 3] | select | reverse | list }}
{% set j = joiner('; ') %}{{ j() }}a{{ j() }}b{{ j() }} {% set c = cycler(1, 2) %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{{ c.reset() }}{{ c.current }}
{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}x{{ n }}{% endcall %} {% macro k() %}[{{ caller(1, b=2) }}]{% endmacro %}{% call(a, b=3) k() %}x{{ a }}{{ b }}{% endcall %}
{% macro m(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, *[3], z=4, **{'y': 5}) }}{{ m(*[1, 2]) }} {% macro k(a, caller=none) %}{{ a }}{{ caller() if caller else 'none' }}{% endmacro %}{{ k(1) }}{% call k(1) %}x{% endcall %} {{ 'a,b' | list | join(*['-']) }}
{{ messages[0]['content'] }} {{ messages[-1].role }} {{ messages | length }} {{ messages[0] }} {{ messages | map(attribute='role') | join(',') }} {{ bos_token is defined }} {{ tools is none }} {{ documents is none }} {{ add_generation_prompt }}
""".strip().split("\n") + [
    "a\n  {% if true %}\n    b\n  {% endif %}\nc\n",
    "  {%+ if true %}\nb\n{%- endif +%}\nc\n\n",
    "{% for i in [1, 2] %}\n{{ i }}\n{% endfor %}\n{{ n }}\nend",
    "x {# c #}\n  {# d #}\ny\n",
    "\n\n{{- n }}\n\n{{ n -}}\n\n z\n",
    "a\r\n{% if true %}\r\nb\r\n{% endif %}",
    "{% raw %}\n  a\n  {% endraw %}\n b",
    "{{\n n\n }}{%\n if n\n %}y{% endif %}",
    "  {% if true %}  {% endif %}  {{ n }}  \n",
    "{% if true %}\n  {% if true %}\n  x\n  {% endif %}\n{% endif %}\n",
]
# What must fail in both.
WRONG = [
    "{{ none + 'a' }}", "{{ missing.x }}", "{{ missing['x'] }}", "{{ missing + 1 }}", "{{ 1 < 'a' }}", "{{ l.append(1) }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}",
    "{{ missing() }}", "{{ n() }}", "{{ 'a' + 1 }}", "{{ [1] + 'a' }}", "{% for a, b in [[1]] %}{% endfor %}", "{% for i in n %}{% endfor %}", "{% set s.x = 1 %}",
    "{{ raise_exception('no') }}", "{{ n | length }}", "{{ range(10**9) | list }}", "{% if %}{% endif %}", "{% if n %}", "{% endif %}", "{{ n", "{{ n }", "{% for i in l %}",
    "{% nope %}", "{{ n | nope }}", "{{ n is nope }}", "{{ 1 +", "{{ (1 }}", "{{ [1 }}", "{{ 'a }}", "{{ a..b }}", "{# c", "{% set 1 = 2 %}", "{{ ) }}", "{% break %}", "{{ & }}", "{% raw %}x",
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{% endmacro %}{{ m(b=1) }}", "{{ {[]: 1} }}", "{{ d[[]] + 1 }}", "{{ s.index('z') }}", "{{ ''.join([1]) }}", "{{ undefined_f(1) }}",
    "{{ 5 | select | list }}", "{{ [1] | select | length }}", "{{ [1] | select | tojson }}", "{{ range(2) | tojson }}", "{{ range(3) + [1] }}", "{{ [1] | select + [1] }}", "{{ [1, 2] | select | last }}",
    "{% macro m(a) %}{% endmacro %}{% call m(1) %}x{% endcall %}", "{% set c = cycler() %}", "{{ [1] | map | list }}", "{% call 'a' %}{% endcall %}",
]


def render(case):
    t = env.from_string(case["template"])
    kw = {k: case[k] for k in ("messages", "tools", "add_generation_prompt")}
    return t.render(documents=None, **kw, **case["vars"], **{k: case[k] for k in ("bos_token", "eos_token") if k in case})


cases = []
for name in ("chatml", "falcon", "llama3", "mistral", "qwen"):
    source = (HERE / f"{name}.jinja").read_text()
    for what, messages in CONVERSATIONS.items():
        for gen in (False, True):
            cases.append({"name": f"{name}, {what}{', prompt' if gen else ''}", "template": source, "messages": messages, "bos_token": "<s>", "eos_token": "</s>",
                          "tools": [TOOL] if what == "tools" else None, "add_generation_prompt": gen, "vars": {"enable_thinking": False} if what == "think" else {}})
for s in SNIPPETS + WRONG:
    cases.append({"name": s, "template": s, "messages": CONVERSATIONS["turns"], "tools": None, "add_generation_prompt": True, "vars": VARS})
for c in cases:
    try:
        c["want"] = render(c)
    except Exception as e:
        c["error"] = f"{type(e).__name__}: {e}"
    if c["template"] in WRONG and "error" not in c:
        print("no error:", c["template"], repr(c["want"]))
    if c["template"] in SNIPPETS and "error" in c:
        print("error:", c["template"], c["error"])
(HERE / "golden.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
print(len(cases), "cases")
