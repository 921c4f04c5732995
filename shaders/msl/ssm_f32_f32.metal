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

struct Weight
{
    uint4 weight[1];
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
constant uint _491_tmp [[function_constant(0)]];
constant uint _491 = is_function_constant_defined(_491_tmp) ? _491_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_491, 1u, 1u);
constant uint _562 = gl_WorkGroupSize.x;
constant uint _563 = (_562 / 4u);
constant uint STATES_tmp [[function_constant(3)]];
constant uint STATES = is_function_constant_defined(STATES_tmp) ? STATES_tmp : 4u;

struct A
{
    float4 a[1];
};

constant bool _720 = (!WIDE);

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

constant uint _877 = gl_WorkGroupSize.x;
constant uint _878 = (_877 / ROWS);
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

constant bool _1194 = (!WIDE);
constant uint _1255 = (ROWS * 3u);
constant bool _1645 = (!WIDE);
constant bool _1737 = (!WIDE);
constant bool _1909 = (!WIDE);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint4 no_piece()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 piece(thread const uint& m, thread const uint& w, const device Weight& __restrict _124, constant Params& p)
{
    return _124.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint state_of(thread const uint& k, thread const uint& j)
{
    uint _460;
    if (WIDE)
    {
        _460 = ((((k / 4u) * 4u) + j) * 4u) + (k % 4u);
    }
    else
    {
        _460 = (k * 4u) + j;
    }
    return _460;
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _149)
{
    return min(p.batch_records, uint(max(_149.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _149)
{
    return uint(_149.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _149)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _149), batch_word(param_2, param_3, p, _149), batch_word(param_4, param_5, p, _149), batch_word(param_6, param_7, p, _149) };
    bool _204 = s.from >= slots;
    bool _213;
    if (!_204)
    {
        _213 = s.to >= slots;
    }
    else
    {
        _213 = _204;
    }
    bool _222;
    if (!_213)
    {
        _222 = s.rows > rows;
    }
    else
    {
        _222 = _213;
    }
    bool _234;
    if (!_222)
    {
        _234 = s.first > (rows - s.rows);
    }
    else
    {
        _234 = _222;
    }
    if (_234)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _149, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _149);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _149);
        bool _407 = q < seqs;
        bool _417;
        if (_407)
        {
            _417 = (t - s.first) < s.rows;
        }
        else
        {
            _417 = _407;
        }
        if (_417)
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
uint scale_of(thread const uint4& v, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& v, thread const uint& s, thread const uint& run, thread const uint& q)
{
    return as_type<float4>(v);
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
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
    float _338;
    if (abs(x) < 0.125)
    {
        _338 = near;
    }
    else
    {
        _338 = exp(x);
    }
    return _338;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

kernel void ssm_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1955 [[buffer(1)]], const device X& _839 [[buffer(2)]], const device Z& _858 [[buffer(3)]], const device DBC& __restrict _948 [[buffer(4)]], const device Weight& __restrict _124 [[buffer(5)]], const device Bias& _788 [[buffer(6)]], const device A& _685 [[buffer(7)]], const device D& _766 [[buffer(8)]], device State& __restrict _1152 [[buffer(9)]], const device Batch& _149 [[buffer(10)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    open_weight(param, param_1);
    uint live = min(p.rows, uint(max(_149.batch[p.batch_off + 0u], 0)));
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live + ROWS) - 1u) / ROWS;
    }
    uint outs = p.rank + (2u * p.states);
    uint param_2 = p.rank;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint behind = _all * 4u;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _573 = gl_WorkGroupID.x * _563;
    uint4 word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _1010;
    float begin[32];
    uint _1266;
    uint _1281;
    float _1332;
    float delta[8];
    float into[32];
    float from[32];
    for (uint group = _563, c0 = _573; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        uint c = c0 + (at / 4u);
        uint ch = p.first + c;
        bool mine = c < p.cols;
        for (uint u = 0u; u < 8u; u++)
        {
            uint k_ = (0u + (u * 4u)) + j;
            word[u] = no_piece();
            if (mine && (k_ < _all))
            {
                uint param_4 = c;
                uint param_5 = k_;
                word[u] = piece(param_4, param_5, _124, p);
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
                uint param_6 = k_1;
                uint param_7 = j;
                uint n_ = state_of(param_6, param_7);
                bool _677;
                if (WIDE)
                {
                    _677 = (k_1 % 4u) == 0u;
                }
                else
                {
                    _677 = WIDE;
                }
                if (_677)
                {
                    float4 v_ = _685.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u];
                    for (uint l_ = 0u; l_ < 4u; l_++)
                    {
                        rate[(0u + k_1) + l_] = v_[l_];
                    }
                }
                else
                {
                    bool _727;
                    if (_720)
                    {
                        _727 = n_ < p.states;
                    }
                    else
                    {
                        _727 = _720;
                    }
                    if (_727)
                    {
                        rate[0u + k_1] = ((device float*)&_685.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u])[((p.a_off + (ch * p.a_stride)) + n_) % 4u];
                    }
                }
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _766.d[p.d_off + ch];
        }
        bool _782;
        if (mine)
        {
            _782 = p.bias_off != 4294967295u;
        }
        else
        {
            _782 = mine;
        }
        if (_782)
        {
            shift = _788.bias0[p.bias_off + ch];
        }
        for (uint block = 0u; block < blocks; block++)
        {
            for (uint r = 0u; r < ROWS; r++)
            {
                uint t = (block * ROWS) + r;
                zs[r] = 0.0;
                xs[r] = 0.0;
                bool _832;
                if (mine)
                {
                    _832 = t < p.rows;
                }
                else
                {
                    _832 = mine;
                }
                if (_832)
                {
                    xs[r] = _839.x[(p.x_off + (t * p.x_stride)) + ch];
                    zs[r] = _858.z[(p.z_off + (t * p.z_stride)) + ch];
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            uint team = _878;
            uint r_1 = at / team;
            uint t_1 = (block * ROWS) + r_1;
            uint _891 = at % team;
            for (uint o0 = _891; o0 < outs; o0 += (4u * team))
            {
                for (uint b = 0u; b < 4u; b++)
                {
                    uint o = o0 + (b * team);
                    for (uint s = 0u; s < SLICES; s++)
                    {
                        part[(b * SLICES) + s] = 0.0;
                        bool _931 = o < outs;
                        bool _938;
                        if (_931)
                        {
                            _938 = t_1 < p.rows;
                        }
                        else
                        {
                            _938 = _931;
                        }
                        if (_938)
                        {
                            part[(b * SLICES) + s] = _948.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                        _1010 = o_1;
                    }
                    else
                    {
                        _1010 = (o_1 - p.rank) + behind;
                    }
                    uint i = _1010;
                    if (o_1 < outs)
                    {
                        ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                    }
                }
            }
            uint _1049 = p.rank + (at % team);
            for (uint i_1 = _1049; i_1 < behind; i_1 += team)
            {
                ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
            }
            uint param_8 = block * ROWS;
            uint param_9 = at;
            find_sequences(param_8, param_9, p, _149, row_sequence);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_2 = 0u; r_2 < ROWS; r_2++)
            {
                RowSequence s_2 = row_sequence[r_2];
                uint t_2 = (block * ROWS) + r_2;
                for (uint k_2 = 0u; k_2 < STATES; k_2++)
                {
                    begin[(r_2 * STATES) + k_2] = 0.0;
                }
                bool _1116;
                if (mine)
                {
                    _1116 = t_2 == s_2.first;
                }
                else
                {
                    _1116 = mine;
                }
                bool _1123;
                if (_1116)
                {
                    _1123 = t_2 < s_2.end;
                }
                else
                {
                    _1123 = _1116;
                }
                if (_1123)
                {
                    for (uint k_3 = 0u; k_3 < STATES; k_3++)
                    {
                        uint param_10 = k_3;
                        uint param_11 = j;
                        uint n_1 = state_of(param_10, param_11);
                        bool _1145;
                        if (WIDE)
                        {
                            _1145 = (k_3 % 4u) == 0u;
                        }
                        else
                        {
                            _1145 = WIDE;
                        }
                        if (_1145)
                        {
                            float4 v_1 = _1152.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u];
                            for (uint l_1 = 0u; l_1 < 4u; l_1++)
                            {
                                begin[((r_2 * STATES) + k_3) + l_1] = v_1[l_1];
                            }
                        }
                        else
                        {
                            bool _1201;
                            if (_1194)
                            {
                                _1201 = n_1 < p.states;
                            }
                            else
                            {
                                _1201 = _1194;
                            }
                            if (_1201)
                            {
                                begin[(r_2 * STATES) + k_3] = ((device float*)&_1152.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u])[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) % 4u];
                            }
                        }
                    }
                }
            }
            for (uint e = gl_SubgroupID; e < _1255; e += gl_NumSubgroups)
            {
                uint r_3 = e / 3u;
                uint part_1 = e % 3u;
                if (part_1 == 0u)
                {
                    _1266 = 0u;
                }
                else
                {
                    _1266 = behind + ((part_1 - 1u) * p.states);
                }
                uint first = _1266;
                if (part_1 == 0u)
                {
                    _1281 = p.rank;
                }
                else
                {
                    _1281 = p.states;
                }
                uint n = _1281;
                float sum_1 = 0.0;
                for (uint i_2 = gl_SubgroupInvocationID; i_2 < n; i_2 += lanes)
                {
                    uint param_12 = r_3;
                    uint param_13 = width;
                    uint param_14 = first + i_2;
                    float param_15 = value(param_12, param_13, param_14, tile);
                    float _1311 = rms_square(param_15);
                    sum_1 += _1311;
                }
                sum_1 = simd_sum(sum_1);
                if (gl_SubgroupInvocationID == 0u)
                {
                    if (p.norm != 0u)
                    {
                        float param_16 = sum_1;
                        uint param_17 = n;
                        float param_18 = p.eps;
                        _1332 = rms_scale(param_16, param_17, param_18);
                    }
                    else
                    {
                        _1332 = 1.0;
                    }
                    scales[e] = _1332;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_4 = 0u; r_4 < ROWS; r_4++)
            {
                delta[r_4] = 0.0;
            }
            for (uint k0 = 0u; k0 < _all; k0 += 32u)
            {
                bool _1374 = _all > 32u;
                bool _1381;
                if (_1374)
                {
                    _1381 = (k0 + block) > 0u;
                }
                else
                {
                    _1381 = _1374;
                }
                if (_1381)
                {
                    for (uint u_1 = 0u; u_1 < 8u; u_1++)
                    {
                        uint k_4 = (k0 + (u_1 * 4u)) + j;
                        word[u_1] = no_piece();
                        if (mine && (k_4 < _all))
                        {
                            uint param_19 = c;
                            uint param_20 = k_4;
                            word[u_1] = piece(param_19, param_20, _124, p);
                        }
                    }
                }
                for (uint u_2 = 0u; u_2 < 8u; u_2++)
                {
                    uint w = (k0 + (u_2 * 4u)) + j;
                    if (w < _all)
                    {
                        uint4 param_21 = word[u_2];
                        uint param_22 = w;
                        uint scale = scale_of(param_21, param_22);
                        for (uint q = 0u; q < 1u; q++)
                        {
                            uint4 param_23 = word[u_2];
                            uint param_24 = scale;
                            uint param_25 = 0u;
                            uint param_26 = q;
                            float4 y = weight4(param_23, param_24, param_25, param_26);
                            for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                            {
                                uint param_27 = w;
                                uint param_28 = 0u + q;
                                float4 v = tile[(r_5 * width) + (column(param_27, param_28) / 4u)];
                                delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                            }
                        }
                    }
                }
            }
            for (uint r_6 = 0u; r_6 < ROWS; r_6++)
            {
                float param_29 = delta[r_6];
                float _1534 = over_lanes(param_29);
                float param_30 = (_1534 * scales[r_6 * 3u]) + shift;
                delta[r_6] = softplus(param_30);
            }
            for (uint r_7 = 0u; r_7 < ROWS; r_7++)
            {
                RowSequence s_3 = row_sequence[r_7];
                uint t_3 = (block * ROWS) + r_7;
                bool _1566 = t_3 < live;
                bool _1573;
                if (_1566)
                {
                    _1573 = t_3 < s_3.end;
                }
                else
                {
                    _1573 = _1566;
                }
                if (_1573)
                {
                    float du = (delta[r_7] * xs[r_7]) * scales[(r_7 * 3u) + 1u];
                    float y_1 = 0.0;
                    for (uint k_5 = 0u; k_5 < STATES; k_5++)
                    {
                        uint param_31 = k_5;
                        uint param_32 = j;
                        uint n_2 = state_of(param_31, param_32);
                        bool _1610;
                        if (WIDE)
                        {
                            _1610 = (k_5 % 4u) == 0u;
                        }
                        else
                        {
                            _1610 = WIDE;
                        }
                        if (_1610)
                        {
                            float4 v_2 = tile[((((r_7 * width) * 4u) + behind) + n_2) / 4u];
                            for (uint l_2 = 0u; l_2 < 4u; l_2++)
                            {
                                into[(0u + k_5) + l_2] = v_2[l_2];
                            }
                        }
                        else
                        {
                            bool _1652;
                            if (_1645)
                            {
                                _1652 = n_2 < p.states;
                            }
                            else
                            {
                                _1652 = _1645;
                            }
                            if (_1652)
                            {
                                into[0u + k_5] = ((threadgroup float*)&tile[((((r_7 * width) * 4u) + behind) + n_2) / 4u])[((((r_7 * width) * 4u) + behind) + n_2) % 4u];
                            }
                        }
                    }
                    for (uint k_6 = 0u; k_6 < STATES; k_6++)
                    {
                        uint param_33 = k_6;
                        uint param_34 = j;
                        uint n_3 = state_of(param_33, param_34);
                        bool _1699;
                        if (WIDE)
                        {
                            _1699 = (k_6 % 4u) == 0u;
                        }
                        else
                        {
                            _1699 = WIDE;
                        }
                        if (_1699)
                        {
                            float4 v_3 = tile[(((((r_7 * width) * 4u) + behind) + p.states) + n_3) / 4u];
                            for (uint l_3 = 0u; l_3 < 4u; l_3++)
                            {
                                from[(0u + k_6) + l_3] = v_3[l_3];
                            }
                        }
                        else
                        {
                            bool _1744;
                            if (_1737)
                            {
                                _1744 = n_3 < p.states;
                            }
                            else
                            {
                                _1744 = _1737;
                            }
                            if (_1744)
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
                        uint param_35 = k_7;
                        uint param_36 = j;
                        if (state_of(param_35, param_36) < p.states)
                        {
                            float param_37 = delta[r_7] * rate[k_7];
                            h[k_7] = fma(decay(param_37), h[k_7], du * into[k_7]);
                            y_1 = fma(from[k_7], h[k_7], y_1);
                        }
                    }
                    bool _1848;
                    if (mine)
                    {
                        _1848 = (t_3 + 1u) == s_3.end;
                    }
                    else
                    {
                        _1848 = mine;
                    }
                    if (_1848)
                    {
                        uint to = (p.state_off + (s_3.to * p.state_stride)) + (ch * p.states);
                        for (uint k_8 = 0u; k_8 < STATES; k_8++)
                        {
                            uint param_38 = k_8;
                            uint param_39 = j;
                            uint n_4 = to + state_of(param_38, param_39);
                            bool _1886;
                            if (WIDE)
                            {
                                _1886 = (k_8 % 4u) == 0u;
                            }
                            else
                            {
                                _1886 = WIDE;
                            }
                            if (_1886)
                            {
                                _1152.state[n_4 / 4u] = float4(h[k_8], h[k_8 + 1u], h[k_8 + 2u], h[k_8 + 3u]);
                            }
                            else
                            {
                                bool _1918;
                                if (_1909)
                                {
                                    _1918 = (n_4 - to) < p.states;
                                }
                                else
                                {
                                    _1918 = _1909;
                                }
                                if (_1918)
                                {
                                    ((device float*)&_1152.state[n_4 / 4u])[n_4 % 4u] = h[k_8];
                                }
                            }
                        }
                    }
                    float param_40 = y_1;
                    float _1933 = over_lanes(param_40);
                    y_1 = (_1933 * scales[(r_7 * 3u) + 2u]) + (skip * xs[r_7]);
                    if (mine && (j == 0u))
                    {
                        float param_41 = zs[r_7];
                        _1955.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1 * silu(param_41);
                    }
                }
            }
        }
    }
}

