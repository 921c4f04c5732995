#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

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
constant uint _480_tmp [[function_constant(0)]];
constant uint _480 = is_function_constant_defined(_480_tmp) ? _480_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_480, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 1u
#endif
constant uint QUADS = SPIRV_CROSS_CONSTANT_ID_3;
constant uint WIDTH = (16u * QUADS);
constant uint STEPS_tmp [[function_constant(2)]];
constant uint STEPS = is_function_constant_defined(STEPS_tmp) ? STEPS_tmp : 16u;
constant uint _511 = (STEPS * WIDTH);

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
constant uint _642 = (STEPS * WIDTH);
#ifndef SPIRV_CROSS_CONSTANT_ID_6
#define SPIRV_CROSS_CONSTANT_ID_6 64u
#endif
constant uint SHARED_B = SPIRV_CROSS_CONSTANT_ID_6;

struct State
{
    float state[1];
};

struct A
{
    float a[1];
};

constant bool EXACT_tmp [[function_constant(9)]];
constant bool EXACT = is_function_constant_defined(EXACT_tmp) ? EXACT_tmp : true;
constant bool _814 = (!EXACT);

struct D
{
    float d[1];
};

constant bool _850 = (!EXACT);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _98)
{
    return min(p.batch_records, uint(max(_98.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _98)
{
    return uint(_98.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _98)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _98), batch_word(param_2, param_3, p, _98), batch_word(param_4, param_5, p, _98), batch_word(param_6, param_7, p, _98) };
    bool _154 = s.from >= slots;
    bool _163;
    if (!_154)
    {
        _163 = s.to >= slots;
    }
    else
    {
        _163 = _154;
    }
    bool _172;
    if (!_163)
    {
        _172 = s.rows > rows;
    }
    else
    {
        _172 = _163;
    }
    bool _184;
    if (!_172)
    {
        _184 = s.first > (rows - s.rows);
    }
    else
    {
        _184 = _172;
    }
    if (_184)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
uint state_of(thread const uint& q, thread const uint& i, thread uint& lane)
{
    return ((16u * q) + (4u * lane)) + i;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], device State& __restrict _777, thread float4 (&rate)[QUADS], const device A& _796, thread float& skip, const device D& _840)
{
    lane = gl_LocalInvocationIndex % 4u;
    own = gl_LocalInvocationIndex / 4u;
    ch = c0 + own;
    there = ch < p.cols;
    uint from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    float _771;
    float _790;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _764;
            if (there)
            {
                _764 = n < p.states;
            }
            else
            {
                _764 = there;
            }
            bool held = _764;
            if (held)
            {
                _771 = _777.state[from + n];
            }
            else
            {
                _771 = 0.0;
            }
            h[q][i] = _771;
            if (held)
            {
                _790 = _796.a[(p.a_off + (ch * p.a_stride)) + n];
            }
            else
            {
                _790 = 0.0;
            }
            rate[q][i] = _790;
            if (_814)
            {
                rate[q][i] = fast::max(rate[q][i] * 1.44269502162933349609375, -3.0000000054977557577780399428115e+38);
            }
        }
    }
    float _834;
    if (there)
    {
        _834 = _840.d[p.d_off + ch];
    }
    else
    {
        _834 = 0.0;
    }
    skip = _834;
}

