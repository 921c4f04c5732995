#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

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

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _181 = (FORMAT == 0u);
constant bool _199 = (FORMAT == 0u);
constant bool _337 = (FORMAT == 0u);
constant bool _353 = (FORMAT == 1u);
constant bool _361 = (FORMAT == 2u);
constant bool _390 = (FORMAT == 3u);
constant bool _421 = (FORMAT == 0u);
constant bool _437 = (FORMAT == 3u);
constant bool _462 = (FORMAT == 1u);
constant bool _464 = (FORMAT == 3u);
constant float _466 = _464 ? 32.0 : 0.0;
constant float _467 = _462 ? 8.0 : _466;
constant bool _524 = (FORMAT == 0u);
constant bool _537 = (FORMAT == 2u);
constant bool _550 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint live_off;
    uint packed_off;
    uint packed_stride;
};

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant bool _648 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _679 = (FORMAT == 3u);
constant bool _756 = (FORMAT == 2u);
constant bool _774 = (FORMAT == 4u);
constant uint _807_tmp [[function_constant(0)]];
constant uint _807 = is_function_constant_defined(_807_tmp) ? _807_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_807, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant bool _826 = (FORMAT == 0u);
constant int _828 = _826 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_828) + 0u);
constant uint QUADS = (CHUNK_SIZE / 4u);
constant uint _831 = (ROWS * QUADS);
constant uint _832 = (TILE / _831);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _928 = (OUTS * AHEAD);
constant uint _982 = (OUTS * ROWS);
constant uint _994 = gl_WorkGroupSize.x;
constant uint _995 = (_994 / ROWS);
constant uint _1219 = (CHUNK_SIZE / 16u);
constant bool _1327 = (0u < AHEAD);
constant bool _1348 = (1u < AHEAD);
constant bool _1369 = (2u < AHEAD);
constant bool _1390 = (3u < AHEAD);
constant bool _1411 = (4u < AHEAD);
constant bool _1433 = (5u < AHEAD);
constant bool _1455 = (6u < AHEAD);
constant bool _1477 = (7u < AHEAD);
constant uint _1668 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint4 _packed[1];
};

constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;

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
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _660)
{
    if (_774)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_660.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
    if (_181)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _832 / step_chunks;
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
uint live_rows(constant Params& p, const device Live& _606)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_606.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _606, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _606);
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
    uint _1531;
    if ((group + subgroup) < end_group)
    {
        _1531 = (group + subgroup) * OUTS;
    }
    else
    {
        _1531 = p.outs;
    }
    return _1531;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _660)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_648)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _660.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_660.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_679)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _660.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_660.weight[high])[(w % 2u) * 2u], ((device uint*)&_660.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_660.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_660.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _660.weight[(block + 1u) + (w % 8u)];
            if (_756)
            {
                chunk.scales = _660.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_660.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _660, thread uint& lane, thread uint& lanes, thread Chunk (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _897 = wu < end_chunk;
            bool _904;
            if (_897)
            {
                _904 = mi < p.outs;
            }
            else
            {
                _904 = _897;
            }
            if (_904)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _660);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _982; i++)
    {
        acc[i] = 0.0;
    }
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
    if (_199)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _620)
{
    return _620.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _620, thread uint& at, thread uint& tile_chunks, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _995;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1011 = min(tile_chunks, (end_chunk - w)) * QUADS;
    uint _1015 = at % team;
    float4 x[4];
    uint quads = _1011;
    uint v0 = _1015;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _1039 = column(param, param_1);
            uint c = _1039;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _1056 = v < quads;
                bool _1063;
                if (_1056)
                {
                    _1063 = t < p.rows;
                }
                else
                {
                    _1063 = _1056;
                }
                bool _1072;
                if (_1063)
                {
                    _1072 = (c + k) < p.cols;
                }
                else
                {
                    _1072 = _1063;
                }
                if (_1072)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _620);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            if (v_1 < quads)
            {
                tile[(((r * QUADS) + (v_1 % QUADS)) * tile_chunks) + (v_1 / QUADS)] = x[j_1];
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
}

