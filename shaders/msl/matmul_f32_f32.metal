#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Weight
{
    uint4 weight[1];
};

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

constant uint _201_tmp [[function_constant(0)]];
constant uint _201 = is_function_constant_defined(_201_tmp) ? _201_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_201, 1u, 1u);
constant uint _204 = gl_WorkGroupSize.x;
constant uint _205 = (_204 / 16u);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _107)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_107.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _72, constant Params& p)
{
    return _72.weight[(m * p.pitch) + w];
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
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 4u) + (v * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _141)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_141.src[i], _141.src[i + 1u], _141.src[i + 2u], _141.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _141.src[i + j];
    }
    return x;
}

kernel void matmul_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _416 [[buffer(1)]], const device Src& _141 [[buffer(2)]], const device Weight& __restrict _72 [[buffer(3)]], const device Bias& _405 [[buffer(4)]], const device Live& _107 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _107);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    uint _227 = gl_WorkGroupID.x * _205;
    float _398;
    for (uint channels = _205, m0 = _227; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _245 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _245; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < _all; w += 16u)
                {
                    uint param_4 = m;
                    uint param_5 = w;
                    uint4 y = load_chunk(param_4, param_5, _72, p);
                    uint4 param_6 = y;
                    uint param_7 = w;
                    uint scales = scales_of(param_6, param_7);
                    for (uint q = 0u; q < 1u; q++)
                    {
                        uint4 param_8 = y;
                        uint param_9 = scales;
                        uint param_10 = 0u;
                        uint param_11 = q;
                        float4 v = weight4(param_8, param_9, param_10, param_11);
                        for (uint i = 0u; i < n; i++)
                        {
                            uint param_12 = w;
                            uint param_13 = 0u + q;
                            uint param_14 = r0 + i;
                            uint param_15 = column(param_12, param_13);
                            sum[i] += dot(v, src4(param_14, param_15, p, _141));
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
            bool _375 = lane < 4u;
            bool _383;
            if (_375)
            {
                _383 = (r0 + lane) < rows;
            }
            else
            {
                _383 = _375;
            }
            bool _390;
            if (_383)
            {
                _390 = m < p.outs;
            }
            else
            {
                _390 = _383;
            }
            if (_390)
            {
                if (p.bias_off == 4294967295u)
                {
                    _398 = 0.0;
                }
                else
                {
                    _398 = _405.bias0[p.bias_off + m];
                }
                float b = _398;
                _416.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

