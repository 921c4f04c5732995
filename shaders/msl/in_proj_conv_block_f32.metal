#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

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
constant bool _323 = (FORMAT == 0u);
constant bool _341 = (FORMAT == 0u);
constant bool _478 = (FORMAT == 0u);
constant bool _494 = (FORMAT == 1u);
constant bool _502 = (FORMAT == 2u);
constant bool _531 = (FORMAT == 3u);
constant bool _562 = (FORMAT == 0u);
constant bool _578 = (FORMAT == 3u);
constant bool _603 = (FORMAT == 1u);
constant bool _605 = (FORMAT == 3u);
constant float _607 = _605 ? 32.0 : 0.0;
constant float _608 = _603 ? 8.0 : _607;
constant bool _665 = (FORMAT == 0u);
constant bool _678 = (FORMAT == 2u);
constant bool _691 = (FORMAT != 4u);

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
constant bool _1100 = (STATE_TYPE == 1u);
constant bool _1114 = (STATE_TYPE == 0u);
constant bool _1119 = (STATE_TYPE == 1u);
constant bool _1137 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _1173 = (STATE_TYPE == 1u);
constant bool _1187 = (STATE_TYPE == 0u);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant bool _1473 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _1503 = (FORMAT == 3u);
constant bool _1580 = (FORMAT == 2u);
constant bool _1598 = (FORMAT == 4u);
constant uint _1631_tmp [[function_constant(0)]];
constant uint _1631 = is_function_constant_defined(_1631_tmp) ? _1631_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1631, 1u, 1u);
constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;
constant uint _1672 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1674 = (_1672 / ROWS);
constant uint _1689 = (ROWS * 8u);
constant uint _1751 = gl_WorkGroupSize.x;
constant uint _1752 = (_1751 / ROWS);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _1856 = (FORMAT == 0u);
constant int _1858 = _1856 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1858) + 0u);
constant uint QUADS = (CHUNK_SIZE / 4u);
constant uint _1861 = (ROWS * QUADS);
constant uint _1862 = (TILE / _1861);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _1958 = (OUTS * AHEAD);
constant uint _2012 = (OUTS * ROWS);
constant uint _2023 = gl_WorkGroupSize.x;
constant uint _2024 = (_2023 / ROWS);
constant bool _2197 = (!ALIKE);
constant uint _2333 = (CHUNK_SIZE / 16u);
constant bool _2441 = (0u < AHEAD);
constant bool _2462 = (1u < AHEAD);
constant bool _2483 = (2u < AHEAD);
constant bool _2504 = (3u < AHEAD);
constant bool _2525 = (4u < AHEAD);
constant bool _2546 = (5u < AHEAD);
constant bool _2567 = (6u < AHEAD);
constant bool _2588 = (7u < AHEAD);
constant bool _2792 = (!KEEP);
constant uint _2966 = (ROWS - 1u);
constant uint _2986 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

constant uint _3145 = (OUTS * ROWS);
constant uint _3209 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

