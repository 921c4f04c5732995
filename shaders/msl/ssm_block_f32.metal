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
constant bool _124 = (FORMAT == 0u);
constant bool _142 = (FORMAT == 0u);
constant bool _183 = (FORMAT == 0u);
constant bool _201 = (FORMAT == 1u);
constant bool _209 = (FORMAT == 2u);
constant bool _302 = (FORMAT == 3u);
constant bool _353 = (FORMAT == 0u);
constant bool _369 = (FORMAT == 3u);
constant bool _448 = (FORMAT == 0u);
constant bool _461 = (FORMAT == 1u);
constant bool _472 = (FORMAT == 2u);
constant bool _485 = (FORMAT == 3u);

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

constant bool _538 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _569 = (FORMAT == 3u);
constant bool _646 = (FORMAT == 2u);
constant bool _664 = (FORMAT == 4u);

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
constant uint _1024_tmp [[function_constant(0)]];
constant uint _1024 = is_function_constant_defined(_1024_tmp) ? _1024_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1024, 1u, 1u);
constant bool _1083 = (FORMAT == 0u);
constant int _1085 = _1083 ? 16 : 32;
constant uint PER_WORD = (uint(_1085) + 0u);
constant uint _1097 = gl_WorkGroupSize.x;
constant uint _1098 = (_1097 / 4u);
constant uint STATES_tmp [[function_constant(3)]];
constant uint STATES = is_function_constant_defined(STATES_tmp) ? STATES_tmp : 4u;

struct A
{
    float4 a[1];
};

constant bool _1253 = (!WIDE);

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

constant uint _1408 = gl_WorkGroupSize.x;
constant uint _1409 = (_1408 / ROWS);
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

constant bool _1725 = (!WIDE);
constant uint _1786 = (ROWS * 3u);
constant uint _1983 = (PER_WORD / 16u);
constant bool _2189 = (!WIDE);
constant bool _2281 = (!WIDE);
constant bool _2453 = (!WIDE);

struct Dst
{
    float dst[1];
};

