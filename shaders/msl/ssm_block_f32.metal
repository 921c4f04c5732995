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

struct RowSequence
{
    uint first;
    uint end;
    uint from;
    uint to;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _185 = (FORMAT == 0u);
constant bool _203 = (FORMAT == 0u);
constant bool _244 = (FORMAT == 0u);
constant bool _262 = (FORMAT == 1u);
constant bool _270 = (FORMAT == 2u);
constant bool _363 = (FORMAT == 3u);
constant bool _414 = (FORMAT == 0u);
constant bool _430 = (FORMAT == 3u);
constant bool _455 = (FORMAT == 1u);
constant bool _457 = (FORMAT == 3u);
constant float _459 = _457 ? 32.0 : 0.0;
constant float _460 = _455 ? 8.0 : _459;
constant bool _517 = (FORMAT == 0u);
constant bool _530 = (FORMAT == 2u);
constant bool _543 = (FORMAT != 4u);

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

constant bool _596 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _627 = (FORMAT == 3u);
constant bool _704 = (FORMAT == 2u);
constant bool _722 = (FORMAT == 4u);

struct Batch
{
    int batch[1];
};

constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1073_tmp [[function_constant(0)]];
constant uint _1073 = is_function_constant_defined(_1073_tmp) ? _1073_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1073, 1u, 1u);
constant uint _1078 = gl_WorkGroupSize.x;
constant uint _1079 = (_1078 / ROWS);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
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