constant uint _3319 = (OUTS * ROWS);
constant uint _3365 = (OUTS * ROWS);
constant uint ACT_tmp [[function_constant(37)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;

struct Dst
{
    float dst[1];
};

constant uint _3506 = (OUTS * ROWS);
constant uint _3552 = (OUTS * ROWS);
constant uint _3669 = (3u * OUTS);
constant uint _3686 = (3u * OUTS);
constant int _3692 = int(ROWS + 0u);
constant uint _3702 = (3u * OUTS);

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
uint batch_seqs(constant Params& p, const device Batch& _738)
{
    return min(p.batch_records, uint(max(_738.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _738)
{
    return uint(_738.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _738)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _738), batch_word(param_2, param_3, p, _738), batch_word(param_4, param_5, p, _738), batch_word(param_6, param_7, p, _738), batch_word(param_8, param_9, p, _738), batch_word(param_10, param_11, p, _738) };
    bool _806;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _806 = batch_word(param_12, param_13, p, _738) == 1u;
    }
    else
    {
        _806 = KEEP;
    }
    bool keep = _806 && (slots != 4294967295u);
    bool _814 = s.from >= slots;
    bool _822;
    if (!_814)
    {
        _822 = s.to >= slots;
    }
    else
    {
        _822 = _814;
    }
    bool _831;
    if (!_822)
    {
        _831 = s.rows > rows;
    }
    else
    {
        _831 = _822;
    }
    bool _842;
    if (!_831)
    {
        _842 = s.first > (rows - s.rows);
    }
    else
    {
        _842 = _831;
    }
    if (_842)
    {
        s.rows = 0u;
    }
    bool _874;
    if (keep)
    {
        bool _854 = s.ring_len < s.rows;
        bool _862;
        if (!_854)
        {
            _862 = s.ring_len > slots;
        }
        else
        {
            _862 = _854;
        }
        bool _873;
        if (!_862)
        {
            _873 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _873 = _862;
        }
        _874 = _873;
    }
    else
    {
        _874 = keep;
    }
    if (_874)
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
Sequence record(thread const uint& q, constant Params& p, const device Batch& _738)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _738);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _738, thread uint& at, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _738);
    uint param = at;
    sequence0 = record(param, p, _738);
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _1485)
{
    if (_1598)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_1485.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
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
    if (_323)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _1862 / step_chunks;
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
uint live_rows(constant Params& p, const device Batch& _738)
{
    return min(p.rows, uint(max(_738.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Batch& _738, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _738);
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
    uint _2642;
    if ((group + subgroup) < end_group)
    {
        _2642 = (group + subgroup) * OUTS;
    }
    else
    {
        _2642 = p.outs;
    }
    return _2642;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1485)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_1473)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _1485.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_1485.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_1503)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _1485.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_1485.weight[high])[(w % 2u) * 2u], ((device uint*)&_1485.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_1485.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_1485.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _1485.weight[(block + 1u) + (w % 8u)];
            if (_1580)
            {
                chunk.scales = _1485.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_1485.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1485, thread uint& lane, thread uint& lanes, thread Chunk (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1927 = wu < end_chunk;
            bool _1934;
            if (_1927)
            {
                _1934 = mi < p.outs;
            }
            else
            {
                _1934 = _1927;
            }
            if (_1934)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _1485);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float& row_squares, thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _2012; i++)
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
uint column(thread uint& w, thread const uint& v)
{
    if (_341)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1433)
{
    return _1433.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1453)
{
    return _1453.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
void find_squares(thread const uint& block, constant Params& p, const device Src& _1433, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128])
{
    for (uint e = subgroup; e < _1689; e += subgroups)
    {
        uint t = (block * ROWS) + (e / 8u);
        float sum = 0.0;
        uint _1704 = ((e % 8u) * lanes) + lane;
        uint c = _1704;
        for (;;)
        {
            bool _1713 = t < p.rows;
            bool _1720;
            if (_1713)
            {
                _1720 = c < p.cols;
            }
            else
            {
                _1720 = _1713;
            }
            if (_1720)
            {
                uint param = t;
                uint param_1 = c;
                float param_2 = source(param, param_1, p, _1433);
                float _1727 = rms_square(param_2);
                sum += _1727;
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
    uint _1668;
    if (ALIKE)
    {
        _1668 = 8u;
    }
    else
    {
        _1668 = max((_1674 / lanes), 1u);
    }
    return _1668;
}

static inline __attribute__((always_inline))
void put_squares(thread uint& subgroup, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares)
{
    uint team = _1752;
    uint parts = square_parts(lanes);
    uint _1799;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((subgroup * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? row_squares : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1799 = subgroup % parts;
            }
            else
            {
                _1799 = 0u;
            }
            squares[(r * parts) + _1799] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _1433, const device Norm& _1453, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares, thread uint& tile_steps, thread uint& tile_chunks, thread uint& steps, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _2024;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _2040 = min(tile_chunks, (end_chunk - w)) * QUADS;
    uint _2044 = at % team;
    float4 x[4];
    float4 gain[4];
    uint quads = _2040;
    uint v0 = _2044;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _2068 = column(param, param_1);
            uint c = _2068;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _2085 = v < quads;
                bool _2092;
                if (_2085)
                {
                    _2092 = t < p.rows;
                }
                else
                {
                    _2092 = _2085;
                }
                bool _2101;
                if (_2092)
                {
                    _2101 = (c + k) < p.cols;
                }
                else
                {
                    _2101 = _2092;
                }
                if (_2101)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _1433);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            uint param_4 = w;
            uint param_5 = v_1;
            uint _2137 = column(param_4, param_5);
            uint c_1 = _2137;
            gain[j_1] = float4(0.0);
            for (uint k_1 = 0u; k_1 < 4u; k_1++)
            {
                bool _2151 = v_1 < quads;
                bool _2160;
                if (_2151)
                {
                    _2160 = (c_1 + k_1) < p.cols;
                }
                else
                {
                    _2160 = _2151;
                }
                if (_2160)
                {
                    uint param_6 = c_1 + k_1;
                    gain[j_1][k_1] = norm_weight(param_6, p, _1453);
                }
            }
        }
        for (uint j_2 = 0u; j_2 < 4u; j_2++)
        {
            uint v_2 = v0 + (j_2 * team);
            for (uint k_2 = 0u; k_2 < 4u; k_2++)
            {
                if (_2197)
                {
                    float param_7 = x[j_2][k_2];
                    float _2205 = rms_square(param_7);
                    row_squares += _2205;
                }
            }
            x[j_2] *= gain[j_2];
            if (v_2 < quads)
            {
                tile[(((r * QUADS) + (v_2 % QUADS)) * tile_chunks) + (v_2 / QUADS)] = x[j_2];
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
    if ((_step + tile_steps) >= steps)
    {
        if (ALIKE)
        {
            uint param_8 = block;
            find_squares(param_8, p, _1433, subgroup, subgroups, lane, lanes, squares);
        }
        else
        {
            put_squares(subgroup, lane, lanes, at, squares, row_squares);
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _738, thread uint& at, threadgroup uint2 (&row_ring)[8], thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
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
            s = record(param, p, _738);
        }
        uint _2892 = max(s.first, first);
        for (uint t = _2892; t < min((s.first + s.rows), (first + ROWS)); t++)
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _1143)
{
    if (_1137)
    {
        return as_type<float>(_1143.state[i]);
    }
    uint _1152;
    if (alone)
    {
        _1152 = _1143.state[i / 2u];
    }
    else
    {
        uint _1163 = atomic_fetch_or_explicit((device atomic_uint*)&_1143.state[i / 2u], 0u, memory_order_relaxed);
        _1152 = _1163;
    }
    uint word = _1152;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _1174;
    if (_1173)
    {
        uint param = bits;
        _1174 = float16_value(param);
    }
    else
    {
        _1174 = as_type<float>(bits << uint(16));
    }
    return _1174;
}

static inline __attribute__((always_inline))
void fetch_taps(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, device State& __restrict _1143, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3030, thread float (&tap)[4], const device Conv& _3068, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _2966);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _2987 = e < _2986;
        bool _2996;
        if (_2987)
        {
            _2996 = (m + k) < p.outs;
        }
        else
        {
            _2996 = _2987;
        }
        bool _3003;
        if (_2996)
        {
            _3003 = ch < p.channels;
        }
        else
        {
            _3003 = _2996;
        }
        bool _3010;
        if (_3003)
        {
            _3010 = t < s.end;
        }
        else
        {
            _3010 = _3003;
        }
        bool some = _3010;
        tap_bias[u] = 0.0;
        bool _3023;
        if (some)
        {
            _3023 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _3023 = some;
        }
        if (_3023)
        {
            tap_bias[u] = _3030.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _3068.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _3104 = some && (i < held);
            bool _3113;
            if (_3104)
            {
                _3113 = (t - s.first) < held;
            }
            else
            {
                _3113 = _3104;
            }
            if (_3113)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i;
                bool param_1 = false;
                float _3139 = state_at(param, param_1, _1143);
                past[(u * 3u) + i] = _3139;
            }
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _1485, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread Chunk (&next)[8], thread uint& end_chunk, thread Chunk (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _1958; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1984;
    if (!more)
    {
        _1984 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1984 = more;
    }
    uint m_next = _1984 ? m : m_after;
    uint _1990;
    if (more)
    {
        _1990 = w + step_chunks;
    }
    else
    {
        _1990 = first_chunk;
    }
    uint w_next = _1990;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _1485, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _397;
    if (late)
    {
        _397 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _397 = b.x & 16191u;
    }
    uint scales = _397;
    uint _418;
    if (late)
    {
        _418 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _418 = b.y & 16191u;
    }
    uint mins = _418;
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
    if (_478)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_494)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_502)
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
                if (_531)
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
    if (_562)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_578)
    {
        uint _583;
        if (run == 0u)
        {
            _583 = chunk.high.x;
        }
        else
        {
            _583 = chunk.high.y;
        }
        c |= (((_583 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _608;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _644;
    if (run == 0u)
    {
        _644 = s.scales.x;
    }
    else
    {
        _644 = s.scales.y;
    }
    float scale = _644;
    float _656;
    if (run == 0u)
    {
        _656 = s.mins.x;
    }
    else
    {
        _656 = s.mins.y;
    }
    float min_ = _656;
    if (_665)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_678)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_691)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
void multiply_chunks(thread const uint& u, thread const uint& w, thread const uint& from, threadgroup float (&codebook)[16], thread uint& lanes, thread uint& tile_chunks, thread Chunk (&now)[8], thread float (&acc)[32], threadgroup float4 (&tile)[TILE])
{
    Scales scales[4];
    for (uint i = 0u; i < OUTS; i++)
    {
        Chunk param = now[(i * AHEAD) + u];
        uint param_1 = w;
        scales[i] = scales_of(param, param_1);
    }
    float4 y[4];
    for (uint run = 0u; run < _2333; run++)
    {
        for (uint q = 0u; q < 4u; q++)
        {
            for (uint i_1 = 0u; i_1 < OUTS; i_1++)
            {
                Chunk param_2 = now[(i_1 * AHEAD) + u];
                Scales param_3 = scales[i_1];
                uint param_4 = run;
                uint param_5 = q;
                y[i_1] = weight4(param_2, param_3, param_4, param_5, codebook);
            }
            for (uint r = 0u; r < ROWS; r++)
            {
                float4 x = tile[(((((r * QUADS) + (run * 4u)) + q) * tile_chunks) + from) + (u * lanes)];
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
}

static inline __attribute__((always_inline))
void multiply(thread const uint& w, threadgroup float (&codebook)[16], thread uint& lane, thread uint& lanes, thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks, thread uint& end_chunk, thread Chunk (&now)[8], thread float (&acc)[32], thread uint& steps_left, threadgroup float4 (&tile)[TILE])
{
    uint from = ((tile_steps - steps_left) * step_chunks) + lane;
    if (_2441)
    {
        uint wu = (w + (0u * lanes)) + lane;
        if (wu < end_chunk)
        {
            uint param = 0u;
            uint param_1 = wu;
            uint param_2 = from;
            multiply_chunks(param, param_1, param_2, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2462)
    {
        uint wu_1 = (w + (1u * lanes)) + lane;
        if (wu_1 < end_chunk)
        {
            uint param_3 = 1u;
            uint param_4 = wu_1;
            uint param_5 = from;
            multiply_chunks(param_3, param_4, param_5, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2483)
    {
        uint wu_2 = (w + (2u * lanes)) + lane;
        if (wu_2 < end_chunk)
        {
            uint param_6 = 2u;
            uint param_7 = wu_2;
            uint param_8 = from;
            multiply_chunks(param_6, param_7, param_8, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2504)
    {
        uint wu_3 = (w + (3u * lanes)) + lane;
        if (wu_3 < end_chunk)
        {
            uint param_9 = 3u;
            uint param_10 = wu_3;
            uint param_11 = from;
            multiply_chunks(param_9, param_10, param_11, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2525)
    {
        uint wu_4 = (w + (4u * lanes)) + lane;
        if (wu_4 < end_chunk)
        {
            uint param_12 = 4u;
            uint param_13 = wu_4;
            uint param_14 = from;
            multiply_chunks(param_12, param_13, param_14, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2546)
    {
        uint wu_5 = (w + (5u * lanes)) + lane;
        if (wu_5 < end_chunk)
        {
            uint param_15 = 5u;
            uint param_16 = wu_5;
            uint param_17 = from;
            multiply_chunks(param_15, param_16, param_17, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2567)
    {
        uint wu_6 = (w + (6u * lanes)) + lane;
        if (wu_6 < end_chunk)
        {
            uint param_18 = 6u;
            uint param_19 = wu_6;
            uint param_20 = from;
            multiply_chunks(param_18, param_19, param_20, codebook, lanes, tile_chunks, now, acc, tile);
        }
    }
    if (_2588)
    {
        uint wu_7 = (w + (7u * lanes)) + lane;
        if (wu_7 < end_chunk)
        {
            uint param_21 = 7u;
            uint param_22 = wu_7;
            uint param_23 = from;
            multiply_chunks(param_21, param_22, param_23, codebook, lanes, tile_chunks, now, acc, tile);
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
void finish_projection(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], const device Bias& _3258, device Z& __restrict _3288)
{
    for (uint e = member; e < _3209; e += members)
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
            x += _3258.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        float param_5 = x;
        set_sum(param_3, param_4, param_5, subgroup, sums);
        if ((ch >= p.channels) && (t < alive))
        {
            _3288.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
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
    return _3145 <= (1u * members);
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
    bool _2789;
    if (KEEP)
    {
        _2789 = ((threadgroup uint*)&row_ring[r])[1u] != 0u;
    }
    else
    {
        _2789 = KEEP;
    }
    return _2789;
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
    bool _1046 = lost > middle;
    bool _1059;
    if (!_1046)
    {
        bool _1052 = lost == middle;
        bool _1058;
        if (_1052)
        {
            _1058 = (kept % 2u) == 1u;
        }
        else
        {
            _1058 = _1052;
        }
        _1059 = _1058;
    }
    else
    {
        _1059 = _1046;
    }
    return _sign | (kept + uint(_1059));
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
    if (_1114)
    {
        return v;
    }
    float _1120;
    if (_1119)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _1120 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _1120 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _1120;
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
    float _1273;
    if (x < 0.0)
    {
        _1273 = tail;
    }
    else
    {
        _1273 = 1.0 - tail;
    }
    return _1273;
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
void convolve(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1143, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3030, thread float (&tap)[4], const device Conv& _3068, thread float (&past)[3], device Dst& __restrict _3475)
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _3319; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _1143, members, row_sequence, tap_bias, _3030, tap, _3068, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _3366 = e >= _3365;
            bool _3376;
            if (!_3366)
            {
                _3376 = (m + k) >= p.outs;
            }
            else
            {
                _3376 = _3366;
            }
            bool _3384;
            if (!_3376)
            {
                _3384 = ch >= p.channels;
            }
            else
            {
                _3384 = _3376;
            }
            if (_3384 || (t >= alive))
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
                if (j > held)
                {
                    continue;
                }
                RowSequence param_3 = s;
                uint param_4 = block;
                uint param_5 = u;
                uint param_6 = (t - s.first) + j;
                uint param_7 = held;
                uint param_8 = k;
                float x = window(param_3, param_4, param_5, param_6, param_7, param_8, subgroup, sums, past);
                bool _3442 = j < held;
                bool _3448;
                if (_3442)
                {
                    uint param_9 = r;
                    _3448 = row_keeps(param_9, row_ring);
                }
                else
                {
                    _3448 = _3442;
                }
                if (_3448)
                {
                    float param_10 = x;
                    x = state_round(param_10);
                }
                sum += (tap[(u * 4u) + j] * x);
            }
            uint param_11 = ACT;
            float param_12 = sum;
            float y = activate(param_11, param_12);
            _3475.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
        }
    }
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _892;
    if ((from - ring) < ring_len)
    {
        _892 = ((from - ring) + i) + 1u;
    }
    else
    {
        _892 = i;
    }
    uint at = _892;
    uint _908;
    if (at < ring_len)
    {
        _908 = at;
    }
    else
    {
        _908 = at - ring_len;
    }
    return ring + _908;
}

static inline __attribute__((always_inline))
uint slot_after(thread const RowSequence& s, thread const uint& r, thread const uint& t, threadgroup uint2 (&row_ring)[8])
{
    bool _2801;
    if (!_2792)
    {
        _2801 = (t + 1u) == s.end;
    }
    else
    {
        _2801 = _2792;
    }
    if (_2801)
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
    uint _1101;
    if (_1100)
    {
        float param = v;
        _1101 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _1101 = bfloat16_bits(param_1);
    }
    return _1101;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _1143)
{
    if (_1187)
    {
        _1143.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _1205 = atomic_fetch_and_explicit((device atomic_uint*)&_1143.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _1214 = atomic_fetch_or_explicit((device atomic_uint*)&_1143.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_states(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1143, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3030, thread float (&tap)[4], const device Conv& _3068, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _3506; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _1143, members, row_sequence, tap_bias, _3030, tap, _3068, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _3553 = e >= _3552;
            bool _3563;
            if (!_3553)
            {
                _3563 = (m + k) >= p.outs;
            }
            else
            {
                _3563 = _3553;
            }
            bool _3571;
            if (!_3563)
            {
                _3571 = ch >= p.channels;
            }
            else
            {
                _3571 = _3563;
            }
            if (_3571 || (t >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r];
            bool _3587 = (t + 1u) != s.end;
            bool _3594;
            if (_3587)
            {
                uint param_3 = r;
                _3594 = !row_keeps(param_3, row_ring);
            }
            else
            {
                _3594 = _3587;
            }
            if (_3594)
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
                    set_state(param_13, param_14, _1143);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
void keep_history(thread uint& subgroup, thread uint& member, thread uint& members, threadgroup float (&sums)[704])
{
    float _3688;
    for (uint e0 = 0u; e0 < _3669; e0 += members)
    {
        uint e = e0 + member;
        uint k = e % OUTS;
        int r = int(e / OUTS) - 3;
        finish_barrier();
        if (e < _3686)
        {
            int param = r + _3692;
            uint param_1 = k;
            _3688 = sum_of(param, param_1, subgroup, sums);
        }
        else
        {
            _3688 = 0.0;
        }
        float x = _3688;
        finish_barrier();
        if (e < _3702)
        {
            int param_2 = r;
            uint param_3 = k;
            float param_4 = x;
            set_sum(param_2, param_3, param_4, subgroup, sums);
        }
    }
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1143, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3030, thread float (&tap)[4], const device Conv& _3068, thread float (&past)[3], const device Bias& _3258, device Z& __restrict _3288, device Dst& __restrict _3475)
{
    uint param = m;
    uint param_1 = block;
    finish_projection(param, param_1, p, subgroup, lanes, member, members, squares, alive, sums, _3258, _3288);
    finish_barrier();
    uint param_2 = m;
    uint param_3 = block;
    convolve(param_2, param_3, p, _1143, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _3030, tap, _3068, past, _3475);
    finish_barrier();
    uint param_4 = m;
    uint param_5 = block;
    store_states(param_4, param_5, p, _1143, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _3030, tap, _3068, past);
    if (p.rows > ROWS)
    {
        keep_history(subgroup, member, members, sums);
    }
}

kernel void in_proj_conv_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _3475 [[buffer(1)]], device Z& __restrict _3288 [[buffer(2)]], const device Src& _1433 [[buffer(3)]], const device Norm& _1453 [[buffer(4)]], const device Weight& __restrict _1485 [[buffer(5)]], const device Bias& _3258 [[buffer(6)]], const device Conv& _3068 [[buffer(7)]], const device ConvBias& _3030 [[buffer(8)]], device State& __restrict _1143 [[buffer(9)]], const device Batch& _738 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
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
    fetch_sequences(p, _738, at, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _1485);
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
    divide_rows(p, _738, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _1485, lane, lanes, next, end_chunk);
    float row_squares;
    Chunk now[8];
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
                    bool _3807 = begin_tile(param_6, tile_steps, rows_stay, steps_left, first_group);
                    if (_3807)
                    {
                        uint param_7 = block;
                        uint param_8 = _step;
                        uint param_9 = w;
                        load_rows(param_7, param_8, param_9, p, _1433, _1453, subgroup, subgroups, lane, lanes, at, squares, row_squares, tile_steps, tile_chunks, steps, end_chunk, tile);
                        if (_step == 0u)
                        {
                            uint param_10 = block * ROWS;
                            find_sequences(param_10, p, _738, at, row_ring, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (_step == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    uint param_13 = member;
                    fetch_taps(param_11, param_12, param_13, p, _1143, members, row_sequence, tap_bias, _3030, tap, _3068, past);
                }
                uint param_14 = m;
                uint param_15 = m_after;
                uint param_16 = block;
                uint param_17 = _step;
                uint param_18 = w;
                take_chunks(param_14, param_15, param_16, param_17, param_18, p, _1485, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_19 = w;
                multiply(param_19, codebook, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_20 = m;
            uint param_21 = block;
            finish(param_20, param_21, p, _1143, subgroup, lanes, member, members, squares, alive, sums, row_ring, row_sequence, tap_bias, _3030, tap, _3068, past, _3258, _3288, _3475);
            team_barrier();
        }
        m = m_after;
    }
}

