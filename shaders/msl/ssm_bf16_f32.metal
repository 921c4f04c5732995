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
    uint first;
    uint rank;
    uint states;
    uint norm;
    float eps;
    uint dst_off;
    uint dst_stride;
    uint x_off;
    uint x_stride;
    uint z_off;
    uint z_stride;
    uint dbc_off;
    uint dbc_stride;
    uint pitch;
    uint bias_off;
    uint a_off;
    uint a_stride;
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

constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;

struct RowSequence
{
    uint first;
    uint end;
    uint from;
    uint to;
};

#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool WIDE_tmp [[function_constant(5)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;
constant uint _461_tmp [[function_constant(0)]];
constant uint _461 = is_function_constant_defined(_461_tmp) ? _461_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_461, 1u, 1u);
constant uint _520 = gl_WorkGroupSize.x;
constant uint _521 = (_520 / 4u);

struct Weight
{
    uint4 weight[1];
};

constant uint STATES_tmp [[function_constant(3)]];
constant uint STATES = is_function_constant_defined(STATES_tmp) ? STATES_tmp : 4u;

struct A
{
    float4 a[1];
};

constant bool _689 = (!WIDE);

struct D
{
    float d[1];
};

struct Bias
{
    float bias0[1];
};

struct X
{
    float x[1];
};

struct Z
{
    float z[1];
};

constant uint _845 = gl_WorkGroupSize.x;
constant uint _846 = (_845 / ROWS);
constant uint SLICES_tmp [[function_constant(2)]];
constant uint SLICES = is_function_constant_defined(SLICES_tmp) ? SLICES_tmp : 1u;

struct DBC
{
    float dbc[1];
};

struct State
{
    float4 state[1];
};

constant bool _1162 = (!WIDE);
constant uint _1223 = (ROWS * 3u);
constant bool _1607 = (!WIDE);
constant bool _1699 = (!WIDE);
constant bool _1871 = (!WIDE);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint state_of(thread const uint& k, thread const uint& j)
{
    uint _430;
    if (WIDE)
    {
        _430 = ((((k / 4u) * 4u) + j) * 4u) + (k % 4u);
    }
    else
    {
        _430 = (k * 4u) + j;
    }
    return _430;
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _119)
{
    return min(p.batch_records, uint(max(_119.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _119)
{
    return uint(_119.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _119)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _119), batch_word(param_2, param_3, p, _119), batch_word(param_4, param_5, p, _119), batch_word(param_6, param_7, p, _119) };
    bool _173 = s.from >= slots;
    bool _182;
    if (!_173)
    {
        _182 = s.to >= slots;
    }
    else
    {
        _182 = _173;
    }
    bool _191;
    if (!_182)
    {
        _191 = s.rows > rows;
    }
    else
    {
        _191 = _182;
    }
    bool _203;
    if (!_191)
    {
        _203 = s.first > (rows - s.rows);
    }
    else
    {
        _203 = _191;
    }
    if (_203)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _119, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _119);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _119);
        bool _376 = q < seqs;
        bool _386;
        if (_376)
        {
            _386 = (t - s.first) < s.rows;
        }
        else
        {
            _386 = _376;
        }
        if (_386)
        {
            found = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
        }
    }
    row_sequence[at] = found;
}

