#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

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
    uint ring;
    uint ring_len;
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
constant bool _262 = (FORMAT == 0u);
constant bool _280 = (FORMAT == 0u);
constant bool _417 = (FORMAT == 0u);
constant bool _433 = (FORMAT == 1u);
constant bool _441 = (FORMAT == 2u);
constant bool _470 = (FORMAT == 3u);
constant bool _501 = (FORMAT == 0u);
constant bool _517 = (FORMAT == 3u);
constant bool _542 = (FORMAT == 1u);
constant bool _544 = (FORMAT == 3u);
constant float _546 = _544 ? 32.0 : 0.0;
constant float _547 = _542 ? 8.0 : _546;
constant bool _604 = (FORMAT == 0u);
constant bool _617 = (FORMAT == 2u);
constant bool _630 = (FORMAT != 4u);

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

constant bool _683 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _714 = (FORMAT == 3u);
constant bool _791 = (FORMAT == 2u);
constant bool _809 = (FORMAT == 4u);

struct Batch
{
    int batch[1];
};

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _1198 = (STATE_TYPE == 1u);
constant bool _1212 = (STATE_TYPE == 0u);
constant bool _1217 = (STATE_TYPE == 1u);
constant bool _1235 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _1270 = (STATE_TYPE == 1u);
constant bool _1284 = (STATE_TYPE == 0u);
constant bool _1312 = (STATE_TYPE == 0u);
constant uint STRIP_tmp [[function_constant(42)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant uint STRIP_ROWS_tmp [[function_constant(43)]];
constant uint STRIP_ROWS = is_function_constant_defined(STRIP_ROWS_tmp) ? STRIP_ROWS_tmp : 1u;
constant bool _1508 = (STRIP > 0u);
constant bool _1550 = (!KEEP);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1698_tmp [[function_constant(0)]];
constant uint _1698 = is_function_constant_defined(_1698_tmp) ? _1698_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1698, 1u, 1u);
constant uint _1732 = (ROWS - 1u);
constant uint _1752 = gl_WorkGroupSize.x;
constant uint _1753 = (_1752 / ROWS);
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

constant uint _2277 = (ROWS * 3u);
constant bool _2384 = (FORMAT == 0u);
constant int _2386 = _2384 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_2386) + 0u);
constant uint _2388 = (CHUNK_SIZE / 16u);
constant bool _2668 = (STATE_TYPE == 0u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _3036 = gl_WorkGroupSize.x;
constant uint _3037 = (_3036 / 4u);
constant uint QUADS = (CHUNK_SIZE / 4u);

static inline __attribute__((always_inline))
void find_place(thread uint& at, thread uint& lanes, thread uint& gl_NumSubgroups, thread uint& lane, thread uint& gl_SubgroupInvocationID, thread uint& gl_SubgroupID, thread uint& j)
{
    lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    lane = gl_SubgroupInvocationID;
    at = (gl_SubgroupID * lanes) + lane;
    j = at % 4u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _695)
{
    if (_809)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_695.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _837)
{
    return min(p.batch_records, uint(max(_837.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _837)
{
    return uint(_837.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _837)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    uint param_8 = seq;
    uint param_9 = 5u;
    uint param_10 = seq;
    uint param_11 = 6u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _837), batch_word(param_2, param_3, p, _837), batch_word(param_4, param_5, p, _837), batch_word(param_6, param_7, p, _837), batch_word(param_8, param_9, p, _837), batch_word(param_10, param_11, p, _837) };
    bool _904;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _904 = batch_word(param_12, param_13, p, _837) == 1u;
    }
    else
    {
        _904 = KEEP;
    }
    bool keep = _904 && (slots != 4294967295u);
    bool _912 = s.from >= slots;
    bool _920;
    if (!_912)
    {
        _920 = s.to >= slots;
    }
    else
    {
        _920 = _912;
    }
    bool _929;
    if (!_920)
    {
        _929 = s.rows > rows;
    }
    else
    {
        _929 = _920;
    }
    bool _940;
    if (!_929)
    {
        _940 = s.first > (rows - s.rows);
    }
    else
    {
        _940 = _929;
    }
    if (_940)
    {
        s.rows = 0u;
    }
    bool _972;
    if (keep)
    {
        bool _952 = s.ring_len < s.rows;
        bool _960;
        if (!_952)
        {
            _960 = s.ring_len > slots;
        }
        else
        {
            _960 = _952;
        }
        bool _971;
        if (!_960)
        {
            _971 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _971 = _960;
        }
        _972 = _971;
    }
    else
    {
        _972 = keep;
    }
    if (_972)
    {
        s.rows = 0u;
    }
    if (!keep)
    {
        s.ring_len = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _837)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _837);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _837, thread uint& sequences, thread Sequence& sequence0, thread uint& at)
{
    sequences = batch_seqs(p, _837);
    uint param = at;
    sequence0 = record(param, p, _837);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_262)
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
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _695)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_683)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _695.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_695.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_714)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _695.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_695.weight[high])[(w % 2u) * 2u], ((device uint*)&_695.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_695.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_695.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _695.weight[(block + 1u) + (w % 8u)];
            if (_791)
            {
                chunk.scales = _695.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_695.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& k0, constant Params& p, const device Weight& __restrict _695, thread uint& j, thread Chunk (&next)[8], thread bool& mine, thread uint& _all, thread uint& c)
{
    for (uint u = 0u; u < 8u; u++)
    {
        uint k = (k0 + (u * 4u)) + j;
        next[u] = no_chunk();
        if (mine && (k < _all))
        {
            uint param = c;
            uint param_1 = k;
            next[u] = load_chunk(param, param_1, p, _695);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_channel(constant Params& p, thread uint& j, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], const device A& _1852, thread uint& ch, thread float& skip, thread float& shift, const device D& _1879, const device Bias& _1899)
{
    for (uint k = 0u; k < STATES; k++)
    {
        uint n = (k * 4u) + j;
        h[k] = 0.0;
        rate[k] = 0.0;
        bool _1845;
        if (mine)
        {
            _1845 = n < p.states;
        }
        else
        {
            _1845 = mine;
        }
        if (_1845)
        {
            rate[k] = _1852.a[(p.a_off + (ch * p.a_stride)) + n];
        }
    }
    skip = 0.0;
    shift = 0.0;
    if (mine)
    {
        skip = _1879.d[p.d_off + ch];
    }
    bool _1893;
    if (mine)
    {
        _1893 = p.bias_off != 4294967295u;
    }
    else
    {
        _1893 = mine;
    }
    if (_1893)
    {
        shift = _1899.bias0[p.bias_off + ch];
    }
}

static inline __attribute__((always_inline))
void fetch_inputs(thread const uint& block, constant Params& p, thread bool& mine, thread uint& ch, thread float (&xs)[8], thread float (&zs)[8], const device X& _1941, const device Z& _1960)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        uint t = (block * ROWS) + r;
        zs[r] = 0.0;
        xs[r] = 0.0;
        bool _1934;
        if (mine)
        {
            _1934 = t < p.rows;
        }
        else
        {
            _1934 = mine;
        }
        if (_1934)
        {
            xs[r] = _1941.x[(p.x_off + (t * p.x_stride)) + ch];
            zs[r] = _1960.z[(p.z_off + (t * p.z_stride)) + ch];
        }
    }
}

static inline __attribute__((always_inline))
uint row_team()
{
    return _1753;
}

static inline __attribute__((always_inline))
void add_up_slices(thread const uint& block, constant Params& p, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& outs, const device DBC& __restrict _2050, thread uint& behind)
{
    uint team = row_team();
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1991 = at % team;
    float part[32];
    uint _2111;
    for (uint o0 = _1991; o0 < outs; o0 += (4u * team))
    {
        for (uint b = 0u; b < 4u; b++)
        {
            uint o = o0 + (b * team);
            for (uint s = 0u; s < SLICES; s++)
            {
                part[(b * SLICES) + s] = 0.0;
                bool _2033 = o < outs;
                bool _2040;
                if (_2033)
                {
                    _2040 = t < p.rows;
                }
                else
                {
                    _2040 = _2033;
                }
                if (_2040)
                {
                    part[(b * SLICES) + s] = _2050.dbc[(p.dbc_off + (((s * p.rows) + t) * p.dbc_stride)) + o];
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
                _2111 = o_1;
            }
            else
            {
                _2111 = (o_1 - p.rank) + behind;
            }
            uint i = _2111;
            if (o_1 < outs)
            {
                ((threadgroup float*)&tile[(r * width) + (i / 4u)])[i % 4u] = sum;
            }
        }
    }
    uint _2151 = p.rank + (at % team);
    for (uint i_1 = _2151; i_1 < behind; i_1 += team)
    {
        ((threadgroup float*)&tile[(r * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _837, threadgroup uint2 (&row_ring)[8], thread uint& sequences, thread Sequence& sequence0, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
{
    if (at < ROWS)
    {
        row_sequence[at] = RowSequence{ 0u, 0u, 0u, 0u };
    }
    if (KEEP && (at < ROWS))
    {
        row_ring[at] = uint2(0u);
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint q = at; q < sequences; q += gl_WorkGroupSize.x)
    {
        Sequence s = sequence0;
        if (q > at)
        {
            uint param = q;
            s = record(param, p, _837);
        }
        uint _1653 = max(s.first, first);
        for (uint t = _1653; t < min((s.first + s.rows), (first + ROWS)); t++)
        {
            row_sequence[t - first] = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
            if (KEEP)
            {
                row_ring[t - first] = uint2(s.ring, s.ring_len);
            }
        }
    }
}

static inline __attribute__((always_inline))
float float16_value(thread const uint& bits)
{
    uint _sign = (bits & 32768u) << uint(16);
    uint rest = bits & 32767u;
    if (rest < 1024u)
    {
        return as_type<float>(as_type<uint>(float(rest) * 5.9604644775390625e-08) | _sign);
    }
    if (rest >= 31744u)
    {
        return as_type<float>((_sign | 2139095040u) | (rest << uint(13)));
    }
    return as_type<float>(_sign | ((rest << uint(13)) + 939524096u));
}

static inline __attribute__((always_inline))
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _1241)
{
    if (_1235)
    {
        return as_type<float>(_1241.state[i]);
    }
    uint _1249;
    if (alone)
    {
        _1249 = _1241.state[i / 2u];
    }
    else
    {
        uint _1260 = atomic_fetch_or_explicit((device atomic_uint*)&_1241.state[i / 2u], 0u, memory_order_relaxed);
        _1249 = _1260;
    }
    uint word = _1249;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _1271;
    if (_1270)
    {
        uint param = bits;
        _1271 = float16_value(param);
    }
    else
    {
        _1271 = as_type<float>(bits << uint(16));
    }
    return _1271;
}

static inline __attribute__((always_inline))
void fetch_states(thread const uint& own, thread const uint& block, constant Params& p, device State& __restrict _1241, threadgroup RowSequence (&row_sequence)[8], thread uint& j, thread bool& mine, thread uint& ch, thread float (&begin)[32])
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            begin[(r * STATES) + k] = 0.0;
            bool _2215;
            if (mine)
            {
                _2215 = n < p.states;
            }
            else
            {
                _2215 = mine;
            }
            bool _2219 = _2215 && (block == own);
            bool _2226;
            if (_2219)
            {
                _2226 = t == s.first;
            }
            else
            {
                _2226 = _2219;
            }
            bool _2233;
            if (_2226)
            {
                _2233 = t < s.end;
            }
            else
            {
                _2233 = _2226;
            }
            if (_2233)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * p.states)) + n;
                bool param_1 = (p.states % 2u) == 0u;
                float _2263 = state_at(param, param_1, _1241);
                begin[(r * STATES) + k] = _2263;
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
void find_scales(constant Params& p, thread uint& lanes, thread uint& gl_NumSubgroups, thread uint& lane, thread uint& gl_SubgroupID, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& behind, threadgroup float (&scales)[24])
{
    uint _2288;
    uint _2303;
    float _2350;
    for (uint e = gl_SubgroupID; e < _2277; e += gl_NumSubgroups)
    {
        uint r = e / 3u;
        uint part = e % 3u;
        if (part == 0u)
        {
            _2288 = 0u;
        }
        else
        {
            _2288 = behind + ((part - 1u) * p.states);
        }
        uint first = _2288;
        if (part == 0u)
        {
            _2303 = p.rank;
        }
        else
        {
            _2303 = p.states;
        }
        uint n = _2303;
        float sum = 0.0;
        for (uint i = lane; i < n; i += lanes)
        {
            uint param = r;
            uint param_1 = first + i;
            float param_2 = value(param, param_1, tile, width);
            float _2331 = rms_square(param_2);
            sum += _2331;
        }
        sum = simd_sum(sum);
        if (lane == 0u)
        {
            if (p.norm != 0u)
            {
                float param_3 = sum;
                uint param_4 = n;
                float param_5 = p.eps;
                _2350 = rms_scale(param_3, param_4, param_5);
            }
            else
            {
                _2350 = 1.0;
            }
            scales[e] = _2350;
        }
    }
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _336;
    if (late)
    {
        _336 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _336 = b.x & 16191u;
    }
    uint scales = _336;
    uint _357;
    if (late)
    {
        _357 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _357 = b.y & 16191u;
    }
    uint mins = _357;
    return uint4(scales & 255u, scales >> uint(8), mins & 255u, mins >> uint(8));
}

static inline __attribute__((always_inline))
int2 byte_scales(thread const Chunk& chunk, thread const uint& w)
{
    return int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_417)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_433)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_441)
            {
                Chunk param = chunk;
                uint param_1 = w;
                uint4 n = scale_codes(param, param_1);
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(n.xy) * d.x;
                s.mins = float2(n.zw) * d.y;
            }
            else
            {
                if (_470)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    Chunk param_2 = chunk;
                    uint param_3 = w;
                    s.scales = float2(byte_scales(param_2, param_3)) * d_1;
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
    if (_501)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_517)
    {
        uint _522;
        if (run == 0u)
        {
            _522 = chunk.high.x;
        }
        else
        {
            _522 = chunk.high.y;
        }
        c |= (((_522 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _547;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _583;
    if (run == 0u)
    {
        _583 = s.scales.x;
    }
    else
    {
        _583 = s.scales.y;
    }
    float scale = _583;
    float _595;
    if (run == 0u)
    {
        _595 = s.mins.x;
    }
    else
    {
        _595 = s.mins.y;
    }
    float min_ = _595;
    if (_604)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_617)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_630)
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
    if (_280)
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
    for (uint run = 0u; run < _2388; run++)
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
                uint _2429 = column(param_6, param_7);
                float4 v = tile[(r * width) + (_2429 / 4u)];
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
void project_dt(thread const uint& block, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _695, thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread Chunk (&next)[8], thread bool& mine, thread uint& _all, thread uint& c, thread float& shift, threadgroup float (&scales)[24], thread float (&delta)[8], thread uint3& gl_WorkGroupID)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        delta[r] = 0.0;
    }
    for (uint k0 = 0u; k0 < _all; k0 += 32u)
    {
        bool _2489 = _all > 32u;
        bool _2504;
        if (_2489)
        {
            bool _2493 = k0 > 0u;
            bool _2503;
            if (!_2493)
            {
                _2503 = block > gl_WorkGroupID.y;
            }
            else
            {
                _2503 = _2493;
            }
            _2504 = _2503;
        }
        else
        {
            _2504 = _2489;
        }
        if (_2504)
        {
            uint param = k0;
            fetch_chunks(param, p, _695, j, next, mine, _all, c);
        }
        uint w = (k0 + 0u) + j;
        if (w < _all)
        {
            uint param_1 = 0u;
            uint param_2 = w;
            multiply_chunk(param_1, param_2, codebook, tile, width, next, delta);
        }
        uint w_1 = (k0 + 4u) + j;
        if (w_1 < _all)
        {
            uint param_3 = 1u;
            uint param_4 = w_1;
            multiply_chunk(param_3, param_4, codebook, tile, width, next, delta);
        }
        uint w_2 = (k0 + 8u) + j;
        if (w_2 < _all)
        {
            uint param_5 = 2u;
            uint param_6 = w_2;
            multiply_chunk(param_5, param_6, codebook, tile, width, next, delta);
        }
        uint w_3 = (k0 + 12u) + j;
        if (w_3 < _all)
        {
            uint param_7 = 3u;
            uint param_8 = w_3;
            multiply_chunk(param_7, param_8, codebook, tile, width, next, delta);
        }
        uint w_4 = (k0 + 16u) + j;
        if (w_4 < _all)
        {
            uint param_9 = 4u;
            uint param_10 = w_4;
            multiply_chunk(param_9, param_10, codebook, tile, width, next, delta);
        }
        uint w_5 = (k0 + 20u) + j;
        if (w_5 < _all)
        {
            uint param_11 = 5u;
            uint param_12 = w_5;
            multiply_chunk(param_11, param_12, codebook, tile, width, next, delta);
        }
        uint w_6 = (k0 + 24u) + j;
        if (w_6 < _all)
        {
            uint param_13 = 6u;
            uint param_14 = w_6;
            multiply_chunk(param_13, param_14, codebook, tile, width, next, delta);
        }
        uint w_7 = (k0 + 28u) + j;
        if (w_7 < _all)
        {
            uint param_15 = 7u;
            uint param_16 = w_7;
            multiply_chunk(param_15, param_16, codebook, tile, width, next, delta);
        }
    }
    for (uint r_1 = 0u; r_1 < ROWS; r_1++)
    {
        float param_17 = delta[r_1];
        float _2640 = over_lanes(param_17);
        float param_18 = (_2640 * scales[r_1 * 3u]) + shift;
        delta[r_1] = softplus(param_18);
    }
}

static inline __attribute__((always_inline))
bool row_keeps(thread const uint& r, threadgroup uint2 (&row_ring)[8])
{
    bool _1547;
    if (KEEP)
    {
        _1547 = ((threadgroup uint*)&row_ring[r])[1u] != 0u;
    }
    else
    {
        _1547 = KEEP;
    }
    return _1547;
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _990;
    if ((from - ring) < ring_len)
    {
        _990 = ((from - ring) + i) + 1u;
    }
    else
    {
        _990 = i;
    }
    uint at = _990;
    uint _1006;
    if (at < ring_len)
    {
        _1006 = at;
    }
    else
    {
        _1006 = at - ring_len;
    }
    return ring + _1006;
}

static inline __attribute__((always_inline))
uint slot_after(thread const RowSequence& s, thread const uint& r, thread const uint& t, threadgroup uint2 (&row_ring)[8])
{
    bool _1559;
    if (!_1550)
    {
        _1559 = (t + 1u) == s.end;
    }
    else
    {
        _1559 = _1550;
    }
    if (_1559)
    {
        return s.to;
    }
    uint param = s.from;
    uint param_1 = ((threadgroup uint*)&row_ring[r])[0u];
    uint param_2 = ((threadgroup uint*)&row_ring[r])[1u];
    uint param_3 = t - s.first;
    return ring_slot(param, param_1, param_2, param_3);
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _1452;
    if (abs(x) < 0.125)
    {
        _1452 = near;
    }
    else
    {
        _1452 = exp(x);
    }
    return _1452;
}

static inline __attribute__((always_inline))
uint float16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint _sign = (_all >> uint(16)) & 32768u;
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return _sign | 32256u;
    }
    if (rest >= 1199562752u)
    {
        return _sign | 31743u;
    }
    if (rest >= 947912704u)
    {
        return _sign | ((((rest - 939524096u) + 4095u) + ((rest >> uint(13)) & 1u)) >> uint(13));
    }
    uint drop = 126u - (rest >> uint(23));
    if (drop > 24u)
    {
        return _sign;
    }
    uint m = (rest & 8388607u) | 8388608u;
    uint kept = m >> drop;
    uint lost = m & ((1u << drop) - 1u);
    uint middle = 1u << (drop - 1u);
    bool _1144 = lost > middle;
    bool _1157;
    if (!_1144)
    {
        bool _1150 = lost == middle;
        bool _1156;
        if (_1150)
        {
            _1156 = (kept % 2u) == 1u;
        }
        else
        {
            _1156 = _1150;
        }
        _1157 = _1156;
    }
    else
    {
        _1157 = _1144;
    }
    return _sign | (kept + uint(_1157));
}

