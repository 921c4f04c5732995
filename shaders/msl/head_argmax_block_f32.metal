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
constant bool _223 = (FORMAT == 0u);
constant bool _241 = (FORMAT == 0u);
constant bool _379 = (FORMAT == 0u);
constant bool _395 = (FORMAT == 1u);
constant bool _403 = (FORMAT == 2u);
constant bool _432 = (FORMAT == 3u);
constant bool _463 = (FORMAT == 0u);
constant bool _479 = (FORMAT == 3u);
constant bool _504 = (FORMAT == 1u);
constant bool _506 = (FORMAT == 3u);
constant float _508 = _506 ? 32.0 : 0.0;
constant float _509 = _504 ? 8.0 : _508;
constant bool _566 = (FORMAT == 0u);
constant bool _579 = (FORMAT == 2u);
constant bool _592 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint live_off;
    uint packed_off;
    uint packed_stride;
    uint squares_off;
    uint squares_stride;
    uint squares;
};

struct Live
{
    int live[1];
};

struct From
{
    uint from[1];
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant bool _730 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _760 = (FORMAT == 3u);
constant bool _837 = (FORMAT == 2u);
constant bool _855 = (FORMAT == 4u);
constant uint _888_tmp [[function_constant(0)]];
constant uint _888 = is_function_constant_defined(_888_tmp) ? _888_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_888, 1u, 1u);
constant bool ALIKE_tmp [[function_constant(5)]];
constant bool ALIKE = is_function_constant_defined(ALIKE_tmp) ? ALIKE_tmp : false;
constant uint _929 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _931 = (_929 / ROWS);
constant uint _946 = (ROWS * 8u);
constant uint _1008 = gl_WorkGroupSize.x;
constant uint _1009 = (_1008 / ROWS);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _1113 = (FORMAT == 0u);
constant int _1115 = _1113 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1115) + 0u);
constant uint QUADS = (CHUNK_SIZE / 4u);
constant uint _1118 = (ROWS * QUADS);
constant uint _1119 = (TILE / _1118);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _1214 = (OUTS * AHEAD);
constant uint _1268 = (OUTS * ROWS);
constant uint _1279 = gl_WorkGroupSize.x;
constant uint _1280 = (_1279 / ROWS);
constant bool _1453 = (!ALIKE);
constant uint _1604 = (CHUNK_SIZE / 16u);
constant bool _1712 = (0u < AHEAD);
constant bool _1733 = (1u < AHEAD);
constant bool _1754 = (2u < AHEAD);
constant bool _1775 = (3u < AHEAD);
constant bool _1796 = (4u < AHEAD);
constant bool _1818 = (5u < AHEAD);
constant bool _1840 = (6u < AHEAD);
constant bool _1862 = (7u < AHEAD);

struct Dst
{
    uint dst[1];
};

struct Packed
{
    uint4 _packed[1];
};

