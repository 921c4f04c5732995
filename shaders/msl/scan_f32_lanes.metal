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
constant uint _453_tmp [[function_constant(0)]];
constant uint _453 = is_function_constant_defined(_453_tmp) ? _453_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_453, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 1u
#endif
constant uint QUADS = SPIRV_CROSS_CONSTANT_ID_3;
constant uint WIDTH = (16u * QUADS);
constant uint STEPS_tmp [[function_constant(2)]];
constant uint STEPS = is_function_constant_defined(STEPS_tmp) ? STEPS_tmp : 16u;
constant uint _484 = (STEPS * WIDTH);

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
constant uint _615 = (STEPS * WIDTH);
#ifndef SPIRV_CROSS_CONSTANT_ID_6
#define SPIRV_CROSS_CONSTANT_ID_6 64u
#endif
constant uint SHARED_B = SPIRV_CROSS_CONSTANT_ID_6;
constant bool EXACT_tmp [[function_constant(9)]];
constant bool EXACT = is_function_constant_defined(EXACT_tmp) ? EXACT_tmp : true;
constant bool _645 = (!EXACT);

struct State
{
    float state[1];
};

struct A
{
    float a[1];
};

constant bool _796 = (!EXACT);

struct D
{
    float d[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _71)
{
    return min(p.batch_records, uint(max(_71.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _71)
{
    return uint(_71.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _71)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _71), batch_word(param_2, param_3, p, _71), batch_word(param_4, param_5, p, _71), batch_word(param_6, param_7, p, _71) };
    bool _127 = s.from >= slots;
    bool _136;
    if (!_127)
    {
        _136 = s.to >= slots;
    }
    else
    {
        _136 = _127;
    }
    bool _145;
    if (!_136)
    {
        _145 = s.rows > rows;
    }
    else
    {
        _145 = _136;
    }
    bool _157;
    if (!_145)
    {
        _157 = s.first > (rows - s.rows);
    }
    else
    {
        _157 = _145;
    }
    if (_157)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void fetch(thread const Sequence& s, thread const uint& t, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _328, thread float (&next_x)[LOADS], const device X& _356, thread float (&next_z)[LOADS], const device Z& _419, thread float (&next_b)[LOADS_B], const device B& _505, thread float (&next_c)[LOADS_B], const device C& _531)
{
    uint at = gl_LocalInvocationIndex;
    uint ch = c0 + (at % CHANNELS);
    float _322;
    float _350;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (t + (4u * i)) + (at / CHANNELS);
        uint r = s.first + n;
        bool _309 = n < s.rows;
        bool _316;
        if (_309)
        {
            _316 = ch < p.cols;
        }
        else
        {
            _316 = _309;
        }
        bool there = _316;
        if (there)
        {
            _322 = _328.dt[(p.dt_off + (r * p.dt_stride)) + ch];
        }
        else
        {
            _322 = 0.0;
        }
        next_dt[i] = _322;
        if (there)
        {
            _350 = _356.x[(p.x_off + (r * p.x_stride)) + ch];
        }
        else
        {
            _350 = 0.0;
        }
        next_x[i] = _350;
    }
    if (GATE)
    {
        uint lane = at % 4u;
        ch = c0 + (at / 4u);
        float _413;
        for (uint i_1 = 0u; i_1 < LOADS; i_1++)
        {
            uint n_1 = (t + (4u * i_1)) + lane;
            bool _405 = n_1 < s.rows;
            bool _412;
            if (_405)
            {
                _412 = ch < p.cols;
            }
            else
            {
                _412 = _405;
            }
            if (_412)
            {
                _413 = _419.z[(p.z_off + ((s.first + n_1) * p.z_stride)) + ch];
            }
            else
            {
                _413 = 0.0;
            }
            next_z[i_1] = _413;
        }
    }
    float _499;
    float _525;
    for (uint i_2 = 0u; i_2 < LOADS_B; i_2++)
    {
        uint e = at + (i_2 * gl_WorkGroupSize.x);
        uint n_2 = t + (e / WIDTH);
        uint state_ = e % WIDTH;
        uint r_1 = s.first + n_2;
        bool _479 = n_2 < s.rows;
        bool _486;
        if (_479)
        {
            _486 = e < _484;
        }
        else
        {
            _486 = _479;
        }
        bool _493;
        if (_486)
        {
            _493 = state_ < p.states;
        }
        else
        {
            _493 = _486;
        }
        bool there_1 = _493;
        if (there_1)
        {
            _499 = _505.b[(p.b_off + (r_1 * p.b_stride)) + state_];
        }
        else
        {
            _499 = 0.0;
        }
        next_b[i_2] = _499;
        if (there_1)
        {
            _525 = _531.c[(p.c_off + (r_1 * p.c_stride)) + state_];
        }
        else
        {
            _525 = 0.0;
        }
        next_c[i_2] = _525;
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
    float _582;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint n = (4u * i) + (at / CHANNELS);
        if ((t + n) < s.rows)
        {
            float param = next_dt[i];
            _582 = softplus(param);
        }
        else
        {
            _582 = 0.0;
        }
        tile_x[(n * CHANNELS) + (at % CHANNELS)] = float2(_582, next_x[i]);
    }
    for (uint i_1 = 0u; i_1 < LOADS_B; i_1++)
    {
        uint e = at + (i_1 * gl_WorkGroupSize.x);
        if (e >= _615)
        {
            break;
        }
        ((threadgroup float*)&tile_b[e / 4u])[e % 4u] = next_b[i_1];
        ((threadgroup float*)&tile_c[e / 4u])[e % 4u] = next_c[i_1];
    }
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _253;
    if (abs(x) < 0.125)
    {
        _253 = near;
    }
    else
    {
        _253 = exp(x);
    }
    return _253;
}

static inline __attribute__((always_inline))
float4 decay4(thread const float4& v)
{
    if (_645)
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
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
void scan(thread const Sequence& s, thread const uint& c0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float (&next_dt)[LOADS], const device DT& _328, thread float (&next_x)[LOADS], const device X& _356, thread float (&next_z)[LOADS], const device Z& _419, thread float (&next_b)[LOADS_B], const device B& _505, thread float (&next_c)[LOADS_B], const device C& _531, threadgroup float2 (&tile_x)[SHARED_X], threadgroup float4 (&tile_b)[SHARED_B], threadgroup float4 (&tile_c)[SHARED_B], device State& __restrict _760, const device A& _779, const device D& _822, device Dst& _1114)
{
    uint lane = gl_LocalInvocationIndex % 4u;
    uint own = gl_LocalInvocationIndex / 4u;
    uint ch = c0 + own;
    bool there = ch < p.cols;
    uint from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    uint to = (p.state_off + (s.to * p.state_stride)) + (ch * p.states);
    float4 h[QUADS];
    float _754;
    float4 rate[QUADS];
    float _773;
    for (uint q = 0u; q < QUADS; q++)
    {
        for (uint i = 0u; i < 4u; i++)
        {
            uint n = ((16u * q) + (4u * lane)) + i;
            bool _747;
            if (there)
            {
                _747 = n < p.states;
            }
            else
            {
                _747 = there;
            }
            bool held = _747;
            if (held)
            {
                _754 = _760.state[from + n];
            }
            else
            {
                _754 = 0.0;
            }
            h[q][i] = _754;
            if (held)
            {
                _773 = _779.a[(p.a_off + (ch * p.a_stride)) + n];
            }
            else
            {
                _773 = 0.0;
            }
            rate[q][i] = _773;
            if (_796)
            {
                rate[q][i] = fast::max(rate[q][i] * 1.44269502162933349609375, -3.0000000054977557577780399428115e+38);
            }
        }
    }
    float _816;
    if (there)
    {
        _816 = _822.d[p.d_off + ch];
    }
    else
    {
        _816 = 0.0;
    }
    float skip = _816;
    Sequence param = s;
    uint param_1 = 0u;
    uint param_2 = c0;
    fetch(param, param_1, param_2, p, gl_LocalInvocationIndex, next_dt, _328, next_x, _356, next_z, _419, next_b, _505, next_c, _531);
    float gate[LOADS];
    float _865;
    float y[4];
    float _1014;
    float _1025;
    float _1035;
    float _1048;
    for (uint t = 0u; t < s.rows; t += STEPS)
    {
        threadgroup_barrier(mem_flags::mem_threadgroup);
        Sequence param_3 = s;
        uint param_4 = t;
        put(param_3, param_4, gl_LocalInvocationIndex, next_dt, next_x, next_b, next_c, tile_x, tile_b, tile_c);
        for (uint i_1 = 0u; i_1 < LOADS; i_1++)
        {
            if (GATE)
            {
                _865 = next_z[i_1];
            }
            else
            {
                _865 = 0.0;
            }
            gate[i_1] = _865;
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        if ((t + STEPS) < s.rows)
        {
            Sequence param_5 = s;
            uint param_6 = t + STEPS;
            uint param_7 = c0;
            fetch(param_5, param_6, param_7, p, gl_LocalInvocationIndex, next_dt, _328, next_x, _356, next_z, _419, next_b, _505, next_c, _531);
        }
        for (uint g = 0u; g < LOADS; g++)
        {
            for (uint i_2 = 0u; i_2 < 4u; i_2++)
            {
                uint n_1 = (4u * g) + i_2;
                float2 dx = tile_x[(n_1 * CHANNELS) + own];
                float du = dx.x * dx.y;
                y[i_2] = 0.0;
                for (uint q_1 = 0u; q_1 < QUADS; q_1++)
                {
                    uint at = (((n_1 * 4u) * QUADS) + (4u * q_1)) + lane;
                    float4 param_8 = rate[q_1] * dx.x;
                    h[q_1] = fma(decay4(param_8), h[q_1], tile_b[at] * du);
                    float4 v = tile_c[at];
                    y[i_2] = fma(h[q_1].x, v.x, fma(h[q_1].y, v.y, fma(h[q_1].z, v.z, fma(h[q_1].w, v.w, y[i_2]))));
                }
            }
            bool upper = lane >= 2u;
            bool odd = (lane % 2u) == 1u;
            if (upper)
            {
                _1014 = y[2];
            }
            else
            {
                _1014 = y[0];
            }
            float even_row = _1014;
            if (upper)
            {
                _1025 = y[3];
            }
            else
            {
                _1025 = y[1];
            }
            float odd_row = _1025;
            if (upper)
            {
                _1035 = y[0];
            }
            else
            {
                _1035 = y[2];
            }
            even_row += spvSubgroupShuffleXor(_1035, 2u);
            if (upper)
            {
                _1048 = y[1];
            }
            else
            {
                _1048 = y[3];
            }
            odd_row += spvSubgroupShuffleXor(_1048, 2u);
            float sum = odd ? odd_row : even_row;
            sum += spvSubgroupShuffleXor(odd ? even_row : odd_row, 1u);
            uint n_2 = (t + (4u * g)) + lane;
            sum += (skip * ((threadgroup float*)&tile_x[(((4u * g) + lane) * CHANNELS) + own])[1u]);
            if (GATE)
            {
                float param_9 = gate[g];
                sum *= silu(param_9);
            }
            bool _1108;
            if (there)
            {
                _1108 = n_2 < s.rows;
            }
            else
            {
                _1108 = there;
            }
            if (_1108)
            {
                _1114.dst[(p.dst_off + ((s.first + n_2) * p.dst_stride)) + ch] = sum;
            }
        }
    }
    for (uint q_2 = 0u; q_2 < QUADS; q_2++)
    {
        for (uint i_3 = 0u; i_3 < 4u; i_3++)
        {
            uint n_3 = ((16u * q_2) + (4u * lane)) + i_3;
            bool _1165;
            if (there)
            {
                _1165 = n_3 < p.states;
            }
            else
            {
                _1165 = there;
            }
            if (_1165)
            {
                _760.state[to + n_3] = h[q_2][i_3];
            }
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

kernel void scan_f32_lanes(constant Params& p [[buffer(0)]], device Dst& _1114 [[buffer(1)]], const device X& _356 [[buffer(2)]], const device Z& _419 [[buffer(3)]], const device DT& _328 [[buffer(4)]], const device A& _779 [[buffer(5)]], const device B& _505 [[buffer(6)]], const device C& _531 [[buffer(7)]], const device D& _822 [[buffer(8)]], device State& __restrict _760 [[buffer(9)]], const device Batch& _71 [[buffer(10)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float2 tile_x[SHARED_X];
    threadgroup float4 tile_b[SHARED_B];
    threadgroup float4 tile_c[SHARED_B];
    uint seqs = batch_seqs(p, _71);
    float next_dt[LOADS];
    float next_x[LOADS];
    float next_z[LOADS];
    float next_b[LOADS_B];
    float next_c[LOADS_B];
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _71);
        if (s.rows == 0u)
        {
            continue;
        }
        uint _1215 = gl_WorkGroupID.x * CHANNELS;
        for (uint c0 = _1215; c0 < p.cols; c0 += (gl_NumWorkGroups.x * CHANNELS))
        {
            Sequence param_3 = s;
            uint param_4 = c0;
            scan(param_3, param_4, p, gl_LocalInvocationIndex, next_dt, _328, next_x, _356, next_z, _419, next_b, _505, next_c, _531, tile_x, tile_b, tile_c, _760, _779, _822, _1114);
        }
    }
}

