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

constant uint _226_tmp [[function_constant(0)]];
constant uint _226 = is_function_constant_defined(_226_tmp) ? _226_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_226, 1u, 1u);
constant uint _229 = gl_WorkGroupSize.x;
constant uint _230 = (_229 / 16u);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _133)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_133.live[p.live_off], 0)));
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
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _99, constant Params& p)
{
    return _99.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _72;
    if (q == 0u)
    {
        _72 = chunk.xy;
    }
    else
    {
        _72 = chunk.zw;
    }
    uint2 h = _72;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _167)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_167.src[i], _167.src[i + 1u], _167.src[i + 2u], _167.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _167.src[i + j];
    }
    return x;
}

kernel void matmul_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _440 [[buffer(1)]], const device Src& _167 [[buffer(2)]], const device Weight& __restrict _99 [[buffer(3)]], const device Bias& _429 [[buffer(4)]], const device Live& _133 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _133);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    uint _252 = gl_WorkGroupID.x * _230;
    float _422;
    for (uint channels = _230, m0 = _252; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _270 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _270; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < _all; w += 16u)
                {
                    uint param_4 = m;
                    uint param_5 = w;
                    uint4 y = load_chunk(param_4, param_5, _99, p);
                    uint4 param_6 = y;
                    uint param_7 = w;
                    uint scales = scales_of(param_6, param_7);
                    for (uint q = 0u; q < 2u; q++)
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
                            sum[i] += dot(v, src4(param_14, param_15, p, _167));
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
            bool _399 = lane < 4u;
            bool _407;
            if (_399)
            {
                _407 = (r0 + lane) < rows;
            }
            else
            {
                _407 = _399;
            }
            bool _414;
            if (_407)
            {
                _414 = m < p.outs;
            }
            else
            {
                _414 = _407;
            }
            if (_414)
            {
                if (p.bias_off == 4294967295u)
                {
                    _422 = 0.0;
                }
                else
                {
                    _422 = _429.bias0[p.bias_off + m];
                }
                float b = _422;
                _440.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