static inline __attribute__((always_inline))
void fetch(thread const Sequence& s, thread const uint& t, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _355, thread float (&next_x)[LOADS], const device X& _383, thread float (&next_z)[LOADS], const device Z& _446, thread float (&next_b)[LOADS_B], const device B& _532, thread float (&next_c)[LOADS_B], const device C& _558)
{
    uint at = gl_LocalInvocationIndex;
    uint ch = c0 + (at % CHANNELS);
    float _349;
    float _377;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (t + (4u * i)) + (at / CHANNELS);
        uint r = s.first + n;
        bool _336 = n < s.rows;
        bool _343;
        if (_336)
        {
            _343 = ch < p.cols;
        }
        else
        {
            _343 = _336;
        }
        bool there = _343;
        if (there)
        {
            _349 = _355.dt[(p.dt_off + (r * p.dt_stride)) + ch];
        }
        else
        {
            _349 = 0.0;
        }
        next_dt[i] = _349;
        if (there)
        {
            _377 = _383.x[(p.x_off + (r * p.x_stride)) + ch];
        }
        else
        {
            _377 = 0.0;
        }
        next_x[i] = _377;
    }
    if (GATE)
    {
        uint lane = at % 4u;
        ch = c0 + (at / 4u);
        float _440;
        for (uint i_1 = 0u; i_1 < LOADS; i_1++)
        {
            uint n_1 = (t + (4u * i_1)) + lane;
            bool _432 = n_1 < s.rows;
            bool _439;
            if (_432)
            {
                _439 = ch < p.cols;
            }
            else
            {
                _439 = _432;
            }
            if (_439)
            {
                _440 = _446.z[(p.z_off + ((s.first + n_1) * p.z_stride)) + ch];
            }
            else
            {
                _440 = 0.0;
            }
            next_z[i_1] = _440;
        }
    }
    float _526;
    float _552;
    for (uint i_2 = 0u; i_2 < LOADS_B; i_2++)
    {
        uint e = at + (i_2 * gl_WorkGroupSize.x);
        uint n_2 = t + (e / WIDTH);
        uint state_ = e % WIDTH;
        uint r_1 = s.first + n_2;
        bool _506 = n_2 < s.rows;
        bool _513;
        if (_506)
        {
            _513 = e < _511;
        }
        else
        {
            _513 = _506;
        }
        bool _520;
        if (_513)
        {
            _520 = state_ < p.states;
        }
        else
        {
            _520 = _513;
        }
        bool there_1 = _520;
        if (there_1)
        {
            _526 = _532.b[(p.b_off + (r_1 * p.b_stride)) + state_];
        }
        else
        {
            _526 = 0.0;
        }
        next_b[i_2] = _526;
        if (there_1)
        {
            _552 = _558.c[(p.c_off + (r_1 * p.c_stride)) + state_];
        }
        else
        {
            _552 = 0.0;
        }
        next_c[i_2] = _552;
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
    float _609;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (4u * i) + (at / CHANNELS);
        if ((t + n) < s.rows)
        {
            float param = next_dt[i];
            _609 = softplus(param);
        }
        else
        {
            _609 = 0.0;
        }
        tile_x[(n * CHANNELS) + (at % CHANNELS)] = float2(_609, next_x[i]);
    }
    for (uint i_1 = 0u; i_1 < LOADS_B; i_1++)
    {
        uint e = at + (i_1 * gl_WorkGroupSize.x);
        if (e >= _642)
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
    float _681;
    for (uint i = 0u; i < LOADS; i++)
    {
        if (GATE)
        {
            _681 = next_z[i];
        }
        else
        {
            _681 = 0.0;
        }
        gate[i] = _681;
    }
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _280;
    if (abs(x) < 0.125)
    {
        _280 = near;
    }
    else
    {
        _280 = exp(x);
    }
    return _280;
}

static inline __attribute__((always_inline))
float4 decay4(thread const float4& v)
{
    if (_850)
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
float over_lanes(thread uint& lane, thread float (&share)[4])
{
    bool upper = lane >= 2u;
    bool odd = (lane % 2u) == 1u;
    float _976;
    if (upper)
    {
        _976 = share[2];
    }
    else
    {
        _976 = share[0];
    }
    float even_row = _976;
    float _987;
    if (upper)
    {
        _987 = share[3];
    }
    else
    {
        _987 = share[1];
    }
    float odd_row = _987;
    float _997;
    if (upper)
    {
        _997 = share[0];
    }
    else
    {
        _997 = share[2];
    }
    even_row += spvSubgroupShuffleXor(_997, 2u);
    float _1010;
    if (upper)
    {
        _1010 = share[1];
    }
    else
    {
        _1010 = share[3];
    }
    odd_row += spvSubgroupShuffleXor(_1010, 2u);
    float sum = odd ? odd_row : even_row;
    return sum + spvSubgroupShuffleXor(odd ? even_row : odd_row, 1u);
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
void scan_rows(thread const Sequence& s, thread const uint& t, thread const uint& g, constant Params& p, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread float (&gate)[LOADS], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], thread float4 (&rate)[QUADS], thread float& skip, thread float (&share)[4], device Dst& _1098)
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
    bool _1092;
    if (there)
    {
        _1092 = n < s.rows;
    }
    else
    {
        _1092 = there;
    }
    if (_1092)
    {
        _1098.dst[(p.dst_off + ((s.first + n) * p.dst_stride)) + ch] = sum;
    }
}

