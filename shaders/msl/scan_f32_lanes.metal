#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

template<typename T>
inline T spvSubgroupShuffleXor(T value, ushort mask)
{
    return simd_shuffle_xor(value, mask);
}

template<>
inline bool spvSubgroupShuffleXor(bool value, ushort mask)
{
    return !!simd_shuffle_xor((ushort)value, mask);
}

template<uint N>
inline vec<bool, N> spvSubgroupShuffleXor(vec<bool, N> value, ushort mask)
{
    return (vec<bool, N>)simd_shuffle_xor((vec<ushort, N>)value, mask);
}

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
    uint z_off;
    uint z_stride;
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
constant bool _517 = (STATE_TYPE == 1u);
constant bool _531 = (STATE_TYPE == 0u);
constant bool _536 = (STATE_TYPE == 1u);
constant bool _554 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _591 = (STATE_TYPE == 1u);
constant bool _605 = (STATE_TYPE == 0u);
constant bool _633 = (STATE_TYPE == 0u);
constant uint CHANNELS_tmp [[function_constant(1)]];
constant uint CHANNELS = is_function_constant_defined(CHANNELS_tmp) ? CHANNELS_tmp : 16u;
#ifndef SPIRV_CROSS_CONSTANT_ID_7
#define SPIRV_CROSS_CONSTANT_ID_7 4u
#endif
constant uint LOADS = SPIRV_CROSS_CONSTANT_ID_7;

struct DT
{
    float dt[1];
};

struct X
{
    float x[1];
};

constant bool GATE_tmp [[function_constant(4)]];
constant bool GATE = is_function_constant_defined(GATE_tmp) ? GATE_tmp : true;

