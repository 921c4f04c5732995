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
constant bool _192 = (FORMAT == 0u);
constant bool _210 = (FORMAT == 0u);
constant bool _348 = (FORMAT == 0u);
constant bool _364 = (FORMAT == 1u);
constant bool _372 = (FORMAT == 2u);
constant bool _401 = (FORMAT == 3u);
constant bool _432 = (FORMAT == 0u);
constant bool _448 = (FORMAT == 3u);
constant bool _473 = (FORMAT == 1u);
constant bool _475 = (FORMAT == 3u);
constant float _477 = _475 ? 32.0 : 0.0;
constant float _478 = _473 ? 8.0 : _477;
constant bool _535 = (FORMAT == 0u);
constant bool _548 = (FORMAT == 2u);
constant bool _561 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint dst_off;
    uint dst_stride;
    uint residual_off;
    uint residual_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint live_off;
    uint squares_off;
    uint squares_stride;
    uint packed_off;
    uint packed_stride;
    uint next_norm_off;
    uint normed_off;
    uint normed_stride;
};

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant bool _659 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _690 = (FORMAT == 3u);
constant bool _767 = (FORMAT == 2u);
constant bool _785 = (FORMAT == 4u);
constant uint _818_tmp [[function_constant(0)]];
constant uint _818 = is_function_constant_defined(_818_tmp) ? _818_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_818, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant bool _837 = (FORMAT == 0u);
constant int _839 = _837 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_839) + 0u);
constant uint QUADS = (CHUNK_SIZE / 4u);
constant uint _842 = (ROWS * QUADS);
constant uint _843 = (TILE / _842);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _939 = (OUTS * AHEAD);
constant uint _993 = (OUTS * ROWS);
constant uint _1005 = gl_WorkGroupSize.x;
constant uint _1006 = (_1005 / ROWS);
constant uint _1230 = (CHUNK_SIZE / 16u);
constant bool _1338 = (0u < AHEAD);
constant bool _1359 = (1u < AHEAD);
constant bool _1380 = (2u < AHEAD);
constant bool _1401 = (3u < AHEAD);
constant bool _1422 = (4u < AHEAD);
constant bool _1444 = (5u < AHEAD);
constant bool _1466 = (6u < AHEAD);
constant bool _1488 = (7u < AHEAD);
constant uint _1709 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1760 = (OUTS * ROWS);
constant uint _1762 = (OUTS * ROWS);
constant uint _1801 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

struct Squares
{
    float squares_of[1];
};

struct Packed
{
    uint4 _packed[1];
};

struct NextNorm
{
    float4 next_norm[1];
};

