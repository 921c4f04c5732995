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
constant bool _338 = (FORMAT == 0u);
constant bool _356 = (FORMAT == 0u);
constant bool _493 = (FORMAT == 0u);
constant bool _509 = (FORMAT == 1u);
constant bool _517 = (FORMAT == 2u);
constant bool _546 = (FORMAT == 3u);
constant bool _577 = (FORMAT == 0u);
constant bool _593 = (FORMAT == 3u);
constant bool _618 = (FORMAT == 1u);
constant bool _620 = (FORMAT == 3u);
constant float _622 = _620 ? 32.0 : 0.0;
constant float _623 = _618 ? 8.0 : _622;
constant bool _680 = (FORMAT == 0u);
constant bool _693 = (FORMAT == 2u);
constant bool _706 = (FORMAT != 4u);

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
constant bool _1115 = (STATE_TYPE == 1u);
constant bool _1129 = (STATE_TYPE == 0u);
constant bool _1134 = (STATE_TYPE == 1u);
constant bool _1152 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _1188 = (STATE_TYPE == 1u);
constant bool _1202 = (STATE_TYPE == 0u);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant bool _1488 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _1518 = (FORMAT == 3u);
constant bool _1595 = (FORMAT == 2u);
constant bool _1613 = (FORMAT == 4u);
constant uint _1646_tmp [[function_constant(0)]];
constant uint _1646 = is_function_constant_defined(_1646_tmp) ? _1646_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1646, 1u, 1u);
constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;
constant uint _1687 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1689 = (_1687 / ROWS);
constant uint _1704 = (ROWS * 8u);
constant uint _1766 = gl_WorkGroupSize.x;
constant uint _1767 = (_1766 / ROWS);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _1871 = (FORMAT == 0u);
constant int _1873 = _1871 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1873) + 0u);
constant uint QUADS = (CHUNK_SIZE / 4u);
constant uint _1876 = (ROWS * QUADS);
constant uint _1877 = (TILE / _1876);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _1973 = (OUTS * AHEAD);
constant uint _2027 = (OUTS * ROWS);
constant uint _2038 = gl_WorkGroupSize.x;
constant uint _2039 = (_2038 / ROWS);
constant bool _2212 = (!ALIKE);
constant uint _2348 = (CHUNK_SIZE / 16u);
constant bool _2456 = (0u < AHEAD);
constant bool _2477 = (1u < AHEAD);
constant bool _2498 = (2u < AHEAD);
constant bool _2519 = (3u < AHEAD);
constant bool _2540 = (4u < AHEAD);
constant bool _2561 = (5u < AHEAD);
constant bool _2582 = (6u < AHEAD);
constant bool _2603 = (7u < AHEAD);
constant bool _2807 = (!KEEP);
constant uint _2981 = (ROWS - 1u);
constant uint _3001 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

constant uint _3160 = (OUTS * ROWS);
constant uint _3224 = (OUTS * ROWS);

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
constant uint _3404 = (OUTS * ROWS);
constant uint _3437 = (ROWS - 1u);
constant uint _3457 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

