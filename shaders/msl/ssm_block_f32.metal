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

struct Chunk
{
    uint4 code;
    uint2 high;
    uint4 scales;
};

struct Scales
{
    float2 scales;
    float2 mins;
};

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _134 = (FORMAT == 0u);
constant bool _152 = (FORMAT == 0u);
constant bool _193 = (FORMAT == 0u);
constant bool _211 = (FORMAT == 1u);
constant bool _219 = (FORMAT == 2u);
constant bool _312 = (FORMAT == 3u);
constant bool _363 = (FORMAT == 0u);
constant bool _379 = (FORMAT == 3u);
constant bool _404 = (FORMAT == 1u);
constant bool _406 = (FORMAT == 3u);
constant float _408 = _406 ? 32.0 : 0.0;
constant float _409 = _404 ? 8.0 : _408;
constant bool _466 = (FORMAT == 0u);
constant bool _479 = (FORMAT == 2u);
constant bool _492 = (FORMAT != 4u);

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

constant bool _545 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _576 = (FORMAT == 3u);
constant bool _653 = (FORMAT == 2u);
constant bool _671 = (FORMAT == 4u);

struct Batch
{
    int batch[1];
};

constant uint _963_tmp [[function_constant(0)]];
constant uint _963 = is_function_constant_defined(_963_tmp) ? _963_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_963, 1u, 1u);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _971 = (1u << ROWS);
constant uint _972 = (_971 - 1u);

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
constant bool _1148 = (FORMAT == 0u);
constant int _1150 = _1148 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1150) + 0u);
constant uint _1162 = gl_WorkGroupSize.x;
constant uint _1163 = (_1162 / 4u);
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

constant uint _1421 = gl_WorkGroupSize.x;
constant uint _1422 = (_1421 / ROWS);
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

