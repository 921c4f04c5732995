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
constant bool _183 = (FORMAT == 0u);
constant bool _201 = (FORMAT == 0u);
constant bool _339 = (FORMAT == 0u);
constant bool _355 = (FORMAT == 1u);
constant bool _363 = (FORMAT == 2u);
constant bool _392 = (FORMAT == 3u);
constant bool _423 = (FORMAT == 0u);
constant bool _439 = (FORMAT == 3u);
constant bool _464 = (FORMAT == 1u);
constant bool _466 = (FORMAT == 3u);
constant float _468 = _466 ? 32.0 : 0.0;
constant float _469 = _464 ? 8.0 : _468;
constant bool _526 = (FORMAT == 0u);
constant bool _539 = (FORMAT == 2u);
constant bool _552 = (FORMAT != 4u);

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

constant bool _650 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _681 = (FORMAT == 3u);
constant bool _758 = (FORMAT == 2u);
constant bool _776 = (FORMAT == 4u);
constant uint _809_tmp [[function_constant(0)]];
constant uint _809 = is_function_constant_defined(_809_tmp) ? _809_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_809, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _830 = (FORMAT == 0u);
constant int _832 = _830 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_832) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _909 = (CHUNK_SIZE / 16u);
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1106 = (ROWS * SLOTS);
constant uint _1107 = (TILE / _1106);
constant uint _1203 = (OUTS * AHEAD);
constant uint _1255 = (OUTS * ROWS);
constant uint _1263 = gl_WorkGroupSize.x;
constant uint _1264 = (_1263 / ROWS);
constant bool _1429 = (0u < AHEAD);
constant bool _1450 = (1u < AHEAD);
constant bool _1471 = (2u < AHEAD);
constant bool _1492 = (3u < AHEAD);
constant bool _1513 = (4u < AHEAD);
constant bool _1535 = (5u < AHEAD);
constant bool _1557 = (6u < AHEAD);
constant bool _1579 = (7u < AHEAD);
constant uint _1675 = (OUTS * ROWS);

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
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _662)
{
    if (_776)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_662.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
    if (_183)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
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
    tile_steps = _1107 / step_chunks;
    tile_chunks = tile_steps * step_chunks;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _608)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_608.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _608, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& tile_steps, thread uint& alive, thread uint& blocks, thread bool& rows_stay)
{
    alive = live_rows(p, _608);
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
    uint _1050;
    if ((group + subgroup) < end_group)
    {
        _1050 = (group + subgroup) * OUTS;
    }
    else
    {
        _1050 = p.outs;
    }
    return _1050;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _662)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_650)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _662.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_662.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_681)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _662.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_662.weight[high])[(w % 2u) * 2u], ((device uint*)&_662.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_662.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_662.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _662.weight[(block + 1u) + (w % 8u)];
            if (_758)
            {
                chunk.scales = _662.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_662.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _662, thread uint& lane, thread uint& lanes, thread uint& end_chunk, thread Chunk (&next)[8])
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1172 = wu < end_chunk;
            bool _1179;
            if (_1172)
            {
                _1179 = mi < p.outs;
            }
            else
            {
                _1179 = _1172;
            }
            if (_1179)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _662);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _1255; i++)
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
bool begin_tile(thread const uint& group, thread uint& first_group, thread uint& tile_steps, thread bool& rows_stay, thread uint& steps_left)
{
    steps_left = tile_steps;
    return (!rows_stay) || (group == first_group);
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_201)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _622)
{
    return _622.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void put_in_tile(thread const float4& x, thread const uint& r, thread const uint& v, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks)
{
    tile[(((r * SLOTS) + (v % SLOTS)) * tile_chunks) + (v / SLOTS)] = x;
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _622, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread uint& end_chunk)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _1264;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1280 = min(tile_chunks, (end_chunk - w)) * SLOTS;
    uint _1284 = at % team;
    float4 x[4];
    uint quads = _1280;
    uint v0 = _1284;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _1308 = column(param, param_1);
            uint c = _1308;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _1323 = v < quads;
                bool _1330;
                if (_1323)
                {
                    _1330 = t < p.rows;
                }
                else
                {
                    _1330 = _1323;
                }
                bool _1339;
                if (_1330)
                {
                    _1339 = (c + k) < p.cols;
                }
                else
                {
                    _1339 = _1330;
                }
                if (_1339)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _622);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            if (v_1 < quads)
            {
                float4 param_4 = x[j_1];
                uint param_5 = r;
                uint param_6 = v_1;
                put_in_tile(param_4, param_5, param_6, tile, tile_chunks);
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
}

