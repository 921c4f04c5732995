#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

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

struct Weight
{
    uint4 weight[1];
};

constant uint _280_tmp [[function_constant(0)]];
constant uint _280 = is_function_constant_defined(_280_tmp) ? _280_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_280, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _302 = (ROWS * 2u);
constant uint _303 = (TILE / _302);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _401 = (OUTS * AHEAD);
constant uint _456 = (OUTS * ROWS);
constant uint _471 = gl_WorkGroupSize.x;
constant uint _472 = (_471 / ROWS);
constant uint _1021 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1072 = (OUTS * ROWS);
constant uint _1074 = (OUTS * ROWS);
constant uint _1113 = (OUTS * ROWS);

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
    tile_steps = _303 / step_chunks;
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
uint live_rows(constant Params& p, const device Live& _222)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_222.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _222, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _222);
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
    uint _853;
    if ((group + subgroup) < end_group)
    {
        _853 = (group + subgroup) * OUTS;
    }
    else
    {
        _853 = p.outs;
    }
    return _853;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _256)
{
    return _256.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _256, thread uint& lane, thread uint& lanes, thread uint4 (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _368 = wu < end_chunk;
            bool _376;
            if (_368)
            {
                _376 = mi < p.outs;
            }
            else
            {
                _376 = _368;
            }
            if (_376)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _256);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _456; i++)
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
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _236)
{
    return _236.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _236, thread uint& at, thread uint& tile_chunks, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _472;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _488 = min(tile_chunks, (end_chunk - w)) * 2u;
    uint _492 = at % team;
    float4 x[4];
    uint quads = _488;
    uint v0 = _492;
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
                bool _533 = v < quads;
                bool _540;
                if (_533)
                {
                    _540 = t < p.rows;
                }
                else
                {
                    _540 = _533;
                }
                bool _549;
                if (_540)
                {
                    _549 = (c + k) < p.cols;
                }
                else
                {
                    _549 = _540;
                }
                if (_549)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _236);
                }
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            uint v_1 = v0 + (j_1 * team);
            if (v_1 < quads)
            {
                tile[(((r * 2u) + (v_1 % 2u)) * tile_chunks) + (v_1 / 2u)] = x[j_1];
            }
        }
        v0 += (4u * team);
    } while (v0 < quads);
}

static inline __attribute__((always_inline))
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _236, thread uint& at, thread uint& tile_steps, thread uint& tile_chunks, thread bool& rows_stay, thread uint& end_chunk, thread uint& steps_left, threadgroup float4 (&tile)[TILE], thread uint& first_group)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _631 = begin_tile(param, tile_steps, rows_stay, steps_left, first_group);
        if (_631)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _236, at, tile_chunks, end_chunk, tile);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_residual(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1045)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1022 = e < _1021;
        bool _1029;
        if (_1022)
        {
            _1029 = t < p.rows;
        }
        else
        {
            _1029 = _1022;
        }
        bool _1038;
        if (_1029)
        {
            _1038 = (m + k) < p.outs;
        }
        else
        {
            _1038 = _1029;
        }
        if (_1038)
        {
            old[u] = _1045.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _256, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint4 (&next)[8], thread uint& end_chunk, thread uint4 (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _401; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _428;
    if (!more)
    {
        _428 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _428 = more;
    }
    uint m_next = _428 ? m : m_after;
    uint _434;
    if (more)
    {
        _434 = w + step_chunks;
    }
    else
    {
        _434 = first_chunk;
    }
    uint w_next = _434;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _256, lane, lanes, next, end_chunk);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _178;
    if (q == 0u)
    {
        _178 = chunk.xy;
    }
    else
    {
        _178 = chunk.zw;
    }
    uint2 h = _178;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
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
void store(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1045, const device Bias& _1148, device Dst& _1167)
{
    for (uint e0 = member; e0 < _1072; e0 += (2u * members))
    {
        if (_1074 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_residual(param, param_1, param_2, p, members, old, _1045);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1118 = (e >= _1113) || (t >= alive);
            bool _1128;
            if (!_1118)
            {
                _1128 = (m + k) >= p.outs;
            }
            else
            {
                _1128 = _1118;
            }
            if (_1128)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sum_of(param_3, param_4, subgroup, sums);
            if (p.bias_off != 4294967295u)
            {
                y += _1148.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1167.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            float param_7 = y;
            set_sum(param_5, param_6, param_7, subgroup, sums);
        }
    }
}

kernel void out_proj_f16_f32(constant Params& p [[buffer(0)]], device Dst& _1167 [[buffer(1)]], const device Residual& _1045 [[buffer(2)]], const device Src& _236 [[buffer(3)]], const device Weight& __restrict _256 [[buffer(4)]], const device Bias& _1148 [[buffer(5)]], const device Live& _222 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
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
    divide_rows(p, _222, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    uint4 next[8];
    fetch_chunks(param_3, param_4, p, _256, lane, lanes, next, end_chunk);
    uint4 now[8];
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
                refill_tile(param_6, param_7, param_8, param_9, p, _236, at, tile_steps, tile_chunks, rows_stay, end_chunk, steps_left, tile, first_group);
                if (_step == 0u)
                {
                    uint param_10 = m;
                    uint param_11 = block;
                    uint param_12 = member;
                    fetch_residual(param_10, param_11, param_12, p, members, old, _1045);
                }
                uint param_13 = m;
                uint param_14 = m_after;
                uint param_15 = block;
                uint param_16 = _step;
                uint param_17 = w;
                take_chunks(param_13, param_14, param_15, param_16, param_17, p, _256, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_18 = w;
                multiply(param_18, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_19 = m;
            uint param_20 = block;
            store(param_19, param_20, p, subgroup, member, members, alive, sums, old, _1045, _1148, _1167);
            team_barrier();
        }
        m = m_after;
    }
}

