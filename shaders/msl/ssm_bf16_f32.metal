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
    uint packed_off;
    uint packed_stride;
};

struct Batch
{
    int batch[1];
};

constant uint _458_tmp [[function_constant(0)]];
constant uint _458 = is_function_constant_defined(_458_tmp) ? _458_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_458, 1u, 1u);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _467 = (1u << ROWS);
constant uint _468 = (_467 - 1u);

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
constant uint _656 = gl_WorkGroupSize.x;
constant uint _657 = (_656 / 4u);
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

constant uint _918 = gl_WorkGroupSize.x;
constant uint _919 = (_918 / ROWS);
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

constant uint _1220 = (ROWS * 3u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _1779 = (ROWS - 1u);

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _187)
{
    return min(p.batch_records, uint(max(_187.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _187)
{
    return uint(_187.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _187)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _187), batch_word(param_2, param_3, p, _187), batch_word(param_4, param_5, p, _187), batch_word(param_6, param_7, p, _187) };
    bool _240 = s.from >= slots;
    bool _249;
    if (!_240)
    {
        _249 = s.to >= slots;
    }
    else
    {
        _249 = _240;
    }
    bool _258;
    if (!_249)
    {
        _258 = s.rows > rows;
    }
    else
    {
        _258 = _249;
    }
    bool _270;
    if (!_258)
    {
        _270 = s.first > (rows - s.rows);
    }
    else
    {
        _270 = _258;
    }
    if (_270)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _187)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _187);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _187, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID)
{
    sequences = batch_seqs(p, _187);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _187);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _163, constant Params& p)
{
    return _163.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _187, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint none = _468;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += lanes_)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _187);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _503 = q < sequences;
            bool _515;
            if (_503)
            {
                _515 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _515 = _503;
            }
            if (_515)
            {
                row_sequence[r] = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
                mine |= (1u << r);
            }
        }
        none &= (~simd_or(mine));
    }
    for (uint r_1 = gl_SubgroupInvocationID; r_1 < ROWS; r_1 += lanes_)
    {
        if (((none >> r_1) & 1u) != 0u)
        {
            row_sequence[r_1] = RowSequence{ 0u, 0u, 0u, 0u };
        }
    }
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
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _131;
    if (q == 0u)
    {
        _131 = chunk.xy;
    }
    else
    {
        _131 = chunk.zw;
    }
    uint2 h = _131;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
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
    float _395;
    if (abs(x) < 0.125)
    {
        _395 = near;
    }
    else
    {
        _395 = exp(x);
    }
    return _395;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
uint2 pack_half4(thread float4& v)
{
    v = select(v, sign(v) * 65504.0, abs(v) > float4(65504.0));
    return uint2(as_type<uint>(half2(v.xy)), as_type<uint>(half2(v.zw)));
}