constant uint _1617 = (ROWS * 3u);
constant bool _1728 = (FORMAT == 0u);
constant int _1730 = _1728 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1730) + 0u);
constant uint _1732 = (CHUNK_SIZE / 16u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _2180 = (ROWS - 1u);
constant uint _2254 = gl_WorkGroupSize.x;
constant uint _2255 = (_2254 / 4u);
constant uint QUADS = (CHUNK_SIZE / 4u);

static inline __attribute__((always_inline))
void find_place(thread uint& at, thread uint& j, thread uint& gl_SubgroupID, thread uint& lane, thread uint& lanes, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID)
{
    lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    lane = gl_SubgroupInvocationID;
    at = (gl_SubgroupID * lanes) + lane;
    j = at % 4u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _608)
{
    if (_722)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_608.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _750)
{
    return min(p.batch_records, uint(max(_750.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _750)
{
    return uint(_750.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _750)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _750), batch_word(param_2, param_3, p, _750), batch_word(param_4, param_5, p, _750), batch_word(param_6, param_7, p, _750) };
    bool _800 = s.from >= slots;
    bool _808;
    if (!_800)
    {
        _808 = s.to >= slots;
    }
    else
    {
        _808 = _800;
    }
    bool _817;
    if (!_808)
    {
        _817 = s.rows > rows;
    }
    else
    {
        _817 = _808;
    }
    bool _828;
    if (!_817)
    {
        _828 = s.first > (rows - s.rows);
    }
    else
    {
        _828 = _817;
    }
    if (_828)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _750)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _750);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _750, thread uint& sequences, thread Sequence& sequence0, thread uint& at)
{
    sequences = batch_seqs(p, _750);
    uint param = at;
    sequence0 = record(param, p, _750);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_185)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void lay_out_tile(constant Params& p, thread uint& width, thread uint& _all, thread uint& outs, thread uint& behind)
{
    outs = p.rank + (2u * p.states);
    uint param = p.rank;
    uint param_1 = p.pitch;
    _all = chunks(param, param_1);
    behind = _all * CHUNK_SIZE;
    width = ((behind + (2u * p.states)) + 3u) / 4u;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _608)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_596)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _608.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_608.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_627)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _608.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_608.weight[high])[(w % 2u) * 2u], ((device uint*)&_608.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_608.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_608.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _608.weight[(block + 1u) + (w % 8u)];
            if (_704)
            {
                chunk.scales = _608.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_608.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& k0, constant Params& p, const device Weight& __restrict _608, thread uint& j, thread Chunk (&next)[8], thread bool& mine, thread uint& _all, thread uint& c)
{
    for (uint u = 0u; u < 8u; u++)
    {
        uint k = (k0 + (u * 4u)) + j;
        next[u] = no_chunk();
        if (mine && (k < _all))
        {
            uint param = c;
            uint param_1 = k;
            next[u] = load_chunk(param, param_1, p, _608);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_channel(constant Params& p, thread uint& j, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], const device A& _1189, thread uint& ch, thread float& skip, thread float& shift, const device D& _1216, const device Bias& _1237)
{
    for (uint k = 0u; k < STATES; k++)
    {
        uint n = (k * 4u) + j;
        h[k] = 0.0;
        rate[k] = 0.0;
        bool _1182;
        if (mine)
        {
            _1182 = n < p.states;
        }
        else
        {
            _1182 = mine;
        }
        if (_1182)
        {
            rate[k] = _1189.a[(p.a_off + (ch * p.a_stride)) + n];
        }
    }
    skip = 0.0;
    shift = 0.0;
    if (mine)
    {
        skip = _1216.d[p.d_off + ch];
    }
    bool _1231;
    if (mine)
    {
        _1231 = p.bias_off != 4294967295u;
    }
    else
    {
        _1231 = mine;
    }
    if (_1231)
    {
        shift = _1237.bias0[p.bias_off + ch];
    }
}

static inline __attribute__((always_inline))
void fetch_inputs(thread const uint& block, constant Params& p, thread bool& mine, thread uint& ch, thread float (&xs)[8], thread float (&zs)[8], const device X& _1279, const device Z& _1298)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        uint t = (block * ROWS) + r;
        zs[r] = 0.0;
        xs[r] = 0.0;
        bool _1272;
        if (mine)
        {
            _1272 = t < p.rows;
        }
        else
        {
            _1272 = mine;
        }
        if (_1272)
        {
            xs[r] = _1279.x[(p.x_off + (t * p.x_stride)) + ch];
            zs[r] = _1298.z[(p.z_off + (t * p.z_stride)) + ch];
        }
    }
}

static inline __attribute__((always_inline))
uint row_team()
{
    return _1079;
}

static inline __attribute__((always_inline))
void add_up_slices(thread const uint& block, constant Params& p, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& outs, const device DBC& __restrict _1388, thread uint& behind)
{
    uint team = row_team();
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1329 = at % team;
    float part[32];
    uint _1450;
    for (uint o0 = _1329; o0 < outs; o0 += (4u * team))
    {
        for (uint b = 0u; b < 4u; b++)
        {
            uint o = o0 + (b * team);
            for (uint s = 0u; s < SLICES; s++)
            {
                part[(b * SLICES) + s] = 0.0;
                bool _1371 = o < outs;
                bool _1378;
                if (_1371)
                {
                    _1378 = t < p.rows;
                }
                else
                {
                    _1378 = _1371;
                }
                if (_1378)
                {
                    part[(b * SLICES) + s] = _1388.dbc[(p.dbc_off + (((s * p.rows) + t) * p.dbc_stride)) + o];
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
                _1450 = o_1;
            }
            else
            {
                _1450 = (o_1 - p.rank) + behind;
            }
            uint i = _1450;
            if (o_1 < outs)
            {
                ((threadgroup float*)&tile[(r * width) + (i / 4u)])[i % 4u] = sum;
            }
        }
    }
    uint _1490 = p.rank + (at % team);
    for (uint i_1 = _1490; i_1 < behind; i_1 += team)
    {
        ((threadgroup float*)&tile[(r * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _750, thread uint& sequences, thread Sequence& sequence0, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    if (at < ROWS)
    {
        row_sequence[at] = RowSequence{ 0u, 0u, 0u, 0u };
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint q = at; q < sequences; q += gl_WorkGroupSize.x)
    {
        Sequence s = sequence0;
        if (q > at)
        {
            uint param = q;
            s = record(param, p, _750);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            if (((first + r) - s.first) < s.rows)
            {
                row_sequence[r] = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
            }
        }
    }
}

static inline __attribute__((always_inline))
void fetch_states(thread const uint& own, thread const uint& block, constant Params& p, threadgroup RowSequence (&row_sequence)[8], thread uint& j, thread bool& mine, thread uint& ch, thread float (&begin)[32], device State& __restrict _1582)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            begin[(r * STATES) + k] = 0.0;
            bool _1554;
            if (mine)
            {
                _1554 = n < p.states;
            }
            else
            {
                _1554 = mine;
            }
            bool _1558 = _1554 && (block == own);
            bool _1565;
            if (_1558)
            {
                _1565 = t == s.first;
            }
            else
            {
                _1565 = _1558;
            }
            bool _1572;
            if (_1565)
            {
                _1572 = t < s.end;
            }
            else
            {
                _1572 = _1565;
            }
            if (_1572)
            {
                begin[(r * STATES) + k] = _1582.state[((p.state_off + (s.from * p.state_stride)) + (ch * p.states)) + n];
            }
        }
    }
}

static inline __attribute__((always_inline))
float value(thread const uint& r, thread const uint& i, threadgroup float4 (&tile)[TILE], thread uint& width)
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
void find_scales(constant Params& p, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& behind, thread uint& gl_SubgroupID, thread uint& lane, thread uint& lanes, threadgroup float (&scales)[24], thread uint& gl_NumSubgroups)
{
    uint _1628;
    uint _1643;
    float _1693;
    for (uint e = gl_SubgroupID; e < _1617; e += gl_NumSubgroups)
    {
        uint r = e / 3u;
        uint part = e % 3u;
        if (part == 0u)
        {
            _1628 = 0u;
        }
        else
        {
            _1628 = behind + ((part - 1u) * p.states);
        }
        uint first = _1628;
        if (part == 0u)
        {
            _1643 = p.rank;
        }
        else
        {
            _1643 = p.states;
        }
        uint n = _1643;
        float sum = 0.0;
        for (uint i = lane; i < n; i += lanes)
        {
            uint param = r;
            uint param_1 = first + i;
            float param_2 = value(param, param_1, tile, width);
            float _1672 = rms_square(param_2);
            sum += _1672;
        }
        sum = simd_sum(sum);
        if (lane == 0u)
        {
            if (p.norm != 0u)
            {
                float param_3 = sum;
                uint param_4 = n;
                float param_5 = p.eps;
                _1693 = rms_scale(param_3, param_4, param_5);
            }
            else
            {
                _1693 = 1.0;
            }
            scales[e] = _1693;
        }
    }
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_244)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_262)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_270)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _294;
                if (late)
                {
                    _294 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _294 = b.x & 16191u;
                }
                uint scales = _294;
                uint _315;
                if (late)
                {
                    _315 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _315 = b.y & 16191u;
                }
                uint mins = _315;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_363)
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
    if (_414)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_430)
    {
        uint _435;
        if (run == 0u)
        {
            _435 = chunk.high.x;
        }
        else
        {
            _435 = chunk.high.y;
        }
        c |= (((_435 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _460;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _496;
    if (run == 0u)
    {
        _496 = s.scales.x;
    }
    else
    {
        _496 = s.scales.y;
    }
    float scale = _496;
    float _508;
    if (run == 0u)
    {
        _508 = s.mins.x;
    }
    else
    {
        _508 = s.mins.y;
    }
    float min_ = _508;
    if (_517)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_530)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_543)
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
    if (_203)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
void multiply_chunk(thread const uint& u, thread const uint& w, threadgroup float (&codebook)[16], threadgroup float4 (&tile)[TILE], thread uint& width, thread Chunk (&next)[8], thread float (&delta)[8])
{
    Chunk param = next[u];
    uint param_1 = w;
    Scales s = scales_of(param, param_1);
    for (uint run = 0u; run < _1732; run++)
    {
        for (uint q = 0u; q < 4u; q++)
        {
            Chunk param_2 = next[u];
            Scales param_3 = s;
            uint param_4 = run;
            uint param_5 = q;
            float4 y = weight4(param_2, param_3, param_4, param_5, codebook);
            for (uint r = 0u; r < ROWS; r++)
            {
                uint param_6 = w;
                uint param_7 = (run * 4u) + q;
                uint _1773 = column(param_6, param_7);
                float4 v = tile[(r * width) + (_1773 / 4u)];
                delta[r] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r]))));
            }
        }
    }
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
void project_dt(thread const uint& block, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _608, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& j, thread Chunk (&next)[8], thread bool& mine, thread uint& _all, thread uint& c, thread float& shift, threadgroup float (&scales)[24], thread float (&delta)[8], thread uint3& gl_WorkGroupID)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        delta[r] = 0.0;
    }
    for (uint k0 = 0u; k0 < _all; k0 += 32u)
    {
        bool _1833 = _all > 32u;
        bool _1848;
        if (_1833)
        {
            bool _1837 = k0 > 0u;
            bool _1847;
            if (!_1837)
            {
                _1847 = block > gl_WorkGroupID.y;
            }
            else
            {
                _1847 = _1837;
            }
            _1848 = _1847;
        }
        else
        {
            _1848 = _1833;
        }
        if (_1848)
        {
            uint param = k0;
            fetch_chunks(param, p, _608, j, next, mine, _all, c);
        }
        for (uint u = 0u; u < 8u; u++)
        {
            uint w = (k0 + (u * 4u)) + j;
            if (w < _all)
            {
                uint param_1 = u;
                uint param_2 = w;
                multiply_chunk(param_1, param_2, codebook, tile, width, next, delta);
            }
        }
    }
    for (uint r_1 = 0u; r_1 < ROWS; r_1++)
    {
        float param_3 = delta[r_1];
        float _1896 = over_lanes(param_3);
        float param_4 = (_1896 * scales[r_1 * 3u]) + shift;
        delta[r_1] = softplus(param_4);
    }
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _951;
    if (abs(x) < 0.125)
    {
        _951 = near;
    }
    else
    {
        _951 = exp(x);
    }
    return _951;
}

