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

constant uint _171_tmp [[function_constant(0)]];
constant uint _171 = is_function_constant_defined(_171_tmp) ? _171_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_171, 1u, 1u);
constant uint _174 = gl_WorkGroupSize.x;
constant uint _175 = (_174 / 16u);

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
uint live_rows(constant Params& p, const device Live& _77)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_77.live[p.live_off], 0)));
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
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _112)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_112.src[i], _112.src[i + 1u], _112.src[i + 2u], _112.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _112.src[i + j];
    }
    return x;
}

kernel void matmul_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _372 [[buffer(1)]], const device Src& _112 [[buffer(2)]], const device Weight& __restrict _238 [[buffer(3)]], const device Bias& _361 [[buffer(4)]], const device Live& _77 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _77);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint _182 = gl_WorkGroupID.x * _175;
    float _354;
    for (uint channels = _175, m0 = _182; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _201 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _201; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < p.pitch; w += 16u)
                {
                    uint4 word = _238.weight[(m * p.pitch) + w];
                    for (uint q = 0u; q < 2u; q++)
                    {
                        uint4 param = word;
                        uint param_1 = q;
                        float4 v = weight4(param, param_1);
                        for (uint i = 0u; i < n; i++)
                        {
                            uint param_2 = r0 + i;
                            uint param_3 = (w * 8u) + (q * 4u);
                            sum[i] += dot(v, src4(param_2, param_3, p, _112));
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
            bool _331 = lane < 4u;
            bool _339;
            if (_331)
            {
                _339 = (r0 + lane) < rows;
            }
            else
            {
                _339 = _331;
            }
            bool _346;
            if (_339)
            {
                _346 = m < p.outs;
            }
            else
            {
                _346 = _339;
            }
            if (_346)
            {
                if (p.bias_off == 4294967295u)
                {
                    _354 = 0.0;
                }
                else
                {
                    _354 = _361.bias0[p.bias_off + m];
                }
                float b = _354;
                _372.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