struct Z
{
    float z[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_8
#define SPIRV_CROSS_CONSTANT_ID_8 4u
#endif
constant uint LOADS_B = SPIRV_CROSS_CONSTANT_ID_8;
constant uint _944_tmp [[function_constant(0)]];
constant uint _944 = is_function_constant_defined(_944_tmp) ? _944_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_944, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 1u
#endif
constant uint QUADS = SPIRV_CROSS_CONSTANT_ID_3;
constant uint WIDTH = (16u * QUADS);
constant uint STEPS_tmp [[function_constant(2)]];
constant uint STEPS = is_function_constant_defined(STEPS_tmp) ? STEPS_tmp : 16u;
constant uint _974 = (STEPS * WIDTH);

struct B
{
    float b[1];
};

struct C
{
    float c[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_5
#define SPIRV_CROSS_CONSTANT_ID_5 256u
#endif
constant uint SHARED_X = SPIRV_CROSS_CONSTANT_ID_5;
constant uint _1103 = (STEPS * WIDTH);
#ifndef SPIRV_CROSS_CONSTANT_ID_6
#define SPIRV_CROSS_CONSTANT_ID_6 64u
#endif
constant uint SHARED_B = SPIRV_CROSS_CONSTANT_ID_6;

struct A
{
    float a[1];
};

constant bool EXACT_tmp [[function_constant(9)]];
constant bool EXACT = is_function_constant_defined(EXACT_tmp) ? EXACT_tmp : true;
constant bool _1278 = (!EXACT);

struct D
{
    float d[1];
};

constant bool _1314 = (!EXACT);

struct Dst
{
    float dst[1];
};

constant bool _1591 = (STATE_TYPE != 0u);
constant bool _1895 = (!KEEP);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _145)
{
    return min(p.batch_records, uint(max(_145.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _145)
{
    return uint(_145.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _145)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _145), batch_word(param_2, param_3, p, _145), batch_word(param_4, param_5, p, _145), batch_word(param_6, param_7, p, _145), batch_word(param_8, param_9, p, _145), batch_word(param_10, param_11, p, _145) };
    bool _217;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _217 = batch_word(param_12, param_13, p, _145) == 1u;
    }
    else
    {
        _217 = KEEP;
    }
    bool keep = _217 && (slots != 4294967295u);
    bool _225 = s.from >= slots;
    bool _234;
    if (!_225)
    {
        _234 = s.to >= slots;
    }
    else
    {
        _234 = _225;
    }
    bool _243;
    if (!_234)
    {
        _243 = s.rows > rows;
    }
    else
    {
        _243 = _234;
    }
    bool _255;
    if (!_243)
    {
        _255 = s.first > (rows - s.rows);
    }
    else
    {
        _255 = _243;
    }
    if (_255)
    {
        s.rows = 0u;
    }
    bool _288;
    if (keep)
    {
        bool _267 = s.ring_len < s.rows;
        bool _275;
        if (!_267)
        {
            _275 = s.ring_len > slots;
        }
        else
        {
            _275 = _267;
        }
        bool _287;
        if (!_275)
        {
            _287 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _287 = _275;
        }
        _288 = _287;
    }
    else
    {
        _288 = keep;
    }
    if (_288)
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
uint state_of(thread const uint& q, thread const uint& i, thread uint& lane)
{
    return ((16u * q) + (4u * lane)) + i;
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _560)
{
    if (_554)
    {
        return as_type<float>(_560.state[i]);
    }
    uint _569;
    if (alone)
    {
        _569 = _560.state[i / 2u];
    }
    else
    {
        uint _580 = atomic_fetch_or_explicit((device atomic_uint*)&_560.state[i / 2u], 0u, memory_order_relaxed);
        _569 = _580;
    }
    uint word = _569;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _592;
    if (_591)
    {
        uint param = bits;
        _592 = float16_value(param);
    }
    else
    {
        _592 = as_type<float>(bits << uint(16));
    }
    return _592;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& c0, constant Params& p, device State& __restrict _560, thread uint& gl_LocalInvocationIndex, thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], const device A& _1260, thread float& skip, const device D& _1304)
{
    lane = gl_LocalInvocationIndex % 4u;
    own = gl_LocalInvocationIndex / 4u;
    ch = c0 + own;
    there = ch < p.cols;
    uint from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    bool pairs = (p.states % 2u) == 0u;
    float _1237;
    float _1254;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _1230;
            if (there)
            {
                _1230 = n < p.states;
            }
            else
            {
                _1230 = there;
            }
            bool held = _1230;
            if (held)
            {
                uint param_2 = from + n;
                bool param_3 = pairs;
                float _1246 = state_at(param_2, param_3, _560);
                _1237 = _1246;
            }
            else
            {
                _1237 = 0.0;
            }
            h[q][i] = _1237;
            if (held)
            {
                _1254 = _1260.a[(p.a_off + (ch * p.a_stride)) + n];
            }
            else
            {
                _1254 = 0.0;
            }
            rate[q][i] = _1254;
            if (_1278)
            {
                rate[q][i] = fast::max(rate[q][i] * 1.44269502162933349609375, -3.0000000054977557577780399428115e+38);
            }
        }
    }
    float _1298;
    if (there)
    {
        _1298 = _1304.d[p.d_off + ch];
    }
    else
    {
        _1298 = 0.0;
    }
    skip = _1298;
}

static inline __attribute__((always_inline))
void fetch(thread const Sequence& s, thread const uint& t, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _820, thread float (&next_x)[LOADS], const device X& _848, thread float (&next_z)[LOADS], const device Z& _910, thread float (&next_b)[LOADS_B], const device B& _995, thread float (&next_c)[LOADS_B], const device C& _1020)
{
    uint at = gl_LocalInvocationIndex;
    uint ch = c0 + (at % CHANNELS);
    float _814;
    float _842;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (t + (4u * i)) + (at / CHANNELS);
        uint r = s.first + n;
        bool _801 = n < s.rows;
        bool _808;
        if (_801)
        {
            _808 = ch < p.cols;
        }
        else
        {
            _808 = _801;
        }
        bool there = _808;
        if (there)
        {
            _814 = _820.dt[(p.dt_off + (r * p.dt_stride)) + ch];
        }
        else
        {
            _814 = 0.0;
        }
        next_dt[i] = _814;
        if (there)
        {
            _842 = _848.x[(p.x_off + (r * p.x_stride)) + ch];
        }
        else
        {
            _842 = 0.0;
        }
        next_x[i] = _842;
    }
    if (GATE)
    {
        uint lane = at % 4u;
        ch = c0 + (at / 4u);
        float _904;
        for (uint i_1 = 0u; i_1 < LOADS; i_1++)
        {
            uint n_1 = (t + (4u * i_1)) + lane;
            bool _896 = n_1 < s.rows;
            bool _903;
            if (_896)
            {
                _903 = ch < p.cols;
            }
            else
            {
                _903 = _896;
            }
            if (_903)
            {
                _904 = _910.z[(p.z_off + ((s.first + n_1) * p.z_stride)) + ch];
            }
            else
            {
                _904 = 0.0;
            }
            next_z[i_1] = _904;
        }
    }
    float _989;
    float _1014;
    for (uint i_2 = 0u; i_2 < LOADS_B; i_2++)
    {
        uint e = at + (i_2 * gl_WorkGroupSize.x);
        uint n_2 = t + (e / WIDTH);
        uint state_ = e % WIDTH;
        uint r_1 = s.first + n_2;
        bool _969 = n_2 < s.rows;
        bool _976;
        if (_969)
        {
            _976 = e < _974;
        }
        else
        {
            _976 = _969;
        }
        bool _983;
        if (_976)
        {
            _983 = state_ < p.states;
        }
        else
        {
            _983 = _976;
        }
        bool there_1 = _983;
        if (there_1)
        {
            _989 = _995.b[(p.b_off + (r_1 * p.b_stride)) + state_];
        }
        else
        {
            _989 = 0.0;
        }
        next_b[i_2] = _989;
        if (there_1)
        {
            _1014 = _1020.c[(p.c_off + (r_1 * p.c_stride)) + state_];
        }
        else
        {
            _1014 = 0.0;
        }
        next_c[i_2] = _1014;
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
void put(thread const Sequence& s, thread const uint& t, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], thread float (&next_x)[LOADS], thread float (&next_b)[LOADS_B], thread float (&next_c)[LOADS_B], threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B])
{
    uint at = gl_LocalInvocationIndex;
    float _1070;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (4u * i) + (at / CHANNELS);
        if ((t + n) < s.rows)
        {
            float param = next_dt[i];
            _1070 = softplus(param);
        }
        else
        {
            _1070 = 0.0;
        }
        tile_x[(n * CHANNELS) + (at % CHANNELS)] = float2(_1070, next_x[i]);
    }
    for (uint i_1 = 0u; i_1 < LOADS_B; i_1++)
    {
        uint e = at + (i_1 * gl_WorkGroupSize.x);
        if (e >= _1103)
        {
            break;
        }
        ((threadgroup float*)&tile_b[e / 4u])[e % 4u] = next_b[i_1];
        ((threadgroup float*)&tile_c[e / 4u])[e % 4u] = next_c[i_1];
    }
}

