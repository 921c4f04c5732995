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
    uint src_off;
    uint src_stride;
    uint pitch;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _229_tmp [[function_constant(0)]];
constant uint _229 = is_function_constant_defined(_229_tmp) ? _229_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_229, 1u, 1u);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _330 = (ROWS * 2u);
constant uint _331 = (TILE / _330);
constant uint _489 = (OUTS * ROWS);
constant uint _532 = gl_WorkGroupSize.x;
constant uint _533 = (_532 / ROWS);
constant uint _696 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

constant uint _1038 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _155)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_155.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _169)
{
    return _169.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1013)
{
    return _1013.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block)
{
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _111;
    if (q == 0u)
    {
        _111 = chunk.xy;
    }
    else
    {
        _111 = chunk.zw;
    }
    uint2 h = _111;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 8u) + uint(0 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& member, thread uint& members, thread uint3& gl_WorkGroupID, threadgroup float (&sums)[512], device Dst& __restrict _1071)
{
    for (uint e = member; e < _1038; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1054 = t >= p.rows;
        bool _1064;
        if (!_1054)
        {
            _1064 = (m + k) >= p.outs;
        }
        else
        {
            _1064 = _1054;
        }
        if (_1064)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        _1071.dst[((p.dst_off + (((gl_WorkGroupID.z * p.rows) + t) * p.dst_stride)) + m) + k] = sums[sum_at(param, param_1, sub)];
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void x_proj_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1071 [[buffer(1)]], const device Src& _1013 [[buffer(2)]], const device Weight& __restrict _169 [[buffer(3)]], const device Live& _155 [[buffer(4)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint part = 0u;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    start();
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _331 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _155);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _366;
    if ((first + sub) < last)
    {
        _366 = (first + sub) * OUTS;
    }
    else
    {
        _366 = p.outs;
    }
    uint m = _366;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _416 = w_ < end;
            bool _423;
            if (_416)
            {
                _423 = m_ < p.outs;
            }
            else
            {
                _423 = _416;
            }
            if (_423)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _169);
            }
        }
    }
    uint _458;
    float acc[32];
    float4 x[4];
    uint4 now[8];
    uint _728;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _458 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _458 = p.outs;
        }
        uint after = _458;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _489; i_1++)
            {
                acc[i_1] = 0.0;
            }
            float mine = 0.0;
            uint room = 0u;
            for (uint s = 0u; s < steps; s++)
            {
                uint w = begin + (s * stride);
                if (room == 0u)
                {
                    room = held;
                    if ((!once) || (g == first))
                    {
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                        uint team = _533;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _549 = min(words, (end - w)) * 2u;
                        uint _553 = at % team;
                        uint quads = _549;
                        uint v0 = _553;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint c = column(param_6, param_7);
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _594 = v < quads;
                                    bool _601;
                                    if (_594)
                                    {
                                        _601 = t < p.rows;
                                    }
                                    else
                                    {
                                        _601 = _594;
                                    }
                                    bool _610;
                                    if (_601)
                                    {
                                        _610 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _610 = _601;
                                    }
                                    if (_610)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1013);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                if (v_1 < quads)
                                {
                                    tile[(((r * 2u) + (v_1 % 2u)) * words) + (v_1 / 2u)] = x[j_1];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if (s == 0u)
                        {
                            uint param_10 = block;
                            prepare(param_10);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    expect(param_11, param_12);
                }
                for (uint i_2 = 0u; i_2 < _696; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _722;
                if (!more)
                {
                    _722 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _722 = more;
                }
                uint m_next = _722 ? m : after;
                if (more)
                {
                    _728 = w + stride;
                }
                else
                {
                    _728 = begin;
                }
                uint w_next = _728;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _773 = w_1 < end;
                        bool _780;
                        if (_773)
                        {
                            _780 = m_1 < p.outs;
                        }
                        else
                        {
                            _780 = _773;
                        }
                        if (_780)
                        {
                            uint param_13 = m_1;
                            uint param_14 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_13, param_14, p, _169);
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    uint wu = (w + (u_2 * lanes)) + lane;
                    if (wu < end)
                    {
                        for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                        {
                            uint4 param_15 = now[(i_4 * AHEAD) + u_2];
                            uint param_16 = wu;
                            scale[i_4] = scales_of(param_15, param_16);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_17 = now[(i_5 * AHEAD) + u_2];
                                uint param_18 = scale[i_5];
                                uint param_19 = 0u;
                                uint param_20 = q;
                                y[i_5] = weight4(param_17, param_18, param_19, param_20);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_21 = y[i_6];
                                    float4 param_22 = x_1;
                                    float param_23 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_21, param_22, param_23);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_7 = 0u; i_7 < OUTS; i_7++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_7 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_24 = int(r_2);
                        uint param_25 = i_7;
                        sums[sum_at(param_24, param_25, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_26 = m;
            uint param_27 = block;
            finish(param_26, param_27, p, sub, member, members, gl_WorkGroupID, sums, _1071);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