constant uint _3558 = (OUTS * ROWS);
constant uint _3604 = (OUTS * ROWS);
constant uint _3721 = (3u * OUTS);
constant uint _3738 = (3u * OUTS);
constant int _3744 = int(ROWS + 0u);
constant uint _3754 = (3u * OUTS);

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
uint batch_seqs(constant Params& p, const device Batch& _753)
{
    return min(p.batch_records, uint(max(_753.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _753)
{
    return uint(_753.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _753)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _753), batch_word(param_2, param_3, p, _753), batch_word(param_4, param_5, p, _753), batch_word(param_6, param_7, p, _753), batch_word(param_8, param_9, p, _753), batch_word(param_10, param_11, p, _753) };
    bool _821;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _821 = batch_word(param_12, param_13, p, _753) == 1u;
    }
    else
    {
        _821 = KEEP;
    }
    bool keep = _821 && (slots != 4294967295u);
    bool _829 = s.from >= slots;
    bool _837;
    if (!_829)
    {
        _837 = s.to >= slots;
    }
    else
    {
        _837 = _829;
    }
    bool _846;
    if (!_837)
    {
        _846 = s.rows > rows;
    }
    else
    {
        _846 = _837;
    }
    bool _857;
    if (!_846)
    {
        _857 = s.first > (rows - s.rows);
    }
    else
    {
        _857 = _846;
    }
    if (_857)
    {
        s.rows = 0u;
    }
    bool _889;
    if (keep)
    {
        bool _869 = s.ring_len < s.rows;
        bool _877;
        if (!_869)
        {
            _877 = s.ring_len > slots;
        }
        else
        {
            _877 = _869;
        }
        bool _888;
        if (!_877)
        {
            _888 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _888 = _877;
        }
        _889 = _888;
    }
    else
    {
        _889 = keep;
    }
    if (_889)
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
Sequence record(thread const uint& q, constant Params& p, const device Batch& _753)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _753);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _753, thread uint& at, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _753);
    uint param = at;
    sequence0 = record(param, p, _753);
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _1500)
{
    if (_1613)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_1500.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
    if (_338)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _1877 / step_chunks;
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
uint live_rows(constant Params& p, const device Batch& _753)
{
    return min(p.rows, uint(max(_753.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Batch& _753, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _753);
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
    uint _2657;
    if ((group + subgroup) < end_group)
    {
        _2657 = (group + subgroup) * OUTS;
    }
    else
    {
        _2657 = p.outs;
    }
    return _2657;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1500)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_1488)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _1500.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_1500.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_1518)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _1500.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_1500.weight[high])[(w % 2u) * 2u], ((device uint*)&_1500.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_1500.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_1500.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _1500.weight[(block + 1u) + (w % 8u)];
            if (_1595)
            {
                chunk.scales = _1500.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_1500.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _1500, thread uint& lane, thread uint& lanes, thread Chunk (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1942 = wu < end_chunk;
            bool _1949;
            if (_1942)
            {
                _1949 = mi < p.outs;
            }
            else
            {
                _1949 = _1942;
            }
            if (_1949)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _1500);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float& row_squares, thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _2027; i++)
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
    if (_356)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1448)
{
    return _1448.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1468)
{
    return _1468.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
void find_squares(thread const uint& block, constant Params& p, const device Src& _1448, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128])
{
    for (uint e = subgroup; e < _1704; e += subgroups)
    {
        uint t = (block * ROWS) + (e / 8u);
        float sum = 0.0;
        uint _1719 = ((e % 8u) * lanes) + lane;
        uint c = _1719;
        for (;;)
        {
            bool _1728 = t < p.rows;
            bool _1735;
            if (_1728)
            {
                _1735 = c < p.cols;
            }
            else
            {
                _1735 = _1728;
            }
            if (_1735)
            {
                uint param = t;
                uint param_1 = c;
                float param_2 = source(param, param_1, p, _1448);
                float _1742 = rms_square(param_2);
                sum += _1742;
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
    uint _1683;
    if (ALIKE)
    {
        _1683 = 8u;
    }
    else
    {
        _1683 = max((_1689 / lanes), 1u);
    }
    return _1683;
}

static inline __attribute__((always_inline))
void put_squares(thread uint& subgroup, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares)
{
    uint team = _1767;
    uint parts = square_parts(lanes);
    uint _1814;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((subgroup * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? row_squares : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1814 = subgroup % parts;
            }
            else
            {
                _1814 = 0u;
            }
            squares[(r * parts) + _1814] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _1448, const device Norm& _1468, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares, thread uint& tile_steps, thread uint& tile_chunks, thread uint& steps, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _2039;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _2055 = min(tile_chunks, (end_chunk - w)) * QUADS;
    uint _2059 = at % team;
    float4 x[4];
    float4 gain[4];
    uint quads = _2055;
    uint v0 = _2059;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _2083 = column(param, param_1);
            uint c = _2083;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _2100 = v < quads;
                bool _2107;
                if (_2100)
                {
                    _2107 = t < p.rows;
                }
                else
                {
                    _2107 = _2100;
                }
                bool _2116;
                if (_2107)
                {
                    _2116 = (c + k) < p.cols;
                }
                else
                {
                    _2116 = _2107;
                }
                if (_2116)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _1448);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            uint param_4 = w;
            uint param_5 = v_1;
            uint _2152 = column(param_4, param_5);
            uint c_1 = _2152;
            gain[j_1] = float4(0.0);
            for (uint k_1 = 0u; k_1 < 4u; k_1++)
            {
                bool _2166 = v_1 < quads;
                bool _2175;
                if (_2166)
                {
                    _2175 = (c_1 + k_1) < p.cols;
                }
                else
                {
                    _2175 = _2166;
                }
                if (_2175)
                {
                    uint param_6 = c_1 + k_1;
                    gain[j_1][k_1] = norm_weight(param_6, p, _1468);
                }
            }
        }
        for (uint j_2 = 0u; j_2 < 4u; j_2++)
        {
            uint v_2 = v0 + (j_2 * team);
            for (uint k_2 = 0u; k_2 < 4u; k_2++)
            {
                if (_2212)
                {
                    float param_7 = x[j_2][k_2];
                    float _2220 = rms_square(param_7);
                    row_squares += _2220;
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
            find_squares(param_8, p, _1448, subgroup, subgroups, lane, lanes, squares);
        }
        else
        {
            put_squares(subgroup, lane, lanes, at, squares, row_squares);
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _753, thread uint& at, threadgroup uint2 (&row_ring)[8], thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
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
            s = record(param, p, _753);
        }
        uint _2907 = max(s.first, first);
        for (uint t = _2907; t < min((s.first + s.rows), (first + ROWS)); t++)
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _1158)
{
    if (_1152)
    {
        return as_type<float>(_1158.state[i]);
    }
    uint _1167;
    if (alone)
    {
        _1167 = _1158.state[i / 2u];
    }
    else
    {
        uint _1178 = atomic_fetch_or_explicit((device atomic_uint*)&_1158.state[i / 2u], 0u, memory_order_relaxed);
        _1167 = _1178;
    }
    uint word = _1167;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _1189;
    if (_1188)
    {
        uint param = bits;
        _1189 = float16_value(param);
    }
    else
    {
        _1189 = as_type<float>(bits << uint(16));
    }
    return _1189;
}

static inline __attribute__((always_inline))
void fetch_taps(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, device State& __restrict _1158, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3045, thread float (&tap)[4], const device Conv& _3083, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _2981);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _3002 = e < _3001;
        bool _3011;
        if (_3002)
        {
            _3011 = (m + k) < p.outs;
        }
        else
        {
            _3011 = _3002;
        }
        bool _3018;
        if (_3011)
        {
            _3018 = ch < p.channels;
        }
        else
        {
            _3018 = _3011;
        }
        bool _3025;
        if (_3018)
        {
            _3025 = t < s.end;
        }
        else
        {
            _3025 = _3018;
        }
        bool some = _3025;
        tap_bias[u] = 0.0;
        bool _3038;
        if (some)
        {
            _3038 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _3038 = some;
        }
        if (_3038)
        {
            tap_bias[u] = _3045.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _3083.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _3119 = some && (i < held);
            bool _3128;
            if (_3119)
            {
                _3128 = (t - s.first) < held;
            }
            else
            {
                _3128 = _3119;
            }
            if (_3128)
            {
                uint param = ((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i;
                bool param_1 = false;
                float _3154 = state_at(param, param_1, _1158);
                past[(u * 3u) + i] = _3154;
            }
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _1500, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread Chunk (&next)[8], thread uint& end_chunk, thread Chunk (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _1973; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1999;
    if (!more)
    {
        _1999 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1999 = more;
    }
    uint m_next = _1999 ? m : m_after;
    uint _2005;
    if (more)
    {
        _2005 = w + step_chunks;
    }
    else
    {
        _2005 = first_chunk;
    }
    uint w_next = _2005;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _1500, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _412;
    if (late)
    {
        _412 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _412 = b.x & 16191u;
    }
    uint scales = _412;
    uint _433;
    if (late)
    {
        _433 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _433 = b.y & 16191u;
    }
    uint mins = _433;
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
    if (_493)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_509)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_517)
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
                if (_546)
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
    if (_577)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_593)
    {
        uint _598;
        if (run == 0u)
        {
            _598 = chunk.high.x;
        }
        else
        {
            _598 = chunk.high.y;
        }
        c |= (((_598 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _623;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _659;
    if (run == 0u)
    {
        _659 = s.scales.x;
    }
    else
    {
        _659 = s.scales.y;
    }
    float scale = _659;
    float _671;
    if (run == 0u)
    {
        _671 = s.mins.x;
    }
    else
    {
        _671 = s.mins.y;
    }
    float min_ = _671;
    if (_680)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_693)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_706)
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
    for (uint run = 0u; run < _2348; run++)
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
    if (_2456)
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
    if (_2477)
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
    if (_2498)
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
    if (_2519)
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
    if (_2540)
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
    if (_2561)
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
    if (_2582)
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
    if (_2603)
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
void finish_projection(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], const device Bias& _3273, device Z& __restrict _3303)
{
    for (uint e = member; e < _3224; e += members)
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
            x += _3273.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        float param_5 = x;
        set_sum(param_3, param_4, param_5, subgroup, sums);
        if ((ch >= p.channels) && (t < alive))
        {
            _3303.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
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
    return _3160 <= (1u * members);
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
    bool _2804;
    if (KEEP)
    {
        _2804 = ((threadgroup uint*)&row_ring[r])[1u] != 0u;
    }
    else
    {
        _2804 = KEEP;
    }
    return _2804;
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
    bool _1061 = lost > middle;
    bool _1074;
    if (!_1061)
    {
        bool _1067 = lost == middle;
        bool _1073;
        if (_1067)
        {
            _1073 = (kept % 2u) == 1u;
        }
        else
        {
            _1073 = _1067;
        }
        _1074 = _1073;
    }
    else
    {
        _1074 = _1061;
    }
    return _sign | (kept + uint(_1074));
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
    if (_1129)
    {
        return v;
    }
    float _1135;
    if (_1134)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _1135 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _1135 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _1135;
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
    float _1288;
    if (x < 0.0)
    {
        _1288 = tail;
    }
    else
    {
        _1288 = 1.0 - tail;
    }
    return _1288;
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
        bool _3365 = j < held;
        bool _3371;
        if (_3365)
        {
            uint param_6 = r;
            _3371 = row_keeps(param_6, row_ring);
        }
        else
        {
            _3371 = _3365;
        }
        if (_3371)
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
void convolve(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1158, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3045, thread float (&tap)[4], const device Conv& _3083, thread float (&past)[3], device Dst& __restrict _3506)
{
    for (uint e0 = member; e0 < _3404; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _1158, members, row_sequence, tap_bias, _3045, tap, _3083, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = min((e / OUTS), _3437);
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            RowSequence s = row_sequence[r];
            bool _3458 = e < _3457;
            bool _3467;
            if (_3458)
            {
                _3467 = (m + k) < p.outs;
            }
            else
            {
                _3467 = _3458;
            }
            bool _3474;
            if (_3467)
            {
                _3474 = ch < p.channels;
            }
            else
            {
                _3474 = _3467;
            }
            bool _3478 = _3474 && (t < alive);
            bool _3485;
            if (_3478)
            {
                _3485 = t < s.end;
            }
            else
            {
                _3485 = _3478;
            }
            bool some = _3485;
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
                _3506.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
            }
            bool _3528;
            if (false)
            {
                _3528 = (p.first + m) < p.channels;
            }
            else
            {
                _3528 = false;
            }
            if (_3528)
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
    uint _907;
    if ((from - ring) < ring_len)
    {
        _907 = ((from - ring) + i) + 1u;
    }
    else
    {
        _907 = i;
    }
    uint at = _907;
    uint _923;
    if (at < ring_len)
    {
        _923 = at;
    }
    else
    {
        _923 = at - ring_len;
    }
    return ring + _923;
}

static inline __attribute__((always_inline))
uint slot_after(thread const RowSequence& s, thread const uint& r, thread const uint& t, threadgroup uint2 (&row_ring)[8])
{
    bool _2816;
    if (!_2807)
    {
        _2816 = (t + 1u) == s.end;
    }
    else
    {
        _2816 = _2807;
    }
    if (_2816)
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
    uint _1116;
    if (_1115)
    {
        float param = v;
        _1116 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _1116 = bfloat16_bits(param_1);
    }
    return _1116;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _1158)
{
    if (_1202)
    {
        _1158.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _1220 = atomic_fetch_and_explicit((device atomic_uint*)&_1158.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _1229 = atomic_fetch_or_explicit((device atomic_uint*)&_1158.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_states(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1158, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3045, thread float (&tap)[4], const device Conv& _3083, thread float (&past)[3])
{
    uint held = p.taps - 1u;
    for (uint e0 = member; e0 < _3558; e0 += (1u * members))
    {
        if (!taps_fit(members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_taps(param, param_1, param_2, p, _1158, members, row_sequence, tap_bias, _3045, tap, _3083, past);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            uint ch = (p.first + m) + k;
            bool _3605 = e >= _3604;
            bool _3615;
            if (!_3605)
            {
                _3615 = (m + k) >= p.outs;
            }
            else
            {
                _3615 = _3605;
            }
            bool _3623;
            if (!_3615)
            {
                _3623 = ch >= p.channels;
            }
            else
            {
                _3623 = _3615;
            }
            if (_3623 || (t >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r];
            bool _3639 = (t + 1u) != s.end;
            bool _3646;
            if (_3639)
            {
                uint param_3 = r;
                _3646 = !row_keeps(param_3, row_ring);
            }
            else
            {
                _3646 = _3639;
            }
            if (_3646)
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
                    set_state(param_13, param_14, _1158);
                }
            }
        }
    }
}

static inline __attribute__((always_inline))
void keep_history(thread uint& subgroup, thread uint& member, thread uint& members, threadgroup float (&sums)[704])
{
    float _3740;
    for (uint e0 = 0u; e0 < _3721; e0 += members)
    {
        uint e = e0 + member;
        uint k = e % OUTS;
        int r = int(e / OUTS) - 3;
        finish_barrier();
        if (e < _3738)
        {
            int param = r + _3744;
            uint param_1 = k;
            _3740 = sum_of(param, param_1, subgroup, sums);
        }
        else
        {
            _3740 = 0.0;
        }
        float x = _3740;
        finish_barrier();
        if (e < _3754)
        {
            int param_2 = r;
            uint param_3 = k;
            float param_4 = x;
            set_sum(param_2, param_3, param_4, subgroup, sums);
        }
    }
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, device State& __restrict _1158, thread uint& subgroup, thread uint& lanes, thread uint& member, thread uint& members, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[704], threadgroup uint2 (&row_ring)[8], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _3045, thread float (&tap)[4], const device Conv& _3083, thread float (&past)[3], const device Bias& _3273, device Z& __restrict _3303, device Dst& __restrict _3506)
{
    uint param = m;
    uint param_1 = block;
    finish_projection(param, param_1, p, subgroup, lanes, member, members, squares, alive, sums, _3273, _3303);
    finish_barrier();
    uint param_2 = m;
    uint param_3 = block;
    convolve(param_2, param_3, p, _1158, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _3045, tap, _3083, past, _3506);
    finish_barrier();
    uint param_4 = m;
    uint param_5 = block;
    store_states(param_4, param_5, p, _1158, subgroup, member, members, alive, sums, row_ring, row_sequence, tap_bias, _3045, tap, _3083, past);
    if (p.rows > ROWS)
    {
        keep_history(subgroup, member, members, sums);
    }
}

kernel void in_proj_conv_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _3506 [[buffer(1)]], device Z& __restrict _3303 [[buffer(2)]], const device Src& _1448 [[buffer(3)]], const device Norm& _1468 [[buffer(4)]], const device Weight& __restrict _1500 [[buffer(5)]], const device Bias& _3273 [[buffer(6)]], const device Conv& _3083 [[buffer(7)]], const device ConvBias& _3045 [[buffer(8)]], device State& __restrict _1158 [[buffer(9)]], const device Batch& _753 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    fetch_sequences(p, _753, at, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _1500);
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
    divide_rows(p, _753, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _1500, lane, lanes, next, end_chunk);
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
                    bool _3859 = begin_tile(param_6, tile_steps, rows_stay, steps_left, first_group);
                    if (_3859)
                    {
                        uint param_7 = block;
                        uint param_8 = _step;
                        uint param_9 = w;
                        load_rows(param_7, param_8, param_9, p, _1448, _1468, subgroup, subgroups, lane, lanes, at, squares, row_squares, tile_steps, tile_chunks, steps, end_chunk, tile);
                        if (_step == 0u)
                        {
                            uint param_10 = block * ROWS;
                            find_sequences(param_10, p, _753, at, row_ring, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (_step == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    uint param_13 = member;
                    fetch_taps(param_11, param_12, param_13, p, _1158, members, row_sequence, tap_bias, _3045, tap, _3083, past);
                }
                uint param_14 = m;
                uint param_15 = m_after;
                uint param_16 = block;
                uint param_17 = _step;
                uint param_18 = w;
                take_chunks(param_14, param_15, param_16, param_17, param_18, p, _1500, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_19 = w;
                multiply(param_19, codebook, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_20 = m;
            uint param_21 = block;
            finish(param_20, param_21, p, _1158, subgroup, lanes, member, members, squares, alive, sums, row_ring, row_sequence, tap_bias, _3045, tap, _3083, past, _3273, _3303, _3506);
            team_barrier();
        }
        m = m_after;
    }
}

