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
    uint squares_off;
    uint squares_stride;
    uint squares;
    uint packed_off;
    uint packed_stride;
    uint ready_off;
    uint ready_stride;
};

struct Batch
{
    int batch[1];
};

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _732 = (STATE_TYPE == 1u);
constant bool _746 = (STATE_TYPE == 0u);
constant bool _751 = (STATE_TYPE == 1u);
constant bool _769 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _806 = (STATE_TYPE == 1u);
constant bool _820 = (STATE_TYPE == 0u);

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

constant uint _1122_tmp [[function_constant(0)]];
constant uint _1122 = is_function_constant_defined(_1122_tmp) ? _1122_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1122, 1u, 1u);
constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;
constant uint _1164 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1166 = (_1164 / ROWS);
constant uint _1181 = (ROWS * 8u);
constant uint _1244 = gl_WorkGroupSize.x;
constant uint _1245 = (_1244 / ROWS);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _1349 = (ROWS * 2u);
constant uint _1350 = (TILE / _1349);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _1446 = (OUTS * AHEAD);
constant uint _1500 = (OUTS * ROWS);
constant uint _1513 = gl_WorkGroupSize.x;
constant uint _1514 = (_1513 / ROWS);
constant bool _1687 = (!ALIKE);
constant bool _2130 = (!KEEP);
constant uint _2305 = (ROWS - 1u);
constant uint _2325 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

constant uint _2484 = (OUTS * ROWS);
constant uint _2548 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