constant uint _1723 = (ROWS * 3u);
constant uint _1926 = (CHUNK_SIZE / 16u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _2293 = (ROWS - 1u);
constant uint QUADS = (CHUNK_SIZE / 4u);

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _557)
{
    if (_671)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_557.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _699)
{
    return min(p.batch_records, uint(max(_699.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _699)
{
    return uint(_699.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _699)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _699), batch_word(param_2, param_3, p, _699), batch_word(param_4, param_5, p, _699), batch_word(param_6, param_7, p, _699) };
    bool _749 = s.from >= slots;
    bool _757;
    if (!_749)
    {
        _757 = s.to >= slots;
    }
    else
    {
        _757 = _749;
    }
    bool _766;
    if (!_757)
    {
        _766 = s.rows > rows;
    }
    else
    {
        _766 = _757;
    }
    bool _777;
    if (!_766)
    {
        _777 = s.first > (rows - s.rows);
    }
    else
    {
        _777 = _766;
    }
    if (_777)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _699)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _699);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _699, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID)
{
    sequences = batch_seqs(p, _699);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _699);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_134)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _557)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_545)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _557.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_557.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_576)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _557.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_557.weight[high])[(w % 2u) * 2u], ((device uint*)&_557.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_557.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_557.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _557.weight[(block + 1u) + (w % 8u)];
            if (_653)
            {
                chunk.scales = _557.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_557.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _699, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint none = _972;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += lanes_)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _699);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _1007 = q < sequences;
            bool _1019;
            if (_1007)
            {
                _1019 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _1019 = _1007;
            }
            if (_1019)
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
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_193)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_211)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_219)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _243;
                if (late)
                {
                    _243 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _243 = b.x & 16191u;
                }
                uint scales = _243;
                uint _264;
                if (late)
                {
                    _264 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _264 = b.y & 16191u;
                }
                uint mins = _264;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_312)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 scales_1 = int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.scales = float2(scales_1) * d_1;
                }
                else
                {
                    s.scales = float2(as_type<float>(chunk.scales.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_363)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_379)
    {
        uint _384;
        if (run == 0u)
        {
            _384 = chunk.high.x;
        }
        else
        {
            _384 = chunk.high.y;
        }
        c |= (((_384 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float zero_point()
{
    return _409;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _445;
    if (run == 0u)
    {
        _445 = s.scales.x;
    }
    else
    {
        _445 = s.scales.y;
    }
    float scale = _445;
    float _457;
    if (run == 0u)
    {
        _457 = s.mins.x;
    }
    else
    {
        _457 = s.mins.y;
    }
    float min_ = _457;
    if (_466)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_479)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_492)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_152)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
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
    float _900;
    if (abs(x) < 0.125)
    {
        _900 = near;
    }
    else
    {
        _900 = exp(x);
    }
    return _900;
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

kernel void ssm_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2234 [[buffer(1)]], const device X& _1384 [[buffer(2)]], const device Z& _1403 [[buffer(3)]], const device DBC& __restrict _1492 [[buffer(4)]], const device Weight& __restrict _557 [[buffer(5)]], const device Bias& _1317 [[buffer(6)]], const device A& _1270 [[buffer(7)]], const device D& _1296 [[buffer(8)]], device State& __restrict _1690 [[buffer(9)]], const device Batch& _699 [[buffer(10)]], device Packed& __restrict _2276 [[buffer(11)]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales_1[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _557);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _699, sequences, sequence0, gl_SubgroupInvocationID);
    uint live = min(p.rows, uint(max(_699.batch[p.batch_off + 0u], 0)));
    uint outs = p.rank + (2u * p.states);
    uint param_2 = p.rank;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint behind = _all * CHUNK_SIZE;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _1173 = gl_WorkGroupID.x * _1163;
    Chunk word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _1554;
    float begin[32];
    uint _1734;
    uint _1749;
    float _1799;
    float delta[8];
    for (uint group = _1163, c0 = _1173; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
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
                word[u] = load_chunk(param_4, param_5, p, _557);
            }
        }
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            h[k] = 0.0;
            rate[k] = 0.0;
            bool _1263;
            if (mine)
            {
                _1263 = n < p.states;
            }
            else
            {
                _1263 = mine;
            }
            if (_1263)
            {
                rate[k] = _1270.a[(p.a_off + (ch * p.a_stride)) + n];
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _1296.d[p.d_off + ch];
        }
        bool _1311;
        if (mine)
        {
            _1311 = p.bias_off != 4294967295u;
        }
        else
        {
            _1311 = mine;
        }
        if (_1311)
        {
            shift = _1317.bias0[p.bias_off + ch];
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
                    bool _1377;
                    if (mine)
                    {
                        _1377 = t < p.rows;
                    }
                    else
                    {
                        _1377 = mine;
                    }
                    if (_1377)
                    {
                        xs[r] = _1384.x[(p.x_off + (t * p.x_stride)) + ch];
                        zs[r] = _1403.z[(p.z_off + (t * p.z_stride)) + ch];
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint team = _1422;
                uint r_1 = at / team;
                uint t_1 = (block * ROWS) + r_1;
                uint _1435 = at % team;
                for (uint o0 = _1435; o0 < outs; o0 += (4u * team))
                {
                    for (uint b = 0u; b < 4u; b++)
                    {
                        uint o = o0 + (b * team);
                        for (uint s = 0u; s < SLICES; s++)
                        {
                            part[(b * SLICES) + s] = 0.0;
                            bool _1475 = o < outs;
                            bool _1482;
                            if (_1475)
                            {
                                _1482 = t_1 < p.rows;
                            }
                            else
                            {
                                _1482 = _1475;
                            }
                            if (_1482)
                            {
                                part[(b * SLICES) + s] = _1492.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                            _1554 = o_1;
                        }
                        else
                        {
                            _1554 = (o_1 - p.rank) + behind;
                        }
                        uint i = _1554;
                        if (o_1 < outs)
                        {
                            ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                        }
                    }
                }
                uint _1593 = p.rank + (at % team);
                for (uint i_1 = _1593; i_1 < behind; i_1 += team)
                {
                    ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
                }
                uint param_6 = block * ROWS;
                find_sequences(param_6, p, _699, sequences, sequence0, gl_SubgroupInvocationID, gl_SubgroupID, gl_NumSubgroups, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    RowSequence s_2 = row_sequence[r_2];
                    uint t_2 = (block * ROWS) + r_2;
                    for (uint k_1 = 0u; k_1 < STATES; k_1++)
                    {
                        uint n_1 = (k_1 * 4u) + j;
                        begin[(r_2 * STATES) + k_1] = 0.0;
                        bool _1662;
                        if (mine)
                        {
                            _1662 = n_1 < p.states;
                        }
                        else
                        {
                            _1662 = mine;
                        }
                        bool _1666 = _1662 && (block == own);
                        bool _1673;
                        if (_1666)
                        {
                            _1673 = t_2 == s_2.first;
                        }
                        else
                        {
                            _1673 = _1666;
                        }
                        bool _1680;
                        if (_1673)
                        {
                            _1680 = t_2 < s_2.end;
                        }
                        else
                        {
                            _1680 = _1673;
                        }
                        if (_1680)
                        {
                            begin[(r_2 * STATES) + k_1] = _1690.state[((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1];
                        }
                    }
                }
                for (uint e = gl_SubgroupID; e < _1723; e += gl_NumSubgroups)
                {
                    uint r_3 = e / 3u;
                    uint part_1 = e % 3u;
                    if (part_1 == 0u)
                    {
                        _1734 = 0u;
                    }
                    else
                    {
                        _1734 = behind + ((part_1 - 1u) * p.states);
                    }
                    uint first = _1734;
                    if (part_1 == 0u)
                    {
                        _1749 = p.rank;
                    }
                    else
                    {
                        _1749 = p.states;
                    }
                    uint n_2 = _1749;
                    float sum_1 = 0.0;
                    for (uint i_2 = gl_SubgroupInvocationID; i_2 < n_2; i_2 += lanes)
                    {
                        uint param_7 = r_3;
                        uint param_8 = width;
                        uint param_9 = first + i_2;
                        float param_10 = value(param_7, param_8, param_9, tile);
                        float _1779 = rms_square(param_10);
                        sum_1 += _1779;
                    }
                    sum_1 = simd_sum(sum_1);
                    if (gl_SubgroupInvocationID == 0u)
                    {
                        if (p.norm != 0u)
                        {
                            float param_11 = sum_1;
                            uint param_12 = n_2;
                            float param_13 = p.eps;
                            _1799 = rms_scale(param_11, param_12, param_13);
                        }
                        else
                        {
                            _1799 = 1.0;
                        }
                        scales_1[e] = _1799;
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_4 = 0u; r_4 < ROWS; r_4++)
                {
                    delta[r_4] = 0.0;
                }
                for (uint k0 = 0u; k0 < _all; k0 += 32u)
                {
                    bool _1841 = _all > 32u;
                    bool _1854;
                    if (_1841)
                    {
                        bool _1845 = k0 > 0u;
                        bool _1853;
                        if (!_1845)
                        {
                            _1853 = block > gl_WorkGroupID.y;
                        }
                        else
                        {
                            _1853 = _1845;
                        }
                        _1854 = _1853;
                    }
                    else
                    {
                        _1854 = _1841;
                    }
                    if (_1854)
                    {
                        for (uint u_1 = 0u; u_1 < 8u; u_1++)
                        {
                            uint k_2 = (k0 + (u_1 * 4u)) + j;
                            word[u_1] = no_chunk();
                            if (mine && (k_2 < _all))
                            {
                                uint param_14 = c;
                                uint param_15 = k_2;
                                word[u_1] = load_chunk(param_14, param_15, p, _557);
                            }
                        }
                    }
                    for (uint u_2 = 0u; u_2 < 8u; u_2++)
                    {
                        uint w = (k0 + (u_2 * 4u)) + j;
                        if (w < _all)
                        {
                            Chunk param_16 = word[u_2];
                            uint param_17 = w;
                            Scales scales = scales_of(param_16, param_17);
                            for (uint run = 0u; run < _1926; run++)
                            {
                                for (uint q = 0u; q < 4u; q++)
                                {
                                    Chunk param_18 = word[u_2];
                                    Scales param_19 = scales;
                                    uint param_20 = run;
                                    uint param_21 = q;
                                    float4 y = weight4(param_18, param_19, param_20, param_21, codebook);
                                    for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                                    {
                                        uint param_22 = w;
                                        uint param_23 = (run * 4u) + q;
                                        uint _1967 = column(param_22, param_23);
                                        float4 v = tile[(r_5 * width) + (_1967 / 4u)];
                                        delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                                    }
                                }
                            }
                        }
                    }
                }
                for (uint r_6 = 0u; r_6 < ROWS; r_6++)
                {
                    float param_24 = delta[r_6];
                    float _2021 = over_lanes(param_24);
                    float param_25 = (_2021 * scales_1[r_6 * 3u]) + shift;
                    delta[r_6] = softplus(param_25);
                }
                for (uint r_7 = 0u; r_7 < ROWS; r_7++)
                {
                    RowSequence s_3 = row_sequence[r_7];
                    uint t_3 = (block * ROWS) + r_7;
                    bool _2053 = t_3 >= live;
                    bool _2061;
                    if (!_2053)
                    {
                        _2061 = t_3 >= s_3.end;
                    }
                    else
                    {
                        _2061 = _2053;
                    }
                    bool _2070;
                    if (!_2061)
                    {
                        _2070 = (s_3.first / ROWS) != own;
                    }
                    else
                    {
                        _2070 = _2061;
                    }
                    if (_2070)
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
                        bool _2172;
                        if (mine)
                        {
                            _2172 = n_3 < p.states;
                        }
                        else
                        {
                            _2172 = mine;
                        }
                        bool _2180;
                        if (_2172)
                        {
                            _2180 = (t_3 + 1u) == s_3.end;
                        }
                        else
                        {
                            _2180 = _2172;
                        }
                        if (_2180)
                        {
                            _1690.state[((p.state_off + (s_3.to * p.state_stride)) + (ch * p.states)) + n_3] = h[k_3];
                        }
                    }
                    float param_33 = y_1;
                    float _2206 = over_lanes(param_33);
                    float param_34 = zs[r_7];
                    y_1 = ((_2206 * scales_1[(r_7 * 3u) + 2u]) + (skip * xs[r_7])) * silu(param_34);
                    if (mine && (j == 0u))
                    {
                        _2234.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1;
                    }
                    if (p.packed_off != 4294967295u)
                    {
                        float4 param_35 = float4(y_1, spvSubgroupShuffleXor(y_1, 4u), 0.0, 0.0);
                        uint2 _2259 = pack_half4(param_35);
                        uint pair = _2259.x;
                        bool _2264 = mine && (j == 0u);
                        bool _2270;
                        if (_2264)
                        {
                            _2270 = (ch % 2u) == 0u;
                        }
                        else
                        {
                            _2270 = _2264;
                        }
                        if (_2270)
                        {
                            _2276._packed[((p.packed_off + (t_3 * p.packed_stride)) + ch) / 2u] = pair;
                        }
                    }
                }
                RowSequence last = row_sequence[_2293];
                bool _2301 = last.end <= ((block + 1u) * ROWS);
                bool _2310;
                if (!_2301)
                {
                    _2310 = (last.first / ROWS) != own;
                }
                else
                {
                    _2310 = _2301;
                }
                if (_2310)
                {
                    break;
                }
            }
        }
    }
}

