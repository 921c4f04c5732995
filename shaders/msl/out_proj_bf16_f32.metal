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

constant uint _284_tmp [[function_constant(0)]];
constant uint _284 = is_function_constant_defined(_284_tmp) ? _284_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_284, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _306 = (ROWS * 2u);
constant uint _307 = (TILE / _306);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
constant uint _405 = (OUTS * AHEAD);
constant uint _460 = (OUTS * ROWS);
constant uint _475 = gl_WorkGroupSize.x;
constant uint _476 = (_475 / ROWS);
constant uint _1025 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1076 = (OUTS * ROWS);
constant uint _1078 = (OUTS * ROWS);
constant uint _1117 = (OUTS * ROWS);

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
    tile_steps = _307 / step_chunks;
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
uint live_rows(constant Params& p, const device Live& _226)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_226.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void divide_tile_rows(thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps)
{
    rows_stay = (blocks <= gl_NumWorkGroups.y) && (steps <= tile_steps);
}

static inline __attribute__((always_inline))
void divide_rows(constant Params& p, const device Live& _226, thread uint& tile_steps, thread bool& rows_stay, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint& alive)
{
    alive = live_rows(p, _226);
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
    uint _857;
    if ((group + subgroup) < end_group)
    {
        _857 = (group + subgroup) * OUTS;
    }
    else
    {
        _857 = p.outs;
    }
    return _857;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _260)
{
    return _260.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_chunks(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _260, thread uint& lane, thread uint& lanes, thread uint4 (&next)[8], thread uint& end_chunk)
{
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint wu = (w + (u * lanes)) + lane;
            uint mi = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _372 = wu < end_chunk;
            bool _380;
            if (_372)
            {
                _380 = mi < p.outs;
            }
            else
            {
                _380 = _372;
            }
            if (_380)
            {
                uint param = mi;
                uint param_1 = wu;
                next[(i * AHEAD) + u] = load_chunk(param, param_1, p, _260);
            }
        }
    }
}