static inline __attribute__((always_inline))
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _620, thread uint& at, thread uint& tile_steps, thread uint& tile_chunks, thread bool& rows_stay, thread uint& end_chunk, thread uint& steps_left, threadgroup float4 (&tile)[TILE], thread uint& first_group)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _1154 = begin_tile(param, tile_steps, rows_stay, steps_left, first_group);
        if (_1154)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _620, at, tile_chunks, end_chunk, tile);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _660, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread Chunk (&next)[8], thread uint& end_chunk, thread Chunk (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _928; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _954;
    if (!more)
    {
        _954 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _954 = more;
    }
    uint m_next = _954 ? m : m_after;
    uint _960;
    if (more)
    {
        _960 = w + step_chunks;
    }
    else
    {
        _960 = first_chunk;
    }
    uint w_next = _960;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _660, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _256;
    if (late)
    {
        _256 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _256 = b.x & 16191u;
    }
    uint scales = _256;
    uint _277;
    if (late)
    {
        _277 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _277 = b.y & 16191u;
    }
    uint mins = _277;
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
    if (_337)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_353)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_361)
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
                if (_390)
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
    if (_421)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_437)
    {
        uint _442;
        if (run == 0u)
        {
            _442 = chunk.high.x;
        }
        else
        {
            _442 = chunk.high.y;
        }
        c |= (((_442 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _467;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _503;
    if (run == 0u)
    {
        _503 = s.scales.x;
    }
    else
    {
        _503 = s.scales.y;
    }
    float scale = _503;
    float _515;
    if (run == 0u)
    {
        _515 = s.mins.x;
    }
    else
    {
        _515 = s.mins.y;
    }
    float min_ = _515;
    if (_524)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_537)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_550)
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
    for (uint run = 0u; run < _1219; run++)
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
    if (_1327)
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
    if (_1348)
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
    if (_1369)
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
    if (_1390)
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
    if (_1411)
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
    if (_1433)
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
    if (_1455)
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
    if (_1477)
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
    return (((subgroup * 8u) + uint(0 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
void team_barrier()
{
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
}

static inline __attribute__((always_inline))
void add_up(thread uint& subgroup, thread uint& lane, thread float (&acc)[32], threadgroup float (&sums)[512])
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
float sum_of(thread const int& r, thread const uint& i, thread uint& subgroup, threadgroup float (&sums)[512])
{
    int param = r;
    uint param_1 = i;
    return sums[sum_at(param, param_1, subgroup)];
}

static inline __attribute__((always_inline))
void store(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& member, thread uint& members, thread uint3& gl_WorkGroupID, threadgroup float (&sums)[512], device Dst& __restrict _1701)
{
    for (uint e = member; e < _1668; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1684 = t >= p.rows;
        bool _1694;
        if (!_1684)
        {
            _1694 = (m + k) >= p.outs;
        }
        else
        {
            _1694 = _1684;
        }
        if (_1694)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        _1701.dst[((p.dst_off + (((gl_WorkGroupID.z * p.rows) + t) * p.dst_stride)) + m) + k] = sum_of(param, param_1, subgroup, sums);
    }
}

kernel void x_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1701 [[buffer(1)]], const device Src& _620 [[buffer(2)]], const device Weight& __restrict _660 [[buffer(3)]], const device Live& _606 [[buffer(4)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint part = 0u;
    uint subgroup;
    uint subgroups;
    uint lane;
    uint lanes;
    uint at;
    uint member;
    uint members;
    find_place(subgroup, gl_SubgroupID, subgroups, gl_NumSubgroups, lane, gl_SubgroupInvocationID, lanes, at, member, members);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _660);
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
    divide_rows(p, _606, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _660, lane, lanes, next, end_chunk);
    Chunk now[8];
    float acc[32];
    uint steps_left;
    for (uint group = first_group; group < end_group; group += subgroups)
    {
        uint param_5 = group + subgroups;
        uint m_after = channels_from(param_5, p, subgroup, end_group);
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            clear_sums(acc, steps_left);
            for (uint _step = 0u; _step < steps; _step++)
            {
                uint w = first_chunk + (_step * step_chunks);
                uint param_6 = group;
                uint param_7 = block;
                uint param_8 = _step;
                uint param_9 = w;
                refill_tile(param_6, param_7, param_8, param_9, p, _620, at, tile_steps, tile_chunks, rows_stay, end_chunk, steps_left, tile, first_group);
                uint param_10 = m;
                uint param_11 = m_after;
                uint param_12 = block;
                uint param_13 = _step;
                uint param_14 = w;
                take_chunks(param_10, param_11, param_12, param_13, param_14, p, _660, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_15 = w;
                multiply(param_15, codebook, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_16 = m;
            uint param_17 = block;
            store(param_16, param_17, p, subgroup, member, members, gl_WorkGroupID, sums, _1701);
            team_barrier();
        }
        m = m_after;
    }
}