static inline __attribute__((always_inline))
float update_states(thread const RowSequence& s, thread const uint& r, thread const uint& t, constant Params& p, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& j, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float (&xs)[8], thread uint& behind, thread float (&begin)[32], device State& __restrict _1582, threadgroup float (&scales)[24], thread float (&delta)[8])
{
    float du = (delta[r] * xs[r]) * scales[(r * 3u) + 1u];
    float y = 0.0;
    for (uint k = 0u; k < STATES; k++)
    {
        uint n = (k * 4u) + j;
        if (t == s.first)
        {
            h[k] = begin[(r * STATES) + k];
        }
        if (n < p.states)
        {
            float param = delta[r] * rate[k];
            uint param_1 = r;
            uint param_2 = behind + n;
            h[k] = fma(decay(param), h[k], du * value(param_1, param_2, tile, width));
            uint param_3 = r;
            uint param_4 = (behind + p.states) + n;
            y = fma(value(param_3, param_4, tile, width), h[k], y);
        }
        bool _2003;
        if (mine)
        {
            _2003 = n < p.states;
        }
        else
        {
            _2003 = mine;
        }
        bool _2011;
        if (_2003)
        {
            _2011 = (t + 1u) == s.end;
        }
        else
        {
            _2011 = _2003;
        }
        if (_2011)
        {
            _1582.state[((p.state_off + (s.to * p.state_stride)) + (ch * p.states)) + n] = h[k];
        }
    }
    return y;
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

static inline __attribute__((always_inline))
void store(thread const uint& t, thread const float& y, constant Params& p, thread uint& j, thread bool& mine, thread uint& ch, device Dst& __restrict _2047, device Packed& __restrict _2089)
{
    if (mine && (j == 0u))
    {
        _2047.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
    }
    if (p.packed_off != 4294967295u)
    {
        float4 param = float4(y, spvSubgroupShuffleXor(y, 4u), 0.0, 0.0);
        uint2 _2072 = pack_half4(param);
        uint pair = _2072.x;
        bool _2077 = mine && (j == 0u);
        bool _2083;
        if (_2077)
        {
            _2083 = (ch % 2u) == 0u;
        }
        else
        {
            _2083 = _2077;
        }
        if (_2083)
        {
            _2089._packed[((p.packed_off + (t * p.packed_stride)) + ch) / 2u] = pair;
        }
    }
}

static inline __attribute__((always_inline))
void scan(thread const uint& own, thread const uint& block, constant Params& p, threadgroup RowSequence (&row_sequence)[8], threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& j, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float& skip, thread float (&xs)[8], thread float (&zs)[8], thread uint& behind, thread float (&begin)[32], device State& __restrict _1582, threadgroup float (&scales)[24], thread float (&delta)[8], device Dst& __restrict _2047, device Packed& __restrict _2089, thread uint& live)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        bool _2123 = t >= live;
        bool _2131;
        if (!_2123)
        {
            _2131 = t >= s.end;
        }
        else
        {
            _2131 = _2123;
        }
        bool _2140;
        if (!_2131)
        {
            _2140 = (s.first / ROWS) != own;
        }
        else
        {
            _2140 = _2131;
        }
        if (_2140)
        {
            continue;
        }
        RowSequence param = s;
        uint param_1 = r;
        uint param_2 = t;
        float _2151 = update_states(param, param_1, param_2, p, tile, width, j, mine, h, rate, ch, xs, behind, begin, _1582, scales, delta);
        float y = _2151;
        float param_3 = y;
        float _2154 = over_lanes(param_3);
        float param_4 = zs[r];
        uint param_5 = t;
        float param_6 = ((_2154 * scales[(r * 3u) + 2u]) + (skip * xs[r])) * silu(param_4);
        store(param_5, param_6, p, j, mine, ch, _2047, _2089);
    }
}

