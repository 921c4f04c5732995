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

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _672 = (STATE_TYPE == 1u);
constant bool _686 = (STATE_TYPE == 0u);
constant bool _691 = (STATE_TYPE == 1u);
constant bool _709 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _746 = (STATE_TYPE == 1u);
constant bool _760 = (STATE_TYPE == 0u);
constant bool _787 = (STATE_TYPE == 0u);
constant uint STRIP_tmp [[function_constant(42)]];
constant uint STRIP = is_function_constant_defined(STRIP_tmp) ? STRIP_tmp : 0u;
constant uint STRIP_ROWS_tmp [[function_constant(43)]];
constant uint STRIP_ROWS = is_function_constant_defined(STRIP_ROWS_tmp) ? STRIP_ROWS_tmp : 1u;
constant bool _985 = (STRIP > 0u);
constant bool _1027 = (!KEEP);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1177_tmp [[function_constant(0)]];
constant uint _1177 = is_function_constant_defined(_1177_tmp) ? _1177_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1177, 1u, 1u);
constant uint _1212 = (ROWS - 1u);
constant uint _1232 = gl_WorkGroupSize.x;
constant uint _1233 = (_1232 / ROWS);
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

constant uint _1759 = (ROWS * 3u);
constant bool _2044 = (STATE_TYPE == 0u);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

constant uint _2413 = gl_WorkGroupSize.x;
constant uint _2414 = (_2413 / 4u);

