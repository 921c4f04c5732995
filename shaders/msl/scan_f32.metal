#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
    uint ring;
    uint ring_len;
};

struct Params
{
    uint rows;
    uint cols;
    uint states;
    uint dst_off;
    uint dst_stride;
    uint x_off;
    uint x_stride;
    uint dt_off;
    uint dt_stride;
    uint a_off;
    uint a_stride;
    uint b_off;
    uint b_stride;
    uint c_off;
    uint c_stride;
    uint d_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _484 = (STATE_TYPE == 1u);
constant bool _498 = (STATE_TYPE == 0u);
constant bool _503 = (STATE_TYPE == 1u);
constant bool _521 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _558 = (STATE_TYPE == 1u);
constant bool _572 = (STATE_TYPE == 0u);
constant bool _600 = (STATE_TYPE == 0u);
#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 16u
#endif
constant uint HELD = SPIRV_CROSS_CONSTANT_ID_1;

struct D
{
    float d[1];
};

struct A
{
    float a[1];
};

struct X
{
    float x[1];
};

struct DT
{
    float dt[1];
};

struct B
{
    float b[1];
};

struct C
{
    float c[1];
};

struct Dst
{
    float dst[1];
};

constant bool _1044 = (STATE_TYPE != 0u);
constant uint _1265_tmp [[function_constant(0)]];
constant uint _1265 = is_function_constant_defined(_1265_tmp) ? _1265_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1265, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _111)
{
    return min(p.batch_records, uint(max(_111.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _111)
{
    return uint(_111.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _111)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    uint param_8 = seq;
    uint param_9 = 5u;
    uint param_10 = seq;
    uint param_11 = 6u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _111), batch_word(param_2, param_3, p, _111), batch_word(param_4, param_5, p, _111), batch_word(param_6, param_7, p, _111), batch_word(param_8, param_9, p, _111), batch_word(param_10, param_11, p, _111) };
    bool _183;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _183 = batch_word(param_12, param_13, p, _111) == 1u;
    }
    else
    {
        _183 = KEEP;
    }
    bool keep = _183 && (slots != 4294967295u);
    bool _191 = s.from >= slots;
    bool _200;
    if (!_191)
    {
        _200 = s.to >= slots;
    }
    else
    {
        _200 = _191;
    }
    bool _209;
    if (!_200)
    {
        _209 = s.rows > rows;
    }
    else
    {
        _209 = _200;
    }
    bool _221;
    if (!_209)
    {
        _221 = s.first > (rows - s.rows);
    }
    else
    {
        _221 = _209;
    }
    if (_221)
    {
        s.rows = 0u;
    }
    bool _254;
    if (keep)
    {
        bool _233 = s.ring_len < s.rows;
        bool _241;
        if (!_233)
        {
            _241 = s.ring_len > slots;
        }
        else
        {
            _241 = _233;
        }
        bool _253;
        if (!_241)
        {
            _253 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _253 = _241;
        }
        _254 = _253;
    }
    else
    {
        _254 = keep;
    }
    if (_254)
    {
        s.rows = 0u;
    }
    if (!keep)
    {
        s.ring_len = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
uint state_of(thread const uint& slot, thread const uint& ch, constant Params& p)
{
    return (p.state_off + (slot * p.state_stride)) + (ch * p.states);
}

static inline __attribute__((always_inline))
float float16_value(thread const uint& bits)
{
    uint _sign = (bits & 32768u) << uint(16);
    uint rest = bits & 32767u;
    if (rest < 1024u)
    {
        return as_type<float>(as_type<uint>(float(rest) * 5.9604644775390625e-08) | _sign);
    }
    if (rest >= 31744u)
    {
        return as_type<float>((_sign | 2139095040u) | (rest << uint(13)));
    }
    return as_type<float>(_sign | ((rest << uint(13)) + 939524096u));
}

static inline __attribute__((always_inline))
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _527)
{
    if (_521)
    {
        return as_type<float>(_527.state[i]);
    }
    uint _536;
    if (alone)
    {
        _536 = _527.state[i / 2u];
    }
    else
    {
        uint _547 = atomic_fetch_or_explicit((device atomic_uint*)&_527.state[i / 2u], 0u, memory_order_relaxed);
        _536 = _547;
    }
    uint word = _536;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _559;
    if (_558)
    {
        uint param = bits;
        _559 = float16_value(param);
    }
    else
    {
        _559 = as_type<float>(bits << uint(16));
    }
    return _559;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& ch, constant Params& p, device State& __restrict _527, thread uint& from, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, const device D& _773, thread float (&h)[HELD], thread float (&rate)[HELD], const device A& _824)
{
    uint param = s.from;
    uint param_1 = ch;
    from = state_of(param, param_1, p);
    uint param_2 = s.to;
    uint param_3 = ch;
    to = state_of(param_2, param_3, p);
    rates = p.a_off + (ch * p.a_stride);
    held = min(p.states, HELD);
    skip = _773.d[p.d_off + ch];
    float _797;
    float _818;
    for (uint n = 0u; n < HELD; n++)
    {
        if (n < held)
        {
            uint param_4 = from + n;
            bool param_5 = (p.states % 2u) == 0u;
            float _809 = state_at(param_4, param_5, _527);
            _797 = _809;
        }
        else
        {
            _797 = 0.0;
        }
        h[n] = _797;
        if (n < held)
        {
            _818 = _824.a[rates + n];
        }
        else
        {
            _818 = 0.0;
        }
        rate[n] = _818;
    }
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _272;
    if ((from - ring) < ring_len)
    {
        _272 = ((from - ring) + i) + 1u;
    }
    else
    {
        _272 = i;
    }
    uint at = _272;
    uint _288;
    if (at < ring_len)
    {
        _288 = at;
    }
    else
    {
        _288 = at - ring_len;
    }
    return ring + _288;
}

static inline __attribute__((always_inline))
void move_rest(constant Params& p, device State& __restrict _527, thread uint& from, thread uint& to)
{
    for (uint n = HELD; n < p.states; n++)
    {
        _527.state[to + n] = _527.state[from + n];
    }
}

static inline __attribute__((always_inline))
float log1p_unit(thread const float& e)
{
    float s = e / (2.0 + e);
    float q = s * s;
    float sum = 0.066666670143604278564453125;
    sum = (sum * q) + 0.076923079788684844970703125;
    sum = (sum * q) + 0.0909090936183929443359375;
    sum = (sum * q) + 0.111111111938953399658203125;
    sum = (sum * q) + 0.14285714924335479736328125;
    sum = (sum * q) + 0.20000000298023223876953125;
    sum = (sum * q) + 0.3333333432674407958984375;
    return 2.0 * (s + ((s * q) * sum));
}

static inline __attribute__((always_inline))
float softplus(thread const float& x)
{
    float param = exp(-abs(x));
    return fast::max(x, 0.0) + log1p_unit(param);
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _713;
    if (abs(x) < 0.125)
    {
        _713 = near;
    }
    else
    {
        _713 = exp(x);
    }
    return _713;
}

static inline __attribute__((always_inline))
uint float16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint _sign = (_all >> uint(16)) & 32768u;
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return _sign | 32256u;
    }
    if (rest >= 1199562752u)
    {
        return _sign | 31743u;
    }
    if (rest >= 947912704u)
    {
        return _sign | ((((rest - 939524096u) + 4095u) + ((rest >> uint(13)) & 1u)) >> uint(13));
    }
    uint drop = 126u - (rest >> uint(23));
    if (drop > 24u)
    {
        return _sign;
    }
    uint m = (rest & 8388607u) | 8388608u;
    uint kept = m >> drop;
    uint lost = m & ((1u << drop) - 1u);
    uint middle = 1u << (drop - 1u);
    bool _429 = lost > middle;
    bool _442;
    if (!_429)
    {
        bool _435 = lost == middle;
        bool _441;
        if (_435)
        {
            _441 = (kept % 2u) == 1u;
        }
        else
        {
            _441 = _435;
        }
        _442 = _441;
    }
    else
    {
        _442 = _429;
    }
    return _sign | (kept + uint(_442));
}