constant uint QUADS = (PER_WORD / 4u);

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at, threadgroup float (&book)[16], constant Params& p, const device Weight& __restrict _550)
{
    if (_664)
    {
        if (at < 16u)
        {
            book[at] = as_type<float>(((device uint*)&_550.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    if (_124)
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
Piece piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _550)
{
    Piece v = no_piece();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_538)
    {
        block = row + ((w / 16u) * 17u);
        v.code = _550.weight[(block + 1u) + (w % 16u)];
        v.scale.x = ((device uint*)&_550.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_569)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            v.code = _550.weight[(at + 1u) + (w % 8u)];
            v.high = uint2(((device uint*)&_550.weight[high])[(w % 2u) * 2u], ((device uint*)&_550.weight[high])[((w % 2u) * 2u) + 1u]);
            v.scale.x = ((device uint*)&_550.weight[at])[(w / 2u) % 4u];
            v.scale.y = ((device uint*)&_550.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            v.code = _550.weight[(block + 1u) + (w % 8u)];
            if (_646)
            {
                v.scale = _550.weight[block];
            }
            else
            {
                v.scale.x = ((device uint*)&_550.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return v;
}

static inline __attribute__((always_inline))
uint state_of(thread const uint& k, thread const uint& j)
{
    uint _993;
    if (WIDE)
    {
        _993 = ((((k / 4u) * 4u) + j) * 4u) + (k % 4u);
    }
    else
    {
        _993 = (k * 4u) + j;
    }
    return _993;
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _692)
{
    return min(p.batch_records, uint(max(_692.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _692)
{
    return uint(_692.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _692)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _692), batch_word(param_2, param_3, p, _692), batch_word(param_4, param_5, p, _692), batch_word(param_6, param_7, p, _692) };
    bool _742 = s.from >= slots;
    bool _750;
    if (!_742)
    {
        _750 = s.to >= slots;
    }
    else
    {
        _750 = _742;
    }
    bool _759;
    if (!_750)
    {
        _759 = s.rows > rows;
    }
    else
    {
        _759 = _750;
    }
    bool _770;
    if (!_759)
    {
        _770 = s.first > (rows - s.rows);
    }
    else
    {
        _770 = _759;
    }
    if (_770)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, thread const uint& at, constant Params& p, const device Batch& _692, threadgroup RowSequence (&row_sequence)[8])
{
    if (at >= ROWS)
    {
        return;
    }
    uint seqs = batch_seqs(p, _692);
    uint t = first + at;
    RowSequence found = RowSequence{ 0u, 0u, 0u, 0u };
    for (uint q = 0u; q < p.batch_records; q++)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _692);
        bool _942 = q < seqs;
        bool _952;
        if (_942)
        {
            _952 = (t - s.first) < s.rows;
        }
        else
        {
            _952 = _942;
        }
        if (_952)
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
Scale scale_of(thread const Piece& v, thread const uint& w)
{
    Scale s;
    s.low = float2(0.0);
    if (_183)
    {
        s.unit = float2(float2(as_type<half2>(v.scale.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_201)
        {
            s.unit = float2(as_type<half2>(v.scale.x));
        }
        else
        {
            if (_209)
            {
                uint3 b = v.scale.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _233;
                if (late)
                {
                    _233 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _233 = b.x & 16191u;
                }
                uint units = _233;
                uint _254;
                if (late)
                {
                    _254 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _254 = b.y & 16191u;
                }
                uint lows = _254;
                float2 d = float2(as_type<half2>(v.scale.x));
                s.unit = float2(float(units & 255u), float(units >> uint(8))) * d.x;
                s.low = float2(float(lows & 255u), float(lows >> uint(8))) * d.y;
            }
            else
            {
                if (_302)
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
    if (_353)
    {
        return v.code[q];
    }
    uint c = (v.code[q] >> (run * 4u)) & 252645135u;
    if (_369)
    {
        uint _374;
        if (run == 0u)
        {
            _374 = v.high.x;
        }
        else
        {
            _374 = v.high.y;
        }
        c |= (((_374 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& bias0)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + bias0);
}

static inline __attribute__((always_inline))
float4 weight4(thread const Piece& v, thread const Scale& s, thread const uint& run, thread const uint& q, threadgroup float (&book)[16])
{
    Piece param = v;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _427;
    if (run == 0u)
    {
        _427 = s.unit.x;
    }
    else
    {
        _427 = s.unit.y;
    }
    float unit = _427;
    float _439;
    if (run == 0u)
    {
        _439 = s.low.x;
    }
    else
    {
        _439 = s.low.y;
    }
    float low = _439;
    if (_448)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * unit;
    }
    if (_461)
    {
        uint param_5 = c;
        float param_6 = 8.0;
        return bytes4(param_5, param_6) * unit;
    }
    if (_472)
    {
        uint param_7 = c;
        float param_8 = 0.0;
        return (bytes4(param_7, param_8) * unit) - float4(low);
    }
    if (_485)
    {
        uint param_9 = c;
        float param_10 = 32.0;
        return bytes4(param_9, param_10) * unit;
    }
    return float4(book[c & 255u], book[(c >> uint(8)) & 255u], book[(c >> uint(16)) & 255u], book[c >> uint(24)]) * unit;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_142)
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
    float _873;
    if (abs(x) < 0.125)
    {
        _873 = near;
    }
    else
    {
        _873 = exp(x);
    }
    return _873;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

kernel void ssm_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2499 [[buffer(1)]], const device X& _1371 [[buffer(2)]], const device Z& _1390 [[buffer(3)]], const device DBC& __restrict _1479 [[buffer(4)]], const device Weight& __restrict _550 [[buffer(5)]], const device Bias& _1320 [[buffer(6)]], const device A& _1218 [[buffer(7)]], const device D& _1299 [[buffer(8)]], device State& __restrict _1683 [[buffer(9)]], const device Batch& _692 [[buffer(10)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float book[16];
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint at = (gl_SubgroupID * lanes) + gl_SubgroupInvocationID;
    uint param = p.cols;
    uint param_1 = at;
    open_weight(param, param_1, book, p, _550);
    uint live = min(p.rows, uint(max(_692.batch[p.batch_off + 0u], 0)));
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live + ROWS) - 1u) / ROWS;
    }
    uint outs = p.rank + (2u * p.states);
    uint param_2 = p.rank;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint behind = _all * PER_WORD;
    uint width = ((behind + (2u * p.states)) + 3u) / 4u;
    uint j = at % 4u;
    uint _1108 = gl_WorkGroupID.x * _1098;
    Piece word[8];
    float h[32];
    float rate[32];
    float xs[8];
    float zs[8];
    float part[32];
    uint _1541;
    float begin[32];
    uint _1797;
    uint _1812;
    float _1862;
    float delta[8];
    float into[32];
    float from[32];
    for (uint group = _1098, c0 = _1108; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
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
                word[u] = piece(param_4, param_5, p, _550);
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
                bool _1210;
                if (WIDE)
                {
                    _1210 = (k_1 % 4u) == 0u;
                }
                else
                {
                    _1210 = WIDE;
                }
                if (_1210)
                {
                    float4 v_ = _1218.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u];
                    for (uint l_ = 0u; l_ < 4u; l_++)
                    {
                        rate[(0u + k_1) + l_] = v_[l_];
                    }
                }
                else
                {
                    bool _1260;
                    if (_1253)
                    {
                        _1260 = n_ < p.states;
                    }
                    else
                    {
                        _1260 = _1253;
                    }
                    if (_1260)
                    {
                        rate[0u + k_1] = ((device float*)&_1218.a[((p.a_off + (ch * p.a_stride)) + n_) / 4u])[((p.a_off + (ch * p.a_stride)) + n_) % 4u];
                    }
                }
            }
        }
        float skip = 0.0;
        float shift = 0.0;
        if (mine)
        {
            skip = _1299.d[p.d_off + ch];
        }
        bool _1314;
        if (mine)
        {
            _1314 = p.bias_off != 4294967295u;
        }
        else
        {
            _1314 = mine;
        }
        if (_1314)
        {
            shift = _1320.bias0[p.bias_off + ch];
        }
        for (uint block = 0u; block < blocks; block++)
        {
            for (uint r = 0u; r < ROWS; r++)
            {
                uint t = (block * ROWS) + r;
                zs[r] = 0.0;
                xs[r] = 0.0;
                bool _1364;
                if (mine)
                {
                    _1364 = t < p.rows;
                }
                else
                {
                    _1364 = mine;
                }
                if (_1364)
                {
                    xs[r] = _1371.x[(p.x_off + (t * p.x_stride)) + ch];
                    zs[r] = _1390.z[(p.z_off + (t * p.z_stride)) + ch];
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            uint team = _1409;
            uint r_1 = at / team;
            uint t_1 = (block * ROWS) + r_1;
            uint _1422 = at % team;
            for (uint o0 = _1422; o0 < outs; o0 += (4u * team))
            {
                for (uint b = 0u; b < 4u; b++)
                {
                    uint o = o0 + (b * team);
                    for (uint s = 0u; s < SLICES; s++)
                    {
                        part[(b * SLICES) + s] = 0.0;
                        bool _1462 = o < outs;
                        bool _1469;
                        if (_1462)
                        {
                            _1469 = t_1 < p.rows;
                        }
                        else
                        {
                            _1469 = _1462;
                        }
                        if (_1469)
                        {
                            part[(b * SLICES) + s] = _1479.dbc[(p.dbc_off + (((s * p.rows) + t_1) * p.dbc_stride)) + o];
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
                        _1541 = o_1;
                    }
                    else
                    {
                        _1541 = (o_1 - p.rank) + behind;
                    }
                    uint i = _1541;
                    if (o_1 < outs)
                    {
                        ((threadgroup float*)&tile[(r_1 * width) + (i / 4u)])[i % 4u] = sum;
                    }
                }
            }
            uint _1580 = p.rank + (at % team);
            for (uint i_1 = _1580; i_1 < behind; i_1 += team)
            {
                ((threadgroup float*)&tile[(r_1 * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
            }
            uint param_8 = block * ROWS;
            uint param_9 = at;
            find_sequences(param_8, param_9, p, _692, row_sequence);
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_2 = 0u; r_2 < ROWS; r_2++)
            {
                RowSequence s_2 = row_sequence[r_2];
                uint t_2 = (block * ROWS) + r_2;
                for (uint k_2 = 0u; k_2 < STATES; k_2++)
                {
                    begin[(r_2 * STATES) + k_2] = 0.0;
                }
                bool _1647;
                if (mine)
                {
                    _1647 = t_2 == s_2.first;
                }
                else
                {
                    _1647 = mine;
                }
                bool _1654;
                if (_1647)
                {
                    _1654 = t_2 < s_2.end;
                }
                else
                {
                    _1654 = _1647;
                }
                if (_1654)
                {
                    for (uint k_3 = 0u; k_3 < STATES; k_3++)
                    {
                        uint param_10 = k_3;
                        uint param_11 = j;
                        uint n_1 = state_of(param_10, param_11);
                        bool _1676;
                        if (WIDE)
                        {
                            _1676 = (k_3 % 4u) == 0u;
                        }
                        else
                        {
                            _1676 = WIDE;
                        }
                        if (_1676)
                        {
                            float4 v_1 = _1683.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u];
                            for (uint l_1 = 0u; l_1 < 4u; l_1++)
                            {
                                begin[((r_2 * STATES) + k_3) + l_1] = v_1[l_1];
                            }
                        }
                        else
                        {
                            bool _1732;
                            if (_1725)
                            {
                                _1732 = n_1 < p.states;
                            }
                            else
                            {
                                _1732 = _1725;
                            }
                            if (_1732)
                            {
                                begin[(r_2 * STATES) + k_3] = ((device float*)&_1683.state[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) / 4u])[(((p.state_off + (s_2.from * p.state_stride)) + (ch * p.states)) + n_1) % 4u];
                            }
                        }
                    }
                }
            }
            for (uint e = gl_SubgroupID; e < _1786; e += gl_NumSubgroups)
            {
                uint r_3 = e / 3u;
                uint part_1 = e % 3u;
                if (part_1 == 0u)
                {
                    _1797 = 0u;
                }
                else
                {
                    _1797 = behind + ((part_1 - 1u) * p.states);
                }
                uint first = _1797;
                if (part_1 == 0u)
                {
                    _1812 = p.rank;
                }
                else
                {
                    _1812 = p.states;
                }
                uint n = _1812;
                float sum_1 = 0.0;
                for (uint i_2 = gl_SubgroupInvocationID; i_2 < n; i_2 += lanes)
                {
                    uint param_12 = r_3;
                    uint param_13 = width;
                    uint param_14 = first + i_2;
                    float param_15 = value(param_12, param_13, param_14, tile);
                    float _1842 = rms_square(param_15);
                    sum_1 += _1842;
                }
                sum_1 = simd_sum(sum_1);
                if (gl_SubgroupInvocationID == 0u)
                {
                    if (p.norm != 0u)
                    {
                        float param_16 = sum_1;
                        uint param_17 = n;
                        float param_18 = p.eps;
                        _1862 = rms_scale(param_16, param_17, param_18);
                    }
                    else
                    {
                        _1862 = 1.0;
                    }
                    scales[e] = _1862;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint r_4 = 0u; r_4 < ROWS; r_4++)
            {
                delta[r_4] = 0.0;
            }
            for (uint k0 = 0u; k0 < _all; k0 += 32u)
            {
                bool _1904 = _all > 32u;
                bool _1911;
                if (_1904)
                {
                    _1911 = (k0 + block) > 0u;
                }
                else
                {
                    _1911 = _1904;
                }
                if (_1911)
                {
                    for (uint u_1 = 0u; u_1 < 8u; u_1++)
                    {
                        uint k_4 = (k0 + (u_1 * 4u)) + j;
                        word[u_1] = no_piece();
                        if (mine && (k_4 < _all))
                        {
                            uint param_19 = c;
                            uint param_20 = k_4;
                            word[u_1] = piece(param_19, param_20, p, _550);
                        }
                    }
                }
                for (uint u_2 = 0u; u_2 < 8u; u_2++)
                {
                    uint w = (k0 + (u_2 * 4u)) + j;
                    if (w < _all)
                    {
                        Piece param_21 = word[u_2];
                        uint param_22 = w;
                        Scale scale = scale_of(param_21, param_22);
                        for (uint run = 0u; run < _1983; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                Piece param_23 = word[u_2];
                                Scale param_24 = scale;
                                uint param_25 = run;
                                uint param_26 = q;
                                float4 y = weight4(param_23, param_24, param_25, param_26, book);
                                for (uint r_5 = 0u; r_5 < ROWS; r_5++)
                                {
                                    uint param_27 = w;
                                    uint param_28 = (run * 4u) + q;
                                    uint _2024 = column(param_27, param_28);
                                    float4 v = tile[(r_5 * width) + (_2024 / 4u)];
                                    delta[r_5] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r_5]))));
                                }
                            }
                        }
                    }
                }
            }
            for (uint r_6 = 0u; r_6 < ROWS; r_6++)
            {
                float param_29 = delta[r_6];
                float _2078 = over_lanes(param_29);
                float param_30 = (_2078 * scales[r_6 * 3u]) + shift;
                delta[r_6] = softplus(param_30);
            }
            for (uint r_7 = 0u; r_7 < ROWS; r_7++)
            {
                RowSequence s_3 = row_sequence[r_7];
                uint t_3 = (block * ROWS) + r_7;
                bool _2110 = t_3 < live;
                bool _2117;
                if (_2110)
                {
                    _2117 = t_3 < s_3.end;
                }
                else
                {
                    _2117 = _2110;
                }
                if (_2117)
                {
                    float du = (delta[r_7] * xs[r_7]) * scales[(r_7 * 3u) + 1u];
                    float y_1 = 0.0;
                    for (uint k_5 = 0u; k_5 < STATES; k_5++)
                    {
                        uint param_31 = k_5;
                        uint param_32 = j;
                        uint n_2 = state_of(param_31, param_32);
                        bool _2154;
                        if (WIDE)
                        {
                            _2154 = (k_5 % 4u) == 0u;
                        }
                        else
                        {
                            _2154 = WIDE;
                        }
                        if (_2154)
                        {
                            float4 v_2 = tile[((((r_7 * width) * 4u) + behind) + n_2) / 4u];
                            for (uint l_2 = 0u; l_2 < 4u; l_2++)
                            {
                                into[(0u + k_5) + l_2] = v_2[l_2];
                            }
                        }
                        else
                        {
                            bool _2196;
                            if (_2189)
                            {
                                _2196 = n_2 < p.states;
                            }
                            else
                            {
                                _2196 = _2189;
                            }
                            if (_2196)
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
                        bool _2243;
                        if (WIDE)
                        {
                            _2243 = (k_6 % 4u) == 0u;
                        }
                        else
                        {
                            _2243 = WIDE;
                        }
                        if (_2243)
                        {
                            float4 v_3 = tile[(((((r_7 * width) * 4u) + behind) + p.states) + n_3) / 4u];
                            for (uint l_3 = 0u; l_3 < 4u; l_3++)
                            {
                                from[(0u + k_6) + l_3] = v_3[l_3];
                            }
                        }
                        else
                        {
                            bool _2288;
                            if (_2281)
                            {
                                _2288 = n_3 < p.states;
                            }
                            else
                            {
                                _2288 = _2281;
                            }
                            if (_2288)
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
                    bool _2392;
                    if (mine)
                    {
                        _2392 = (t_3 + 1u) == s_3.end;
                    }
                    else
                    {
                        _2392 = mine;
                    }
                    if (_2392)
                    {
                        uint to = (p.state_off + (s_3.to * p.state_stride)) + (ch * p.states);
                        for (uint k_8 = 0u; k_8 < STATES; k_8++)
                        {
                            uint param_38 = k_8;
                            uint param_39 = j;
                            uint n_4 = to + state_of(param_38, param_39);
                            bool _2430;
                            if (WIDE)
                            {
                                _2430 = (k_8 % 4u) == 0u;
                            }
                            else
                            {
                                _2430 = WIDE;
                            }
                            if (_2430)
                            {
                                _1683.state[n_4 / 4u] = float4(h[k_8], h[k_8 + 1u], h[k_8 + 2u], h[k_8 + 3u]);
                            }
                            else
                            {
                                bool _2462;
                                if (_2453)
                                {
                                    _2462 = (n_4 - to) < p.states;
                                }
                                else
                                {
                                    _2462 = _2453;
                                }
                                if (_2462)
                                {
                                    ((device float*)&_1683.state[n_4 / 4u])[n_4 % 4u] = h[k_8];
                                }
                            }
                        }
                    }
                    float param_40 = y_1;
                    float _2477 = over_lanes(param_40);
                    y_1 = (_2477 * scales[(r_7 * 3u) + 2u]) + (skip * xs[r_7]);
                    if (mine && (j == 0u))
                    {
                        float param_41 = zs[r_7];
                        _2499.dst[(p.dst_off + (t_3 * p.dst_stride)) + ch] = y_1 * silu(param_41);
                    }
                }
            }
        }
    }
}