static inline __attribute__((always_inline))
float value(thread const uint& r, thread const uint& width, thread const uint& i, threadgroup float4 (&tile)[TILE])
{
    return ((threadgroup float*)&tile[(r * width) + (i / 4u)])[i % 4u];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _80;
    if (q == 0u)
    {
        _80 = w.xy;
    }
    else
    {
        _80 = w.zw;
    }
    uint2 h = _80;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
float over_lanes(thread float& v)
{
    v += spvSubgroupShuffleXor(v, 1u);
    return v + spvSubgroupShuffleXor(v, 2u);
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
    float _307;
    if (abs(x) < 0.125)
    {
        _307 = near;
    }
    else
    {
        _307 = exp(x);
    }
    return _307;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

kernel void ssm_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1917 [[buffer(1)]], const device X& _807 [[buffer(2)]], const device Z& _826 [[buffer(3)]], const device DBC& __restrict _916 [[buffer(4)]], const device Weight& __restrict _591 [[buffer(5)]], const device Bias& _756 [[buffer(6)]], const device A& _654 [[buffer(7)]], const device D& _735 [[buffer(8)]], device State& __restrict _1120 [[buffer(9)]], const device Batch& _119 [[buffer(10)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint live = min(p.rows, uint(max(_119.batch[p.batch_off + 0u], 0)));
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live + ROWS) - 1u) / ROWS;
    }
    uint outs = p.rank + (2u * p.states);
    uint behind = p.pitch * 8u;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _531 = gl_WorkGroupID.x * _521;
    uint4 word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _978;
    float begin[32];
    uint _1234;
    uint _1249;
    float _1300;
    float delta[8];
    float into[32];
    float from[32];
    for (uint group = _521, c0 = _531; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        uint c = c0 + (at / 4u);
        uint ch = p.first + c;
        bool mine = c < p.cols;
        for (uint u = 0u; u < 8u; u++)
        {
            uint k_ = (0u + (u * 4u)) + j;
            word[u] = uint4(0u);
            bool _584;
            if (mine)
            {
                _584 = k_ < p.pitch;
            }
            else
            {
                _584 = mine;
            }
            if (_584)
            {
                word[u] = _591.weight[(c * p.pitch) + k_];
            }
        }
        for (uint k = 0u; k < STATES; k++)
        {
            rate[k] = 0.0;
            h[k] = 0.0;
        }
        if (mine)
        {
            for (uint k_1 = 0u; k_1 < STATES; k_1++)
            {
                uint param = k_1;
                uint param_1 = j;
                uint n_ = state_of(param, param_1);
                bool _646;
                if (WIDE)
                {
                    _646 = (k_1 % 4u) == 0u;
                }
                else
                {
                    _646 = WIDE;
                }
                if (_646)
                {
                    float4 v_ = _654.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u];
                    for (uint l_ = 0u; l_ < 4u; l_++)
                    {
                        rate[(0u + k_1) + l_] = v_[l_];
                    }
                }
                else
                {
                    bool _696;
                    if (_689)
                    {
                        _696 = n_ < p.states;
                    }
                    else
                    {
                        _696 = _689;
                    }
                    if (_696)
                    {
                        rate[0u + k_1] = ((device float*)&_654.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u])[((p.a_off + (ch * p.a_stride)) + n_) % 4u];
                    }
                }
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _735.d[p.d_off + ch];
        }
        bool _750;
        if (mine)
        {
            _750 = p.bias_off != 4294967295u;
        }
        else
        {
            _750 = mine;
        }
        if (_750)
        {
            shift = _756.bias0[p.bias_off + ch];
        }
        for (uint block = 0u; block < blocks; block++)
        {
            for (uint r = 0u; r < ROWS; r++)
            {
                uint t = (block * ROWS) + r;
                zs[r] = 0.0;
                xs[r] = 0.0;
                bool _800;
                if (mine)
                {
                    _800 = t < p.rows;
                }
                else
                {
                    _800 = mine;
                }
                if (_800)
                {
                    xs[r] = _807.x[(p.x_off + (t * p.x_stride)) + ch];
                    zs[r] = _826.z[(p.z_off + (t * p.z_stride)) + ch];
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            uint team = _846;
            uint r_1 = at / team;
            uint t_1 = (block * ROWS) + r_1;
            uint _859 = at % team;
            for (uint o0 = _859; o0 < outs; o0 += (4u * team))
            {
                for (uint b = 0u; b < 4u; b++)
                {
                    uint o = o0 + (b * team);
                    for (uint s = 0u; s < SLICES; s++)
                    {
                        part[(b * SLICES) + s] = 0.0;
                        bool _899 = o < outs;
                        bool _906;
                        if (_899)
                        {
                            _906 = t_1 < p.rows;
                        }
                        else
                        {
                            _906 = _899;
                        }
                        if (_906)
                        {
                            part[(b * SLICES) + s] = _916.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
                        }
                    }
                }
                for (uint b_1 = 0u; b_1 < 4u; b_1++)
                {
                    uint o_1 = o0 + (b_1 * team);
                    float sum = 0.0;
                    for (uint s_1 = 0u; s_1 < SLICES; s_1++)
                    {
                        sum += part[(b_1 * SLICES) + s_1];
                    }
                    if (o_1 < p.rank)
                    {
                        _978 = o_1;
                    }
                    else
                    {
                        _978 = (o_1 - p.rank) + behind;
                    }
                    uint i = _978;
                    if (o_1 < outs)
                    {
                        ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                    }
                }
            }
            uint _1017 = p.rank + (at % team);
            for (uint i_1 = _1017; i_1 < behind; i_1 += team)
            {
                ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
            }
            uint param_2 = block * ROWS;
            uint param_3 = at;
            find_sequences(param_2, param_3, p, _119, row_sequence);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_2 = 0u; r_2 < ROWS; r_2++)
            {
                RowSequence s_2 = row_sequence[r_2];
                uint t_2 = (block * ROWS) + r_2;
                for (uint k_2 = 0u; k_2 < STATES; k_2++)
                {
                    begin[(r_2 * STATES) + k_2] = 0.0;
                }
                bool _1084;
                if (mine)
                {
                    _1084 = t_2 == s_2.first;
                }
                else
                {
                    _1084 = mine;
                }
                bool _1091;
                if (_1084)
                {
                    _1091 = t_2 < s_2.end;
                }
                else
                {
                    _1091 = _1084;
                }
                if (_1091)
                {
                    for (uint k_3 = 0u; k_3 < STATES; k_3++)
                    {
                        uint param_4 = k_3;
                        uint param_5 = j;
                        uint n_1 = state_of(param_4, param_5);
                        bool _1113;
                        if (WIDE)
                        {
                            _1113 = (k_3 % 4u) == 0u;
                        }
                        else
                        {
                            _1113 = WIDE;
                        }
                        if (_1113)
                        {
                            float4 v_1 = _1120.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u];
                            for (uint l_1 = 0u; l_1 < 4u; l_1++)
                            {
                                begin[((r_2 * STATES) + k_3) + l_1] = v_1[l_1];
                            }
                        }
                        else
                        {
                            bool _1169;
                            if (_1162)
                            {
                                _1169 = n_1 < p.states;
                            }
                            else
                            {
                                _1169 = _1162;
                            }
                            if (_1169)
                            {
                                begin[(r_2 * STATES) + k_3] = ((device float*)&_1120.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u])[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) % 4u];
                            }
                        }
                    }
                }
            }
            for (uint e = gl_SubgroupID; e < _1223; e += gl_NumSubgroups)
            {
                uint r_3 = e / 3u;
                uint part_1 = e % 3u;
                if (part_1 == 0u)
                {
                    _1234 = 0u;
                }
                else
                {
                    _1234 = behind + ((part_1 - 1u) * p.states);
                }
                uint first = _1234;
                if (part_1 == 0u)
                {
                    _1249 = p.rank;
                }
                else
                {
                    _1249 = p.states;
                }
                uint n = _1249;
                float sum_1 = 0.0;
                for (uint i_2 = gl_SubgroupInvocationID; i_2 < n; i_2 += lanes)
                {
                    uint param_6 = r_3;
                    uint param_7 = width;
                    uint param_8 = first + i_2;
                    float param_9 = value(param_6, param_7, param_8, tile);
                    float _1279 = rms_square(param_9);
                    sum_1 += _1279;
                }
                sum_1 = simd_sum(sum_1);
                if (gl_SubgroupInvocationID == 0u)
                {
                    if (p.norm != 0u)
                    {
                        float param_10 = sum_1;
                        uint param_11 = n;
                        float param_12 = p.eps;
                        _1300 = rms_scale(param_10, param_11, param_12);
                    }
                    else
                    {
                        _1300 = 1.0;
                    }
                    scales[e] = _1300;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_4 = 0u; r_4 < ROWS; r_4++)
            {
                delta[r_4] = 0.0;
            }
            for (uint k0 = 0u; k0 < p.pitch; k0 += 32u)
            {
                bool _1344 = p.pitch > 32u;
                bool _1351;
                if (_1344)
                {
                    _1351 = (k0 + block) > 0u;
                }
                else
                {
                    _1351 = _1344;
                }
                if (_1351)
                {
                    for (uint u_1 = 0u; u_1 < 8u; u_1++)
                    {
                        uint k_4 = (k0 + (u_1 * 4u)) + j;
                        word[u_1] = uint4(0u);
                        bool _1378;
                        if (mine)
                        {
                            _1378 = k_4 < p.pitch;
                        }
                        else
                        {
                            _1378 = mine;
                        }
                        if (_1378)
                        {
                            word[u_1] = _591.weight[(c * p.pitch) + k_4];
                        }
                    }
                }
                for (uint u_2 = 0u; u_2 < 8u; u_2++)
                {
                    uint w = (k0 + (u_2 * 4u)) + j;
                    if (w < p.pitch)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            uint4 param_13 = word[u_2];
                            uint param_14 = q;
                            float4 y = weight4(param_13, param_14);
                            for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                            {
                                float4 v = tile[((r_5 * width) + (w * 2u)) + q];
                                delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                            }
                        }
                    }
                }
            }
            for (uint r_6 = 0u; r_6 < ROWS; r_6++)
            {
                float param_15 = delta[r_6];
                float _1496 = over_lanes(param_15);
                float param_16 = (_1496 * scales[r_6 * 3u]) + shift;
                delta[r_6] = softplus(param_16);
            }
            for (uint r_7 = 0u; r_7 < ROWS; r_7++)
            {
                RowSequence s_3 = row_sequence[r_7];
                uint t_3 = (block * ROWS) + r_7;
                bool _1528 = t_3 < live;
                bool _1535;
                if (_1528)
                {
                    _1535 = t_3 < s_3.end;
                }
                else
                {
                    _1535 = _1528;
                }
                if (_1535)
                {
                    float du = (delta[r_7] * xs[r_7]) * scales[(r_7 * 3u) + 1u];
                    float y_1 = 0.0;
                    for (uint k_5 = 0u; k_5 < STATES; k_5++)
                    {
                        uint param_17 = k_5;
                        uint param_18 = j;
                        uint n_2 = state_of(param_17, param_18);
                        bool _1572;
                        if (WIDE)
                        {
                            _1572 = (k_5 % 4u) == 0u;
                        }
                        else
                        {
                            _1572 = WIDE;
                        }
                        if (_1572)
                        {
                            float4 v_2 = tile[((((r_7 * width) * 4u) + behind) + n_2) / 4u];
                            for (uint l_2 = 0u; l_2 < 4u; l_2++)
                            {
                                into[(0u + k_5) + l_2] = v_2[l_2];
                            }
                        }
                        else
                        {
                            bool _1614;
                            if (_1607)
                            {
                                _1614 = n_2 < p.states;
                            }
                            else
                            {
                                _1614 = _1607;
                            }
                            if (_1614)
                            {
                                into[0u + k_5] = ((threadgroup float*)&tile[((((r_7 * width) * 4u) + behind) + n_2) / 4u])[((((r_7 * width) * 4u) + behind) + n_2) % 4u];
                            }
                        }
                    }
                    for (uint k_6 = 0u; k_6 < STATES; k_6++)
                    {
                        uint param_19 = k_6;
                        uint param_20 = j;
                        uint n_3 = state_of(param_19, param_20);
                        bool _1661;
                        if (WIDE)
                        {
                            _1661 = (k_6 % 4u) == 0u;
                        }
                        else
                        {
                            _1661 = WIDE;
                        }
                        if (_1661)
                        {
                            float4 v_3 = tile[(((((r_7 * width) * 4u) + behind) + p.states) + n_3) / 4u];
                            for (uint l_3 = 0u; l_3 < 4u; l_3++)
                            {
                                from[(0u + k_6) + l_3] = v_3[l_3];
                            }
                        }
                        else
                        {
                            bool _1706;
                            if (_1699)
                            {
                                _1706 = n_3 < p.states;
                            }
                            else
                            {
                                _1706 = _1699;
                            }
                            if (_1706)
                            {
                                from[0u + k_6] = ((threadgroup float*)&tile[(((((r_7 * width) * 4u) + behind) + p.states) + n_3) / 4u])[(((((r_7 * width) * 4u) + behind) + p.states) + n_3) % 4u];
                            }
                        }
                    }
                    for (uint k_7 = 0u; k_7 < STATES; k_7++)
                    {
                        if (t_3 == s_3.first)
                        {
                            h[k_7] = begin[(r_7 * STATES) + k_7];
                        }
                        uint param_21 = k_7;
                        uint param_22 = j;
                        if (state_of(param_21, param_22) < p.states)
                        {
                            float param_23 = delta[r_7] * rate[k_7];
                            h[k_7] = fma(decay(param_23), h[k_7], du * into[k_7]);
                            y_1 = fma(from[k_7], h[k_7], y_1);
                        }
                    }
                    bool _1810;
                    if (mine)
                    {
                        _1810 = (t_3 + 1u) == s_3.end;
                    }
                    else
                    {
                        _1810 = mine;
                    }
                    if (_1810)
                    {
                        uint to = (p.state_off + (s_3.to * p.state_stride)) + (ch * p.states);
                        for (uint k_8 = 0u; k_8 < STATES; k_8++)
                        {
                            uint param_24 = k_8;
                            uint param_25 = j;
                            uint n_4 = to + state_of(param_24, param_25);
                            bool _1848;
                            if (WIDE)
                            {
                                _1848 = (k_8 % 4u) == 0u;
                            }
                            else
                            {
                                _1848 = WIDE;
                            }
                            if (_1848)
                            {
                                _1120.state[n_4 / 4u] = float4(h[k_8], h[k_8 + 1u], h[k_8 + 2u], h[k_8 + 3u]);
                            }
                            else
                            {
                                bool _1880;
                                if (_1871)
                                {
                                    _1880 = (n_4 - to) < p.states;
                                }
                                else
                                {
                                    _1880 = _1871;
                                }
                                if (_1880)
                                {
                                    ((device float*)&_1120.state[n_4 / 4u])[n_4 % 4u] = h[k_8];
                                }
                            }
                        }
                    }
                    float param_26 = y_1;
                    float _1895 = over_lanes(param_26);
                    y_1 = (_1895 * scales[(r_7 * 3u) + 2u]) + (skip * xs[r_7]);
                    if (mine && (j == 0u))
                    {
                        float param_27 = zs[r_7];
                        _1917.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1 * silu(param_27);
                    }
                }
            }
        }
    }
}

