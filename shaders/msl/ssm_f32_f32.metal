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
constant uint _466_tmp [[function_constant(0)]];
constant uint _466 = is_function_constant_defined(_466_tmp) ? _466_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_466, 1u, 1u);
constant uint _537 = gl_WorkGroupSize.x;
constant uint _538 = (_537 / 4u);
constant uint STATES_tmp [[function_constant(3)]];
constant uint STATES = is_function_constant_defined(STATES_tmp) ? STATES_tmp : 4u;

struct A
{
    float a[1];
};

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

constant uint _784 = gl_WorkGroupSize.x;
constant uint _785 = (_784 / ROWS);
constant uint SLICES_tmp [[function_constant(2)]];
constant uint SLICES = is_function_constant_defined(SLICES_tmp) ? SLICES_tmp : 1u;

struct DBC
{
    float dbc[1];
};

struct State
{
    float state[1];
};

constant uint _1083 = (ROWS * 3u);

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
uint4 piece(thread const uint& m, thread const uint& w, const device Weight& __restrict _120, constant Params& p)
{
    return _120.weight[(m * p.pitch) + w];
}

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
    Sequence s = Sequence{ batch_word(param, param_1, p, _145), batch_word(param_2, param_3, p, _145), batch_word(param_4, param_5, p, _145), batch_word(param_6, param_7, p, _145) };
    bool _200 = s.from >= slots;
    bool _209;
    if (!_200)
    {
        _209 = s.to >= slots;
    }
    else
    {
        _209 = _200;
    }
    bool _218;
    if (!_209)
    {
        _218 = s.rows > rows;
    }
    else
    {
        _218 = _209;
    }
    bool _230;
    if (!_218)
    {
        _230 = s.first > (rows - s.rows);
    }
    else
    {
        _230 = _218;
    }
    if (_230)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _145, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _145);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _145);
        bool _403 = q < seqs;
        bool _413;
        if (_403)
        {
            _413 = (t - s.first) < s.rows;
        }
        else
        {
            _413 = _403;
        }
        if (_413)
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
    float _334;
    if (abs(x) < 0.125)
    {
        _334 = near;
    }
    else
    {
        _334 = exp(x);
    }
    return _334;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

