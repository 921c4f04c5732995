#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

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

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint channels;
    uint dst_off;
    uint dst_stride;
    uint z_off;
    uint z_stride;
    uint src_off;
    uint src_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint bias_off;
    uint conv_off;
    uint conv_stride;
    uint taps;
    uint conv_bias_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
    uint act;
    uint squares_off;
    uint squares_stride;
    uint squares;
    uint packed_off;
    uint packed_stride;
};

struct Batch
{
    int batch[1];
};

constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _598 = (STATE_TYPE == 1u);
constant bool _612 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _649 = (STATE_TYPE == 1u);
constant bool _663 = (STATE_TYPE == 0u);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _966_tmp [[function_constant(0)]];
constant uint _966 = is_function_constant_defined(_966_tmp) ? _966_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_966, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;
constant uint _1181 = gl_WorkGroupSize.x;
constant uint _1182 = (_1181 / ROWS);
constant uint _1197 = (ROWS * 8u);
constant uint _1260 = gl_WorkGroupSize.x;
constant uint _1261 = (_1260 / ROWS);
constant uint _1452 = (ROWS * 2u);
constant uint _1453 = (TILE / _1452);
constant uint _1549 = (OUTS * AHEAD);
constant uint _1601 = (OUTS * ROWS);
constant uint _1610 = gl_WorkGroupSize.x;
constant uint _1611 = (_1610 / ROWS);
constant bool _1782 = (!ALIKE);
constant uint _2083 = (ROWS - 1u);
constant uint _2103 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

constant uint _2264 = (OUTS * ROWS);
constant uint _2328 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

constant uint _2439 = (OUTS * ROWS);
constant uint _2485 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

constant uint _2610 = (OUTS * ROWS);
constant uint _2656 = (OUTS * ROWS);
constant uint _2759 = (3u * OUTS);
constant uint _2776 = (3u * OUTS);
constant int _2782 = int(ROWS + 0u);
constant uint _2792 = (3u * OUTS);

struct Squares
{
    float squares_of[1];
};

struct Packed
{
    uint4 _packed[1];
};