static inline __attribute__((always_inline))
void take_gates(thread float (&next_z)[LOADS], thread float (&gate)[LOADS])
{
    float _1142;
    for (uint i = 0u; i < LOADS; i++)
    {
        if (GATE)
        {
            _1142 = next_z[i];
        }
        else
        {
            _1142 = 0.0;
        }
        gate[i] = _1142;
    }
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _746;
    if (abs(x) < 0.125)
    {
        _746 = near;
    }
    else
    {
        _746 = exp(x);
    }
    return _746;
}

static inline __attribute__((always_inline))
float4 decay4(thread const float4& v)
{
    if (_1314)
    {
        return exp2(v);
    }
    float param = v.x;
    float param_1 = v.y;
    float param_2 = v.z;
    float param_3 = v.w;
    return float4(decay(param), decay(param_1), decay(param_2), decay(param_3));
}

static inline __attribute__((always_inline))
void update_states(thread const uint& n, thread const uint& i, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread uint& lane, thread uint& own, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float (&share)[4])
{
    float2 dx = tile_x[(n * CHANNELS) + own];
    float du = dx.x * dx.y;
    share[i] = 0.0;
    for (uint q = 0u; q < QUADS; q++)
    {
        uint at = (((n * 4u) * QUADS) + (4u * q)) + lane;
        float4 param = rate[q] * dx.x;
        h[q] = fma(decay4(param), h[q], tile_b[at] * du);
        float4 v = tile_c[at];
        share[i] = fma(h[q].x, v.x, fma(h[q].y, v.y, fma(h[q].z, v.z, fma(h[q].w, v.w, share[i]))));
    }
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _306;
    if ((from - ring) < ring_len)
    {
        _306 = ((from - ring) + i) + 1u;
    }
    else
    {
        _306 = i;
    }
    uint at = _306;
    uint _322;
    if (at < ring_len)
    {
        _322 = at;
    }
    else
    {
        _322 = at - ring_len;
    }
    return ring + _322;
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
    bool _462 = lost > middle;
    bool _475;
    if (!_462)
    {
        bool _468 = lost == middle;
        bool _474;
        if (_468)
        {
            _474 = (kept % 2u) == 1u;
        }
        else
        {
            _474 = _468;
        }
        _475 = _474;
    }
    else
    {
        _475 = _462;
    }
    return _sign | (kept + uint(_475));
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
    uint _518;
    if (_517)
    {
        float param = v;
        _518 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _518 = bfloat16_bits(param_1);
    }
    return _518;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _560)
{
    if (_605)
    {
        _560.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _623 = atomic_fetch_and_explicit((device atomic_uint*)&_560.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _632 = atomic_fetch_or_explicit((device atomic_uint*)&_560.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _560)
{
    if (_633)
    {
        _560.state[i] = as_type<uint>(v);
        _560.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _560.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_states(thread const uint& slot, constant Params& p, device State& __restrict _560, thread uint& lane, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS])
{
    uint to = (p.state_off + (slot * p.state_stride)) + (ch * p.states);
    bool _1598;
    if (_1591)
    {
        _1598 = (p.states % 2u) == 0u;
    }
    else
    {
        _1598 = _1591;
    }
    bool pairs = _1598;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _1622 = !there;
            bool _1630;
            if (!_1622)
            {
                _1630 = n >= p.states;
            }
            else
            {
                _1630 = _1622;
            }
            if (_1630)
            {
                continue;
            }
            if (!pairs)
            {
                uint param_2 = to + n;
                float param_3 = h[q][i];
                set_state(param_2, param_3, _560);
            }
            else
            {
                if ((i % 2u) == 0u)
                {
                    uint param_4 = to + n;
                    float param_5 = h[q][i];
                    float param_6 = h[q][i + 1u];
                    set_states(param_4, param_5, param_6, _560);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_531)
    {
        return v;
    }
    float _537;
    if (_536)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _537 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _537 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _537;
}

static inline __attribute__((always_inline))
void scan_kept(thread const Sequence& s, thread const uint& t, thread const uint& n, constant Params& p, device State& __restrict _560, const device Z& _910, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float& skip, thread float (&share)[4], device Dst& _1562)
{
    uint param = n;
    uint param_1 = 0u;
    update_states(param, param_1, tile_x, tile_b, tile_c, lane, own, h, rate, share);
    float sum = share[0] + spvSubgroupShuffleXor(share[0], 2u);
    sum += spvSubgroupShuffleXor(sum, 1u);
    sum += (skip * ((threadgroup float*)&tile_x[(n * CHANNELS) + own])[1u]);
    if (GATE && there)
    {
        float param_2 = _910.z[(p.z_off + ((s.first + t) * p.z_stride)) + ch];
        sum *= silu(param_2);
    }
    if (there && (lane == 0u))
    {
        _1562.dst[(p.dst_off + ((s.first + t) * p.dst_stride)) + ch] = sum;
    }
    uint _1746;
    if ((t + 1u) == s.rows)
    {
        _1746 = s.to;
    }
    else
    {
        uint param_3 = s.from;
        uint param_4 = s.ring;
        uint param_5 = s.ring_len;
        uint param_6 = t;
        _1746 = ring_slot(param_3, param_4, param_5, param_6);
    }
    uint param_7 = _1746;
    store_states(param_7, p, _560, lane, ch, there, h);
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            float param_8 = h[q][i];
            h[q][i] = state_round(param_8);
        }
    }
}

static inline __attribute__((always_inline))
float over_lanes(thread uint& lane, thread float (&share)[4])
{
    bool upper = lane >= 2u;
    bool odd = (lane % 2u) == 1u;
    float _1440;
    if (upper)
    {
        _1440 = share[2];
    }
    else
    {
        _1440 = share[0];
    }
    float even_row = _1440;
    float _1451;
    if (upper)
    {
        _1451 = share[3];
    }
    else
    {
        _1451 = share[1];
    }
    float odd_row = _1451;
    float _1461;
    if (upper)
    {
        _1461 = share[0];
    }
    else
    {
        _1461 = share[2];
    }
    even_row += spvSubgroupShuffleXor(_1461, 2u);
    float _1474;
    if (upper)
    {
        _1474 = share[1];
    }
    else
    {
        _1474 = share[3];
    }
    odd_row += spvSubgroupShuffleXor(_1474, 2u);
    float sum = odd ? odd_row : even_row;
    return sum + spvSubgroupShuffleXor(odd ? even_row : odd_row, 1u);
}

static inline __attribute__((always_inline))
void scan_rows(thread const Sequence& s, thread const uint& t, thread const uint& g, constant Params& p, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread float (&gate)[LOADS], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float& skip, thread float (&share)[4], device Dst& _1562)
{
    for (uint i = 0u; i < 4u; i++)
    {
        uint param = (4u * g) + i;
        uint param_1 = i;
        update_states(param, param_1, tile_x, tile_b, tile_c, lane, own, h, rate, share);
    }
    float sum = over_lanes(lane, share);
    uint n = (t + (4u * g)) + lane;
    sum += (skip * ((threadgroup float*)&tile_x[(((4u * g) + lane) * CHANNELS) + own])[1u]);
    if (GATE)
    {
        float param_2 = gate[g];
        sum *= silu(param_2);
    }
    bool _1556;
    if (there)
    {
        _1556 = n < s.rows;
    }
    else
    {
        _1556 = there;
    }
    if (_1556)
    {
        _1562.dst[(p.dst_off + ((s.first + n) * p.dst_stride)) + ch] = sum;
    }
}

static inline __attribute__((always_inline))
void scan(thread const Sequence& s, thread const uint& c0, constant Params& p, device State& __restrict _560, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _820, thread float (&next_x)[LOADS], const device X& _848, thread float (&next_z)[LOADS], const device Z& _910, thread float (&next_b)[LOADS_B], const device B& _995, thread float (&next_c)[LOADS_B], const device C& _1020, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread float (&gate)[LOADS], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], const device A& _1260, thread float& skip, const device D& _1304, thread float (&share)[4], device Dst& _1562)
{
    Sequence param = s;
    uint param_1 = c0;
    load_channel(param, param_1, p, _560, gl_LocalInvocationIndex, lane, own, ch, there, h, rate, _1260, skip, _1304);
    Sequence param_2 = s;
    uint param_3 = 0u;
    uint param_4 = c0;
    fetch(param_2, param_3, param_4, p, gl_LocalInvocationIndex, next_dt, _820, next_x, _848, next_z, _910, next_b, _995, next_c, _1020);
    for (uint t = 0u; t < s.rows; t += STEPS)
    {
        threadgroup_barrier(mem_flags::mem_threadgroup);
        Sequence param_5 = s;
        uint param_6 = t;
        put(param_5, param_6, gl_LocalInvocationIndex, next_dt, next_x, next_b, next_c, tile_x, tile_b, tile_c);
        take_gates(next_z, gate);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        if ((t + STEPS) < s.rows)
        {
            Sequence param_7 = s;
            uint param_8 = t + STEPS;
            uint param_9 = c0;
            fetch(param_7, param_8, param_9, p, gl_LocalInvocationIndex, next_dt, _820, next_x, _848, next_z, _910, next_b, _995, next_c, _1020);
        }
        bool _1844;
        if (KEEP)
        {
            _1844 = s.ring_len != 0u;
        }
        else
        {
            _1844 = KEEP;
        }
        if (_1844)
        {
            uint n = 0u;
            for (;;)
            {
                bool _1854 = n < STEPS;
                bool _1863;
                if (_1854)
                {
                    _1863 = (t + n) < s.rows;
                }
                else
                {
                    _1863 = _1854;
                }
                if (_1863)
                {
                    Sequence param_10 = s;
                    uint param_11 = t + n;
                    uint param_12 = n;
                    scan_kept(param_10, param_11, param_12, p, _560, _910, tile_x, tile_b, tile_c, lane, own, ch, there, h, rate, skip, share, _1562);
                    n++;
                    continue;
                }
                else
                {
                    break;
                }
            }
            continue;
        }
        for (uint g = 0u; g < LOADS; g++)
        {
            Sequence param_13 = s;
            uint param_14 = t;
            uint param_15 = g;
            scan_rows(param_13, param_14, param_15, p, tile_x, tile_b, tile_c, gate, lane, own, ch, there, h, rate, skip, share, _1562);
        }
    }
    bool _1902;
    if (!_1895)
    {
        _1902 = s.ring_len == 0u;
    }
    else
    {
        _1902 = _1895;
    }
    if (_1902)
    {
        uint param_16 = s.to;
        store_states(param_16, p, _560, lane, ch, there, h);
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

kernel void scan_f32_lanes(constant Params& p [[buffer(0)]], device Dst& _1562 [[buffer(1)]], const device X& _848 [[buffer(2)]], const device Z& _910 [[buffer(3)]], const device DT& _820 [[buffer(4)]], const device A& _1260 [[buffer(5)]], const device B& _995 [[buffer(6)]], const device C& _1020 [[buffer(7)]], const device D& _1304 [[buffer(8)]], device State& __restrict _560 [[buffer(9)]], const device Batch& _145 [[buffer(10)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float2 tile_x[SHARED_X];
    threadgroup float4 tile_b[SHARED_B];
    threadgroup float4 tile_c[SHARED_B];
    uint seqs = batch_seqs(p, _145);
    float next_dt[LOADS];
    float next_x[LOADS];
    float next_z[LOADS];
    float next_b[LOADS_B];
    float next_c[LOADS_B];
    float gate[LOADS];
    uint lane;
    uint own;
    uint ch;
    bool there;
    float4 h[QUADS];
    float4 rate[QUADS];
    float skip;
    float share[4];
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _145);
        if (s.rows == 0u)
        {
            continue;
        }
        uint _1944 = gl_WorkGroupID.x * CHANNELS;
        for (uint c0 = _1944; c0 < p.cols; c0 += (gl_NumWorkGroups.x * CHANNELS))
        {
            Sequence param_3 = s;
            uint param_4 = c0;
            scan(param_3, param_4, p, _560, gl_LocalInvocationIndex, next_dt, _820, next_x, _848, next_z, _910, next_b, _995, next_c, _1020, tile_x, tile_b, tile_c, gate, lane, own, ch, there, h, rate, _1260, skip, _1304, share, _1562);
        }
    }
}