kernel void ssm_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1559 [[buffer(1)]], const device X& _746 [[buffer(2)]], const device Z& _765 [[buffer(3)]], const device DBC& __restrict _855 [[buffer(4)]], const device Weight& __restrict _120 [[buffer(5)]], const device Bias& _695 [[buffer(6)]], const device A& _647 [[buffer(7)]], const device D& _673 [[buffer(8)]], device State& __restrict _1050 [[buffer(9)]], const device Batch& _145 [[buffer(10)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    open_weight(param, param_1);
    uint live = min(p.rows, uint(max(_145.batch[p.batch_off + 0u], 0)));
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
    uint _548 = gl_WorkGroupID.x * _538;
    uint4 word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _917;
    float begin[32];
    uint _1094;
    uint _1109;
    float _1160;
    float delta[8];
    for (uint group = _538, c0 = _548; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
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
                word[u] = piece(param_4, param_5, _120, p);
            }
        }
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            h[k] = 0.0;
            rate[k] = 0.0;
            bool _640;
            if (mine)
            {
                _640 = n < p.states;
            }
            else
            {
                _640 = mine;
            }
            if (_640)
            {
                rate[k] = _647.a[(p.a_off + (ch * p.a_stride)) + n];
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _673.d[p.d_off + ch];
        }
        bool _689;
        if (mine)
        {
            _689 = p.bias_off != 4294967295u;
        }
        else
        {
            _689 = mine;
        }
        if (_689)
        {
            shift = _695.bias0[p.bias_off + ch];
        }
        for (uint block = 0u; block < blocks; block++)
        {
            for (uint r = 0u; r < ROWS; r++)
            {
                uint t = (block * ROWS) + r;
                zs[r] = 0.0;
                xs[r] = 0.0;
                bool _739;
                if (mine)
                {
                    _739 = t < p.rows;
                }
                else
                {
                    _739 = mine;
                }
                if (_739)
                {
                    xs[r] = _746.x[(p.x_off + (t * p.x_stride)) + ch];
                    zs[r] = _765.z[(p.z_off + (t * p.z_stride)) + ch];
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            uint team = _785;
            uint r_1 = at / team;
            uint t_1 = (block * ROWS) + r_1;
            uint _798 = at % team;
            for (uint o0 = _798; o0 < outs; o0 += (4u * team))
            {
                for (uint b = 0u; b < 4u; b++)
                {
                    uint o = o0 + (b * team);
                    for (uint s = 0u; s < SLICES; s++)
                    {
                        part[(b * SLICES) + s] = 0.0;
                        bool _838 = o < outs;
                        bool _845;
                        if (_838)
                        {
                            _845 = t_1 < p.rows;
                        }
                        else
                        {
                            _845 = _838;
                        }
                        if (_845)
                        {
                            part[(b * SLICES) + s] = _855.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                        _917 = o_1;
                    }
                    else
                    {
                        _917 = (o_1 - p.rank) + behind;
                    }
                    uint i = _917;
                    if (o_1 < outs)
                    {
                        ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                    }
                }
            }
            uint _956 = p.rank + (at % team);
            for (uint i_1 = _956; i_1 < behind; i_1 += team)
            {
                ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
            }
            uint param_6 = block * ROWS;
            uint param_7 = at;
            find_sequences(param_6, param_7, p, _145, row_sequence);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_2 = 0u; r_2 < ROWS; r_2++)
            {
                RowSequence s_2 = row_sequence[r_2];
                uint t_2 = (block * ROWS) + r_2;
                for (uint k_1 = 0u; k_1 < STATES; k_1++)
                {
                    uint n_1 = (k_1 * 4u) + j;
                    begin[(r_2 * STATES) + k_1] = 0.0;
                    bool _1026;
                    if (mine)
                    {
                        _1026 = n_1 < p.states;
                    }
                    else
                    {
                        _1026 = mine;
                    }
                    bool _1033;
                    if (_1026)
                    {
                        _1033 = t_2 == s_2.first;
                    }
                    else
                    {
                        _1033 = _1026;
                    }
                    bool _1040;
                    if (_1033)
                    {
                        _1040 = t_2 < s_2.end;
                    }
                    else
                    {
                        _1040 = _1033;
                    }
                    if (_1040)
                    {
                        begin[(r_2 * STATES) + k_1] = _1050.state[((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1];
                    }
                }
            }
            for (uint e = gl_SubgroupID; e < _1083; e += gl_NumSubgroups)
            {
                uint r_3 = e / 3u;
                uint part_1 = e % 3u;
                if (part_1 == 0u)
                {
                    _1094 = 0u;
                }
                else
                {
                    _1094 = behind + ((part_1 - 1u) * p.states);
                }
                uint first = _1094;
                if (part_1 == 0u)
                {
                    _1109 = p.rank;
                }
                else
                {
                    _1109 = p.states;
                }
                uint n_2 = _1109;
                float sum_1 = 0.0;
                for (uint i_2 = gl_SubgroupInvocationID; i_2 < n_2; i_2 += lanes)
                {
                    uint param_8 = r_3;
                    uint param_9 = width;
                    uint param_10 = first + i_2;
                    float param_11 = value(param_8, param_9, param_10, tile);
                    float _1139 = rms_square(param_11);
                    sum_1 += _1139;
                }
                sum_1 = simd_sum(sum_1);
                if (gl_SubgroupInvocationID == 0u)
                {
                    if (p.norm != 0u)
                    {
                        float param_12 = sum_1;
                        uint param_13 = n_2;
                        float param_14 = p.eps;
                        _1160 = rms_scale(param_12, param_13, param_14);
                    }
                    else
                    {
                        _1160 = 1.0;
                    }
                    scales[e] = _1160;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_4 = 0u; r_4 < ROWS; r_4++)
            {
                delta[r_4] = 0.0;
            }
            for (uint k0 = 0u; k0 < _all; k0 += 32u)
            {
                bool _1202 = _all > 32u;
                bool _1209;
                if (_1202)
                {
                    _1209 = (k0 + block) > 0u;
                }
                else
                {
                    _1209 = _1202;
                }
                if (_1209)
                {
                    for (uint u_1 = 0u; u_1 < 8u; u_1++)
                    {
                        uint k_2 = (k0 + (u_1 * 4u)) + j;
                        word[u_1] = no_piece();
                        if (mine && (k_2 < _all))
                        {
                            uint param_15 = c;
                            uint param_16 = k_2;
                            word[u_1] = piece(param_15, param_16, _120, p);
                        }
                    }
                }
                for (uint u_2 = 0u; u_2 < 8u; u_2++)
                {
                    uint w = (k0 + (u_2 * 4u)) + j;
                    if (w < _all)
                    {
                        uint4 param_17 = word[u_2];
                        uint param_18 = w;
                        uint scale = scale_of(param_17, param_18);
                        for (uint q = 0u; q < 1u; q++)
                        {
                            uint4 param_19 = word[u_2];
                            uint param_20 = scale;
                            uint param_21 = 0u;
                            uint param_22 = q;
                            float4 y = weight4(param_19, param_20, param_21, param_22);
                            for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                            {
                                uint param_23 = w;
                                uint param_24 = 0u + q;
                                float4 v = tile[(r_5 * width) + (column(param_23, param_24) / 4u)];
                                delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                            }
                        }
                    }
                }
            }
            for (uint r_6 = 0u; r_6 < ROWS; r_6++)
            {
                float param_25 = delta[r_6];
                float _1363 = over_lanes(param_25);
                float param_26 = (_1363 * scales[r_6 * 3u]) + shift;
                delta[r_6] = softplus(param_26);
            }
            for (uint r_7 = 0u; r_7 < ROWS; r_7++)
            {
                RowSequence s_3 = row_sequence[r_7];
                uint t_3 = (block * ROWS) + r_7;
                bool _1395 = t_3 < live;
                bool _1402;
                if (_1395)
                {
                    _1402 = t_3 < s_3.end;
                }
                else
                {
                    _1402 = _1395;
                }
                if (_1402)
                {
                    float du = (delta[r_7] * xs[r_7]) * scales[(r_7 * 3u) + 1u];
                    float y_1 = 0.0;
                    for (uint k_3 = 0u; k_3 < STATES; k_3++)
                    {
                        uint n_3 = (k_3 * 4u) + j;
                        if (t_3 == s_3.first)
                        {
                            h[k_3] = begin[(r_7 * STATES) + k_3];
                        }
                        if (n_3 < p.states)
                        {
                            float param_27 = delta[r_7] * rate[k_3];
                            uint param_28 = r_7;
                            uint param_29 = width;
                            uint param_30 = behind + n_3;
                            h[k_3] = fma(decay(param_27), h[k_3], du * value(param_28, param_29, param_30, tile));
                            uint param_31 = r_7;
                            uint param_32 = width;
                            uint param_33 = (behind + p.states) + n_3;
                            y_1 = fma(value(param_31, param_32, param_33, tile), h[k_3], y_1);
                        }
                        bool _1503;
                        if (mine)
                        {
                            _1503 = n_3 < p.states;
                        }
                        else
                        {
                            _1503 = mine;
                        }
                        bool _1511;
                        if (_1503)
                        {
                            _1511 = (t_3 + 1u) == s_3.end;
                        }
                        else
                        {
                            _1511 = _1503;
                        }
                        if (_1511)
                        {
                            _1050.state[((p.state_off + (s_3.to * p.state_stride)) + (ch * p.states)) + n_3] = h[k_3];
                        }
                    }
                    float param_34 = y_1;
                    float _1537 = over_lanes(param_34);
                    y_1 = (_1537 * scales[(r_7 * 3u) + 2u]) + (skip * xs[r_7]);
                    if (mine && (j == 0u))
                    {
                        float param_35 = zs[r_7];
                        _1559.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1 * silu(param_35);
                    }
                }
            }
        }
    }
}