static inline __attribute__((always_inline))
void clear_sums(thread float (&acc)[32], thread uint& steps_left)
{
    for (uint i = 0u; i < _460; i++)
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
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _240)
{
    return _240.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _240, thread uint& at, thread uint& tile_chunks, thread uint& end_chunk, threadgroup float4 (&tile)[TILE])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint team = _476;
    uint r = at / team;
    uint t = (block * ROWS) + r;
    uint _492 = min(tile_chunks, (end_chunk - w)) * 2u;
    uint _496 = at % team;
    float4 x[4];
    uint quads = _492;
    uint v0 = _496;
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
                bool _537 = v < quads;
                bool _544;
                if (_537)
                {
                    _544 = t < p.rows;
                }
                else
                {
                    _544 = _537;
                }
                bool _553;
                if (_544)
                {
                    _553 = (c + k) < p.cols;
                }
                else
                {
                    _553 = _544;
                }
                if (_553)
                {
                    uint param_2 = t;
                    uint param_3 = c + k;
                    x[j][k] = source(param_2, param_3, p, _240);
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
void refill_tile(thread const uint& group, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Src& _240, thread uint& at, thread uint& tile_steps, thread uint& tile_chunks, thread bool& rows_stay, thread uint& end_chunk, thread uint& steps_left, threadgroup float4 (&tile)[TILE], thread uint& first_group)
{
    if (tile_used_up(steps_left))
    {
        uint param = group;
        bool _635 = begin_tile(param, tile_steps, rows_stay, steps_left, first_group);
        if (_635)
        {
            uint param_1 = block;
            uint param_2 = _step;
            uint param_3 = w;
            load_rows(param_1, param_2, param_3, p, _240, at, tile_chunks, end_chunk, tile);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
void fetch_residual(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1049)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1026 = e < _1025;
        bool _1033;
        if (_1026)
        {
            _1033 = t < p.rows;
        }
        else
        {
            _1033 = _1026;
        }
        bool _1042;
        if (_1033)
        {
            _1042 = (m + k) < p.outs;
        }
        else
        {
            _1042 = _1033;
        }
        if (_1042)
        {
            old[u] = _1049.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void take_chunks(thread const uint& m, thread const uint& m_after, thread const uint& block, thread const uint& _step, thread const uint& w, constant Params& p, const device Weight& __restrict _260, thread uint& lane, thread uint& lanes, thread uint& step_chunks, thread uint& blocks, thread uint3& gl_NumWorkGroups, thread uint& steps, thread uint4 (&next)[8], thread uint& end_chunk, thread uint4 (&now)[8], thread uint& first_chunk)
{
    for (uint i = 0u; i < _405; i++)
    {
        now[i] = next[i];
    }
    bool more = (_step + 1u) < steps;
    bool _432;
    if (!more)
    {
        _432 = (block + gl_NumWorkGroups.y) < blocks;
    }
    else
    {
        _432 = more;
    }
    uint m_next = _432 ? m : m_after;
    uint _438;
    if (more)
    {
        _438 = w + step_chunks;
    }
    else
    {
        _438 = first_chunk;
    }
    uint w_next = _438;
    uint param = m_next;
    uint param_1 = w_next;
    fetch_chunks(param, param_1, p, _260, lane, lanes, next, end_chunk);
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
void store(thread const uint& m, thread const uint& block, constant Params& p, thread uint& subgroup, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1049, const device Bias& _1152, device Dst& _1171)
{
    for (uint e0 = member; e0 < _1076; e0 += (2u * members))
    {
        if (_1078 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            fetch_residual(param, param_1, param_2, p, members, old, _1049);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1122 = (e >= _1117) || (t >= alive);
            bool _1132;
            if (!_1122)
            {
                _1132 = (m + k) >= p.outs;
            }
            else
            {
                _1132 = _1122;
            }
            if (_1132)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sum_of(param_3, param_4, subgroup, sums);
            if (p.bias_off != 4294967295u)
            {
                y += _1152.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1171.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            float param_7 = y;
            set_sum(param_5, param_6, param_7, subgroup, sums);
        }
    }
}

kernel void out_proj_bf16_f32(constant Params& p [[buffer(0)]], device Dst& _1171 [[buffer(1)]], const device Residual& _1049 [[buffer(2)]], const device Src& _240 [[buffer(3)]], const device Weight& __restrict _260 [[buffer(4)]], const device Bias& _1152 [[buffer(5)]], const device Live& _226 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    divide_rows(p, _226, tile_steps, rows_stay, blocks, gl_NumWorkGroups, steps, alive);
    uint param_2 = first_group;
    uint m = channels_from(param_2, p, subgroup, end_group);
    uint param_3 = m;
    uint param_4 = first_chunk;
    uint4 next[8];
    fetch_chunks(param_3, param_4, p, _260, lane, lanes, next, end_chunk);
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
                refill_tile(param_6, param_7, param_8, param_9, p, _240, at, tile_steps, tile_chunks, rows_stay, end_chunk, steps_left, tile, first_group);
                if (_step == 0u)
                {
                    uint param_10 = m;
                    uint param_11 = block;
                    uint param_12 = member;
                    fetch_residual(param_10, param_11, param_12, p, members, old, _1049);
                }
                uint param_13 = m;
                uint param_14 = m_after;
                uint param_15 = block;
                uint param_16 = _step;
                uint param_17 = w;
                take_chunks(param_13, param_14, param_15, param_16, param_17, p, _260, lane, lanes, step_chunks, blocks, gl_NumWorkGroups, steps, next, end_chunk, now, first_chunk);
                uint param_18 = w;
                multiply(param_18, lane, lanes, tile_steps, step_chunks, tile_chunks, end_chunk, now, acc, steps_left, tile);
            }
            add_up(subgroup, lane, acc, sums);
            uint param_19 = m;
            uint param_20 = block;
            store(param_19, param_20, p, subgroup, member, members, alive, sums, old, _1049, _1152, _1171);
            team_barrier();
        }
        m = m_after;
    }
}