struct Squares
{
    float squares_of[1];
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
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _742)
{
    if (_855)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_742.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
    if (_223)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void divide_tile_columns(thread uint& tile_steps, thread uint& step_chunks, thread uint& tile_chunks)
{
    tile_steps = _1119 / step_chunks;
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
uint live_rows(constant Params& p, const device Live& _649)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_649.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _649, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _649);
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
    uint _1916;
    if ((group + subgroup) < end_group)
    {
        _1916 = (group + subgroup) * OUTS;
    }
    else
    {
        _1916 = p.outs;
    }
    return _1916;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _742)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_730)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _742.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_742.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_760)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _742.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_742.weight[high])[(w % 2u) * 2u], ((device uint*)&_742.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_742.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_742.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _742.weight[(block + 1u) + (w % 8u)];
            if (_837)
            {
                chunk.scales = _742.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_742.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _742, thread uint& lane, thread uint& lanes, thread Chunk (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1183 = wu < end_chunk;
            bool _1190;
            if (_1183)
            {
                _1190 = mi < p.outs;
            }
            else
            {
                _1190 = _1183;
            }
            if (_1190)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _742);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float& row_squares, thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _1268; i++)
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
    if (_241)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _664, const device Src& _687)
{
    uint row = _664.from[p.from_off + (t * p.from_stride)];
    float _681;
    if (row < p.src_rows)
    {
        _681 = _687.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _681 = 0.0;
    }
    return _681;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _709)
{
    return _709.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
void find_squares(thread const uint& block, constant Params& p, const device From& _664, const device Src& _687, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128])
{
    for (uint e = subgroup; e < _946; e += subgroups)
    {
        uint t = (block * ROWS) + (e / 8u);
        float sum = 0.0;
        uint _961 = ((e % 8u) * lanes) + lane;
        uint c = _961;
        for (;;)
        {
            bool _970 = t < p.rows;
            bool _977;
            if (_970)
            {
                _977 = c < p.cols;
            }
            else
            {
                _977 = _970;
            }
            if (_977)
            {
                uint param = t;
                uint param_1 = c;
                float param_2 = source(param, param_1, p, _664, _687);
                float _984 = rms_square(param_2);
                sum += _984;
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
    uint _925;
    if (ALIKE)
    {
        _925 = 8u;
    }
    else
    {
        _925 = max((_931 / lanes), 1u);
    }
    return _925;
}

static inline __attribute__((always_inline))
void put_squares(thread uint& subgroup, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares)
{
    uint team = _1009;
    uint parts = square_parts(lanes);
    uint _1056;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((subgroup * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? row_squares : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1056 = subgroup % parts;
            }
            else
            {
                _1056 = 0u;
            }
            squares[(r * parts) + _1056] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device From& _664, const device Src& _687, const device Norm& _709, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares, thread uint& tile_steps, thread uint& tile_chunks, thread uint& steps, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _1280;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _1296 = min(tile_chunks, (end_chunk - w)) * QUADS;
    uint _1300 = at % team;
    float4 x[4];
    float4 gain[4];
    uint quads = _1296;
    uint v0 = _1300;
    do
    {
        for (uint j = 0u; j < 4u; j++)
        {
            uint v = v0 + (j * team);
            uint param = w;
            uint param_1 = v;
            uint _1324 = column(param, param_1);
            uint c = _1324;
            x[j] = float4(0.0);
            for (uint k = 0u; k < 4u; k++)
            {
                bool _1341 = v < quads;
                bool _1348;
                if (_1341)
                {
                    _1348 = t < p.rows;
                }
                else
                {
                    _1348 = _1341;
                }
                bool _1357;
                if (_1348)
                {
                    _1357 = (c + k) < p.cols;
                }
                else
                {
                    _1357 = _1348;
                }
                if (_1357)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _664, _687);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            uint param_4 = w;
            uint param_5 = v_1;
            uint _1393 = column(param_4, param_5);
            uint c_1 = _1393;
            gain[j_1] = float4(0.0);
            for (uint k_1 = 0u; k_1 < 4u; k_1++)
            {
                bool _1407 = v_1 < quads;
                bool _1416;
                if (_1407)
                {
                    _1416 = (c_1 + k_1) < p.cols;
                }
                else
                {
                    _1416 = _1407;
                }
                if (_1416)
                {
                    uint param_6 = c_1 + k_1;
                    gain[j_1][k_1] = norm_weight(param_6, p, _709);
                }
            }
        }
        for (uint j_2 = 0u; j_2 < 4u; j_2++)
        {
            uint v_2 = v0 + (j_2 * team);
            for (uint k_2 = 0u; k_2 < 4u; k_2++)
            {
                if (_1453)
                {
                    float param_7 = x[j_2][k_2];
                    float _1461 = rms_square(param_7);
                    row_squares += _1461;
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
            find_squares(param_8, p, _664, _687, subgroup, subgroups, lane, lanes, squares);
        }
        else
        {
            put_squares(subgroup, lane, lanes, at, squares, row_squares);
        }
    }
}

static inline __attribute__((always_inline))
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device From& _664, const device Src& _687, const device Norm& _709, thread uint& subgroup, thread uint& subgroups, thread uint& lane, thread uint& lanes, thread uint& at, threadgroup float (&squares)[128], thread float& row_squares, thread uint& tile_steps, thread uint& tile_chunks, thread bool& rows_stay, thread uint& steps, thread uint& end_chunk, thread uint& steps_left, threadgroup float4 (&tile)[TILE], thread uint& first_group)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _1539 = begin_tile(param, tile_steps, rows_stay, steps_left, first_group);
        if (_1539)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _664, _687, _709, subgroup, subgroups, lane, lanes, at, squares, row_squares, tile_steps, tile_chunks, steps, end_chunk, tile);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _742, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread Chunk (&next)[8], thread uint& end_chunk, thread Chunk (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _1214; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _1240;
    if (!more)
    {
        _1240 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _1240 = more;
    }
    uint m_next = _1240 ? m : m_after;
    uint _1246;
    if (more)
    {
        _1246 = w + step_chunks;
    }
    else
    {
        _1246 = first_chunk;
    }
    uint w_next = _1246;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _742, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _298;
    if (late)
    {
        _298 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _298 = b.x & 16191u;
    }
    uint scales = _298;
    uint _319;
    if (late)
    {
        _319 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _319 = b.y & 16191u;
    }
    uint mins = _319;
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
    if (_379)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_395)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_403)
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
                if (_432)
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
    if (_463)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_479)
    {
        uint _484;
        if (run == 0u)
        {
            _484 = chunk.high.x;
        }
        else
        {
            _484 = chunk.high.y;
        }
        c |= (((_484 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _509;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _545;
    if (run == 0u)
    {
        _545 = s.scales.x;
    }
    else
    {
        _545 = s.scales.y;
    }
    float scale = _545;
    float _557;
    if (run == 0u)
    {
        _557 = s.mins.x;
    }
    else
    {
        _557 = s.mins.y;
    }
    float min_ = _557;
    if (_566)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_579)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_592)
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
    for (uint run = 0u; run < _1604; run++)
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
    if (_1712)
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
    if (_1733)
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
    if (_1754)
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
    if (_1775)
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
    if (_1796)
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
    if (_1818)
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
    if (_1840)
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
    if (_1862)
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
void finish_rows(thread const uint& group, thread const uint& block)
{
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
float sum_of(thread const int& r, thread const uint& i, thread uint& subgroup, threadgroup float (&sums)[512])
{
    int param = r;
    uint param_1 = i;
    return sums[sum_at(param, param_1, subgroup)];
}

static inline __attribute__((always_inline))
bool is_nan(thread const uint& bits)
{
    return (bits & 2147483647u) > 2139095040u;
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _2056;
    if ((bits & 2147483648u) != 0u)
    {
        _2056 = ~bits;
    }
    else
    {
        _2056 = bits | 2147483648u;
    }
    return _2056;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    uint param = bits;
    if (is_nan(param))
    {
        return 4294967295u;
    }
    if (bits == 4286578688u)
    {
        return 0u;
    }
    uint param_1 = (bits == 2147483648u) ? 0u : bits;
    return ordered(param_1);
}

static inline __attribute__((always_inline))
void take_logits(thread uint& m, thread const uint& block, thread uint& part, thread bool& chosen, constant Params& p, thread uint& subgroup, thread uint& lane, thread uint& lanes, threadgroup float (&squares)[128], threadgroup float (&sums)[512], threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128])
{
    if (part > 0u)
    {
        m = p.outs;
    }
    uint _2109;
    uint _2123;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (subgroup * 8u) + r;
        if (chosen)
        {
            _2109 = best_key[i];
        }
        else
        {
            _2109 = 0u;
        }
        uint key = _2109;
        if (chosen)
        {
            _2123 = best_at[i];
        }
        else
        {
            _2123 = 0u;
        }
        uint where = _2123;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _2143 = k < OUTS;
            bool _2152;
            if (_2143)
            {
                _2152 = (m + k) < p.outs;
            }
            else
            {
                _2152 = _2143;
            }
            if (_2152)
            {
                int param_1 = int(r);
                uint param_2 = k;
                uint param_3 = as_type<uint>(sum_of(param_1, param_2, subgroup, sums) * scale);
                uint other = number_key(param_3);
                if (other > key)
                {
                    key = other;
                    where = (p.first + m) + k;
                }
                k++;
                continue;
            }
            else
            {
                break;
            }
        }
        best_key[i] = key;
        best_at[i] = where;
    }
    chosen = true;
}

static inline __attribute__((always_inline))
void store_best(thread bool& chosen, constant Params& p, thread uint& subgroups, thread uint& at, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _2274)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _2199 = r >= ROWS;
    bool _2207;
    if (!_2199)
    {
        _2207 = t >= p.rows;
    }
    else
    {
        _2207 = _2199;
    }
    if (_2207)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subgroups); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _2240 = k > key;
        bool _2251;
        if (!_2240)
        {
            _2251 = (k == key) && (w < where);
        }
        else
        {
            _2251 = _2240;
        }
        if (_2251)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _2274.dst[i] = key;
    _2274.dst[i + 1u] = where;
}

