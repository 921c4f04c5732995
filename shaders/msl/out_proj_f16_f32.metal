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
};

struct Live
{
    int live[1];
};

constant uint _163_tmp [[function_constant(0)]];
constant uint _163 = is_function_constant_defined(_163_tmp) ? _163_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_163, 1u, 1u);
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
constant uint _248 = (ROWS * 2u);
constant uint _249 = (TILE / _248);

struct Weight
{
    uint4 weight[1];
};

constant uint _416 = (OUTS * ROWS);
constant uint _459 = gl_WorkGroupSize.x;
constant uint _460 = (_459 / ROWS);
constant uint _618 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

constant uint _929 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

struct Residual
{
    float residual[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _102)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_102.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _904)
{
    return _904.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _58;
    if (q == 0u)
    {
        _58 = w.xy;
    }
    else
    {
        _58 = w.zw;
    }
    uint2 h = _58;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lane, thread uint& lanes, thread uint& alive, threadgroup float (&sums)[512], const device Bias& _976, device Dst& _990, const device Residual& _1007)
{
    for (uint e = lane; e < _929; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _944 = t >= alive;
        bool _954;
        if (!_944)
        {
            _954 = (m + k) >= p.outs;
        }
        else
        {
            _954 = _944;
        }
        if (_954)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        float y = sums[sum_at(param, param_1, sub)];
        if (p.bias_off != 4294967295u)
        {
            y += _976.bias0[(p.bias_off + m) + k];
        }
        _990.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = _1007.residual[((p.residual_off + (t * p.residual_stride)) + m) + k] + y;
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_f16_f32(constant Params& p [[buffer(0)]], device Dst& _990 [[buffer(1)]], const device Residual& _1007 [[buffer(2)]], const device Src& _904 [[buffer(3)]], const device Weight& __restrict _351 [[buffer(4)]], const device Bias& _976 [[buffer(5)]], const device Live& _102 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint span = ((p.pitch + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), p.pitch);
    uint end = min((begin + span), p.pitch);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _249 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _102);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _284;
    if ((first + sub) < last)
    {
        _284 = (first + sub) * OUTS;
    }
    else
    {
        _284 = p.outs;
    }
    uint m = _284;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _334 = w_ < end;
            bool _341;
            if (_334)
            {
                _341 = m_ < p.outs;
            }
            else
            {
                _341 = _334;
            }
            if (_341)
            {
                next[(i * AHEAD) + u] = _351.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint _385;
    float acc[32];
    float4 x[4];
    uint4 now[8];
    uint _650;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _385 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _385 = p.outs;
        }
        uint after = _385;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _416; i_1++)
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
                        uint team = _460;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _476 = min(words, (end - w)) * 2u;
                        uint _480 = at % team;
                        uint quads = _476;
                        uint v0 = _480;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = ((w * 2u) + v) * 4u;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _521 = v < quads;
                                    bool _528;
                                    if (_521)
                                    {
                                        _528 = t < p.rows;
                                    }
                                    else
                                    {
                                        _528 = _521;
                                    }
                                    bool _537;
                                    if (_528)
                                    {
                                        _537 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _537 = _528;
                                    }
                                    if (_537)
                                    {
                                        uint param = t;
                                        uint param_1 = c + k;
                                        x[j][k] = source(param, param_1, p, _904);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_2 = block;
                                prepare(param_2);
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
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _618; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _644;
                if (!more)
                {
                    _644 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _644 = more;
                }
                uint m_next = _644 ? m : after;
                if (more)
                {
                    _650 = w + stride;
                }
                else
                {
                    _650 = begin;
                }
                uint w_next = _650;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _694 = w_1 < end;
                        bool _701;
                        if (_694)
                        {
                            _701 = m_1 < p.outs;
                        }
                        else
                        {
                            _701 = _694;
                        }
                        if (_701)
                        {
                            next[(i_3 * AHEAD) + u_1] = _351.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_3 = now[(i_4 * AHEAD) + u_2];
                                uint param_4 = q;
                                y[i_4] = weight4(param_3, param_4);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 2u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_5 = y[i_5];
                                    float4 param_6 = x_1;
                                    float param_7 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_5, param_6, param_7);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_6 = 0u; i_6 < OUTS; i_6++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_6 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_8 = int(r_2);
                        uint param_9 = i_6;
                        sums[sum_at(param_8, param_9, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_10 = m;
            uint param_11 = block;
            finish(param_10, param_11, p, sub, lane, lanes, alive, sums, _976, _990, _1007);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