static inline __attribute__((always_inline))
void find_place(thread uint& at, thread uint& lanes, thread uint& gl_NumSubgroups, thread uint& lane, thread uint& gl_SubgroupInvocationID, thread uint& gl_SubgroupID, thread uint& j)
{
    lanes = gl_WorkGroupSize.x / gl_NumSubgroups;
    lane = gl_SubgroupInvocationID;
    at = (gl_SubgroupID * lanes) + lane;
    j = at % 4u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _303)
{
    return min(p.batch_records, uint(max(_303.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _303)
{
    return uint(_303.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _303)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _303), batch_word(param_2, param_3, p, _303), batch_word(param_4, param_5, p, _303), batch_word(param_6, param_7, p, _303), batch_word(param_8, param_9, p, _303), batch_word(param_10, param_11, p, _303) };
    bool _373;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _373 = batch_word(param_12, param_13, p, _303) == 1u;
    }
    else
    {
        _373 = KEEP;
    }
    bool keep = _373 && (slots != 4294967295u);
    bool _381 = s.from >= slots;
    bool _390;
    if (!_381)
    {
        _390 = s.to >= slots;
    }
    else
    {
        _390 = _381;
    }
    bool _399;
    if (!_390)
    {
        _399 = s.rows > rows;
    }
    else
    {
        _399 = _390;
    }
    bool _411;
    if (!_399)
    {
        _411 = s.first > (rows - s.rows);
    }
    else
    {
        _411 = _399;
    }
    if (_411)
    {
        s.rows = 0u;
    }
    bool _444;
    if (keep)
    {
        bool _423 = s.ring_len < s.rows;
        bool _431;
        if (!_423)
        {
            _431 = s.ring_len > slots;
        }
        else
        {
            _431 = _423;
        }
        bool _443;
        if (!_431)
        {
            _443 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _443 = _431;
        }
        _444 = _443;
    }
    else
    {
        _444 = keep;
    }
    if (_444)
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
Sequence record(thread const uint& q, constant Params& p, const device Batch& _303)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _303);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _303, thread uint& sequences, thread Sequence& sequence0, thread uint& at)
{
    sequences = batch_seqs(p, _303);
    uint param = at;
    sequence0 = record(param, p, _303);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
void lay_out_tile(constant Params& p, thread uint& width, thread uint& _all, thread uint& outs, thread uint& behind)
{
    outs = p.rank + (2u * p.states);
    uint param = p.rank;
    uint param_1 = p.pitch;
    _all = chunks(param, param_1);
    behind = _all * 8u;
    width = ((behind + (2u * p.states)) + 3u) / 4u;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _279, constant Params& p)
{
    return _279.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& k0, const device Weight& __restrict _279, constant Params& p, thread uint& j, thread uint4 (&next)[8], thread bool& mine, thread uint& _all, thread uint& c)
{
    for (uint u = 0u; u < 8u; u++)
    {
        uint k = (k0 + (u * 4u)) + j;
        next[u] = no_chunk();
        if (mine && (k < _all))
        {
            uint param = c;
            uint param_1 = k;
            next[u] = load_chunk(param, param_1, _279, p);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_channel(constant Params& p, thread uint& j, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], const device A& _1334, thread uint& ch, thread float& skip, thread float& shift, const device D& _1361, const device Bias& _1381)
{
    for (uint k = 0u; k < STATES; k++)
    {
        uint n = (k * 4u) + j;
        h[k] = 0.0;
        rate[k] = 0.0;
        bool _1327;
        if (mine)
        {
            _1327 = n < p.states;
        }
        else
        {
            _1327 = mine;
        }
        if (_1327)
        {
            rate[k] = _1334.a[(p.a_off + (ch * p.a_stride)) + n];
        }
    }
    skip = 0.0;
    shift = 0.0;
    if (mine)
    {
        skip = _1361.d[p.d_off + ch];
    }
    bool _1375;
    if (mine)
    {
        _1375 = p.bias_off != 4294967295u;
    }
    else
    {
        _1375 = mine;
    }
    if (_1375)
    {
        shift = _1381.bias0[p.bias_off + ch];
    }
}

static inline __attribute__((always_inline))
void fetch_inputs(thread const uint& block, constant Params& p, thread bool& mine, thread uint& ch, thread float (&xs)[8], thread float (&zs)[8], const device X& _1423, const device Z& _1442)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        uint t = (block * ROWS) + r;
        zs[r] = 0.0;
        xs[r] = 0.0;
        bool _1416;
        if (mine)
        {
            _1416 = t < p.rows;
        }
        else
        {
            _1416 = mine;
        }
        if (_1416)
        {
            xs[r] = _1423.x[(p.x_off + (t * p.x_stride)) + ch];
            zs[r] = _1442.z[(p.z_off + (t * p.z_stride)) + ch];
        }
    }
}

static inline __attribute__((always_inline))
uint row_team()
{
    return _1233;
}

static inline __attribute__((always_inline))
void add_up_slices(thread const uint& block, constant Params& p, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint& outs, const device DBC& __restrict _1532, thread uint& behind)
{
    uint team = row_team();
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1473 = at % team;
    float part[32];
    uint _1593;
    for (uint o0 = _1473; o0 < outs; o0 += (4u * team))
    {
        for (uint b = 0u; b < 4u; b++)
        {
            uint o = o0 + (b * team);
            for (uint s = 0u; s < SLICES; s++)
            {
                part[(b * SLICES) + s] = 0.0;
                bool _1515 = o < outs;
                bool _1522;
                if (_1515)
                {
                    _1522 = t < p.rows;
                }
                else
                {
                    _1522 = _1515;
                }
                if (_1522)
                {
                    part[(b * SLICES) + s] = _1532.dbc[(p.dbc_off + (((s * p.rows) + t) * p.dbc_stride)) + o];
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
                _1593 = o_1;
            }
            else
            {
                _1593 = (o_1 - p.rank) + behind;
            }
            uint i = _1593;
            if (o_1 < outs)
            {
                ((threadgroup float*)&tile[(r * width) + (i / 4u)])[i % 4u] = sum;
            }
        }
    }
    uint _1633 = p.rank + (at % team);
    for (uint i_1 = _1633; i_1 < behind; i_1 += team)
    {
        ((threadgroup float*)&tile[(r * width) + (i_1 / 4u)])[i_1 % 4u] = 0.0;
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _303, threadgroup uint2 (&row_ring)[8], thread uint& sequences, thread Sequence& sequence0, thread uint& at, threadgroup RowSequence (&row_sequence)[8])
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
            s = record(param, p, _303);
        }
        uint _1132 = max(s.first, first);
        for (uint t = _1132; t < min((s.first + s.rows), (first + ROWS)); t++)
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _715)
{
    if (_709)
    {
        return as_type<float>(_715.state[i]);
    }
    uint _724;
    if (alone)
    {
        _724 = _715.state[i / 2u];
    }
    else
    {
        uint _735 = atomic_fetch_or_explicit((device atomic_uint*)&_715.state[i / 2u], 0u, memory_order_relaxed);
        _724 = _735;
    }
    uint word = _724;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _747;
    if (_746)
    {
        uint param = bits;
        _747 = float16_value(param);
    }
    else
    {
        _747 = as_type<float>(bits << uint(16));
    }
    return _747;
}

static inline __attribute__((always_inline))
void fetch_states(thread const uint& own, thread const uint& block, constant Params& p, device State& __restrict _715, threadgroup RowSequence (&row_sequence)[8], thread uint& j, thread bool& mine, thread uint& ch, thread float (&begin)[32])
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        for (uint k = 0u; k < STATES; k++)
        {
            uint n = (k * 4u) + j;
            begin[(r * STATES) + k] = 0.0;
            bool _1697;
            if (mine)
            {
                _1697 = n < p.states;
            }
            else
            {
                _1697 = mine;
            }
            bool _1701 = _1697 && (block == own);
            bool _1708;
            if (_1701)
            {
                _1708 = t == s.first;
            }
            else
            {
                _1708 = _1701;
            }
            bool _1715;
            if (_1708)
            {
                _1715 = t < s.end;
            }
            else
            {
                _1715 = _1708;
            }
            if (_1715)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * p.states)) + n;
                bool param_1 = (p.states % 2u) == 0u;
                float _1745 = state_at(param, param_1, _715);
                begin[(r * STATES) + k] = _1745;
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
    uint _1770;
    uint _1785;
    float _1832;
    for (uint e = gl_SubgroupID; e < _1759; e += gl_NumSubgroups)
    {
        uint r = e / 3u;
        uint part = e % 3u;
        if (part == 0u)
        {
            _1770 = 0u;
        }
        else
        {
            _1770 = behind + ((part - 1u) * p.states);
        }
        uint first = _1770;
        if (part == 0u)
        {
            _1785 = p.rank;
        }
        else
        {
            _1785 = p.states;
        }
        uint n = _1785;
        float sum = 0.0;
        for (uint i = lane; i < n; i += lanes)
        {
            uint param = r;
            uint param_1 = first + i;
            float param_2 = value(param, param_1, tile, width);
            float _1813 = rms_square(param_2);
            sum += _1813;
        }
        sum = simd_sum(sum);
        if (lane == 0u)
        {
            if (p.norm != 0u)
            {
                float param_3 = sum;
                uint param_4 = n;
                float param_5 = p.eps;
                _1832 = rms_scale(param_3, param_4, param_5);
            }
            else
            {
                _1832 = 1.0;
            }
            scales[e] = _1832;
        }
    }
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _247;
    if (q == 0u)
    {
        _247 = chunk.xy;
    }
    else
    {
        _247 = chunk.zw;
    }
    uint2 h = _247;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
