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

constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _367 = (STATE_TYPE == 1u);
constant bool _381 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _418 = (STATE_TYPE == 1u);
constant bool _432 = (STATE_TYPE == 0u);
constant bool _460 = (STATE_TYPE == 0u);
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

constant bool _906 = (STATE_TYPE != 0u);
constant uint _1044_tmp [[function_constant(0)]];
constant uint _1044 = is_function_constant_defined(_1044_tmp) ? _1044_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1044, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _91)
{
    return min(p.batch_records, uint(max(_91.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _91)
{
    return uint(_91.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _91)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _91), batch_word(param_2, param_3, p, _91), batch_word(param_4, param_5, p, _91), batch_word(param_6, param_7, p, _91) };
    bool _146 = s.from >= slots;
    bool _155;
    if (!_146)
    {
        _155 = s.to >= slots;
    }
    else
    {
        _155 = _146;
    }
    bool _164;
    if (!_155)
    {
        _164 = s.rows > rows;
    }
    else
    {
        _164 = _155;
    }
    bool _176;
    if (!_164)
    {
        _176 = s.first > (rows - s.rows);
    }
    else
    {
        _176 = _164;
    }
    if (_176)
    {
        s.rows = 0u;
    }
    return s;
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _387)
{
    if (_381)
    {
        return as_type<float>(_387.state[i]);
    }
    uint _396;
    if (alone)
    {
        _396 = _387.state[i / 2u];
    }
    else
    {
        uint _407 = atomic_fetch_or_explicit((device atomic_uint*)&_387.state[i / 2u], 0u, memory_order_relaxed);
        _396 = _407;
    }
    uint word = _396;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _419;
    if (_418)
    {
        uint param = bits;
        _419 = float16_value(param);
    }
    else
    {
        _419 = as_type<float>(bits << uint(16));
    }
    return _419;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& ch, constant Params& p, device State& __restrict _387, thread uint& from, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, const device D& _633, thread float (&h)[HELD], thread float (&rate)[HELD], const device A& _684)
{
    from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    to = (p.state_off + (s.to * p.state_stride)) + (ch * p.states);
    rates = p.a_off + (ch * p.a_stride);
    held = min(p.states, HELD);
    skip = _633.d[p.d_off + ch];
    float _657;
    float _678;
    for (uint n = 0u; n < HELD; n++)
    {
        if (n < held)
        {
            uint param = from + n;
            bool param_1 = (p.states % 2u) == 0u;
            float _669 = state_at(param, param_1, _387);
            _657 = _669;
        }
        else
        {
            _657 = 0.0;
        }
        h[n] = _657;
        if (n < held)
        {
            _678 = _684.a[rates + n];
        }
        else
        {
            _678 = 0.0;
        }
        rate[n] = _678;
    }
    for (uint n_1 = HELD; n_1 < p.states; n_1++)
    {
        _387.state[to + n_1] = _387.state[from + n_1];
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
    float _573;
    if (abs(x) < 0.125)
    {
        _573 = near;
    }
    else
    {
        _573 = exp(x);
    }
    return _573;
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
    bool _312 = lost > middle;
    bool _325;
    if (!_312)
    {
        bool _318 = lost == middle;
        bool _324;
        if (_318)
        {
            _324 = (kept % 2u) == 1u;
        }
        else
        {
            _324 = _318;
        }
        _325 = _324;
    }
    else
    {
        _325 = _312;
    }
    return _sign | (kept + uint(_325));
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
    uint _368;
    if (_367)
    {
        float param = v;
        _368 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _368 = bfloat16_bits(param_1);
    }
    return _368;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _387)
{
    if (_432)
    {
        _387.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _450 = atomic_fetch_and_explicit((device atomic_uint*)&_387.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _459 = atomic_fetch_or_explicit((device atomic_uint*)&_387.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void scan_row(thread const uint& t, thread const uint& ch, constant Params& p, device State& __restrict _387, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, thread float (&h)[HELD], thread float (&rate)[HELD], const device A& _684, const device X& _720, const device DT& _738, const device B& _810, const device C& _822, device Dst& _893)
{
    float u = _720.x[(p.x_off + (t * p.x_stride)) + ch];
    float param = _738.dt[(p.dt_off + (t * p.dt_stride)) + ch];
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
            h[n] = (decay(param_1) * h[n]) + (du * _810.b[bt + n]);
            y += (_822.c[ct + n] * h[n]);
        }
    }
    for (uint n_1 = HELD; n_1 < p.states; n_1++)
    {
        float param_2 = delta * _684.a[rates + n_1];
        uint param_3 = to + n_1;
        bool param_4 = true;
        float _862 = state_at(param_3, param_4, _387);
        float g = (decay(param_2) * _862) + (du * _810.b[bt + n_1]);
        uint param_5 = to + n_1;
        float param_6 = g;
        set_state(param_5, param_6, _387);
        y += (_822.c[ct + n_1] * g);
    }
    _893.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _387)
{
    if (_460)
    {
        _387.state[i] = as_type<uint>(v);
        _387.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _387.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_states(constant Params& p, device State& __restrict _387, thread uint& to, thread uint& held, thread float (&h)[HELD])
{
    bool _913;
    if (_906)
    {
        _913 = (p.states % 2u) == 0u;
    }
    else
    {
        _913 = _906;
    }
    if (_913)
    {
        for (uint n = 0u; n < held; n += 2u)
        {
            uint param = to + n;
            float param_1 = h[n];
            float param_2 = h[n + 1u];
            set_states(param, param_1, param_2, _387);
        }
        return;
    }
    for (uint n_1 = 0u; n_1 < HELD; n_1++)
    {
        if (n_1 < held)
        {
            uint param_3 = to + n_1;
            float param_4 = h[n_1];
            set_state(param_3, param_4, _387);
        }
    }
}

kernel void scan_f32(constant Params& p [[buffer(0)]], device Dst& _893 [[buffer(1)]], const device X& _720 [[buffer(2)]], const device DT& _738 [[buffer(3)]], const device A& _684 [[buffer(4)]], const device B& _810 [[buffer(5)]], const device C& _822 [[buffer(6)]], const device D& _633 [[buffer(7)]], device State& __restrict _387 [[buffer(8)]], const device Batch& _91 [[buffer(9)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _91);
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
        Sequence s = batch_sequence(param, param_1, param_2, p, _91);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint ch = gl_GlobalInvocationID.x; ch < p.cols; ch += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = ch;
            load_channel(param_3, param_4, p, _387, from, to, rates, held, skip, _633, h, rate, _684);
            for (uint t = s.first; t < (s.first + s.rows); t++)
            {
                uint param_5 = t;
                uint param_6 = ch;
                scan_row(param_5, param_6, p, _387, to, rates, held, skip, h, rate, _684, _720, _738, _810, _822, _893);
            }
            store_states(p, _387, to, held, h);
        }
    }
}