static inline __attribute__((always_inline))
uint bfloat16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return (_all >> uint(16)) | 64u;
    }
    if (rest >= 2139062272u)
    {
        return ((_all >> uint(16)) & 32768u) | 32639u;
    }
    return ((_all + 32767u) + ((_all >> uint(16)) & 1u)) >> uint(16);
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _485;
    if (_484)
    {
        float param = v;
        _485 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _485 = bfloat16_bits(param_1);
    }
    return _485;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _527)
{
    if (_572)
    {
        _527.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _590 = atomic_fetch_and_explicit((device atomic_uint*)&_527.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _599 = atomic_fetch_or_explicit((device atomic_uint*)&_527.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void scan_row(thread const uint& t, thread const uint& ch, constant Params& p, device State& __restrict _527, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, thread float (&h)[HELD], thread float (&rate)[HELD], const device A& _824, const device X& _860, const device DT& _877, const device B& _949, const device C& _961, device Dst& _1032)
{
    float u = _860.x[(p.x_off + (t * p.x_stride)) + ch];
    float param = _877.dt[(p.dt_off + (t * p.dt_stride)) + ch];
    float delta = softplus(param);
    float y = skip * u;
    float du = delta * u;
    uint bt = p.b_off + (t * p.b_stride);
    uint ct = p.c_off + (t * p.c_stride);
    for (uint n = 0u; n < HELD; n++)
    {
        if (n < held)
        {
            float param_1 = delta * rate[n];
            h[n] = (decay(param_1) * h[n]) + (du * _949.b[bt + n]);
            y += (_961.c[ct + n] * h[n]);
        }
    }
    for (uint n_1 = HELD; n_1 < p.states; n_1++)
    {
        float param_2 = delta * _824.a[rates + n_1];
        uint param_3 = to + n_1;
        bool param_4 = true;
        float _1001 = state_at(param_3, param_4, _527);
        float g = (decay(param_2) * _1001) + (du * _949.b[bt + n_1]);
        uint param_5 = to + n_1;
        float param_6 = g;
        set_state(param_5, param_6, _527);
        y += (_961.c[ct + n_1] * g);
    }
    _1032.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _527)
{
    if (_600)
    {
        _527.state[i] = as_type<uint>(v);
        _527.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _527.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_states(constant Params& p, device State& __restrict _527, thread uint& to, thread uint& held, thread float (&h)[HELD])
{
    bool _1051;
    if (_1044)
    {
        _1051 = (p.states % 2u) == 0u;
    }
    else
    {
        _1051 = _1044;
    }
    if (_1051)
    {
        for (uint n = 0u; n < held; n += 2u)
        {
            uint param = to + n;
            float param_1 = h[n];
            float param_2 = h[n + 1u];
            set_states(param, param_1, param_2, _527);
        }
        return;
    }
    for (uint n_1 = 0u; n_1 < HELD; n_1++)
    {
        if (n_1 < held)
        {
            uint param_3 = to + n_1;
            float param_4 = h[n_1];
            set_state(param_3, param_4, _527);
        }
    }
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_498)
    {
        return v;
    }
    float _504;
    if (_503)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _504 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _504 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _504;
}

static inline __attribute__((always_inline))
void scan_kept(thread const Sequence& s, thread const uint& ch, constant Params& p, device State& __restrict _527, thread uint& from, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, thread float (&h)[HELD], thread float (&rate)[HELD], const device A& _824, const device X& _860, const device DT& _877, const device B& _949, const device C& _961, device Dst& _1032)
{
    uint _1119;
    for (uint i = 0u; i < s.rows; i++)
    {
        if ((i + 1u) == s.rows)
        {
            _1119 = s.to;
        }
        else
        {
            uint param = s.from;
            uint param_1 = s.ring;
            uint param_2 = s.ring_len;
            uint param_3 = i;
            _1119 = ring_slot(param, param_1, param_2, param_3);
        }
        uint param_4 = _1119;
        uint param_5 = ch;
        to = state_of(param_4, param_5, p);
        move_rest(p, _527, from, to);
        uint param_6 = s.first + i;
        uint param_7 = ch;
        scan_row(param_6, param_7, p, _527, to, rates, held, skip, h, rate, _824, _860, _877, _949, _961, _1032);
        store_states(p, _527, to, held, h);
        for (uint n = 0u; n < HELD; n++)
        {
            float param_8 = h[n];
            h[n] = state_round(param_8);
        }
        from = to;
    }
}

kernel void scan_f32(constant Params& p [[buffer(0)]], device Dst& _1032 [[buffer(1)]], const device X& _860 [[buffer(2)]], const device DT& _877 [[buffer(3)]], const device A& _824 [[buffer(4)]], const device B& _949 [[buffer(5)]], const device C& _961 [[buffer(6)]], const device D& _773 [[buffer(7)]], device State& __restrict _527 [[buffer(8)]], const device Batch& _111 [[buffer(9)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _111);
    uint from;
    uint to;
    uint rates;
    uint held;
    float skip;
    float h[HELD];
    float rate[HELD];
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _111);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint ch = gl_GlobalInvocationID.x; ch < p.cols; ch += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = ch;
            load_channel(param_3, param_4, p, _527, from, to, rates, held, skip, _773, h, rate, _824);
            bool _1229;
            if (KEEP)
            {
                _1229 = s.ring_len != 0u;
            }
            else
            {
                _1229 = KEEP;
            }
            if (_1229)
            {
                Sequence param_5 = s;
                uint param_6 = ch;
                scan_kept(param_5, param_6, p, _527, from, to, rates, held, skip, h, rate, _824, _860, _877, _949, _961, _1032);
                continue;
            }
            move_rest(p, _527, from, to);
            for (uint t = s.first; t < (s.first + s.rows); t++)
            {
                uint param_7 = t;
                uint param_8 = ch;
                scan_row(param_7, param_8, p, _527, to, rates, held, skip, h, rate, _824, _860, _877, _949, _961, _1032);
            }
            store_states(p, _527, to, held, h);
        }
    }
}