struct Normed
{
    uint4 normed[1];
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
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _671)
{
    if (_785)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_671.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
    if (_192)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _843 / step_chunks;
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
uint live_rows(constant Params& p, const device Live& _618)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_618.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _618, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _618);
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
    uint _1542;
    if ((group + subgroup) < end_group)
    {
        _1542 = (group + subgroup) * OUTS;
    }
    else
    {
        _1542 = p.outs;
    }
    return _1542;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _671)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_659)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _671.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_671.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_690)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _671.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_671.weight[high])[(w % 2u) * 2u], ((device uint*)&_671.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_671.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_671.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _671.weight[(block + 1u) + (w % 8u)];
            if (_767)
            {
                chunk.scales = _671.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_671.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _671, thread uint& lane, thread uint& lanes, thread Chunk (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _908 = wu < end_chunk;
            bool _915;
            if (_908)
            {
                _915 = mi < p.outs;
            }
            else
            {
                _915 = _908;
            }
            if (_915)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _671);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _993; i++)
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
    if (_210)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _632)
{
    return _632.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _632, thread uint& at, thread uint& tile_chunks, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _1006;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1022 = min(tile_chunks, (end_chunk - w)) * QUADS;
    uint _1026 = at % team;
    float4 x[4];
    uint quads = _1022;
    uint v0 = _1026;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _1050 = column(param, param_1);
            uint c = _1050;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _1067 = v < quads;
                bool _1074;
                if (_1067)
                {
                    _1074 = t < p.rows;
                }
                else
                {
                    _1074 = _1067;
                }
                bool _1083;
                if (_1074)
                {
                    _1083 = (c + k) < p.cols;
                }
                else
                {
                    _1083 = _1074;
                }
                if (_1083)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _632);
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
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _632, thread uint& at, thread uint& tile_steps, thread uint& tile_chunks, thread bool& rows_stay, thread uint& end_chunk, thread uint& steps_left, threadgroup float4 (&tile)[TILE], thread uint& first_group)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _1165 = begin_tile(param, tile_steps, rows_stay, steps_left, first_group);
        if (_1165)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _632, at, tile_chunks, end_chunk, tile);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_residual(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1733)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1710 = e < _1709;
        bool _1717;
        if (_1710)
        {
            _1717 = t < p.rows;
        }
        else
        {
            _1717 = _1710;
        }
        bool _1726;
        if (_1717)
        {
            _1726 = (m + k) < p.outs;
        }
        else
        {
            _1726 = _1717;
        }
        if (_1726)
        {
            old[u] = _1733.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _671, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread Chunk (&next)[8], thread uint& end_chunk, thread Chunk (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _939; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _965;
    if (!more)
    {
        _965 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _965 = more;
    }
    uint m_next = _965 ? m : m_after;
    uint _971;
    if (more)
    {
        _971 = w + step_chunks;
    }
    else
    {
        _971 = first_chunk;
    }
    uint w_next = _971;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _671, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _267;
    if (late)
    {
        _267 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _267 = b.x & 16191u;
    }
    uint scales = _267;
    uint _288;
    if (late)
    {
        _288 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _288 = b.y & 16191u;
    }
    uint mins = _288;
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
    if (_348)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_364)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_372)
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
                if (_401)
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
    if (_432)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_448)
    {
        uint _453;
        if (run == 0u)
        {
            _453 = chunk.high.x;
        }
        else
        {
            _453 = chunk.high.y;
        }
        c |= (((_453 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _478;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _514;
    if (run == 0u)
    {
        _514 = s.scales.x;
    }
    else
    {
        _514 = s.scales.y;
    }
    float scale = _514;
    float _526;
    if (run == 0u)
    {
        _526 = s.mins.x;
    }
    else
    {
        _526 = s.mins.y;
    }
    float min_ = _526;
    if (_535)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_548)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_561)
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
    for (uint run = 0u; run < _1230; run++)
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
    if (_1338)
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
    if (_1359)
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
    if (_1380)
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
    if (_1401)
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
    if (_1422)
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
    if (_1444)
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
    if (_1466)
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
    if (_1488)
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
void set_sum(thread const int& r, thread const uint& i, thread const float& x, thread uint& subgroup, threadgroup float (&sums)[512])
{
    int param = r;
    uint param_1 = i;
    sums[sum_at(param, param_1, subgroup)] = x;
}

static inline __attribute__((always_inline))
void store(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1733, const device Bias& _1836, device Dst& _1855)
{
    for (uint e0 = member; e0 < _1760; e0 += (2u * members))
    {
        if (_1762 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_residual(param, param_1, param_2, p, members, old, _1733);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1806 = (e >= _1801) || (t >= alive);
            bool _1816;
            if (!_1806)
            {
                _1816 = (m + k) >= p.outs;
            }
            else
            {
                _1816 = _1806;
            }
            if (_1816)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sum_of(param_3, param_4, subgroup, sums);
            if (p.bias_off != 4294967295u)
            {
                y += _1836.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1855.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            float param_7 = y;
            set_sum(param_5, param_6, param_7, subgroup, sums);
        }
    }
}

kernel void out_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& _1855 [[buffer(1)]], const device Residual& _1733 [[buffer(2)]], const device Src& _632 [[buffer(3)]], const device Weight& __restrict _671 [[buffer(4)]], const device Bias& _1836 [[buffer(5)]], const device Live& _618 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    load_codebook(param, param_1, codebook, p, _671);
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
    divide_rows(p, _618, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _671, lane, lanes, next, end_chunk);
    Chunk now[8];
    float acc[32];
    uint steps_left;
    float old[2];
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
                refill_tile(param_6, param_7, param_8, param_9, p, _632, at, tile_steps, tile_chunks, rows_stay, end_chunk, steps_left, tile, first_group);
                if (_step == 0u)
                {
                    uint param_10 = m;
                    uint param_11 = block;
                    uint param_12 = member;
                    fetch_residual(param_10, param_11, param_12, p, members, old, _1733);
                }
                uint param_13 = m;
                uint param_14 = m_after;
                uint param_15 = block;
                uint param_16 = _step;
                uint param_17 = w;
                take_chunks(param_13, param_14, param_15, param_16, param_17, p, _671, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_18 = w;
                multiply(param_18, codebook, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_19 = m;
            uint param_20 = block;
            store(param_19, param_20, p, subgroup, member, members, alive, sums, old, _1733, _1836, _1855);
            team_barrier();
        }
        m = m_after;
    }
}