static inline __attribute__((always_inline))
uint bfloat16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return (_all >> uint(16)) | 64u;
    }
    if (rest >= 2139062272u)
    {
        return ((_all >> uint(16)) & 32768u) | 32639u;
    }
    return ((_all + 32767u) + ((_all >> uint(16)) & 1u)) >> uint(16);
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _1199;
    if (_1198)
    {
        float param = v;
        _1199 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _1199 = bfloat16_bits(param_1);
    }
    return _1199;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _1241)
{
    if (_1284)
    {
        _1241.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _1302 = atomic_fetch_and_explicit((device atomic_uint*)&_1241.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _1311 = atomic_fetch_or_explicit((device atomic_uint*)&_1241.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _1241)
{
    if (_1312)
    {
        _1241.state[i] = as_type<uint>(v);
        _1241.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _1241.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_state(thread const uint& slot, thread const uint& n, thread const float& v, constant Params& p, device State& __restrict _1241, thread uint& j, thread bool& mine, thread uint& ch)
{
    uint i = ((p.state_off + (slot * p.state_stride)) + (ch * p.states)) + n;
    bool _2676;
    if (!_2668)
    {
        _2676 = (p.states % 2u) == 1u;
    }
    else
    {
        _2676 = _2668;
    }
    if (_2676)
    {
        bool _2686;
        if (mine)
        {
            _2686 = n < p.states;
        }
        else
        {
            _2686 = mine;
        }
        if (_2686)
        {
            uint param = i;
            float param_1 = v;
            set_state(param, param_1, _1241);
        }
        return;
    }
    float next = spvSubgroupShuffleXor(v, 1u);
    bool _2705;
    if (mine)
    {
        _2705 = n < p.states;
    }
    else
    {
        _2705 = mine;
    }
    bool _2711;
    if (_2705)
    {
        _2711 = (j % 2u) == 0u;
    }
    else
    {
        _2711 = _2705;
    }
    if (_2711)
    {
        uint param_2 = i;
        float param_3 = v;
        float param_4 = next;
        set_states(param_2, param_3, param_4, _1241);
    }
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_1212)
    {
        return v;
    }
    float _1218;
    if (_1217)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _1218 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _1218 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _1218;
}

static inline __attribute__((always_inline))
float update_states(thread const RowSequence& s, thread const uint& r, thread const uint& t, constant Params& p, device State& __restrict _1241, threadgroup uint2 (&row_ring)[8], thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float (&xs)[8], thread uint& behind, thread float (&begin)[32], threadgroup float (&scales)[24], thread float (&delta)[8])
{
    float du = (delta[r] * xs[r]) * scales[(r * 3u) + 1u];
    float y = 0.0;
    uint param = r;
    bool keep = row_keeps(param, row_ring);
    bool _2750;
    if (!keep)
    {
        _2750 = (t + 1u) == s.end;
    }
    else
    {
        _2750 = keep;
    }
    bool stores = _2750;
    RowSequence param_1 = s;
    uint param_2 = r;
    uint param_3 = t;
    uint slot = slot_after(param_1, param_2, param_3, row_ring);
    for (uint k = 0u; k < STATES; k++)
    {
        uint n = (k * 4u) + j;
        if (t == s.first)
        {
            h[k] = begin[(r * STATES) + k];
        }
        if (n < p.states)
        {
            float param_4 = delta[r] * rate[k];
            uint param_5 = r;
            uint param_6 = behind + n;
            h[k] = fma(decay(param_4), h[k], du * value(param_5, param_6, tile, width));
            uint param_7 = r;
            uint param_8 = (behind + p.states) + n;
            y = fma(value(param_7, param_8, tile, width), h[k], y);
        }
        if (stores)
        {
            uint param_9 = slot;
            uint param_10 = n;
            float param_11 = h[k];
            store_state(param_9, param_10, param_11, p, _1241, j, mine, ch);
        }
        if (keep)
        {
            float param_12 = h[k];
            h[k] = state_round(param_12);
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
uint strip_pair(thread const uint& t, thread const uint& c)
{
    uint w = c / 8u;
    uint strip = max(STRIP, 1u);
    return ((((((w / strip) * STRIP_ROWS) + t) * strip) + (w % strip)) * 4u) + ((c % 8u) / 2u);
}

static inline __attribute__((always_inline))
uint packed_at(thread const uint& t, thread const uint& ch, constant Params& p)
{
    uint _1509;
    if (_1508)
    {
        uint param = t;
        uint param_1 = ch;
        _1509 = (p.packed_off / 2u) + strip_pair(param, param_1);
    }
    else
    {
        _1509 = ((p.packed_off + (t * p.packed_stride)) + ch) / 2u;
    }
    return _1509;
}

static inline __attribute__((always_inline))
void store(thread const uint& r, thread const uint& t, thread const float& y, constant Params& p, thread uint& j, thread bool& mine, thread uint& ch, device Dst& __restrict _2867, device Packed& __restrict _2908)
{
    if (mine && (j == 0u))
    {
        _2867.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
    }
    if (p.packed_off != 4294967295u)
    {
        float4 param = float4(y, spvSubgroupShuffleXor(y, 4u), 0.0, 0.0);
        uint2 _2891 = pack_half4(param);
        uint pair = _2891.x;
        bool _2896 = mine && (j == 0u);
        bool _2902;
        if (_2896)
        {
            _2902 = (ch % 2u) == 0u;
        }
        else
        {
            _2902 = _2896;
        }
        if (_2902)
        {
            uint param_1 = t;
            uint param_2 = ch;
            _2908._packed[packed_at(param_1, param_2, p)] = pair;
        }
    }
}

static inline __attribute__((always_inline))
void scan(thread const uint& own, thread const uint& block, constant Params& p, device State& __restrict _1241, threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float& skip, thread float (&xs)[8], thread float (&zs)[8], thread uint& behind, thread float (&begin)[32], threadgroup float (&scales)[24], thread float (&delta)[8], device Dst& __restrict _2867, device Packed& __restrict _2908, thread uint& live)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        bool _2936 = t >= live;
        bool _2944;
        if (!_2936)
        {
            _2944 = t >= s.end;
        }
        else
        {
            _2944 = _2936;
        }
        bool _2953;
        if (!_2944)
        {
            _2953 = (s.first / ROWS) != own;
        }
        else
        {
            _2953 = _2944;
        }
        if (_2953)
        {
            continue;
        }
        RowSequence param = s;
        uint param_1 = r;
        uint param_2 = t;
        float _2964 = update_states(param, param_1, param_2, p, _1241, row_ring, j, tile, width, mine, h, rate, ch, xs, behind, begin, scales, delta);
        float y = _2964;
        float param_3 = y;
        float _2967 = over_lanes(param_3);
        float param_4 = zs[r];
        uint param_5 = r;
        uint param_6 = t;
        float param_7 = ((_2967 * scales[(r * 3u) + 2u]) + (skip * xs[r])) * silu(param_4);
        store(param_5, param_6, param_7, p, j, mine, ch, _2867, _2908);
    }
}

static inline __attribute__((always_inline))
bool ends(thread const uint& own, thread const uint& block, threadgroup RowSequence (&row_sequence)[8])
{
    RowSequence last = row_sequence[_1732];
    bool _1740 = last.end <= ((block + 1u) * ROWS);
    bool _1749;
    if (!_1740)
    {
        _1749 = (last.first / ROWS) != own;
    }
    else
    {
        _1749 = _1740;
    }
    return _1749;
}

kernel void ssm_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2867 [[buffer(1)]], const device X& _1941 [[buffer(2)]], const device Z& _1960 [[buffer(3)]], const device DBC& __restrict _2050 [[buffer(4)]], const device Weight& __restrict _695 [[buffer(5)]], const device Bias& _1899 [[buffer(6)]], const device A& _1852 [[buffer(7)]], const device D& _1879 [[buffer(8)]], device State& __restrict _1241 [[buffer(9)]], const device Batch& _837 [[buffer(10)]], device Packed& __restrict _2908 [[buffer(11)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup uint2 row_ring[8];
    threadgroup RowSequence row_sequence[8];
    threadgroup float4 tile[TILE];
    threadgroup float scales[24];
    uint at;
    uint lanes;
    uint lane;
    uint j;
    find_place(at, lanes, gl_NumSubgroups, lane, gl_SubgroupInvocationID, gl_SubgroupID, j);
    uint param = p.cols;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _695);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _837, sequences, sequence0, at);
    uint live = min(p.rows, uint(max(_837.batch[p.batch_off + 0u], 0)));
    uint width;
    uint _all;
    uint outs;
    uint behind;
    lay_out_tile(p, width, _all, outs, behind);
    uint _3042 = gl_WorkGroupID.x * _3037;
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
    for (uint group = _3037, c0 = _3042; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        c = c0 + (at / 4u);
        ch = p.first + c;
        mine = c < p.cols;
        uint param_2 = 0u;
        fetch_chunks(param_2, p, _695, j, next, mine, _all, c);
        fetch_channel(p, j, mine, h, rate, _1852, ch, skip, shift, _1879, _1899);
        for (uint own = gl_WorkGroupID.y; (own * ROWS) < p.rows; own += gl_NumWorkGroups.y)
        {
            for (uint block = own; (block * ROWS) < p.rows; block++)
            {
                uint param_3 = block;
                fetch_inputs(param_3, p, mine, ch, xs, zs, _1941, _1960);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_4 = block;
                add_up_slices(param_4, p, at, tile, width, outs, _2050, behind);
                uint param_5 = block * ROWS;
                find_sequences(param_5, p, _837, row_ring, sequences, sequence0, at, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_6 = own;
                uint param_7 = block;
                fetch_states(param_6, param_7, p, _1241, row_sequence, j, mine, ch, begin);
                find_scales(p, lanes, gl_NumSubgroups, lane, gl_SubgroupID, tile, width, behind, scales);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_8 = block;
                project_dt(param_8, codebook, p, _695, j, tile, width, next, mine, _all, c, shift, scales, delta, gl_WorkGroupID);
                uint param_9 = own;
                uint param_10 = block;
                scan(param_9, param_10, p, _1241, row_ring, row_sequence, j, tile, width, mine, h, rate, ch, skip, xs, zs, behind, begin, scales, delta, _2867, _2908, live);
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

