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

struct Piece
{
    uint4 code;
    uint2 high;
    uint4 scale;
};

struct Scale
{
    float2 unit;
    float2 low;
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
constant bool _136 = (FORMAT == 0u);
constant bool _154 = (FORMAT == 0u);
constant bool _195 = (FORMAT == 0u);
constant bool _213 = (FORMAT == 1u);
constant bool _221 = (FORMAT == 2u);
constant bool _314 = (FORMAT == 3u);
constant bool _365 = (FORMAT == 0u);
constant bool _381 = (FORMAT == 3u);
constant bool _406 = (FORMAT == 1u);
constant bool _408 = (FORMAT == 3u);
constant float _410 = _408 ? 32.0 : 0.0;
constant float _411 = _406 ? 8.0 : _410;
constant bool _468 = (FORMAT == 0u);
constant bool _481 = (FORMAT == 2u);
constant bool _494 = (FORMAT != 4u);

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

constant bool _547 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _578 = (FORMAT == 3u);
constant bool _655 = (FORMAT == 2u);
constant bool _673 = (FORMAT == 4u);

struct Batch
{
    int batch[1];
};

constant uint _932_tmp [[function_constant(0)]];
constant uint _932 = is_function_constant_defined(_932_tmp) ? _932_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_932, 1u, 1u);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _976 = (1u << ROWS);
constant uint _977 = (_976 - 1u);

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
constant bool _1153 = (FORMAT == 0u);
constant int _1155 = _1153 ? 16 : 32;
constant uint PER_WORD = (uint(_1155) + 0u);
constant uint _1167 = gl_WorkGroupSize.x;
constant uint _1168 = (_1167 / 4u);
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

constant uint _1426 = gl_WorkGroupSize.x;
constant uint _1427 = (_1426 / ROWS);
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