static inline __attribute__((always_inline))
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _622, thread uint& at, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread uint& first_group, thread uint& end_chunk, thread uint& tile_steps, thread bool& rows_stay, thread uint& steps_left)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _1411 = begin_tile(param, first_group, tile_steps, rows_stay, steps_left);
        if (_1411)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _622, at, tile, tile_chunks, end_chunk);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _662, thread uint& lane, thread uint& lanes, thread Chunk (&now)[8], thread uint3& gl_NumWorkGroups, thread uint& first_chunk, thread uint& end_chunk, thread uint& step_chunks, thread uint& steps, thread uint& blocks, thread Chunk (&next)[8])
{
    for (uint i = 0u; i < _1203; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1228;
    if (!more)
    {
        _1228 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1228 = more;
    }
    uint m_next = _1228 ? m : m_after;
    uint _1234;
    if (more)
    {
        _1234 = w + step_chunks;
    }
    else
    {
        _1234 = first_chunk;
    }
    uint w_next = _1234;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _662, lane, lanes, end_chunk, next);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _258;
    if (late)
    {
        _258 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _258 = b.x & 16191u;
    }
    uint scales = _258;
    uint _279;
    if (late)
    {
        _279 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _279 = b.y & 16191u;
    }
    uint mins = _279;
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
    if (_339)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_355)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_363)
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
                if (_392)
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
    if (_423)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_439)
    {
        uint _444;
        if (run == 0u)
        {
            _444 = chunk.high.x;
        }
        else
        {
            _444 = chunk.high.y;
        }
        c |= (((_444 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _469;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _505;
    if (run == 0u)
    {
        _505 = s.scales.x;
    }
    else
    {
        _505 = s.scales.y;
    }
    float scale = _505;
    float _517;
    if (run == 0u)
    {
        _517 = s.mins.x;
    }
    else
    {
        _517 = s.mins.y;
    }
    float min_ = _517;
    if (_526)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_539)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_552)
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
void multiply_chunks(thread const uint& u, thread const uint& w, thread const uint& from, threadgroup float (&codebook)[16], thread uint& lanes, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread Chunk (&now)[8], thread float (&acc)[32])
{
    Scales scales[4];
    for (uint i = 0u; i < OUTS; i++)
    {
        Chunk param = now[(i * AHEAD) + u];
        uint param_1 = w;
        scales[i] = scales_of(param, param_1);
    }
    float4 y[4];
    for (uint run = 0u; run < _909; run++)
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
                float4 x = tile[(((((r * SLOTS) + (run * 4u)) + q) * tile_chunks) + from) + (u * lanes)];
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
void multiply(thread const uint& w, threadgroup float (&codebook)[16], thread uint& lane, thread uint& lanes, threadgroup float4 (&tile)[TILE], thread uint& tile_chunks, thread Chunk (&now)[8], thread float (&acc)[32], thread uint& end_chunk, thread uint& step_chunks, thread uint& tile_steps, thread uint& steps_left)
{
    uint from = ((tile_steps - steps_left) * step_chunks) + lane;
    if (_1429)
    {
        uint wu = (w + (0u * lanes)) + lane;
        if (wu < end_chunk)
        {
            uint param = 0u;
            uint param_1 = wu;
            uint param_2 = from;
            multiply_chunks(param, param_1, param_2, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1450)
    {
        uint wu_1 = (w + (1u * lanes)) + lane;
        if (wu_1 < end_chunk)
        {
            uint param_3 = 1u;
            uint param_4 = wu_1;
            uint param_5 = from;
            multiply_chunks(param_3, param_4, param_5, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1471)
    {
        uint wu_2 = (w + (2u * lanes)) + lane;
        if (wu_2 < end_chunk)
        {
            uint param_6 = 2u;
            uint param_7 = wu_2;
            uint param_8 = from;
            multiply_chunks(param_6, param_7, param_8, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1492)
    {
        uint wu_3 = (w + (3u * lanes)) + lane;
        if (wu_3 < end_chunk)
        {
            uint param_9 = 3u;
            uint param_10 = wu_3;
            uint param_11 = from;
            multiply_chunks(param_9, param_10, param_11, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1513)
    {
        uint wu_4 = (w + (4u * lanes)) + lane;
        if (wu_4 < end_chunk)
        {
            uint param_12 = 4u;
            uint param_13 = wu_4;
            uint param_14 = from;
            multiply_chunks(param_12, param_13, param_14, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1535)
    {
        uint wu_5 = (w + (5u * lanes)) + lane;
        if (wu_5 < end_chunk)
        {
            uint param_15 = 5u;
            uint param_16 = wu_5;
            uint param_17 = from;
            multiply_chunks(param_15, param_16, param_17, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1557)
    {
        uint wu_6 = (w + (6u * lanes)) + lane;
        if (wu_6 < end_chunk)
        {
            uint param_18 = 6u;
            uint param_19 = wu_6;
            uint param_20 = from;
            multiply_chunks(param_18, param_19, param_20, codebook, lanes, tile, tile_chunks, now, acc);
        }
    }
    if (_1579)
    {
        uint wu_7 = (w + (7u * lanes)) + lane;
        if (wu_7 < end_chunk)
        {
            uint param_21 = 7u;
            uint param_22 = wu_7;
            uint param_23 = from;
            multiply_chunks(param_21, param_22, param_23, codebook, lanes, tile, tile_chunks, now, acc);
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
void store(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& member, thread uint& members, thread uint3& gl_WorkGroupID, threadgroup float (&sums)[512], device Dst& __restrict _1708)
{
    for (uint e = member; e < _1675; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1691 = t >= p.rows;
        bool _1701;
        if (!_1691)
        {
            _1701 = (m + k) >= p.outs;
        }
        else
        {
            _1701 = _1691;
        }
        if (_1701)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        _1708.dst[((p.dst_off + (((gl_WorkGroupID.z * p.rows) + t) * p.dst_stride)) + m) + k] = sum_of(param, param_1, subgroup, sums);
    }
}

kernel void x_proj_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1708 [[buffer(1)]], const device Src& _622 [[buffer(2)]], const device Weight& __restrict _662 [[buffer(3)]], const device Live& _608 [[buffer(4)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    load_codebook(param, param_1, codebook, p, _662);
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
    divide_rows(p, _608, gl_NumWorkGroups, steps, tile_steps, alive, blocks, rows_stay);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _662, lane, lanes, end_chunk, next);
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
                refill_tile(param_6, param_7, param_8, param_9, p, _622, at, tile, tile_chunks, first_group, end_chunk, tile_steps, rows_stay, steps_left);
                uint param_10 = m;
                uint param_11 = m_after;
                uint param_12 = block;
                uint param_13 = _step;
                uint param_14 = w;
                take_chunks(param_10, param_11, param_12, param_13, param_14, p, _662, lane, lanes, now, gl_NumWorkGroups, first_chunk, end_chunk, step_chunks, steps, blocks, next);
                uint param_15 = w;
                multiply(param_15, codebook, lane, lanes, tile, tile_chunks, now, acc, end_chunk, step_chunks, tile_steps, steps_left);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_16 = m;
            uint param_17 = block;
            store(param_16, param_17, p, subgroup, member, members, gl_WorkGroupID, sums, _1708);
            team_barrier();
        }
        m = m_after;
    }
}