constant uint ACT_tmp [[function_constant(37)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;
constant uint _2729 = (OUTS * ROWS);
constant uint _2762 = (ROWS - 1u);
constant uint _2782 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

constant uint _2883 = (OUTS * ROWS);
constant uint _2929 = (OUTS * ROWS);
constant uint _3046 = (3u * OUTS);
constant uint _3063 = (3u * OUTS);
constant int _3069 = int(ROWS + 0u);
constant uint _3079 = (3u * OUTS);

struct Squares
{
    float squares_of[1];
};

struct Packed
{
    uint4 _packed[1];
};

struct Ready
{
    uint2 for_x_proj[1];
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
uint batch_seqs(constant Params& p, const device Batch& _362)
{
    return min(p.batch_records, uint(max(_362.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _362)
{
    return uint(_362.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _362)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _362), batch_word(param_2, param_3, p, _362), batch_word(param_4, param_5, p, _362), batch_word(param_6, param_7, p, _362), batch_word(param_8, param_9, p, _362), batch_word(param_10, param_11, p, _362) };
    bool _433;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _433 = batch_word(param_12, param_13, p, _362) == 1u;
    }
    else
    {
        _433 = KEEP;
    }
    bool keep = _433 && (slots != 4294967295u);
    bool _441 = s.from >= slots;
    bool _450;
    if (!_441)
    {
        _450 = s.to >= slots;
    }
    else
    {
        _450 = _441;
    }
    bool _459;
    if (!_450)
    {
        _459 = s.rows > rows;
    }
    else
    {
        _459 = _450;
    }
    bool _471;
    if (!_459)
    {
        _471 = s.first > (rows - s.rows);
    }
    else
    {
        _471 = _459;
    }
    if (_471)
    {
        s.rows = 0u;
    }
    bool _504;
    if (keep)
    {
        bool _483 = s.ring_len < s.rows;
        bool _491;
        if (!_483)
        {
            _491 = s.ring_len > slots;
        }
        else
        {
            _491 = _483;
        }
        bool _503;
        if (!_491)
        {
            _503 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _503 = _491;
        }
        _504 = _503;
    }
    else
    {
        _504 = keep;
    }
    if (_504)
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
Sequence record(thread const uint& q, constant Params& p, const device Batch& _362)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _362);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _362, thread uint& at, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _362);
    uint param = at;
    sequence0 = record(param, p, _362);
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
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _1350 / step_chunks;
    tile_chunks = tile_steps * step_chunks;
}

static inline __attribute__((always_inline))
void divide_columns(constant Params& p, thread uint& lanes, thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& end_chunk, thread uint& first_chunk, thread uint3& gl_WorkGroupID)
{
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    first_chunk = min((gl_WorkGroupID.z * span), _all);
    end_chunk = min((first_chunk + span), _all);
    step_chunks = lanes * AHEAD;
    steps = (((end_chunk - first_chunk) + step_chunks) - 1u) / step_chunks;
    divide_tile_columns(tile_steps, step_chunks, tile_chunks);
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _362)
{
    return min(p.rows, uint(max(_362.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Batch& _362, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _362);
    blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    divide_tile_rows(tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps);
}

static inline __attribute__((always_inline))
uint channels_from(thread const uint& group, constant Params& p, thread uint& subgroup, thread uint& end_group)
{
    uint _1980;
    if ((group + subgroup) < end_group)
    {
        _1980 = (group + subgroup) * OUTS;
    }
    else
    {
        _1980 = p.outs;
    }
    return _1980;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1099)
{
    return _1099.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1099, thread uint& lane, thread uint& lanes, thread uint4 (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1415 = wu < end_chunk;
            bool _1422;
            if (_1415)
            {
                _1422 = mi < p.outs;
            }
            else
            {
                _1422 = _1415;
            }
            if (_1422)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _1099);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float& row_squares, thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _1500; i++)
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
bool begin_tile(thread const uint& group, thread uint& tile_steps, thread bool& rows_stay, thread uint& steps_left, thread uint& first_group)
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
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1066)
{
    return _1066.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1086)
{
    return _1086.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
void find_squares(thread const uint& block, constant Params& p, const device Src& _1066, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128])
{
    for (uint e = subgroup; e < _1181; e += subgroups)
    {
        uint t = (block * ROWS) + (e / 8u);
        float sum = 0.0;
        uint _1196 = ((e % 8u) * lanes) + lane;
        uint c = _1196;
        for (;;)
        {
            bool _1205 = t < p.rows;
            bool _1212;
            if (_1205)
            {
                _1212 = c < p.cols;
            }
            else
            {
                _1212 = _1205;
            }
            if (_1212)
            {
                uint param = t;
                uint param_1 = c;
                float param_2 = source(param, param_1, p, _1066);
                float _1219 = rms_square(param_2);
                sum += _1219;
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
    uint _1160;
    if (ALIKE)
    {
        _1160 = 8u;
    }
    else
    {
        _1160 = max((_1166 / lanes), 1u);
    }
    return _1160;
}

static inline __attribute__((always_inline))
void put_squares(thread uint& subgroup, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares)
{
    uint team = _1245;
    uint parts = square_parts(lanes);
    uint _1292;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((subgroup * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? row_squares : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1292 = subgroup % parts;
            }
            else
            {
                _1292 = 0u;
            }
            squares[(r * parts) + _1292] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _1066, const device Norm& _1086, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares, thread uint& tile_steps, thread uint& tile_chunks, thread uint& steps, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _1514;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1530 = min(tile_chunks, (end_chunk - w)) * 2u;
    uint _1534 = at % team;
    float4 x[4];
    float4 gain[4];
    uint quads = _1530;
    uint v0 = _1534;
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
                bool _1575 = v < quads;
                bool _1582;
                if (_1575)
                {
                    _1582 = t < p.rows;
                }
                else
                {
                    _1582 = _1575;
                }
                bool _1591;
                if (_1582)
                {
                    _1591 = (c + k) < p.cols;
                }
                else
                {
                    _1591 = _1582;
                }
                if (_1591)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _1066);
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
                bool _1641 = v_1 < quads;
                bool _1650;
                if (_1641)
                {
                    _1650 = (c_1 + k_1) < p.cols;
                }
                else
                {
                    _1650 = _1641;
                }
                if (_1650)
                {
                    uint param_6 = c_1 + k_1;
                    gain[j_1][k_1] = norm_weight(param_6, p, _1086);
                }
            }
        }
        for (uint j_2 = 0u; j_2 < 4u; j_2++)
        {
            uint v_2 = v0 + (j_2 * team);
            for (uint k_2 = 0u; k_2 < 4u; k_2++)
            {
                if (_1687)
                {
                    float param_7 = x[j_2][k_2];
                    float _1695 = rms_square(param_7);
                    row_squares += _1695;
                }
            }
            x[j_2] *= gain[j_2];
            if (v_2 < quads)
            {
                tile[(((r * 2u) + (v_2 % 2u)) * tile_chunks) + (v_2 / 2u)] = x[j_2];
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
    if ((_step + tile_steps) >= steps)
    {
        if (ALIKE)
        {
            uint param_8 = block;
            find_squares(param_8, p, _1066, subgroup, subgroups, lane, lanes, squares);
        }
        else
        {
            put_squares(subgroup, lane, lanes, at, squares, row_squares);
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _362, thread uint& at, threadgroup uint2 (&row_ring)[8], thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
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
            s = record(param, p, _362);
        }
        uint _2231 = max(s.first, first);
        for (uint t = _2231; t < min((s.first + s.rows), (first + ROWS)); t++)
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _775)
{
    if (_769)
    {
        return as_type<float>(_775.state[i]);
    }
    uint _784;
    if (alone)
    {
        _784 = _775.state[i / 2u];
    }
    else
    {
        uint _795 = atomic_fetch_or_explicit((device atomic_uint*)&_775.state[i / 2u], 0u, memory_order_relaxed);
        _784 = _795;
    }
    uint word = _784;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _807;
    if (_806)
    {
        uint param = bits;
        _807 = float16_value(param);
    }
    else
    {
        _807 = as_type<float>(bits << uint(16));
    }
    return _807;
}

static inline __attribute__((always_inline))
void fetch_taps(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, device State& __restrict _775, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2369, thread float (&tap)[4], const device Conv& _2407, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _2305);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _2326 = e < _2325;
        bool _2335;
        if (_2326)
        {
            _2335 = (m + k) < p.outs;
        }
        else
        {
            _2335 = _2326;
        }
        bool _2342;
        if (_2335)
        {
            _2342 = ch < p.channels;
        }
        else
        {
            _2342 = _2335;
        }
        bool _2349;
        if (_2342)
        {
            _2349 = t < s.end;
        }
        else
        {
            _2349 = _2342;
        }
        bool some = _2349;
        tap_bias[u] = 0.0;
        bool _2362;
        if (some)
        {
            _2362 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _2362 = some;
        }
        if (_2362)
        {
            tap_bias[u] = _2369.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _2407.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _2443 = some && (i < held);
            bool _2452;
            if (_2443)
            {
                _2452 = (t - s.first) < held;
            }
            else
            {
                _2452 = _2443;
            }
            if (_2452)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i;
                bool param_1 = false;
                float _2478 = state_at(param, param_1, _775);
                past[(u * 3u) + i] = _2478;
            }
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _1099, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint4 (&next)[8], thread uint& end_chunk, thread uint4 (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _1446; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1472;
    if (!more)
    {
        _1472 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1472 = more;
    }
    uint m_next = _1472 ? m : m_after;
    uint _1478;
    if (more)
    {
        _1478 = w + step_chunks;
    }
    else
    {
        _1478 = first_chunk;
    }
    uint w_next = _1478;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _1099, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _324;
    if (q == 0u)
    {
        _324 = chunk.xy;
    }
    else
    {
        _324 = chunk.zw;
    }
    uint2 h = _324;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
void multiply_chunks(thread const uint& u, thread const uint& w, thread const uint& from, thread uint& lanes, thread uint& tile_chunks, thread uint4 (&now)[8], thread float (&acc)[32], threadgroup float4 (&tile)[TILE])
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
void multiply(thread const uint& w, thread uint& lane, thread uint& lanes, thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks, thread uint& end_chunk, thread uint4 (&now)[8], thread float (&acc)[32], thread uint& steps_left, threadgroup float4 (&tile)[TILE])
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
            multiply_chunks(param, param_1, param_2, lanes, tile_chunks, now, acc, tile);
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
void finish_projection(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], const device Bias& _2597, device Z& __restrict _2627)
{
    for (uint e = member; e < _2548; e += members)
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
            x += _2597.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        float param_5 = x;
        set_sum(param_3, param_4, param_5, subgroup, sums);
        if ((ch >= p.channels) && (t < alive))
        {
            _2627.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
}

static inline __attribute__((always_inline))
void finish_barrier()
{
    team_barrier();
}

static inline __attribute__((always_inline))
bool taps_fit(thread uint& members)
{
    return _2484 <= (1u * members);
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
bool row_keeps(thread const uint& r, threadgroup uint2 (&row_ring)[8])
{
    bool _2127;
    if (KEEP)
    {
        _2127 = ((threadgroup uint*)&row_ring[r])[1u] != 0u;
    }
    else
    {
        _2127 = KEEP;
    }
    return _2127;
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
    bool _677 = lost > middle;
    bool _690;
    if (!_677)
    {
        bool _683 = lost == middle;
        bool _689;
        if (_683)
        {
            _689 = (kept % 2u) == 1u;
        }
        else
        {
            _689 = _683;
        }
        _690 = _689;
    }
    else
    {
        _690 = _677;
    }
    return _sign | (kept + uint(_690));
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
float state_round(thread const float& v)
{
    if (_746)
    {
        return v;
    }
    float _752;
    if (_751)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _752 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _752 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _752;
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
    float _906;
    if (x < 0.0)
    {
        _906 = tail;
    }
    else
    {
        _906 = 1.0 - tail;
    }
    return _906;
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
float convolved(thread const RowSequence& s, thread const uint& block, thread const uint& u, thread const uint& r, thread const uint& t, thread const uint& k, constant Params& p, thread uint& subgroup, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], thread float (&tap_bias)[1], thread float (&tap)[4], thread float (&past)[3])
{
    uint held = p.taps - 1u;
    float sum = tap_bias[u];
    for (uint j = 0u; j <= 3u; j++)
    {
        if (j > held)
        {
            continue;
        }
        RowSequence param = s;
        uint param_1 = block;
        uint param_2 = u;
        uint param_3 = (t - s.first) + j;
        uint param_4 = held;
        uint param_5 = k;
        float x = window(param, param_1, param_2, param_3, param_4, param_5, subgroup, sums, past);
        bool _2690 = j < held;
        bool _2696;
        if (_2690)
        {
            uint param_6 = r;
            _2696 = row_keeps(param_6, row_ring);
        }
        else
        {
            _2696 = _2690;
        }
        if (_2696)
        {
            float param_7 = x;
            x = state_round(param_7);
        }
        sum += (tap[(u * 4u) + j] * x);
    }
    uint param_8 = ACT;
    float param_9 = sum;
    return activate(param_8, param_9);
}

static inline __attribute__((always_inline))
void hand_to_x_proj(thread const uint& t, thread const uint& ch, thread const float& y, thread const bool& some)
{
}

static inline __attribute__((always_inline))
void convolve(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _775, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2369, thread float (&tap)[4], const device Conv& _2407, thread float (&past)[3], device Dst& __restrict _2831)
{
    for (uint e0 = member; e0 < _2729; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _775, members, row_sequence, tap_bias, _2369, tap, _2407, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = min((e / OUTS), _2762);
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            RowSequence s = row_sequence[r];
            bool _2783 = e < _2782;
            bool _2792;
            if (_2783)
            {
                _2792 = (m + k) < p.outs;
            }
            else
            {
                _2792 = _2783;
            }
            bool _2799;
            if (_2792)
            {
                _2799 = ch < p.channels;
            }
            else
            {
                _2799 = _2792;
            }
            bool _2803 = _2799 && (t < alive);
            bool _2810;
            if (_2803)
            {
                _2810 = t < s.end;
            }
            else
            {
                _2810 = _2803;
            }
            bool some = _2810;
            float y = 0.0;
            if (some)
            {
                RowSequence param_3 = s;
                uint param_4 = block;
                uint param_5 = u;
                uint param_6 = r;
                uint param_7 = t;
                uint param_8 = k;
                y = convolved(param_3, param_4, param_5, param_6, param_7, param_8, p, subgroup, sums, row_ring, tap_bias, tap, past);
                _2831.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
            }
            bool _2853;
            if (false)
            {
                _2853 = (p.first + m) < p.channels;
            }
            else
            {
                _2853 = false;
            }
            if (_2853)
            {
                uint param_9 = t;
                uint param_10 = ch;
                float param_11 = y;
                bool param_12 = some;
                hand_to_x_proj(param_9, param_10, param_11, param_12);
            }
        }
    }
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _522;
    if ((from - ring) < ring_len)
    {
        _522 = ((from - ring) + i) + 1u;
    }
    else
    {
        _522 = i;
    }
    uint at = _522;
    uint _538;
    if (at < ring_len)
    {
        _538 = at;
    }
    else
    {
        _538 = at - ring_len;
    }
    return ring + _538;
}

static inline __attribute__((always_inline))
uint slot_after(thread const RowSequence& s, thread const uint& r, thread const uint& t, threadgroup uint2 (&row_ring)[8])
{
    bool _2139;
    if (!_2130)
    {
        _2139 = (t + 1u) == s.end;
    }
    else
    {
        _2139 = _2130;
    }
    if (_2139)
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
uint state_bits(thread const float& v)
{
    uint _733;
    if (_732)
    {
        float param = v;
        _733 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _733 = bfloat16_bits(param_1);
    }
    return _733;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _775)
{
    if (_820)
    {
        _775.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _837 = atomic_fetch_and_explicit((device atomic_uint*)&_775.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _846 = atomic_fetch_or_explicit((device atomic_uint*)&_775.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_states(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _775, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2369, thread float (&tap)[4], const device Conv& _2407, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _2883; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _775, members, row_sequence, tap_bias, _2369, tap, _2407, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _2930 = e >= _2929;
            bool _2940;
            if (!_2930)
            {
                _2940 = (m + k) >= p.outs;
            }
            else
            {
                _2940 = _2930;
            }
            bool _2948;
            if (!_2940)
            {
                _2948 = ch >= p.channels;
            }
            else
            {
                _2948 = _2940;
            }
            if (_2948 || (t >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r];
            bool _2964 = (t + 1u) != s.end;
            bool _2971;
            if (_2964)
            {
                uint param_3 = r;
                _2971 = !row_keeps(param_3, row_ring);
            }
            else
            {
                _2971 = _2964;
            }
            if (_2971)
            {
                continue;
            }
            RowSequence param_4 = s;
            uint param_5 = r;
            uint param_6 = t;
            uint slot = slot_after(param_4, param_5, param_6, row_ring);
            for (uint j = 0u; j < 3u; j++)
            {
                if (j < held)
                {
                    RowSequence param_7 = s;
                    uint param_8 = block;
                    uint param_9 = u;
                    uint param_10 = ((t + 1u) - s.first) + j;
                    uint param_11 = held;
                    uint param_12 = k;
                    uint param_13 = ((p.state_off + (slot * p.state_stride)) + (ch * held)) + j;
                    float param_14 = window(param_7, param_8, param_9, param_10, param_11, param_12, subgroup, sums, past);
                    set_state(param_13, param_14, _775);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
void keep_history(thread uint& subgroup, thread uint& member, thread uint& members, threadgroup float (&sums)[704])
{
    float _3065;
    for (uint e0 = 0u; e0 < _3046; e0 += members)
    {
        uint e = e0 + member;
        uint k = e % OUTS;
        int r = int(e / OUTS) - 3;
        finish_barrier();
        if (e < _3063)
        {
            int param = r + _3069;
            uint param_1 = k;
            _3065 = sum_of(param, param_1, subgroup, sums);
        }
        else
        {
            _3065 = 0.0;
        }
        float x = _3065;
        finish_barrier();
        if (e < _3079)
        {
            int param_2 = r;
            uint param_3 = k;
            float param_4 = x;
            set_sum(param_2, param_3, param_4, subgroup, sums);
        }
    }
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _775, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2369, thread float (&tap)[4], const device Conv& _2407, thread float (&past)[3], const device Bias& _2597, device Z& __restrict _2627, device Dst& __restrict _2831)
{
    uint param = m;
    uint param_1 = block;
    finish_projection(param, param_1, p, subgroup, lanes, member, members, squares, alive, sums, _2597, _2627);
    finish_barrier();
    uint param_2 = m;
    uint param_3 = block;
    convolve(param_2, param_3, p, _775, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _2369, tap, _2407, past, _2831);
    finish_barrier();
    uint param_4 = m;
    uint param_5 = block;
    store_states(param_4, param_5, p, _775, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _2369, tap, _2407, past);
    if (p.rows > ROWS)
    {
        keep_history(subgroup, member, members, sums);
    }
}

kernel void in_proj_conv_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2831 [[buffer(1)]], device Z& __restrict _2627 [[buffer(2)]], const device Src& _1066 [[buffer(3)]], const device Norm& _1086 [[buffer(4)]], const device Weight& __restrict _1099 [[buffer(5)]], const device Bias& _2597 [[buffer(6)]], const device Conv& _2407 [[buffer(7)]], const device ConvBias& _2369 [[buffer(8)]], device State& __restrict _775 [[buffer(9)]], const device Batch& _362 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[704];
    threadgroup uint2 row_ring[8];
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
    fetch_sequences(p, _362, at, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint first_group;
    uint end_group;
    divide_channels(p, gl_NumWorkGroups, first_group, gl_WorkGroupID, end_group);
    uint tile_steps;
    uint step_chunks;
    uint tile_chunks;
    uint steps;
    uint end_chunk;
    uint first_chunk;
    divide_columns(p, lanes, tile_steps, step_chunks, tile_chunks, gl_NumWorkGroups, steps, end_chunk, first_chunk, gl_WorkGroupID);
    bool rows_stay;
    uint blocks;
    uint alive;
    divide_rows(p, _362, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    uint4 next[8];
    fetch_chunks(param_3, param_4, p, _1099, lane, lanes, next, end_chunk);
    float row_squares;
    uint4 now[8];
    float acc[32];
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
            clear_sums(row_squares, acc, steps_left);
            for (uint _step = 0u; _step < steps; _step++)
            {
                uint w = first_chunk + (_step * step_chunks);
                if (tile_used_up(steps_left))
                {
                    uint param_6 = group;
                    bool _3184 = begin_tile(param_6, tile_steps, rows_stay, steps_left, first_group);
                    if (_3184)
                    {
                        uint param_7 = block;
                        uint param_8 = _step;
                        uint param_9 = w;
                        load_rows(param_7, param_8, param_9, p, _1066, _1086, subgroup, subgroups, lane, lanes, at, squares, row_squares, tile_steps, tile_chunks, steps, end_chunk, tile);
                        if (_step == 0u)
                        {
                            uint param_10 = block * ROWS;
                            find_sequences(param_10, p, _362, at, row_ring, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (_step == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    uint param_13 = member;
                    fetch_taps(param_11, param_12, param_13, p, _775, members, row_sequence, tap_bias, _2369, tap, _2407, past);
                }
                uint param_14 = m;
                uint param_15 = m_after;
                uint param_16 = block;
                uint param_17 = _step;
                uint param_18 = w;
                take_chunks(param_14, param_15, param_16, param_17, param_18, p, _1099, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_19 = w;
                multiply(param_19, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_20 = m;
            uint param_21 = block;
            finish(param_20, param_21, p, _775, subgroup, lanes, member, members, squares, alive, sums, row_ring, row_sequence, tap_bias, _2369, tap, _2407, past, _2597, _2627, _2831);
            team_barrier();
        }
        m = m_after;
    }
}