static inline __attribute__((always_inline))
void store_states(thread const Sequence& s, constant Params& p, thread uint& lane, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], device State& __restrict _777)
{
    uint to = (p.state_off + (s.to * p.state_stride)) + (ch * p.states);
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint param = q;
            uint param_1 = i;
            uint n = state_of(param, param_1, lane);
            bool _1157;
            if (there)
            {
                _1157 = n < p.states;
            }
            else
            {
                _1157 = there;
            }
            if (_1157)
            {
                _777.state[to + n] = h[q][i];
            }
        }
    }
}

static inline __attribute__((always_inline))
void scan(thread const Sequence& s, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _355, thread float (&next_x)[LOADS], const device X& _383, thread float (&next_z)[LOADS], const device Z& _446, thread float (&next_b)[LOADS_B], const device B& _532, thread float (&next_c)[LOADS_B], const device C& _558, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], thread float (&gate)[LOADS], thread uint& lane, thread uint& own, thread uint& ch, thread bool& there, thread float4 (&h)[QUADS], device State& __restrict _777, thread float4 (&rate)[QUADS], const device A& _796, thread float& skip, const device D& _840, thread float (&share)[4], device Dst& _1098)
{
    Sequence param = s;
    uint param_1 = c0;
    load_channel(param, param_1, p, gl_LocalInvocationIndex, lane, own, ch, there, h, _777, rate, _796, skip, _840);
    Sequence param_2 = s;
    uint param_3 = 0u;
    uint param_4 = c0;
    fetch(param_2, param_3, param_4, p, gl_LocalInvocationIndex, next_dt, _355, next_x, _383, next_z, _446, next_b, _532, next_c, _558);
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
            fetch(param_7, param_8, param_9, p, gl_LocalInvocationIndex, next_dt, _355, next_x, _383, next_z, _446, next_b, _532, next_c, _558);
        }
        for (uint g = 0u; g < LOADS; g++)
        {
            Sequence param_10 = s;
            uint param_11 = t;
            uint param_12 = g;
            scan_rows(param_10, param_11, param_12, p, tile_x, tile_b, tile_c, gate, lane, own, ch, there, h, rate, skip, share, _1098);
        }
    }
    Sequence param_13 = s;
    store_states(param_13, p, lane, ch, there, h, _777);
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

kernel void scan_f32_lanes(constant Params& p [[buffer(0)]], device Dst& _1098 [[buffer(1)]], const device X& _383 [[buffer(2)]], const device Z& _446 [[buffer(3)]], const device DT& _355 [[buffer(4)]], const device A& _796 [[buffer(5)]], const device B& _532 [[buffer(6)]], const device C& _558 [[buffer(7)]], const device D& _840 [[buffer(8)]], device State& __restrict _777 [[buffer(9)]], const device Batch& _98 [[buffer(10)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float2 tile_x[SHARED_X];
    threadgroup float4 tile_b[SHARED_B];
    threadgroup float4 tile_c[SHARED_B];
    uint seqs = batch_seqs(p, _98);
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
        Sequence s = batch_sequence(param, param_1, param_2, p, _98);
        if (s.rows == 0u)
        {
            continue;
        }
        uint _1272 = gl_WorkGroupID.x * CHANNELS;
        for (uint c0 = _1272; c0 < p.cols; c0 += (gl_NumWorkGroups.x * CHANNELS))
        {
            Sequence param_3 = s;
            uint param_4 = c0;
            scan(param_3, param_4, p, gl_LocalInvocationIndex, next_dt, _355, next_x, _383, next_z, _446, next_b, _532, next_c, _558, tile_x, tile_b, tile_c, gate, lane, own, ch, there, h, _777, rate, _796, skip, _840, share, _1098);
        }
    }
}