kernel void ssm_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1718 [[buffer(1)]], const device X& _880 [[buffer(2)]], const device Z& _899 [[buffer(3)]], const device DBC& __restrict _989 [[buffer(4)]], const device Weight& __restrict _163 [[buffer(5)]], const device Bias& _813 [[buffer(6)]], const device A& _766 [[buffer(7)]], const device D& _792 [[buffer(8)]], device State& __restrict _1187 [[buffer(9)]], const device Batch& _187 [[buffer(10)]], device Packed& __restrict _1761 [[buffer(11)]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales_1[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _187, sequences, sequence0, gl_SubgroupInvocationID);
    uint live = min(p.rows, uint(max(_187.batch[p.batch_off + 0u], 0)));
    uint outs = p.rank + (2u * p.states);
    uint param_2 = p.rank;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint behind = _all * 8u;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _667 = gl_WorkGroupID.x * _657;
    uint4 word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _1051;
    float begin[32];
    uint _1231;
    uint _1246;
    float _1297;
    float delta[8];
    for (uint group = _657, c0 = _667; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        uint c = c0 + (at / 4u);
        uint ch = p.first + c;
        bool mine = c < p.cols;
        for (uint u = 0u; u < 8u; u++)
        {
            uint k_ = (0u + (u * 4u)) + j;
            word[u] = no_chunk();
            if (mine && (k_ < _all))
            {
                uint param_4 = c;
                uint param_5 = k_;
                word[u] = load_chunk(param_4, param_5, _163, p);
            }
        }
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            h[k] = 0.0;
            rate[k] = 0.0;
            bool _759;
            if (mine)
            {
                _759 = n < p.states;
            }
            else
            {
                _759 = mine;
            }
            if (_759)
            {
                rate[k] = _766.a[(p.a_off + (ch * p.a_stride)) + n];
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _792.d[p.d_off + ch];
        }
        bool _807;
        if (mine)
        {
            _807 = p.bias_off != 4294967295u;
        }
        else
        {
            _807 = mine;
        }
        if (_807)
        {
            shift = _813.bias0[p.bias_off + ch];
        }
        for (uint own = gl_WorkGroupID.y; (own * ROWS) < p.rows; own += gl_NumWorkGroups.y)
        {
            for (uint block = own; (block * ROWS) < p.rows; block++)
            {
                for (uint r = 0u; r < ROWS; r++)
                {
                    uint t = (block * ROWS) + r;
                    zs[r] = 0.0;
                    xs[r] = 0.0;
                    bool _873;
                    if (mine)
                    {
                        _873 = t < p.rows;
                    }
                    else
                    {
                        _873 = mine;
                    }
                    if (_873)
                    {
                        xs[r] = _880.x[(p.x_off + (t * p.x_stride)) + ch];
                        zs[r] = _899.z[(p.z_off + (t * p.z_stride)) + ch];
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint team = _919;
                uint r_1 = at / team;
                uint t_1 = (block * ROWS) + r_1;
                uint _932 = at % team;
                for (uint o0 = _932; o0 < outs; o0 += (4u * team))
                {
                    for (uint b = 0u; b < 4u; b++)
                    {
                        uint o = o0 + (b * team);
                        for (uint s = 0u; s < SLICES; s++)
                        {
                            part[(b * SLICES) + s] = 0.0;
                            bool _972 = o < outs;
                            bool _979;
                            if (_972)
                            {
                                _979 = t_1 < p.rows;
                            }
                            else
                            {
                                _979 = _972;
                            }
                            if (_979)
                            {
                                part[(b * SLICES) + s] = _989.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                            _1051 = o_1;
                        }
                        else
                        {
                            _1051 = (o_1 - p.rank) + behind;
                        }
                        uint i = _1051;
                        if (o_1 < outs)
                        {
                            ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                        }
                    }
                }
                uint _1090 = p.rank + (at % team);
                for (uint i_1 = _1090; i_1 < behind; i_1 += team)
                {
                    ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
                }
                uint param_6 = block * ROWS;
                find_sequences(param_6, p, _187, sequences, sequence0, gl_SubgroupInvocationID, gl_SubgroupID, gl_NumSubgroups, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    RowSequence s_2 = row_sequence[r_2];
                    uint t_2 = (block * ROWS) + r_2;
                    for (uint k_1 = 0u; k_1 < STATES; k_1++)
                    {
                        uint n_1 = (k_1 * 4u) + j;
                        begin[(r_2 * STATES) + k_1] = 0.0;
                        bool _1159;
                        if (mine)
                        {
                            _1159 = n_1 < p.states;
                        }
                        else
                        {
                            _1159 = mine;
                        }
                        bool _1163 = _1159 && (block == own);
                        bool _1170;
                        if (_1163)
                        {
                            _1170 = t_2 == s_2.first;
                        }
                        else
                        {
                            _1170 = _1163;
                        }
                        bool _1177;
                        if (_1170)
                        {
                            _1177 = t_2 < s_2.end;
                        }
                        else
                        {
                            _1177 = _1170;
                        }
                        if (_1177)
                        {
                            begin[(r_2 * STATES) + k_1] = _1187.state[((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1];
                        }
                    }
                }
                for (uint e = gl_SubgroupID; e < _1220; e += gl_NumSubgroups)
                {
                    uint r_3 = e / 3u;
                    uint part_1 = e % 3u;
                    if (part_1 == 0u)
                    {
                        _1231 = 0u;
                    }
                    else
                    {
                        _1231 = behind + ((part_1 - 1u) * p.states);
                    }
                    uint first = _1231;
                    if (part_1 == 0u)
                    {
                        _1246 = p.rank;
                    }
                    else
                    {
                        _1246 = p.states;
                    }
                    uint n_2 = _1246;
                    float sum_1 = 0.0;
                    for (uint i_2 = gl_SubgroupInvocationID; i_2 < n_2; i_2 += lanes)
                    {
                        uint param_7 = r_3;
                        uint param_8 = width;
                        uint param_9 = first + i_2;
                        float param_10 = value(param_7, param_8, param_9, tile);
                        float _1276 = rms_square(param_10);
                        sum_1 += _1276;
                    }
                    sum_1 = simd_sum(sum_1);
                    if (gl_SubgroupInvocationID == 0u)
                    {
                        if (p.norm != 0u)
                        {
                            float param_11 = sum_1;
                            uint param_12 = n_2;
                            float param_13 = p.eps;
                            _1297 = rms_scale(param_11, param_12, param_13);
                        }
                        else
                        {
                            _1297 = 1.0;
                        }
                        scales_1[e] = _1297;
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_4 = 0u; r_4 < ROWS; r_4++)
                {
                    delta[r_4] = 0.0;
                }
                for (uint k0 = 0u; k0 < _all; k0 += 32u)
                {
                    bool _1339 = _all > 32u;
                    bool _1352;
                    if (_1339)
                    {
                        bool _1343 = k0 > 0u;
                        bool _1351;
                        if (!_1343)
                        {
                            _1351 = block > gl_WorkGroupID.y;
                        }
                        else
                        {
                            _1351 = _1343;
                        }
                        _1352 = _1351;
                    }
                    else
                    {
                        _1352 = _1339;
                    }
                    if (_1352)
                    {
                        for (uint u_1 = 0u; u_1 < 8u; u_1++)
                        {
                            uint k_2 = (k0 + (u_1 * 4u)) + j;
                            word[u_1] = no_chunk();
                            if (mine && (k_2 < _all))
                            {
                                uint param_14 = c;
                                uint param_15 = k_2;
                                word[u_1] = load_chunk(param_14, param_15, _163, p);
                            }
                        }
                    }
                    for (uint u_2 = 0u; u_2 < 8u; u_2++)
                    {
                        uint w = (k0 + (u_2 * 4u)) + j;
                        if (w < _all)
                        {
                            uint4 param_16 = word[u_2];
                            uint param_17 = w;
                            uint scales = scales_of(param_16, param_17);
                            for (uint q = 0u; q < 2u; q++)
                            {
                                uint4 param_18 = word[u_2];
                                uint param_19 = scales;
                                uint param_20 = 0u;
                                uint param_21 = q;
                                float4 y = weight4(param_18, param_19, param_20, param_21);
                                for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                                {
                                    uint param_22 = w;
                                    uint param_23 = 0u + q;
                                    float4 v = tile[(r_5 * width) + (column(param_22, param_23) / 4u)];
                                    delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                                }
                            }
                        }
                    }
                }
                for (uint r_6 = 0u; r_6 < ROWS; r_6++)
                {
                    float param_24 = delta[r_6];
                    float _1505 = over_lanes(param_24);
                    float param_25 = (_1505 * scales_1[r_6 * 3u]) + shift;
                    delta[r_6] = softplus(param_25);
                }
                for (uint r_7 = 0u; r_7 < ROWS; r_7++)
                {
                    RowSequence s_3 = row_sequence[r_7];
                    uint t_3 = (block * ROWS) + r_7;
                    bool _1537 = t_3 >= live;
                    bool _1545;
                    if (!_1537)
                    {
                        _1545 = t_3 >= s_3.end;
                    }
                    else
                    {
                        _1545 = _1537;
                    }
                    bool _1554;
                    if (!_1545)
                    {
                        _1554 = (s_3.first / ROWS) != own;
                    }
                    else
                    {
                        _1554 = _1545;
                    }
                    if (_1554)
                    {
                        continue;
                    }
                    float du = (delta[r_7] * xs[r_7]) * scales_1[(r_7 * 3u) + 1u];
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
                            float param_26 = delta[r_7] * rate[k_3];
                            uint param_27 = r_7;
                            uint param_28 = width;
                            uint param_29 = behind + n_3;
                            h[k_3] = fma(decay(param_26), h[k_3], du * value(param_27, param_28, param_29, tile));
                            uint param_30 = r_7;
                            uint param_31 = width;
                            uint param_32 = (behind + p.states) + n_3;
                            y_1 = fma(value(param_30, param_31, param_32, tile), h[k_3], y_1);
                        }
                        bool _1656;
                        if (mine)
                        {
                            _1656 = n_3 < p.states;
                        }
                        else
                        {
                            _1656 = mine;
                        }
                        bool _1664;
                        if (_1656)
                        {
                            _1664 = (t_3 + 1u) == s_3.end;
                        }
                        else
                        {
                            _1664 = _1656;
                        }
                        if (_1664)
                        {
                            _1187.state[((p.state_off + (s_3.to * p.state_stride)) + (ch * p.states)) + n_3] = h[k_3];
                        }
                    }
                    float param_33 = y_1;
                    float _1690 = over_lanes(param_33);
                    float param_34 = zs[r_7];
                    y_1 = ((_1690 * scales_1[(r_7 * 3u) + 2u]) + (skip * xs[r_7])) * silu(param_34);
                    if (mine && (j == 0u))
                    {
                        _1718.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1;
                    }
                    if (p.packed_off != 4294967295u)
                    {
                        float4 param_35 = float4(y_1, spvSubgroupShuffleXor(y_1, 4u), 0.0, 0.0);
                        uint2 _1744 = pack_half4(param_35);
                        uint pair = _1744.x;
                        bool _1749 = mine && (j == 0u);
                        bool _1755;
                        if (_1749)
                        {
                            _1755 = (ch % 2u) == 0u;
                        }
                        else
                        {
                            _1755 = _1749;
                        }
                        if (_1755)
                        {
                            _1761._packed[((p.packed_off + (t_3 * p.packed_stride)) + ch) / 2u] = pair;
                        }
                    }
                }
                RowSequence last = row_sequence[_1779];
                bool _1787 = last.end <= ((block + 1u) * ROWS);
                bool _1796;
                if (!_1787)
                {
                    _1796 = (last.first / ROWS) != own;
                }
                else
                {
                    _1796 = _1787;
                }
                if (_1796)
                {
                    break;
                }
            }
        }
    }
}