constant uint _1728 = (ROWS * 3u);
constant uint _1931 = (PER_WORD / 16u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _2298 = (ROWS - 1u);
constant uint QUADS = (PER_WORD / 4u);

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at, threadgroup float (&book)[16], constant Params& p, const device Weight& __restrict _559)
{
    if (_673)
    {
        if (at < 16u)
        {
            book[at] = as_type<float>(((device uint*)&_559.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _701)
{
    return min(p.batch_records, uint(max(_701.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _701)
{
    return uint(_701.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _701)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _701), batch_word(param_2, param_3, p, _701), batch_word(param_4, param_5, p, _701), batch_word(param_6, param_7, p, _701) };
    bool _751 = s.from >= slots;
    bool _759;
    if (!_751)
    {
        _759 = s.to >= slots;
    }
    else
    {
        _759 = _751;
    }
    bool _768;
    if (!_759)
    {
        _768 = s.rows > rows;
    }
    else
    {
        _768 = _759;
    }
    bool _779;
    if (!_768)
    {
        _779 = s.first > (rows - s.rows);
    }
    else
    {
        _779 = _768;
    }
    if (_779)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _701)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _701);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _701, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID)
{
    sequences = batch_seqs(p, _701);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _701);
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    if (_136)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
Piece no_piece()
{
    return Piece{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Piece piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _559)
{
    Piece v = no_piece();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_547)
    {
        block = row + ((w / 16u) * 17u);
        v.code = _559.weight[(block + 1u) + (w % 16u)];
        v.scale.x = ((device uint*)&_559.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_578)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            v.code = _559.weight[(at + 1u) + (w % 8u)];
            v.high = uint2(((device uint*)&_559.weight[high])[(w % 2u) * 2u], ((device uint*)&_559.weight[high])[((w % 2u) * 2u) + 1u]);
            v.scale.x = ((device uint*)&_559.weight[at])[(w / 2u) % 4u];
            v.scale.y = ((device uint*)&_559.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            v.code = _559.weight[(block + 1u) + (w % 8u)];
            if (_655)
            {
                v.scale = _559.weight[block];
            }
            else
            {
                v.scale.x = ((device uint*)&_559.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return v;
}

static inline __attribute__((always_inline))
uint record_step(thread uint& gl_NumSubgroups)
{
    return gl_WorkGroupSize.x / gl_NumSubgroups;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _701, thread uint& gl_NumSubgroups, thread uint& sequences, thread Sequence& sequence0, thread uint& gl_SubgroupInvocationID, thread uint& gl_SubgroupID, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint _step = record_step(gl_NumSubgroups);
    uint none = _977;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += _step)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _701);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _1012 = q < sequences;
            bool _1024;
            if (_1012)
            {
                _1024 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _1024 = _1012;
            }
            if (_1024)
            {
                row_sequence[r] = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
                mine |= (1u << r);
            }
        }
        none &= (~simd_or(mine));
    }
    for (uint r_1 = gl_SubgroupInvocationID; r_1 < ROWS; r_1 += _step)
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
Scale scale_of(thread const Piece& v, thread const uint& w)
{
    Scale s;
    s.low = float2(0.0);
    if (_195)
    {
        s.unit = float2(float2(as_type<half2>(v.scale.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_213)
        {
            s.unit = float2(as_type<half2>(v.scale.x));
        }
        else
        {
            if (_221)
            {
                uint3 b = v.scale.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _245;
                if (late)
                {
                    _245 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _245 = b.x & 16191u;
                }
                uint units = _245;
                uint _266;
                if (late)
                {
                    _266 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _266 = b.y & 16191u;
                }
                uint lows = _266;
                float2 d = float2(as_type<half2>(v.scale.x));
                s.unit = float2(float(units & 255u), float(units >> uint(8))) * d.x;
                s.low = float2(float(lows & 255u), float(lows >> uint(8))) * d.y;
            }
            else
            {
                if (_314)
                {
                    float d_1 = float2(as_type<half2>(v.scale.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 units_1 = int2(int(v.scale.x << (24u - ((w % 2u) * 8u))), int(v.scale.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.unit = float2(units_1) * d_1;
                }
                else
                {
                    s.unit = float2(as_type<float>(v.scale.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Piece& v, thread const uint& run, thread const uint& q)
{
    if (_365)
    {
        return v.code[q];
    }
    uint c = (v.code[q] >> (run * 4u)) & 252645135u;
    if (_381)
    {
        uint _386;
        if (run == 0u)
        {
            _386 = v.high.x;
        }
        else
        {
            _386 = v.high.y;
        }
        c |= (((_386 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float excess()
{
    return _411;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Piece& v, thread const Scale& s, thread const uint& run, thread const uint& q, threadgroup float (&book)[16])
{
    Piece param = v;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _447;
    if (run == 0u)
    {
        _447 = s.unit.x;
    }
    else
    {
        _447 = s.unit.y;
    }
    float unit = _447;
    float _459;
    if (run == 0u)
    {
        _459 = s.low.x;
    }
    else
    {
        _459 = s.low.y;
    }
    float low = _459;
    if (_468)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * unit;
    }
    if (_481)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * unit) - float4(low);
    }
    if (_494)
    {
        uint param_7 = c;
        float param_8 = excess();
        return bytes4(param_7, param_8) * unit;
    }
    return float4(book[c & 255u], book[(c >> uint(8)) & 255u], book[(c >> uint(16)) & 255u], book[c >> uint(24)]) * unit;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_154)
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
    float _902;
    if (abs(x) < 0.125)
    {
        _902 = near;
    }
    else
    {
        _902 = exp(x);
    }
    return _902;
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

kernel void ssm_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2239 [[buffer(1)]], const device X& _1389 [[buffer(2)]], const device Z& _1408 [[buffer(3)]], const device DBC& __restrict _1497 [[buffer(4)]], const device Weight& __restrict _559 [[buffer(5)]], const device Bias& _1322 [[buffer(6)]], const device A& _1275 [[buffer(7)]], const device D& _1301 [[buffer(8)]], device State& __restrict _1695 [[buffer(9)]], const device Batch& _701 [[buffer(10)]], device Packed& __restrict _2281 [[buffer(11)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float book[16];
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    open_weight(param, param_1, book, p, _559);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _701, sequences, sequence0, gl_SubgroupInvocationID);
    uint live = min(p.rows, uint(max(_701.batch[p.batch_off + 0u], 0)));
    uint outs = p.rank + (2u * p.states);
    uint param_2 = p.rank;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint behind = _all * PER_WORD;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _1178 = gl_WorkGroupID.x * _1168;
    Piece word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _1559;
    float begin[32];
    uint _1739;
    uint _1754;
    float _1804;
    float delta[8];
    for (uint group = _1168, c0 = _1178; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
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
                word[u] = piece(param_4, param_5, p, _559);
            }
        }
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            h[k] = 0.0;
            rate[k] = 0.0;
            bool _1268;
            if (mine)
            {
                _1268 = n < p.states;
            }
            else
            {
                _1268 = mine;
            }
            if (_1268)
            {
                rate[k] = _1275.a[(p.a_off + (ch * p.a_stride)) + n];
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _1301.d[p.d_off + ch];
        }
        bool _1316;
        if (mine)
        {
            _1316 = p.bias_off != 4294967295u;
        }
        else
        {
            _1316 = mine;
        }
        if (_1316)
        {
            shift = _1322.bias0[p.bias_off + ch];
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
                    bool _1382;
                    if (mine)
                    {
                        _1382 = t < p.rows;
                    }
                    else
                    {
                        _1382 = mine;
                    }
                    if (_1382)
                    {
                        xs[r] = _1389.x[(p.x_off + (t * p.x_stride)) + ch];
                        zs[r] = _1408.z[(p.z_off + (t * p.z_stride)) + ch];
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint team = _1427;
                uint r_1 = at / team;
                uint t_1 = (block * ROWS) + r_1;
                uint _1440 = at % team;
                for (uint o0 = _1440; o0 < outs; o0 += (4u * team))
                {
                    for (uint b = 0u; b < 4u; b++)
                    {
                        uint o = o0 + (b * team);
                        for (uint s = 0u; s < SLICES; s++)
                        {
                            part[(b * SLICES) + s] = 0.0;
                            bool _1480 = o < outs;
                            bool _1487;
                            if (_1480)
                            {
                                _1487 = t_1 < p.rows;
                            }
                            else
                            {
                                _1487 = _1480;
                            }
                            if (_1487)
                            {
                                part[(b * SLICES) + s] = _1497.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                            _1559 = o_1;
                        }
                        else
                        {
                            _1559 = (o_1 - p.rank) + behind;
                        }
                        uint i = _1559;
                        if (o_1 < outs)
                        {
                            ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                        }
                    }
                }
                uint _1598 = p.rank + (at % team);
                for (uint i_1 = _1598; i_1 < behind; i_1 += team)
                {
                    ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
                }
                uint param_6 = block * ROWS;
                find_sequences(param_6, p, _701, gl_NumSubgroups, sequences, sequence0, gl_SubgroupInvocationID, gl_SubgroupID, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    RowSequence s_2 = row_sequence[r_2];
                    uint t_2 = (block * ROWS) + r_2;
                    for (uint k_1 = 0u; k_1 < STATES; k_1++)
                    {
                        uint n_1 = (k_1 * 4u) + j;
                        begin[(r_2 * STATES) + k_1] = 0.0;
                        bool _1667;
                        if (mine)
                        {
                            _1667 = n_1 < p.states;
                        }
                        else
                        {
                            _1667 = mine;
                        }
                        bool _1671 = _1667 && (block == own);
                        bool _1678;
                        if (_1671)
                        {
                            _1678 = t_2 == s_2.first;
                        }
                        else
                        {
                            _1678 = _1671;
                        }
                        bool _1685;
                        if (_1678)
                        {
                            _1685 = t_2 < s_2.end;
                        }
                        else
                        {
                            _1685 = _1678;
                        }
                        if (_1685)
                        {
                            begin[(r_2 * STATES) + k_1] = _1695.state[((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1];
                        }
                    }
                }
                for (uint e = gl_SubgroupID; e < _1728; e += gl_NumSubgroups)
                {
                    uint r_3 = e / 3u;
                    uint part_1 = e % 3u;
                    if (part_1 == 0u)
                    {
                        _1739 = 0u;
                    }
                    else
                    {
                        _1739 = behind + ((part_1 - 1u) * p.states);
                    }
                    uint first = _1739;
                    if (part_1 == 0u)
                    {
                        _1754 = p.rank;
                    }
                    else
                    {
                        _1754 = p.states;
                    }
                    uint n_2 = _1754;
                    float sum_1 = 0.0;
                    for (uint i_2 = gl_SubgroupInvocationID; i_2 < n_2; i_2 += lanes)
                    {
                        uint param_7 = r_3;
                        uint param_8 = width;
                        uint param_9 = first + i_2;
                        float param_10 = value(param_7, param_8, param_9, tile);
                        float _1784 = rms_square(param_10);
                        sum_1 += _1784;
                    }
                    sum_1 = simd_sum(sum_1);
                    if (gl_SubgroupInvocationID == 0u)
                    {
                        if (p.norm != 0u)
                        {
                            float param_11 = sum_1;
                            uint param_12 = n_2;
                            float param_13 = p.eps;
                            _1804 = rms_scale(param_11, param_12, param_13);
                        }
                        else
                        {
                            _1804 = 1.0;
                        }
                        scales[e] = _1804;
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint r_4 = 0u; r_4 < ROWS; r_4++)
                {
                    delta[r_4] = 0.0;
                }
                for (uint k0 = 0u; k0 < _all; k0 += 32u)
                {
                    bool _1846 = _all > 32u;
                    bool _1859;
                    if (_1846)
                    {
                        bool _1850 = k0 > 0u;
                        bool _1858;
                        if (!_1850)
                        {
                            _1858 = block > gl_WorkGroupID.y;
                        }
                        else
                        {
                            _1858 = _1850;
                        }
                        _1859 = _1858;
                    }
                    else
                    {
                        _1859 = _1846;
                    }
                    if (_1859)
                    {
                        for (uint u_1 = 0u; u_1 < 8u; u_1++)
                        {
                            uint k_2 = (k0 + (u_1 * 4u)) + j;
                            word[u_1] = no_piece();
                            if (mine && (k_2 < _all))
                            {
                                uint param_14 = c;
                                uint param_15 = k_2;
                                word[u_1] = piece(param_14, param_15, p, _559);
                            }
                        }
                    }
                    for (uint u_2 = 0u; u_2 < 8u; u_2++)
                    {
                        uint w = (k0 + (u_2 * 4u)) + j;
                        if (w < _all)
                        {
                            Piece param_16 = word[u_2];
                            uint param_17 = w;
                            Scale scale = scale_of(param_16, param_17);
                            for (uint run = 0u; run < _1931; run++)
                            {
                                for (uint q = 0u; q < 4u; q++)
                                {
                                    Piece param_18 = word[u_2];
                                    Scale param_19 = scale;
                                    uint param_20 = run;
                                    uint param_21 = q;
                                    float4 y = weight4(param_18, param_19, param_20, param_21, book);
                                    for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                                    {
                                        uint param_22 = w;
                                        uint param_23 = (run * 4u) + q;
                                        uint _1972 = column(param_22, param_23);
                                        float4 v = tile[(r_5 * width) + (_1972 / 4u)];
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
                    float _2026 = over_lanes(param_24);
                    float param_25 = (_2026 * scales[r_6 * 3u]) + shift;
                    delta[r_6] = softplus(param_25);
                }
                for (uint r_7 = 0u; r_7 < ROWS; r_7++)
                {
                    RowSequence s_3 = row_sequence[r_7];
                    uint t_3 = (block * ROWS) + r_7;
                    bool _2058 = t_3 >= live;
                    bool _2066;
                    if (!_2058)
                    {
                        _2066 = t_3 >= s_3.end;
                    }
                    else
                    {
                        _2066 = _2058;
                    }
                    bool _2075;
                    if (!_2066)
                    {
                        _2075 = (s_3.first / ROWS) != own;
                    }
                    else
                    {
                        _2075 = _2066;
                    }
                    if (_2075)
                    {
                        continue;
                    }
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
                        bool _2177;
                        if (mine)
                        {
                            _2177 = n_3 < p.states;
                        }
                        else
                        {
                            _2177 = mine;
                        }
                        bool _2185;
                        if (_2177)
                        {
                            _2185 = (t_3 + 1u) == s_3.end;
                        }
                        else
                        {
                            _2185 = _2177;
                        }
                        if (_2185)
                        {
                            _1695.state[((p.state_off + (s_3.to * p.state_stride)) + (ch * p.states)) + n_3] = h[k_3];
                        }
                    }
                    float param_33 = y_1;
                    float _2211 = over_lanes(param_33);
                    float param_34 = zs[r_7];
                    y_1 = ((_2211 * scales[(r_7 * 3u) + 2u]) + (skip * xs[r_7])) * silu(param_34);
                    if (mine && (j == 0u))
                    {
                        _2239.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1;
                    }
                    if (p.packed_off != 4294967295u)
                    {
                        float4 param_35 = float4(y_1, spvSubgroupShuffleXor(y_1, 4u), 0.0, 0.0);
                        uint2 _2264 = pack_half4(param_35);
                        uint pair = _2264.x;
                        bool _2269 = mine && (j == 0u);
                        bool _2275;
                        if (_2269)
                        {
                            _2275 = (ch % 2u) == 0u;
                        }
                        else
                        {
                            _2275 = _2269;
                        }
                        if (_2275)
                        {
                            _2281._packed[((p.packed_off + (t_3 * p.packed_stride)) + ch) / 2u] = pair;
                        }
                    }
                }
                RowSequence last = row_sequence[_2298];
                bool _2306 = last.end <= ((block + 1u) * ROWS);
                bool _2315;
                if (!_2306)
                {
                    _2315 = (last.first / ROWS) != own;
                }
                else
                {
                    _2315 = _2306;
                }
                if (_2315)
                {
                    break;
                }
            }
        }
    }
}

