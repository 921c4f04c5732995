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
    uint bias_off;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant uint _175_tmp [[function_constant(0)]];
constant uint _175 = is_function_constant_defined(_175_tmp) ? _175_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_175, 1u, 1u);
constant uint _178 = gl_WorkGroupSize.x;
constant uint _179 = (_178 / 16u);

struct Weight
{
    uint4 weight[1];
};

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _81)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_81.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _32;
    if (q == 0u)
    {
        _32 = w.xy;
    }
    else
    {
        _32 = w.zw;
    }
    uint2 h = _32;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _116)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_116.src[i], _116.src[i + 1u], _116.src[i + 2u], _116.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _116.src[i + j];
    }
    return x;
}

kernel void matmul_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _376 [[buffer(1)]], const device Src& _116 [[buffer(2)]], const device Weight& __restrict _242 [[buffer(3)]], const device Bias& _365 [[buffer(4)]], const device Live& _81 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _81);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint _186 = gl_WorkGroupID.x * _179;
    float _358;
    for (uint channels = _179, m0 = _186; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _205 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _205; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < p.pitch; w += 16u)
                {
                    uint4 word = _242.weight[(m * p.pitch) + w];
                    for (uint q = 0u; q < 2u; q++)
                    {
                        uint4 param = word;
                        uint param_1 = q;
                        float4 v = weight4(param, param_1);
                        for (uint i = 0u; i < n; i++)
                        {
                            uint param_2 = r0 + i;
                            uint param_3 = (w * 8u) + (q * 4u);
                            sum[i] += dot(v, src4(param_2, param_3, p, _116));
                        }
                    }
                }
            }
            partial[gl_LocalInvocationIndex] = sum;
            threadgroup_barrier(mem_flags::mem_threadgroup);
            for (uint n_1 = 8u; n_1 > 0u; n_1 /= 2u)
            {
                if (lane < n_1)
                {
                    partial[gl_LocalInvocationIndex] += partial[gl_LocalInvocationIndex + n_1];
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
            }
            bool _335 = lane < 4u;
            bool _343;
            if (_335)
            {
                _343 = (r0 + lane) < rows;
            }
            else
            {
                _343 = _335;
            }
            bool _350;
            if (_343)
            {
                _350 = m < p.outs;
            }
            else
            {
                _350 = _343;
            }
            if (_350)
            {
                if (p.bias_off == 4294967295u)
                {
                    _358 = 0.0;
                }
                else
                {
                    _358 = _365.bias0[p.bias_off + m];
                }
                float b = _358;
                _376.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