kernel void head_argmax_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2274 [[buffer(1)]], const device Src& _687 [[buffer(2)]], const device From& _664 [[buffer(3)]], const device Norm& _709 [[buffer(4)]], const device Weight& __restrict _742 [[buffer(5)]], const device Live& _649 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    threadgroup uint best_key[128];
    threadgroup uint best_at[128];
    threadgroup uint pair_x[1];
    threadgroup uint pair_y[1];
    uint part = 0u;
    bool chosen = false;
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
    load_codebook(param, param_1, codebook, p, _742);
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
    divide_rows(p, _649, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    Chunk next[8];
    fetch_chunks(param_3, param_4, p, _742, lane, lanes, next, end_chunk);
    float row_squares;
    Chunk now[8];
    float acc[32];
    uint steps_left;
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
                uint param_6 = group;
                uint param_7 = block;
                uint param_8 = _step;
                uint param_9 = w;
                refill_tile(param_6, param_7, param_8, param_9, p, _664, _687, _709, subgroup, subgroups, lane, lanes, at, squares, row_squares, tile_steps, tile_chunks, rows_stay, steps, end_chunk, steps_left, tile, first_group);
                uint param_10 = m;
                uint param_11 = m_after;
                uint param_12 = block;
                uint param_13 = _step;
                uint param_14 = w;
                take_chunks(param_10, param_11, param_12, param_13, param_14, p, _742, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_15 = w;
                multiply(param_15, codebook, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            uint param_16 = group;
            uint param_17 = block;
            finish_rows(param_16, param_17);
            add_up(subgroup, lane, acc, sums);
            uint param_18 = m;
            uint param_19 = block;
            take_logits(param_18, param_19, part, chosen, p, subgroup, lane, lanes, squares, sums, best_key, best_at);
            team_barrier();
        }
        m = m_after;
    }
    store_best(chosen, p, subgroups, at, gl_WorkGroupID, best_key, best_at, _2274);
}