static inline __attribute__((always_inline))
void find_place(thread uint& subgroup, thread uint& gl_SubgroupID, thread uint& subgroups, thread uint& gl_NumSubgroups, thread uint& lane, thread uint& gl_SubgroupInvocationID, thread uint& lanes, thread uint& at, thread uint& member, thread uint& members)
{
    subgroup = gl_SubgroupID;
    subgroups = gl_NumSubgroups;
    lane = gl_SubgroupInvocationID;
    lanes = gl_WorkGroupSize.x / subgroups;
    at = (subgroup * lanes) + lane;
    member = lane;
    members = lanes;
}

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _324)
{
    return min(p.batch_records, uint(max(_324.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _324)
{
    return uint(_324.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _324)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _324), batch_word(param_2, param_3, p, _324), batch_word(param_4, param_5, p, _324), batch_word(param_6, param_7, p, _324) };
    bool _378 = s.from >= slots;
    bool _387;
    if (!_378)
    {
        _387 = s.to >= slots;
    }
    else
    {
        _387 = _378;
    }
    bool _396;
    if (!_387)
    {
        _396 = s.rows > rows;
    }
    else
    {
        _396 = _387;
    }
    bool _408;
    if (!_396)
    {
        _408 = s.first > (rows - s.rows);
    }
    else
    {
        _408 = _396;
    }
    if (_408)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _324)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _324);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _324, thread uint& at, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _324);
    uint param = at;
    sequence0 = record(param, p, _324);
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
void divide_channels(constant Params& p, thread uint3& gl_NumWorkGroups, thread uint& first_group, thread uint3& gl_WorkGroupID, thread uint& end_group)
{
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    first_group = gl_WorkGroupID.x * each;
    end_group = min((first_group + each), groups);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
void divide_columns(constant Params& p, thread uint& lanes, thread uint& tile_chunks, thread uint3& gl_NumWorkGroups, thread uint3& gl_WorkGroupID, thread uint& first_chunk, thread uint& end_chunk, thread uint& step_chunks, thread uint& steps, thread uint& tile_steps)
{
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    first_chunk = min((gl_WorkGroupID.z * span), _all);
    end_chunk = min((first_chunk + span), _all);
    step_chunks = lanes * AHEAD;
    steps = (((end_chunk - first_chunk) + step_chunks) - 1u) / step_chunks;
    tile_steps = _1453 / step_chunks;
    tile_chunks = tile_steps * step_chunks;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _324)
{
    return min(p.rows, uint(max(_324.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Batch& _324, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& tile_steps, thread uint& alive, thread uint& blocks, thread bool& rows_stay)
{
    alive = live_rows(p, _324);
    blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
uint channels_from(thread const uint& group, constant Params& p, thread uint& subgroup, thread uint& end_group)
{
    uint _1396;
    if ((group + subgroup) < end_group)
    {
        _1396 = (group + subgroup) * OUTS;
    }
    else
    {
        _1396 = p.outs;
    }
    return _1396;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _943)
{
    return _943.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _943, thread uint& lane, thread uint& lanes, thread uint& end_chunk, thread uint4 (&next)[8])
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1518 = wu < end_chunk;
            bool _1525;
            if (_1518)
            {
                _1525 = mi < p.outs;
            }
            else
            {
                _1525 = _1518;
            }
            if (_1525)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _943);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread float& row_squares, thread uint& steps_left)
{
    for (uint i = 0u; i < _1601; i++)
    {
        acc[i] = 0.0;
    }
    row_squares = 0.0;
    steps_left = 0u;
}

static inline __attribute__((always_inline))
bool tile_used_up(thread uint& steps_left)
{
    return steps_left == 0u;
}

static inline __attribute__((always_inline))
bool begin_tile(thread const uint& group, thread uint& first_group, thread uint& tile_steps, thread bool& rows_stay, thread uint& steps_left)
{
    steps_left = tile_steps;
    return (!rows_stay) || (group == first_group);
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _910)
{
    return _910.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _930)
{
    return _930.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
void put_in_tile(thread const float4& x, thread const uint& r, thread const uint& v, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks)
{
    tile[(((r * 2u) + (v % 2u)) * tile_chunks) + (v / 2u)] = x;
}

static inline __attribute__((always_inline))
void find_squares(thread const uint& block, constant Params& p, const device Src& _910, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128])
{
    for (uint e = subgroup; e < _1197; e += subgroups)
    {
        uint t = (block * ROWS) + (e / 8u);
        float sum = 0.0;
        uint _1212 = ((e % 8u) * lanes) + lane;
        uint c = _1212;
        for (;;)
        {
            bool _1221 = t < p.rows;
            bool _1228;
            if (_1221)
            {
                _1228 = c < p.cols;
            }
            else
            {
                _1228 = _1221;
            }
            if (_1228)
            {
                uint param = t;
                uint param_1 = c;
                float param_2 = source(param, param_1, p, _910);
                float _1235 = rms_square(param_2);
                sum += _1235;
                c += (8u * lanes);
                continue;
            }
            else
            {
                break;
            }
        }
        sum = simd_sum(sum);
        if (lane == 0u)
        {
            squares[e] = sum;
        }
    }
}

static inline __attribute__((always_inline))
uint square_parts(thread uint& lanes)
{
    uint _1177;
    if (ALIKE)
    {
        _1177 = 8u;
    }
    else
    {
        _1177 = max((_1182 / lanes), 1u);
    }
    return _1177;
}

static inline __attribute__((always_inline))
void put_squares(thread uint& subgroup, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares)
{
    uint team = _1261;
    uint parts = square_parts(lanes);
    uint _1307;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((subgroup * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? row_squares : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1307 = subgroup % parts;
            }
            else
            {
                _1307 = 0u;
            }
            squares[(r * parts) + _1307] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _910, const device Norm& _930, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, threadgroup float (&squares)[128], thread float& row_squares, thread uint& end_chunk, thread uint& steps, thread uint& tile_steps)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _1611;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1627 = min(tile_chunks, (end_chunk - w)) * 2u;
    uint _1631 = at % team;
    float4 x[4];
    float4 gain[4];
    uint quads = _1627;
    uint v0 = _1631;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint c = column(param, param_1);
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _1670 = v < quads;
                bool _1677;
                if (_1670)
                {
                    _1677 = t < p.rows;
                }
                else
                {
                    _1677 = _1670;
                }
                bool _1686;
                if (_1677)
                {
                    _1686 = (c + k) < p.cols;
                }
                else
                {
                    _1686 = _1677;
                }
                if (_1686)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _910);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            uint param_4 = w;
            uint param_5 = v_1;
            uint c_1 = column(param_4, param_5);
            gain[j_1] = float4(0.0);
            for (uint k_1 = 0u; k_1 < 4u; k_1++)
            {
                bool _1736 = v_1 < quads;
                bool _1745;
                if (_1736)
                {
                    _1745 = (c_1 + k_1) < p.cols;
                }
                else
                {
                    _1745 = _1736;
                }
                if (_1745)
                {
                    uint param_6 = c_1 + k_1;
                    gain[j_1][k_1] = norm_weight(param_6, p, _930);
                }
            }
        }
        for (uint j_2 = 0u; j_2 < 4u; j_2++)
        {
            uint v_2 = v0 + (j_2 * team);
            for (uint k_2 = 0u; k_2 < 4u; k_2++)
            {
                if (_1782)
                {
                    float param_7 = x[j_2][k_2];
                    float _1790 = rms_square(param_7);
                    row_squares += _1790;
                }
            }
            x[j_2] *= gain[j_2];
            if (v_2 < quads)
            {
                float4 param_8 = x[j_2];
                uint param_9 = r;
                uint param_10 = v_2;
                put_in_tile(param_8, param_9, param_10, tile, tile_chunks);
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
    if ((_step + tile_steps) >= steps)
    {
        if (ALIKE)
        {
            uint param_11 = block;
            find_squares(param_11, p, _910, subgroup, subgroups, lane, lanes, squares);
        }
        else
        {
            put_squares(subgroup, lane, lanes, at, squares, row_squares);
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _324, thread uint& at, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
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
            s = record(param, p, _324);
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _618)
{
    if (_612)
    {
        return as_type<float>(_618.state[i]);
    }
    uint _627;
    if (alone)
    {
        _627 = _618.state[i / 2u];
    }
    else
    {
        uint _638 = atomic_fetch_or_explicit((device atomic_uint*)&_618.state[i / 2u], 0u, memory_order_relaxed);
        _627 = _638;
    }
    uint word = _627;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _650;
    if (_649)
    {
        uint param = bits;
        _650 = float16_value(param);
    }
    else
    {
        _650 = as_type<float>(bits << uint(16));
    }
    return _650;
}

static inline __attribute__((always_inline))
void fetch_taps(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, device State& __restrict _618, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2149, thread float (&tap)[4], const device Conv& _2187, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _2083);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _2104 = e < _2103;
        bool _2113;
        if (_2104)
        {
            _2113 = (m + k) < p.outs;
        }
        else
        {
            _2113 = _2104;
        }
        bool _2121;
        if (_2113)
        {
            _2121 = ch < p.channels;
        }
        else
        {
            _2121 = _2113;
        }
        bool _2128;
        if (_2121)
        {
            _2128 = t < s.end;
        }
        else
        {
            _2128 = _2121;
        }
        bool some = _2128;
        tap_bias[u] = 0.0;
        bool _2142;
        if (some)
        {
            _2142 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _2142 = some;
        }
        if (_2142)
        {
            tap_bias[u] = _2149.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _2187.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _2223 = some && (i < held);
            bool _2232;
            if (_2223)
            {
                _2232 = (t - s.first) < held;
            }
            else
            {
                _2232 = _2223;
            }
            if (_2232)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i;
                bool param_1 = false;
                float _2258 = state_at(param, param_1, _618);
                past[(u * 3u) + i] = _2258;
            }
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _943, thread uint& lane, thread uint& lanes, thread uint4 (&now)[8], thread uint3& gl_NumWorkGroups, thread uint& first_chunk, thread uint& end_chunk, thread uint& step_chunks, thread uint& steps, thread uint& blocks, thread uint4 (&next)[8])
{
    for (uint i = 0u; i < _1549; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1574;
    if (!more)
    {
        _1574 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1574 = more;
    }
    uint m_next = _1574 ? m : m_after;
    uint _1580;
    if (more)
    {
        _1580 = w + step_chunks;
    }
    else
    {
        _1580 = first_chunk;
    }
    uint w_next = _1580;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _943, lane, lanes, end_chunk, next);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _290;
    if (q == 0u)
    {
        _290 = chunk.xy;
    }
    else
    {
        _290 = chunk.zw;
    }
    uint2 h = _290;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
void multiply_chunks(thread const uint& u, thread const uint& w, thread const uint& from, thread uint& lanes, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread uint4 (&now)[8], thread float (&acc)[32])
{
    uint scales[4];
    for (uint i = 0u; i < OUTS; i++)
    {
        uint4 param = now[(i * AHEAD) + u];
        uint param_1 = w;
        scales[i] = scales_of(param, param_1);
    }
    float4 y[4];
    for (uint q = 0u; q < 2u; q++)
    {
        for (uint i_1 = 0u; i_1 < OUTS; i_1++)
        {
            uint4 param_2 = now[(i_1 * AHEAD) + u];
            uint param_3 = scales[i_1];
            uint param_4 = 0u;
            uint param_5 = q;
            y[i_1] = weight4(param_2, param_3, param_4, param_5);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            float4 x = tile[(((((r * 2u) + 0u) + q) * tile_chunks) + from) + (u * lanes)];
            for (uint i_2 = 0u; i_2 < OUTS; i_2++)
            {
                float4 param_6 = y[i_2];
                float4 param_7 = x;
                float param_8 = acc[(i_2 * ROWS) + r];
                acc[(i_2 * ROWS) + r] = dot_add(param_6, param_7, param_8);
            }
        }
    }
}

static inline __attribute__((always_inline))
void multiply(thread const uint& w, thread uint& lane, thread uint& lanes, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread uint4 (&now)[8], thread float (&acc)[32], thread uint& end_chunk, thread uint& step_chunks, thread uint& tile_steps, thread uint& steps_left)
{
    uint from = ((tile_steps - steps_left) * step_chunks) + lane;
    for (uint u = 0u; u < AHEAD; u++)
    {
        uint wu = (w + (u * lanes)) + lane;
        if (wu < end_chunk)
        {
            uint param = u;
            uint param_1 = wu;
            uint param_2 = from;
            multiply_chunks(param, param_1, param_2, lanes, tile, tile_chunks, now, acc);
        }
    }
    steps_left--;
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& subgroup)
{
    return (((subgroup * 11u) + uint(3 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
void team_barrier()
{
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
}

static inline __attribute__((always_inline))
void add_up(thread uint& subgroup, thread uint& lane, thread float (&acc)[32], threadgroup float (&sums)[704])
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint r = 0u; r < ROWS; r++)
        {
            float sum = simd_sum(acc[(i * ROWS) + r]);
            if (lane == 0u)
            {
                int param = int(r);
                uint param_1 = i;
                sums[sum_at(param, param_1, subgroup)] = sum;
            }
        }
    }
    team_barrier();
}

static inline __attribute__((always_inline))
float sum_of(thread const int& r, thread const uint& i, thread uint& subgroup, threadgroup float (&sums)[704])
{
    int param = r;
    uint param_1 = i;
    return sums[sum_at(param, param_1, subgroup)];
}

static inline __attribute__((always_inline))
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float row_scale(thread const uint& r, constant Params& p, thread uint& lanes, threadgroup float (&squares)[128])
{
    float sum = 0.0;
    uint parts = square_parts(lanes);
    for (uint i = 0u; i < parts; i++)
    {
        sum += squares[(r * parts) + i];
    }
    float param = sum;
    uint param_1 = p.cols;
    float param_2 = p.eps;
    return rms_scale(param, param_1, param_2);
}

static inline __attribute__((always_inline))
void set_sum(thread const int& r, thread const uint& i, thread const float& x, thread uint& subgroup, threadgroup float (&sums)[704])
{
    int param = r;
    uint param_1 = i;
    sums[sum_at(param, param_1, subgroup)] = x;
}

static inline __attribute__((always_inline))
void finish_projection(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], const device Bias& _2377, device Z& __restrict _2407)
{
    for (uint e = member; e < _2328; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        if ((m + k) >= p.outs)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        float x = sum_of(param, param_1, subgroup, sums) * row_scale(param_2, p, lanes, squares);
        uint ch = (p.first + m) + k;
        if (p.bias_off != 4294967295u)
        {
            x += _2377.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        float param_5 = x;
        set_sum(param_3, param_4, param_5, subgroup, sums);
        if ((ch >= p.channels) && (t < alive))
        {
            _2407.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
}

static inline __attribute__((always_inline))
bool taps_fit(thread uint& members)
{
    return _2264 <= (1u * members);
}

static inline __attribute__((always_inline))
float window(thread const RowSequence& s, thread const uint& block, thread const uint& u, thread const uint& i, thread const uint& held, thread const uint& k, thread uint& subgroup, threadgroup float (&sums)[704], thread float (&past)[3])
{
    if (i >= held)
    {
        int param = int((s.first + i) - held) - int(block * ROWS);
        uint param_1 = k;
        return sum_of(param, param_1, subgroup, sums);
    }
    float x = past[u * 3u];
    for (uint j = 1u; j < 3u; j++)
    {
        if (i == j)
        {
            x = past[(u * 3u) + j];
        }
    }
    return x;
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float normal_cdf(thread const float& x)
{
    float z = abs(x) * 0.707106769084930419921875;
    float t = 1.0 / (1.0 + (0.3275910913944244384765625 * z));
    float tail = t * (0.254829585552215576171875 + (t * ((-0.284496724605560302734375) + (t * (1.42141377925872802734375 + (t * ((-1.45315206050872802734375) + (t * 1.0614054203033447265625))))))));
    tail *= (0.5 * exp((-z) * z));
    float _750;
    if (x < 0.0)
    {
        _750 = tail;
    }
    else
    {
        _750 = 1.0 - tail;
    }
    return _750;
}

static inline __attribute__((always_inline))
float sigmoid(thread const float& x)
{
    return 1.0 / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float tanh_(thread const float& x)
{
    float q = x * x;
    if (q < 0.00999999977648258209228515625)
    {
        return x * (1.0 - (q * (0.3333333432674407958984375 - (q * (0.13333334028720855712890625 - (q * 0.0539682544767856597900390625))))));
    }
    float e = exp((-2.0) * abs(x));
    return (sign(x) * (1.0 - e)) / (1.0 + e);
}

static inline __attribute__((always_inline))
float mish(thread const float& x)
{
    float n = exp(fast::min(x, 20.0));
    float w = n * (n + 2.0);
    return x * (w / (w + 2.0));
}

static inline __attribute__((always_inline))
float activate(thread const uint& act, thread const float& x)
{
    switch (act)
    {
        case 1u:
        {
            float param = x;
            return silu(param);
        }
        case 2u:
        {
            float param_1 = x;
            return x * normal_cdf(param_1);
        }
        case 3u:
        {
            float param_2 = 1.5957691669464111328125 * (x + (((0.0447149984538555145263671875 * x) * x) * x));
            return x * sigmoid(param_2);
        }
        case 4u:
        {
            float param_3 = 1.70200002193450927734375 * x;
            return x * sigmoid(param_3);
        }
        case 5u:
        {
            return fast::max(x, 0.0);
        }
        case 6u:
        {
            return fast::max(x, 0.0) * fast::max(x, 0.0);
        }
        case 7u:
        {
            return fast::min(fast::max(x, 0.0), 6.0);
        }
        case 8u:
        {
            float param_4 = x;
            return sigmoid(param_4);
        }
        case 9u:
        {
            float param_5 = x;
            return tanh_(param_5);
        }
        case 10u:
        {
            float param_6 = x;
            return mish(param_6);
        }
    }
    return x;
}

static inline __attribute__((always_inline))
void convolve(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _618, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2149, thread float (&tap)[4], const device Conv& _2187, thread float (&past)[3], device Dst& __restrict _2572)
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _2439; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _618, members, row_sequence, tap_bias, _2149, tap, _2187, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _2486 = e >= _2485;
            bool _2496;
            if (!_2486)
            {
                _2496 = (m + k) >= p.outs;
            }
            else
            {
                _2496 = _2486;
            }
            bool _2504;
            if (!_2496)
            {
                _2504 = ch >= p.channels;
            }
            else
            {
                _2504 = _2496;
            }
            if (_2504 || (t >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r];
            if (t >= s.end)
            {
                continue;
            }
            float sum = tap_bias[u];
            for (uint j = 0u; j <= 3u; j++)
            {
                if (j <= held)
                {
                    RowSequence param_3 = s;
                    uint param_4 = block;
                    uint param_5 = u;
                    uint param_6 = (t - s.first) + j;
                    uint param_7 = held;
                    uint param_8 = k;
                    sum += (tap[(u * 4u) + j] * window(param_3, param_4, param_5, param_6, param_7, param_8, subgroup, sums, past));
                }
            }
            uint param_9 = p.act;
            float param_10 = sum;
            _2572.dst[(p.dst_off + (t * p.dst_stride)) + ch] = activate(param_9, param_10);
        }
    }
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
    bool _543 = lost > middle;
    bool _556;
    if (!_543)
    {
        bool _549 = lost == middle;
        bool _555;
        if (_549)
        {
            _555 = (kept % 2u) == 1u;
        }
        else
        {
            _555 = _549;
        }
        _556 = _555;
    }
    else
    {
        _556 = _543;
    }
    return _sign | (kept + uint(_556));
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
    uint _599;
    if (_598)
    {
        float param = v;
        _599 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _599 = bfloat16_bits(param_1);
    }
    return _599;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _618)
{
    if (_663)
    {
        _618.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _681 = atomic_fetch_and_explicit((device atomic_uint*)&_618.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _690 = atomic_fetch_or_explicit((device atomic_uint*)&_618.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_states(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _618, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2149, thread float (&tap)[4], const device Conv& _2187, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _2610; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _618, members, row_sequence, tap_bias, _2149, tap, _2187, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _2657 = e >= _2656;
            bool _2667;
            if (!_2657)
            {
                _2667 = (m + k) >= p.outs;
            }
            else
            {
                _2667 = _2657;
            }
            bool _2675;
            if (!_2667)
            {
                _2675 = ch >= p.channels;
            }
            else
            {
                _2675 = _2667;
            }
            if (_2675 || (t >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r];
            if ((t + 1u) != s.end)
            {
                continue;
            }
            for (uint j = 0u; j < 3u; j++)
            {
                if (j < held)
                {
                    RowSequence param_3 = s;
                    uint param_4 = block;
                    uint param_5 = u;
                    uint param_6 = ((t + 1u) - s.first) + j;
                    uint param_7 = held;
                    uint param_8 = k;
                    uint param_9 = ((p.state_off + (s.to * p.state_stride)) + (ch * held)) + j;
                    float param_10 = window(param_3, param_4, param_5, param_6, param_7, param_8, subgroup, sums, past);
                    set_state(param_9, param_10, _618);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
void keep_history(thread uint& subgroup, thread uint& member, thread uint& members, threadgroup float (&sums)[704])
{
    float _2778;
    for (uint e0 = 0u; e0 < _2759; e0 += members)
    {
        uint e = e0 + member;
        uint k = e % OUTS;
        int r = int(e / OUTS) - 3;
        team_barrier();
        if (e < _2776)
        {
            int param = r + _2782;
            uint param_1 = k;
            _2778 = sum_of(param, param_1, subgroup, sums);
        }
        else
        {
            _2778 = 0.0;
        }
        float x = _2778;
        team_barrier();
        if (e < _2792)
        {
            int param_2 = r;
            uint param_3 = k;
            float param_4 = x;
            set_sum(param_2, param_3, param_4, subgroup, sums);
        }
    }
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _618, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2149, thread float (&tap)[4], const device Conv& _2187, thread float (&past)[3], const device Bias& _2377, device Z& __restrict _2407, device Dst& __restrict _2572)
{
    uint param = m;
    uint param_1 = block;
    finish_projection(param, param_1, p, subgroup, lanes, member, members, squares, alive, sums, _2377, _2407);
    team_barrier();
    uint param_2 = m;
    uint param_3 = block;
    convolve(param_2, param_3, p, _618, subgroup, member, members, alive, sums, row_sequence, tap_bias, _2149, tap, _2187, past, _2572);
    team_barrier();
    uint param_4 = m;
    uint param_5 = block;
    store_states(param_4, param_5, p, _618, subgroup, member, members, alive, sums, row_sequence, tap_bias, _2149, tap, _2187, past);
    if (p.rows > ROWS)
    {
        keep_history(subgroup, member, members, sums);
    }
}

kernel void in_proj_conv_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2572 [[buffer(1)]], device Z& __restrict _2407 [[buffer(2)]], const device Src& _910 [[buffer(3)]], const device Norm& _930 [[buffer(4)]], const device Weight& __restrict _943 [[buffer(5)]], const device Bias& _2377 [[buffer(6)]], const device Conv& _2187 [[buffer(7)]], const device ConvBias& _2149 [[buffer(8)]], device State& __restrict _618 [[buffer(9)]], const device Batch& _324 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float4 tile[TILE];
    threadgroup float squares[128];
    threadgroup float sums[704];
    threadgroup RowSequence row_sequence[8];
    uint part = 0u;
    uint subgroup;
    uint subgroups;
    uint lane;
    uint lanes;
    uint at;
    uint member;
    uint members;
    find_place(subgroup, gl_SubgroupID, subgroups, gl_NumSubgroups, lane, gl_SubgroupInvocationID, lanes, at, member, members);
    uint sequences;
    Sequence sequence0;
    fetch_sequences(p, _324, at, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint first_group;
    uint end_group;
    divide_channels(p, gl_NumWorkGroups, first_group, gl_WorkGroupID, end_group);
    uint tile_chunks;
    uint first_chunk;
    uint end_chunk;
    uint step_chunks;
    uint steps;
    uint tile_steps;
    divide_columns(p, lanes, tile_chunks, gl_NumWorkGroups, gl_WorkGroupID, first_chunk, end_chunk, step_chunks, steps, tile_steps);
    uint alive;
    uint blocks;
    bool rows_stay;
    divide_rows(p, _324, gl_NumWorkGroups, steps, tile_steps, alive, blocks, rows_stay);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    uint4 next[8];
    fetch_chunks(param_3, param_4, p, _943, lane, lanes, end_chunk, next);
    uint4 now[8];
    float acc[32];
    float row_squares;
    uint steps_left;
    float tap_bias[1];
    float tap[4];
    float past[3];
    for (uint group = first_group; group < end_group; group += subgroups)
    {
        uint param_5 = group + subgroups;
        uint m_after = channels_from(param_5, p, subgroup, end_group);
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            clear_sums(acc, row_squares, steps_left);
            for (uint _step = 0u; _step < steps; _step++)
            {
                uint w = first_chunk + (_step * step_chunks);
                if (tile_used_up(steps_left))
                {
                    uint param_6 = group;
                    bool _2897 = begin_tile(param_6, first_group, tile_steps, rows_stay, steps_left);
                    if (_2897)
                    {
                        uint param_7 = block;
                        uint param_8 = _step;
                        uint param_9 = w;
                        load_rows(param_7, param_8, param_9, p, _910, _930, subgroup, subgroups, lane, lanes, at, tile, tile_chunks, squares, row_squares, end_chunk, steps, tile_steps);
                        if (_step == 0u)
                        {
                            uint param_10 = block * ROWS;
                            find_sequences(param_10, p, _324, at, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (_step == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    uint param_13 = member;
                    fetch_taps(param_11, param_12, param_13, p, _618, members, row_sequence, tap_bias, _2149, tap, _2187, past);
                }
                uint param_14 = m;
                uint param_15 = m_after;
                uint param_16 = block;
                uint param_17 = _step;
                uint param_18 = w;
                take_chunks(param_14, param_15, param_16, param_17, param_18, p, _943, lane, lanes, now, gl_NumWorkGroups, first_chunk, end_chunk, step_chunks, steps, blocks, next);
                uint param_19 = w;
                multiply(param_19, lane, lanes, tile, tile_chunks, now, acc, end_chunk, step_chunks, tile_steps, steps_left);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_20 = m;
            uint param_21 = block;
            finish(param_20, param_21, p, _618, subgroup, lanes, member, members, squares, alive, sums, row_sequence, tap_bias, _2149, tap, _2187, past, _2377, _2407, _2572);
            team_barrier();
        }
        m = m_after;
    }
}

