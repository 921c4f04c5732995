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
constant bool _529 = (STATE_TYPE == 1u);
constant bool _543 = (STATE_TYPE == 0u);
constant bool _548 = (STATE_TYPE == 1u);
constant bool _566 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _603 = (STATE_TYPE == 1u);
constant bool _617 = (STATE_TYPE == 0u);
constant bool _645 = (STATE_TYPE == 0u);
constant uint CHANNELS_tmp [[function_constant(1)]];
constant uint CHANNELS = is_function_constant_defined(CHANNELS_tmp) ? CHANNELS_tmp : 16u;
constant uint _781 = (CHANNELS / 4u);
constant uint STEPS_tmp [[function_constant(2)]];
constant uint STEPS = is_function_constant_defined(STEPS_tmp) ? STEPS_tmp : 16u;
constant uint _787 = (STEPS % 16u);
constant bool _788 = (_787 == 0u);
constant uint _793 = (CHANNELS / 4u);
constant uint _803 = (CHANNELS / 4u);
#ifndef SPIRV_CROSS_CONSTANT_ID_8
#define SPIRV_CROSS_CONSTANT_ID_8 1u
#endif
constant uint LOADS = SPIRV_CROSS_CONSTANT_ID_8;
constant bool WIDE_tmp [[function_constant(12)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct DT
{
    float4 dt[1];
};

struct X
{
    float4 x[1];
};

constant bool GATE_tmp [[function_constant(4)]];
constant bool GATE = is_function_constant_defined(GATE_tmp) ? GATE_tmp : true;

struct Z
{
    float4 z[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_10
#define SPIRV_CROSS_CONSTANT_ID_10 1u
#endif
constant uint LOADS_B = SPIRV_CROSS_CONSTANT_ID_10;
constant uint _1103_tmp [[function_constant(0)]];
constant uint _1103 = is_function_constant_defined(_1103_tmp) ? _1103_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1103, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 1u
#endif
constant uint QUADS = SPIRV_CROSS_CONSTANT_ID_3;
constant uint WIDTH = (4u * QUADS);
constant bool WIDE_B_tmp [[function_constant(13)]];
constant bool WIDE_B = is_function_constant_defined(WIDE_B_tmp) ? WIDE_B_tmp : false;

struct B
{
    float4 b[1];
};

struct C
{
    float4 c[1];
};

#ifndef SPIRV_CROSS_CONSTANT_ID_5
#define SPIRV_CROSS_CONSTANT_ID_5 256u
#endif
constant uint SHARED_X = SPIRV_CROSS_CONSTANT_ID_5;
#ifndef SPIRV_CROSS_CONSTANT_ID_6
#define SPIRV_CROSS_CONSTANT_ID_6 64u
#endif
constant uint SHARED_B = SPIRV_CROSS_CONSTANT_ID_6;
#ifndef SPIRV_CROSS_CONSTANT_ID_7
#define SPIRV_CROSS_CONSTANT_ID_7 96u
#endif
constant uint SHARED_Y = SPIRV_CROSS_CONSTANT_ID_7;
constant uint PITCH = (CHANNELS + 8u);

struct Dst
{
    float4 dst[1];
};

struct D
{
    float d[1];
};

struct A
{
    float a[1];
};

constant bool EXACT_tmp [[function_constant(9)]];
constant bool EXACT = is_function_constant_defined(EXACT_tmp) ? EXACT_tmp : true;
constant bool _1783 = (!EXACT);
constant bool _1801 = (!EXACT);
#ifndef SPIRV_CROSS_CONSTANT_ID_11
#define SPIRV_CROSS_CONSTANT_ID_11 4u
#endif
constant uint FOURS = SPIRV_CROSS_CONSTANT_ID_11;
constant bool _2058 = (STATE_TYPE != 0u);
constant bool _2307 = (!KEEP);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _157)
{
    return min(p.batch_records, uint(max(_157.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _157)
{
    return uint(_157.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _157)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _157), batch_word(param_2, param_3, p, _157), batch_word(param_4, param_5, p, _157), batch_word(param_6, param_7, p, _157), batch_word(param_8, param_9, p, _157), batch_word(param_10, param_11, p, _157) };
    bool _229;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _229 = batch_word(param_12, param_13, p, _157) == 1u;
    }
    else
    {
        _229 = KEEP;
    }
    bool keep = _229 && (slots != 4294967295u);
    bool _237 = s.from >= slots;
    bool _246;
    if (!_237)
    {
        _246 = s.to >= slots;
    }
    else
    {
        _246 = _237;
    }
    bool _255;
    if (!_246)
    {
        _255 = s.rows > rows;
    }
    else
    {
        _255 = _246;
    }
    bool _267;
    if (!_255)
    {
        _267 = s.first > (rows - s.rows);
    }
    else
    {
        _267 = _255;
    }
    if (_267)
    {
        s.rows = 0u;
    }
    bool _300;
    if (keep)
    {
        bool _279 = s.ring_len < s.rows;
        bool _287;
        if (!_279)
        {
            _287 = s.ring_len > slots;
        }
        else
        {
            _287 = _279;
        }
        bool _299;
        if (!_287)
        {
            _299 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _299 = _287;
        }
        _300 = _299;
    }
    else
    {
        _300 = keep;
    }
    if (_300)
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
uint first_of_own(thread uint& gl_LocalInvocationIndex)
{
    return (gl_LocalInvocationIndex % _781) * 4u;
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _572)
{
    if (_566)
    {
        return as_type<float>(_572.state[i]);
    }
    uint _581;
    if (alone)
    {
        _581 = _572.state[i / 2u];
    }
    else
    {
        uint _592 = atomic_fetch_or_explicit((device atomic_uint*)&_572.state[i / 2u], 0u, memory_order_relaxed);
        _581 = _592;
    }
    uint word = _581;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _604;
    if (_603)
    {
        uint param = bits;
        _604 = float16_value(param);
    }
    else
    {
        _604 = as_type<float>(bits << uint(16));
    }
    return _604;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& c0, constant Params& p, device State& __restrict _572, thread uint& gl_LocalInvocationIndex, thread uint& first_ch, thread float4& skip, thread bool& mine, thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, const device D& _1688, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], const device A& _1765)
{
    lane = gl_LocalInvocationIndex % 4u;
    own = gl_LocalInvocationIndex / 4u;
    ch = c0 + own;
    there = ch < p.cols;
    uint from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    bool pairs = (p.states % 2u) == 0u;
    mine = (c0 + first_of_own(gl_LocalInvocationIndex)) < p.cols;
    uint _1667;
    if (mine)
    {
        _1667 = c0 + first_of_own(gl_LocalInvocationIndex);
    }
    else
    {
        _1667 = c0;
    }
    first_ch = _1667;
    for (uint k = 0u; k < 4u; k++)
    {
        skip[k] = _1688.d[p.d_off + min((first_ch + k), (p.cols - 1u))];
    }
    float _1742;
    float _1759;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _1735;
            if (there)
            {
                _1735 = n < p.states;
            }
            else
            {
                _1735 = there;
            }
            bool held = _1735;
            if (held)
            {
                uint param_2 = from + n;
                bool param_3 = pairs;
                float _1751 = state_at(param_2, param_3, _572);
                _1742 = _1751;
            }
            else
            {
                _1742 = 0.0;
            }
            h[q][i] = _1742;
            if (held)
            {
                _1759 = _1765.a[(p.a_off + (ch * p.a_stride)) + n];
            }
            else
            {
                _1759 = 0.0;
            }
            rate[q][i] = _1759;
            if (_1783)
            {
                rate[q][i] = fast::max(rate[q][i] * 1.44269502162933349609375, -3.0000000054977557577780399428115e+38);
            }
        }
    }
}

static inline __attribute__((always_inline))
uint row_of(thread const uint& i, thread uint& gl_LocalInvocationIndex)
{
    return (gl_LocalInvocationIndex / _803) + (16u * i);
}

static inline __attribute__((always_inline))
void fetch(thread const Sequence& s, thread const uint& t, constant Params& p, thread uint& gl_LocalInvocationIndex, thread uint& first_ch, thread float4 (&next_dt)[LOADS], const device DT& _877, thread float4 (&next_x)[LOADS], const device X& _890, thread float4 (&next_z)[LOADS], const device Z& _1031, thread float4 (&next_b)[LOADS_B], const device B& _1135, thread float4 (&next_c)[LOADS_B], const device C& _1155)
{
    uint last = s.rows - 1u;
    uint some = min((p.cols - first_ch), 4u);
    for (uint i = 0u; i < LOADS; i++)
    {
        uint param = i;
        uint n = t + row_of(param, gl_LocalInvocationIndex);
        uint r = s.first + min(n, last);
        uint dt_at = (p.dt_off + (r * p.dt_stride)) + first_ch;
        uint x_at = (p.x_off + (r * p.x_stride)) + first_ch;
        if (WIDE)
        {
            next_dt[i] = _877.dt[dt_at / 4u];
            next_x[i] = _890.x[x_at / 4u];
        }
        else
        {
            next_dt[i] = float4(((device float*)&_877.dt[dt_at / 4u])[dt_at % 4u], ((device float*)&_877.dt[(dt_at + min(1u, (some - 1u))) / 4u])[(dt_at + min(1u, (some - 1u))) % 4u], ((device float*)&_877.dt[(dt_at + min(2u, (some - 1u))) / 4u])[(dt_at + min(2u, (some - 1u))) % 4u], ((device float*)&_877.dt[(dt_at + min(3u, (some - 1u))) / 4u])[(dt_at + min(3u, (some - 1u))) % 4u]);
            next_x[i] = float4(((device float*)&_890.x[x_at / 4u])[x_at % 4u], ((device float*)&_890.x[(x_at + min(1u, (some - 1u))) / 4u])[(x_at + min(1u, (some - 1u))) % 4u], ((device float*)&_890.x[(x_at + min(2u, (some - 1u))) / 4u])[(x_at + min(2u, (some - 1u))) % 4u], ((device float*)&_890.x[(x_at + min(3u, (some - 1u))) / 4u])[(x_at + min(3u, (some - 1u))) % 4u]);
        }
        if (n > last)
        {
            next_dt[i] = float4(-1000000015047466219876688855040.0);
        }
        if (GATE)
        {
            uint z_at = (p.z_off + (r * p.z_stride)) + first_ch;
            if (WIDE)
            {
                next_z[i] = _1031.z[z_at / 4u];
            }
            else
            {
                next_z[i] = float4(((device float*)&_1031.z[z_at / 4u])[z_at % 4u], ((device float*)&_1031.z[(z_at + min(1u, (some - 1u))) / 4u])[(z_at + min(1u, (some - 1u))) % 4u], ((device float*)&_1031.z[(z_at + min(2u, (some - 1u))) / 4u])[(z_at + min(2u, (some - 1u))) % 4u], ((device float*)&_1031.z[(z_at + min(3u, (some - 1u))) / 4u])[(z_at + min(3u, (some - 1u))) % 4u]);
            }
        }
    }
    for (uint i_1 = 0u; i_1 < LOADS_B; i_1++)
    {
        uint e = gl_LocalInvocationIndex + (i_1 * gl_WorkGroupSize.x);
        uint r_1 = s.first + min((t + (e / WIDTH)), last);
        uint n_1 = (e % WIDTH) * 4u;
        if (WIDE_B)
        {
            next_b[i_1] = _1135.b[((p.b_off + (r_1 * p.b_stride)) + n_1) / 4u];
            next_c[i_1] = _1155.c[((p.c_off + (r_1 * p.c_stride)) + n_1) / 4u];
            continue;
        }
        uint from = min(n_1, (((p.states - 1u) / 4u) * 4u));
        uint left = p.states - from;
        uint b_at = (p.b_off + (r_1 * p.b_stride)) + from;
        uint c_at = (p.c_off + (r_1 * p.c_stride)) + from;
        next_b[i_1] = float4(((device float*)&_1135.b[b_at / 4u])[b_at % 4u], ((device float*)&_1135.b[(b_at + min(1u, (left - 1u))) / 4u])[(b_at + min(1u, (left - 1u))) % 4u], ((device float*)&_1135.b[(b_at + min(2u, (left - 1u))) / 4u])[(b_at + min(2u, (left - 1u))) % 4u], ((device float*)&_1135.b[(b_at + min(3u, (left - 1u))) / 4u])[(b_at + min(3u, (left - 1u))) % 4u]);
        next_c[i_1] = float4(((device float*)&_1155.c[c_at / 4u])[c_at % 4u], ((device float*)&_1155.c[(c_at + min(1u, (left - 1u))) / 4u])[(c_at + min(1u, (left - 1u))) % 4u], ((device float*)&_1155.c[(c_at + min(2u, (left - 1u))) / 4u])[(c_at + min(2u, (left - 1u))) % 4u], ((device float*)&_1155.c[(c_at + min(3u, (left - 1u))) / 4u])[(c_at + min(3u, (left - 1u))) % 4u]);
        for (uint k = 0u; k < 4u; k++)
        {
            if ((n_1 + k) >= p.states)
            {
                next_c[i_1][k] = 0.0;
                next_b[i_1][k] = 0.0;
            }
        }
    }
}

static inline __attribute__((always_inline))
bool in_tile(thread const uint& i, thread uint& gl_LocalInvocationIndex)
{
    bool _799;
    if (!_788)
    {
        _799 = ((gl_LocalInvocationIndex / _793) + (16u * i)) < STEPS;
    }
    else
    {
        _799 = _788;
    }
    return _799;
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
void put(thread uint& gl_LocalInvocationIndex, thread float4 (&next_dt)[LOADS], thread float4 (&next_x)[LOADS], thread float4 (&next_b)[LOADS_B], thread float4 (&next_c)[LOADS_B], threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B])
{
    for (uint i = 0u; i < LOADS; i++)
    {
        uint param = i;
        if (!in_tile(param, gl_LocalInvocationIndex))
        {
            break;
        }
        uint param_1 = i;
        uint to = (row_of(param_1, gl_LocalInvocationIndex) * CHANNELS) + first_of_own(gl_LocalInvocationIndex);
        float param_2 = next_dt[i].x;
        float param_3 = next_dt[i].y;
        float param_4 = next_dt[i].z;
        float param_5 = next_dt[i].w;
        float4 delta = float4(softplus(param_2), softplus(param_3), softplus(param_4), softplus(param_5));
        float4 du = delta * next_x[i];
        for (uint k = 0u; k < 4u; k++)
        {
            tile_x[to + k] = float2(delta[k], du[k]);
        }
    }
    for (uint i_1 = 0u; i_1 < LOADS_B; i_1++)
    {
        uint e = gl_LocalInvocationIndex + (i_1 * gl_WorkGroupSize.x);
        if (e >= SHARED_B)
        {
            break;
        }
        tile_b[e] = next_b[i_1];
        tile_c[e] = next_c[i_1];
    }
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
void finish(thread const Sequence& s, thread const uint& t, constant Params& p, thread uint& gl_LocalInvocationIndex, thread uint& first_ch, thread float4 (&this_x)[LOADS], thread float4 (&this_z)[LOADS], threadgroup float4 (&tile_y)[SHARED_Y], thread float4& skip, thread bool& mine, device Dst& _1580)
{
    for (uint i = 0u; i < LOADS; i++)
    {
        uint param = i;
        uint n = t + row_of(param, gl_LocalInvocationIndex);
        uint to = (p.dst_off + ((s.first + n) * p.dst_stride)) + first_ch;
        uint param_1 = i;
        if (!in_tile(param_1, gl_LocalInvocationIndex))
        {
            break;
        }
        bool _1511;
        if (KEEP)
        {
            _1511 = n >= s.rows;
        }
        else
        {
            _1511 = KEEP;
        }
        if (_1511)
        {
            break;
        }
        uint param_2 = i;
        float4 v = tile_y[((row_of(param_2, gl_LocalInvocationIndex) * PITCH) + first_of_own(gl_LocalInvocationIndex)) / 4u] + (skip * this_x[i]);
        if (GATE)
        {
            float param_3 = this_z[i].x;
            float param_4 = this_z[i].y;
            float param_5 = this_z[i].z;
            float param_6 = this_z[i].w;
            v *= float4(silu(param_3), silu(param_4), silu(param_5), silu(param_6));
        }
        if ((n >= s.rows) || (!mine))
        {
            continue;
        }
        if (WIDE)
        {
            _1580.dst[to / 4u] = v;
        }
        else
        {
            for (uint k = 0u; k < min((p.cols - first_ch), 4u); k++)
            {
                ((device float*)&_1580.dst[(to + k) / 4u])[(to + k) % 4u] = v[k];
            }
        }
    }
}

static inline __attribute__((always_inline))
void keep_own(thread float4 (&next_x)[LOADS], thread float4 (&next_z)[LOADS], thread float4 (&this_x)[LOADS], thread float4 (&this_z)[LOADS])
{
    for (uint i = 0u; i < LOADS; i++)
    {
        this_x[i] = next_x[i];
        this_z[i] = next_z[i];
    }
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _758;
    if (abs(x) < 0.125)
    {
        _758 = near;
    }
    else
    {
        _758 = exp(x);
    }
    return _758;
}

static inline __attribute__((always_inline))
float4 decay4(thread const float4& v)
{
    if (_1801)
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
    share[i] = 0.0;
    for (uint q = 0u; q < QUADS; q++)
    {
        uint at = ((n * WIDTH) + (4u * q)) + lane;
        float4 param = rate[q] * dx.x;
        h[q] = fma(decay4(param), h[q], tile_b[at] * dx.y);
        float4 v = tile_c[at];
        share[i] = fma(h[q].x, v.x, fma(h[q].y, v.y, fma(h[q].z, v.z, fma(h[q].w, v.w, share[i]))));
    }
}

static inline __attribute__((always_inline))
void put_sum(thread const uint& n, thread const float& sum, threadgroup float4 (&tile_y)[SHARED_Y], thread uint& own)
{
    ((threadgroup float*)&tile_y[((n * PITCH) + own) / 4u])[own % 4u] = sum;
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _318;
    if ((from - ring) < ring_len)
    {
        _318 = ((from - ring) + i) + 1u;
    }
    else
    {
        _318 = i;
    }
    uint at = _318;
    uint _334;
    if (at < ring_len)
    {
        _334 = at;
    }
    else
    {
        _334 = at - ring_len;
    }
    return ring + _334;
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
    bool _474 = lost > middle;
    bool _487;
    if (!_474)
    {
        bool _480 = lost == middle;
        bool _486;
        if (_480)
        {
            _486 = (kept % 2u) == 1u;
        }
        else
        {
            _486 = _480;
        }
        _487 = _486;
    }
    else
    {
        _487 = _474;
    }
    return _sign | (kept + uint(_487));
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
    uint _530;
    if (_529)
    {
        float param = v;
        _530 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _530 = bfloat16_bits(param_1);
    }
    return _530;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _572)
{
    if (_617)
    {
        _572.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _635 = atomic_fetch_and_explicit((device atomic_uint*)&_572.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _644 = atomic_fetch_or_explicit((device atomic_uint*)&_572.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _572)
{
    if (_645)
    {
        _572.state[i] = as_type<uint>(v);
        _572.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _572.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_states(thread const uint& slot, constant Params& p, device State& __restrict _572, thread uint& lane, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS])
{
    uint to = (p.state_off + (slot * p.state_stride)) + (ch * p.states);
    bool _2065;
    if (_2058)
    {
        _2065 = (p.states % 2u) == 0u;
    }
    else
    {
        _2065 = _2058;
    }
    bool pairs = _2065;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _2089 = !there;
            bool _2097;
            if (!_2089)
            {
                _2097 = n >= p.states;
            }
            else
            {
                _2097 = _2089;
            }
            if (_2097)
            {
                continue;
            }
            if (!pairs)
            {
                uint param_2 = to + n;
                float param_3 = h[q][i];
                set_state(param_2, param_3, _572);
            }
            else
            {
                if ((i % 2u) == 0u)
                {
                    uint param_4 = to + n;
                    float param_5 = h[q][i];
                    float param_6 = h[q][i + 1u];
                    set_states(param_4, param_5, param_6, _572);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_543)
    {
        return v;
    }
    float _549;
    if (_548)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _549 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _549 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _549;
}

static inline __attribute__((always_inline))
void scan_kept(thread const Sequence& s, thread const uint& t, thread const uint& n, constant Params& p, device State& __restrict _572, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], threadgroup float4 (&tile_y)[SHARED_Y], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float (&share)[4])
{
    uint param = n;
    uint param_1 = 0u;
    update_states(param, param_1, tile_x, tile_b, tile_c, lane, own, h, rate, share);
    float sum = share[0] + spvSubgroupShuffleXor(share[0], 2u);
    sum += spvSubgroupShuffleXor(sum, 1u);
    if (lane == 0u)
    {
        uint param_2 = n;
        float param_3 = sum;
        put_sum(param_2, param_3, tile_y, own);
    }
    uint _2170;
    if ((t + 1u) == s.rows)
    {
        _2170 = s.to;
    }
    else
    {
        uint param_4 = s.from;
        uint param_5 = s.ring;
        uint param_6 = s.ring_len;
        uint param_7 = t;
        _2170 = ring_slot(param_4, param_5, param_6, param_7);
    }
    uint param_8 = _2170;
    store_states(param_8, p, _572, lane, ch, there, h);
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            float param_9 = h[q][i];
            h[q][i] = state_round(param_9);
        }
    }
}

static inline __attribute__((always_inline))
float over_lanes(thread uint& lane, thread float (&share)[4])
{
    bool upper = lane >= 2u;
    bool odd = (lane % 2u) == 1u;
    float _1919;
    if (upper)
    {
        _1919 = share[2];
    }
    else
    {
        _1919 = share[0];
    }
    float even_row = _1919;
    float _1930;
    if (upper)
    {
        _1930 = share[3];
    }
    else
    {
        _1930 = share[1];
    }
    float odd_row = _1930;
    float _1940;
    if (upper)
    {
        _1940 = share[0];
    }
    else
    {
        _1940 = share[2];
    }
    even_row += spvSubgroupShuffleXor(_1940, 2u);
    float _1953;
    if (upper)
    {
        _1953 = share[1];
    }
    else
    {
        _1953 = share[3];
    }
    odd_row += spvSubgroupShuffleXor(_1953, 2u);
    float sum = odd ? odd_row : even_row;
    return sum + spvSubgroupShuffleXor(odd ? even_row : odd_row, 1u);
}

static inline __attribute__((always_inline))
void scan_rows(threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], threadgroup float4 (&tile_y)[SHARED_Y], thread uint& lane, thread uint& own, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float (&share)[4], thread float (&sums)[FOURS])
{
    for (uint g = 0u; g < FOURS; g++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = (4u * g) + i;
            uint param_1 = i;
            update_states(param, param_1, tile_x, tile_b, tile_c, lane, own, h, rate, share);
        }
        sums[g] = over_lanes(lane, share);
    }
    for (uint g_1 = 0u; g_1 < FOURS; g_1++)
    {
        uint param_2 = (4u * g_1) + lane;
        float param_3 = sums[g_1];
        put_sum(param_2, param_3, tile_y, own);
    }
}

static inline __attribute__((always_inline))
void scan(thread const Sequence& s, thread const uint& c0, constant Params& p, device State& __restrict _572, thread uint& gl_LocalInvocationIndex, thread uint& first_ch, thread float4 (&next_dt)[LOADS], const device DT& _877, thread float4 (&next_x)[LOADS], const device X& _890, thread float4 (&next_z)[LOADS], const device Z& _1031, thread float4 (&next_b)[LOADS_B], const device B& _1135, thread float4 (&next_c)[LOADS_B], const device C& _1155, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread float4 (&this_x)[LOADS], thread float4 (&this_z)[LOADS], threadgroup float4 (&tile_y)[SHARED_Y], thread float4& skip, thread bool& mine, device Dst& _1580, thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, const device D& _1688, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], const device A& _1765, thread float (&share)[4], thread float (&sums)[FOURS])
{
    Sequence param = s;
    uint param_1 = c0;
    load_channel(param, param_1, p, _572, gl_LocalInvocationIndex, first_ch, skip, mine, lane, own, ch, there, _1688, h, rate, _1765);
    Sequence param_2 = s;
    uint param_3 = 0u;
    fetch(param_2, param_3, p, gl_LocalInvocationIndex, first_ch, next_dt, _877, next_x, _890, next_z, _1031, next_b, _1135, next_c, _1155);
    for (uint t = 0u; t < s.rows; t += STEPS)
    {
        threadgroup_barrier(mem_flags::mem_threadgroup);
        put(gl_LocalInvocationIndex, next_dt, next_x, next_b, next_c, tile_x, tile_b, tile_c);
        if (t > 0u)
        {
            Sequence param_4 = s;
            uint param_5 = t - STEPS;
            finish(param_4, param_5, p, gl_LocalInvocationIndex, first_ch, this_x, this_z, tile_y, skip, mine, _1580);
        }
        keep_own(next_x, next_z, this_x, this_z);
        threadgroup_barrier(mem_flags::mem_threadgroup);
        Sequence param_6 = s;
        uint param_7 = t + STEPS;
        fetch(param_6, param_7, p, gl_LocalInvocationIndex, first_ch, next_dt, _877, next_x, _890, next_z, _1031, next_b, _1135, next_c, _1155);
        bool _2263;
        if (KEEP)
        {
            _2263 = s.ring_len != 0u;
        }
        else
        {
            _2263 = KEEP;
        }
        if (_2263)
        {
            uint n = 0u;
            for (;;)
            {
                bool _2273 = n < STEPS;
                bool _2282;
                if (_2273)
                {
                    _2282 = (t + n) < s.rows;
                }
                else
                {
                    _2282 = _2273;
                }
                if (_2282)
                {
                    Sequence param_8 = s;
                    uint param_9 = t + n;
                    uint param_10 = n;
                    scan_kept(param_8, param_9, param_10, p, _572, tile_x, tile_b, tile_c, tile_y, lane, own, ch, there, h, rate, share);
                    n++;
                    continue;
                }
                else
                {
                    break;
                }
            }
        }
        else
        {
            scan_rows(tile_x, tile_b, tile_c, tile_y, lane, own, h, rate, share, sums);
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    Sequence param_11 = s;
    uint param_12 = ((s.rows - 1u) / STEPS) * STEPS;
    finish(param_11, param_12, p, gl_LocalInvocationIndex, first_ch, this_x, this_z, tile_y, skip, mine, _1580);
    bool _2314;
    if (!_2307)
    {
        _2314 = s.ring_len == 0u;
    }
    else
    {
        _2314 = _2307;
    }
    if (_2314)
    {
        uint param_13 = s.to;
        store_states(param_13, p, _572, lane, ch, there, h);
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

kernel void scan_f32_lanes(constant Params& p [[buffer(0)]], device Dst& _1580 [[buffer(1)]], const device X& _890 [[buffer(2)]], const device Z& _1031 [[buffer(3)]], const device DT& _877 [[buffer(4)]], const device A& _1765 [[buffer(5)]], const device B& _1135 [[buffer(6)]], const device C& _1155 [[buffer(7)]], const device D& _1688 [[buffer(8)]], device State& __restrict _572 [[buffer(9)]], const device Batch& _157 [[buffer(10)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float2 tile_x[SHARED_X];
    threadgroup float4 tile_b[SHARED_B];
    threadgroup float4 tile_c[SHARED_B];
    threadgroup float4 tile_y[SHARED_Y];
    uint seqs = batch_seqs(p, _157);
    uint first_ch;
    float4 next_dt[LOADS];
    float4 next_x[LOADS];
    float4 next_z[LOADS];
    float4 next_b[LOADS_B];
    float4 next_c[LOADS_B];
    float4 this_x[LOADS];
    float4 this_z[LOADS];
    float4 skip;
    bool mine;
    uint lane;
    uint own;
    uint ch;
    bool there;
    float4 h[QUADS];
    float4 rate[QUADS];
    float share[4];
    float sums[FOURS];
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _157);
        if (s.rows == 0u)
        {
            continue;
        }
        uint _2356 = gl_WorkGroupID.x * CHANNELS;
        for (uint c0 = _2356; c0 < p.cols; c0 += (gl_NumWorkGroups.x * CHANNELS))
        {
            Sequence param_3 = s;
            uint param_4 = c0;
            scan(param_3, param_4, p, _572, gl_LocalInvocationIndex, first_ch, next_dt, _877, next_x, _890, next_z, _1031, next_b, _1135, next_c, _1155, tile_x, tile_b, tile_c, this_x, this_z, tile_y, skip, mine, _1580, lane, own, ch, there, _1688, h, rate, _1765, share, sums);
        }
    }
}

