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
};

struct Live
{
    int live[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _211_tmp [[function_constant(0)]];
constant uint _211 = is_function_constant_defined(_211_tmp) ? _211_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_211, 1u, 1u);
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
constant uint _312 = (ROWS * 1u);
constant uint _313 = (TILE / _312);
constant uint _471 = (OUTS * ROWS);
constant uint _514 = gl_WorkGroupSize.x;
constant uint _515 = (_514 / ROWS);
constant uint _678 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

constant uint _1044 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1102 = (OUTS * ROWS);
constant uint _1104 = (OUTS * ROWS);
constant uint _1143 = (OUTS * ROWS);

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
uint live_rows(constant Params& p, const device Live& _135)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_135.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _149)
{
    return _149.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _995)
{
    return _995.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1068)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1045 = e < _1044;
        bool _1052;
        if (_1045)
        {
            _1052 = t < p.rows;
        }
        else
        {
            _1052 = _1045;
        }
        bool _1061;
        if (_1052)
        {
            _1061 = (m + k) < p.outs;
        }
        else
        {
            _1061 = _1052;
        }
        if (_1061)
        {
            old[u] = _1068.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, thread float (&old)[2], const device Residual& _1068)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, old, _1068);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    return as_type<float4>(chunk);
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1068, const device Bias& _1180, device Dst& _1199)
{
    for (uint e0 = member; e0 < _1102; e0 += (2u * members))
    {
        if (_1104 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            look(param, param_1, param_2, p, members, old, _1068);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1148 = (e >= _1143) || (t >= alive);
            bool _1158;
            if (!_1148)
            {
                _1158 = (m + k) >= p.outs;
            }
            else
            {
                _1158 = _1148;
            }
            if (_1158)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sums[sum_at(param_3, param_4, sub)];
            if (p.bias_off != 4294967295u)
            {
                y += _1180.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1199.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            sums[sum_at(param_5, param_6, sub)] = y;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_f32_f32(constant Params& p [[buffer(0)]], device Dst& _1199 [[buffer(1)]], const device Residual& _1068 [[buffer(2)]], const device Src& _995 [[buffer(3)]], const device Weight& __restrict _149 [[buffer(4)]], const device Bias& _1180 [[buffer(5)]], const device Live& _135 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    uint held = _313 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _135);
    uint blocks = 1u;
    float old[2];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _348;
    if ((first + sub) < last)
    {
        _348 = (first + sub) * OUTS;
    }
    else
    {
        _348 = p.outs;
    }
    uint m = _348;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _398 = w_ < end;
            bool _405;
            if (_398)
            {
                _405 = m_ < p.outs;
            }
            else
            {
                _405 = _398;
            }
            if (_405)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _149);
            }
        }
    }
    uint _440;
    float acc[32];
    float4 x[4];
    uint4 now[8];
    uint _710;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _440 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _440 = p.outs;
        }
        uint after = _440;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _471; i_1++)
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
                        uint team = _515;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _531 = min(words, (end - w)) * 1u;
                        uint _535 = at % team;
                        uint quads = _531;
                        uint v0 = _535;
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
                                    bool _576 = v < quads;
                                    bool _583;
                                    if (_576)
                                    {
                                        _583 = t < p.rows;
                                    }
                                    else
                                    {
                                        _583 = _576;
                                    }
                                    bool _592;
                                    if (_583)
                                    {
                                        _592 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _592 = _583;
                                    }
                                    if (_592)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _995);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                if (v_1 < quads)
                                {
                                    tile[(((r * 1u) + (v_1 % 1u)) * words) + (v_1 / 1u)] = x[j_1];
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
                    expect(param_11, param_12, p, member, members, old, _1068);
                }
                for (uint i_2 = 0u; i_2 < _678; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _704;
                if (!more)
                {
                    _704 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _704 = more;
                }
                uint m_next = _704 ? m : after;
                if (more)
                {
                    _710 = w + stride;
                }
                else
                {
                    _710 = begin;
                }
                uint w_next = _710;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _755 = w_1 < end;
                        bool _762;
                        if (_755)
                        {
                            _762 = m_1 < p.outs;
                        }
                        else
                        {
                            _762 = _755;
                        }
                        if (_762)
                        {
                            uint param_13 = m_1;
                            uint param_14 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_13, param_14, p, _149);
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
                        for (uint q = 0u; q < 1u; q++)
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
                                float4 x_1 = tile[(((((r_1 * 1u) + 0u) + q) * words) + from) + (u_2 * lanes)];
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
            finish(param_26, param_27, p, sub, member, members, alive, sums, old, _1068, _1180, _1199);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