void multiply_chunk(thread const uint& u, thread const uint& w, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint4 (&next)[8], thread float (&delta)[8])
{
    uint4 param = next[u];
    uint param_1 = w;
    uint s = scales_of(param, param_1);
    for (uint q = 0u; q < 2u; q++)
    {
        uint4 param_2 = next[u];
        uint param_3 = s;
        uint param_4 = 0u;
        uint param_5 = q;
        float4 y = weight4(param_2, param_3, param_4, param_5);
        for (uint r = 0u; r < ROWS; r++)
        {
            uint param_6 = w;
            uint param_7 = 0u + q;
            float4 v = tile[(r * width) + (column(param_6, param_7) / 4u)];
            delta[r] = fma(y.w, v.w, fma(y.z, v.z, fma(y.y, v.y, fma(y.x, v.x, delta[r]))));
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
void project_dt(thread const uint& block, const device Weight& __restrict _279, constant Params& p, thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread uint4 (&next)[8], thread bool& mine, thread uint& _all, thread uint& c, thread float& shift, threadgroup float (&scales)[24], thread float (&delta)[8], thread uint3& gl_WorkGroupID)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        delta[r] = 0.0;
    }
    for (uint k0 = 0u; k0 < _all; k0 += 32u)
    {
        bool _1953 = _all > 32u;
        bool _1968;
        if (_1953)
        {
            bool _1957 = k0 > 0u;
            bool _1967;
            if (!_1957)
            {
                _1967 = block > gl_WorkGroupID.y;
            }
            else
            {
                _1967 = _1957;
            }
            _1968 = _1967;
        }
        else
        {
            _1968 = _1953;
        }
        if (_1968)
        {
            uint param = k0;
            fetch_chunks(param, _279, p, j, next, mine, _all, c);
        }
        for (uint u = 0u; u < 8u; u++)
        {
            uint w = (k0 + (u * 4u)) + j;
            if (w < _all)
            {
                uint param_1 = u;
                uint param_2 = w;
                multiply_chunk(param_1, param_2, tile, width, next, delta);
            }
        }
    }
    for (uint r_1 = 0u; r_1 < ROWS; r_1++)
    {
        float param_3 = delta[r_1];
        float _2016 = over_lanes(param_3);
        float param_4 = (_2016 * scales[r_1 * 3u]) + shift;
        delta[r_1] = softplus(param_4);
    }
}

static inline __attribute__((always_inline))
bool row_keeps(thread const uint& r, threadgroup uint2 (&row_ring)[8])
{
    bool _1024;
    if (KEEP)
    {
        _1024 = ((threadgroup uint*)&row_ring[r])[1u] != 0u;
    }
    else
    {
        _1024 = KEEP;
    }
    return _1024;
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _462;
    if ((from - ring) < ring_len)
    {
        _462 = ((from - ring) + i) + 1u;
    }
    else
    {
        _462 = i;
    }
    uint at = _462;
    uint _478;
    if (at < ring_len)
    {
        _478 = at;
    }
    else
    {
        _478 = at - ring_len;
    }
    return ring + _478;
}

static inline __attribute__((always_inline))
uint slot_after(thread const RowSequence& s, thread const uint& r, thread const uint& t, threadgroup uint2 (&row_ring)[8])
{
    bool _1036;
    if (!_1027)
    {
        _1036 = (t + 1u) == s.end;
    }
    else
    {
        _1036 = _1027;
    }
    if (_1036)
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
    float _929;
    if (abs(x) < 0.125)
    {
        _929 = near;
    }
    else
    {
        _929 = exp(x);
    }
    return _929;
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
    bool _617 = lost > middle;
    bool _630;
    if (!_617)
    {
        bool _623 = lost == middle;
        bool _629;
        if (_623)
        {
            _629 = (kept % 2u) == 1u;
        }
        else
        {
            _629 = _623;
        }
        _630 = _629;
    }
    else
    {
        _630 = _617;
    }
    return _sign | (kept + uint(_630));
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
    uint _673;
    if (_672)
    {
        float param = v;
        _673 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _673 = bfloat16_bits(param_1);
    }
    return _673;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _715)
{
    if (_760)
    {
        _715.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _777 = atomic_fetch_and_explicit((device atomic_uint*)&_715.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _786 = atomic_fetch_or_explicit((device atomic_uint*)&_715.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void set_states(thread const uint& i, thread const float& v, thread const float& w, device State& __restrict _715)
{
    if (_787)
    {
        _715.state[i] = as_type<uint>(v);
        _715.state[i + 1u] = as_type<uint>(w);
    }
    else
    {
        float param = v;
        float param_1 = w;
        _715.state[i / 2u] = state_bits(param) | (state_bits(param_1) << uint(16));
    }
}

static inline __attribute__((always_inline))
void store_state(thread const uint& slot, thread const uint& n, thread const float& v, constant Params& p, device State& __restrict _715, thread uint& j, thread bool& mine, thread uint& ch)
{
    uint i = ((p.state_off + (slot * p.state_stride)) + (ch * p.states)) + n;
    bool _2052;
    if (!_2044)
    {
        _2052 = (p.states % 2u) == 1u;
    }
    else
    {
        _2052 = _2044;
    }
    if (_2052)
    {
        bool _2062;
        if (mine)
        {
            _2062 = n < p.states;
        }
        else
        {
            _2062 = mine;
        }
        if (_2062)
        {
            uint param = i;
            float param_1 = v;
            set_state(param, param_1, _715);
        }
        return;
    }
    float next = spvSubgroupShuffleXor(v, 1u);
    bool _2081;
    if (mine)
    {
        _2081 = n < p.states;
    }
    else
    {
        _2081 = mine;
    }
    bool _2087;
    if (_2081)
    {
        _2087 = (j % 2u) == 0u;
    }
    else
    {
        _2087 = _2081;
    }
    if (_2087)
    {
        uint param_2 = i;
        float param_3 = v;
        float param_4 = next;
        set_states(param_2, param_3, param_4, _715);
    }
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_686)
    {
        return v;
    }
    float _692;
    if (_691)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _692 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _692 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _692;
}

static inline __attribute__((always_inline))
float update_states(thread const RowSequence& s, thread const uint& r, thread const uint& t, constant Params& p, device State& __restrict _715, threadgroup uint2 (&row_ring)[8], thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float (&xs)[8], thread uint& behind, thread float (&begin)[32], threadgroup float (&scales)[24], thread float (&delta)[8])
{
    float du = (delta[r] * xs[r]) * scales[(r * 3u) + 1u];
    float y = 0.0;
    uint param = r;
    bool keep = row_keeps(param, row_ring);
    bool _2126;
    if (!keep)
    {
        _2126 = (t + 1u) == s.end;
    }
    else
    {
        _2126 = keep;
    }
    bool stores = _2126;
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
            store_state(param_9, param_10, param_11, p, _715, j, mine, ch);
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
    uint _986;
    if (_985)
    {
        uint param = t;
        uint param_1 = ch;
        _986 = (p.packed_off / 2u) + strip_pair(param, param_1);
    }
    else
    {
        _986 = ((p.packed_off + (t * p.packed_stride)) + ch) / 2u;
    }
    return _986;
}

static inline __attribute__((always_inline))
void store(thread const uint& r, thread const uint& t, thread const float& y, constant Params& p, thread uint& j, thread bool& mine, thread uint& ch, device Dst& __restrict _2243, device Packed& __restrict _2285)
{
    if (mine && (j == 0u))
    {
        _2243.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
    }
    if (p.packed_off != 4294967295u)
    {
        float4 param = float4(y, spvSubgroupShuffleXor(y, 4u), 0.0, 0.0);
        uint2 _2268 = pack_half4(param);
        uint pair = _2268.x;
        bool _2273 = mine && (j == 0u);
        bool _2279;
        if (_2273)
        {
            _2279 = (ch % 2u) == 0u;
        }
        else
        {
            _2279 = _2273;
        }
        if (_2279)
        {
            uint param_1 = t;
            uint param_2 = ch;
            _2285._packed[packed_at(param_1, param_2, p)] = pair;
        }
    }
}

static inline __attribute__((always_inline))
void scan(thread const uint& own, thread const uint& block, constant Params& p, device State& __restrict _715, threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread uint& j, threadgroup float4 (&tile)[TILE], thread uint& width, thread bool& mine, thread float (&h)[32], thread float (&rate)[32], thread uint& ch, thread float& skip, thread float (&xs)[8], thread float (&zs)[8], thread uint& behind, thread float (&begin)[32], threadgroup float (&scales)[24], thread float (&delta)[8], device Dst& __restrict _2243, device Packed& __restrict _2285, thread uint& live)
{
    for (uint r = 0u; r < ROWS; r++)
    {
        RowSequence s = row_sequence[r];
        uint t = (block * ROWS) + r;
        bool _2313 = t >= live;
        bool _2321;
        if (!_2313)
        {
            _2321 = t >= s.end;
        }
        else
        {
            _2321 = _2313;
        }
        bool _2330;
        if (!_2321)
        {
            _2330 = (s.first / ROWS) != own;
        }
        else
        {
            _2330 = _2321;
        }
        if (_2330)
        {
            continue;
        }
        RowSequence param = s;
        uint param_1 = r;
        uint param_2 = t;
        float _2341 = update_states(param, param_1, param_2, p, _715, row_ring, j, tile, width, mine, h, rate, ch, xs, behind, begin, scales, delta);
        float y = _2341;
        float param_3 = y;
        float _2344 = over_lanes(param_3);
        float param_4 = zs[r];
        uint param_5 = r;
        uint param_6 = t;
        float param_7 = ((_2344 * scales[(r * 3u) + 2u]) + (skip * xs[r])) * silu(param_4);
        store(param_5, param_6, param_7, p, j, mine, ch, _2243, _2285);
    }
}

static inline __attribute__((always_inline))
bool ends(thread const uint& own, thread const uint& block, threadgroup RowSequence (&row_sequence)[8])
{
    RowSequence last = row_sequence[_1212];
    bool _1220 = last.end <= ((block + 1u) * ROWS);
    bool _1229;
    if (!_1220)
    {
        _1229 = (last.first / ROWS) != own;
    }
    else
    {
        _1229 = _1220;
    }
    return _1229;
}

kernel void ssm_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2243 [[buffer(1)]], const device X& _1423 [[buffer(2)]], const device Z& _1442 [[buffer(3)]], const device DBC& __restrict _1532 [[buffer(4)]], const device Weight& __restrict _279 [[buffer(5)]], const device Bias& _1381 [[buffer(6)]], const device A& _1334 [[buffer(7)]], const device D& _1361 [[buffer(8)]], device State& __restrict _715 [[buffer(9)]], const device Batch& _303 [[buffer(10)]], device Packed& __restrict _2285 [[buffer(11)]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
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
    load_codebook(param, param_1);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _303, sequences, sequence0, at);
    uint live = min(p.rows, uint(max(_303.batch[p.batch_off + 0u], 0)));
    uint width;
    uint _all;
    uint outs;
    uint behind;
    lay_out_tile(p, width, _all, outs, behind);
    uint _2419 = gl_WorkGroupID.x * _2414;
    uint4 next[8];
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
    for (uint group = _2414, c0 = _2419; c0 < p.cols; c0 += (gl_NumWorkGroups.x * group))
    {
        c = c0 + (at / 4u);
        ch = p.first + c;
        mine = c < p.cols;
        uint param_2 = 0u;
        fetch_chunks(param_2, _279, p, j, next, mine, _all, c);
        fetch_channel(p, j, mine, h, rate, _1334, ch, skip, shift, _1361, _1381);
        for (uint own = gl_WorkGroupID.y; (own * ROWS) < p.rows; own += gl_NumWorkGroups.y)
        {
            for (uint block = own; (block * ROWS) < p.rows; block++)
            {
                uint param_3 = block;
                fetch_inputs(param_3, p, mine, ch, xs, zs, _1423, _1442);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_4 = block;
                add_up_slices(param_4, p, at, tile, width, outs, _1532, behind);
                uint param_5 = block * ROWS;
                find_sequences(param_5, p, _303, row_ring, sequences, sequence0, at, row_sequence);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_6 = own;
                uint param_7 = block;
                fetch_states(param_6, param_7, p, _715, row_sequence, j, mine, ch, begin);
                find_scales(p, lanes, gl_NumSubgroups, lane, gl_SubgroupID, tile, width, behind, scales);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_8 = block;
                project_dt(param_8, _279, p, j, tile, width, next, mine, _all, c, shift, scales, delta, gl_WorkGroupID);
                uint param_9 = own;
                uint param_10 = block;
                scan(param_9, param_10, p, _715, row_ring, row_sequence, j, tile, width, mine, h, rate, ch, skip, xs, zs, behind, begin, scales, delta, _2243, _2285, live);
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