static inline __attribute__((always_inline))
bool ends(thread const uint& own, thread const uint& block, threadgroup RowSequence (&row_sequence)[8])
{
    RowSequence last = row_sequence[_2180];
    bool _2188 = last.end <= ((block + 1u) * ROWS);
    bool _2197;
    if (!_2188)
    {
        _2197 = (last.first / ROWS) != own;
    }
    else
    {
        _2197 = _2188;
    }
    return _2197;
}

kernel void ssm_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2047 [[buffer(1)]], const device X& _1279 [[buffer(2)]], const device Z& _1298 [[buffer(3)]], const device DBC& __restrict _1388 [[buffer(4)]], const device Weight& __restrict _608 [[buffer(5)]], const device Bias& _1237 [[buffer(6)]], const device A& _1189 [[buffer(7)]], const device D& _1216 [[buffer(8)]], device State& __restrict _1582 [[buffer(9)]], const device Batch& _750 [[buffer(10)]], device Packed& __restrict _2089 [[buffer(11)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint at;
    uint j;
    uint lane;
    uint lanes;
    find_place(at, j, gl_SubgroupID, lane, lanes, gl_NumSubgroups, gl_SubgroupInvocationID);
    uint param = p.cols;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _608);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _750, sequences, sequence0, at);
    uint live = min(p.rows, uint(max(_750.batch[p.batch_off + 0u], 0)));
    uint width;
    uint _all;
    uint outs;
    uint behind;
    lay_out_tile(p, width, _all, outs, behind);
    uint _2260 = gl_WorkGroupID.x * _2255;
    Chunk next[8];
    bool mine;
    uint c;
    float h[32];
    float rate[32];
    uint ch;
    float skip;
    float shift;
    float xs[8];
    float zs[8];
    float begin[32];
    float delta[8];
    for (uint group = _2255, c0 = _2260; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        c = c0 + (at / 4u);
        ch = p.first + c;
        mine = c < p.cols;
        uint param_2 = 0u;
        fetch_chunks(param_2, p, _608, j, next, mine, _all, c);
        fetch_channel(p, j, mine, h, rate, _1189, ch, skip, shift, _1216, _1237);
        for (uint own = gl_WorkGroupID.y; (own * ROWS) < p.rows; own += gl_NumWorkGroups.y)
        {
            for (uint block = own; (block * ROWS) < p.rows; block++)
            {
                uint param_3 = block;
                fetch_inputs(param_3, p, mine, ch, xs, zs, _1279, _1298);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_4 = block;
                add_up_slices(param_4, p, at, tile, width, outs, _1388, behind);
                uint param_5 = block * ROWS;
                find_sequences(param_5, p, _750, sequences, sequence0, at, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_6 = own;
                uint param_7 = block;
                fetch_states(param_6, param_7, p, row_sequence, j, mine, ch, begin, _1582);
                find_scales(p, tile, width, behind, gl_SubgroupID, lane, lanes, scales, gl_NumSubgroups);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_8 = block;
                project_dt(param_8, codebook, p, _608, tile, width, j, next, mine, _all, c, shift, scales, delta, gl_WorkGroupID);
                uint param_9 = own;
                uint param_10 = block;
                scan(param_9, param_10, p, row_sequence, tile, width, j, mine, h, rate, ch, skip, xs, zs, behind, begin, _1582, scales, delta, _2047, _2089, live);
                uint param_11 = own;
                uint param_12 = block;
                if (ends(param_11, param_12, row_sequence))
                {
                    break;
                }
            }
        }
    }
}

