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

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

constant uint _392_tmp [[function_constant(0)]];
constant uint _392 = is_function_constant_defined(_392_tmp) ? _392_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_392, 1u, 1u);
constant uint _395 = gl_WorkGroupSize.x;
constant uint _396 = (_395 / 16u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _120)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_120.live[p.live_off], 0)));
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
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _85, constant Params& p)
{
    return _85.weight[(m * p.pitch) + w];
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
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _154)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_154.src[i], _154.src[i + 1u], _154.src[i + 2u], _154.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _154.src[i + j];
    }
    return x;
}

static inline __attribute__((always_inline))
void multiply(thread const uint& m, thread const uint& r0, thread const uint& n, const device Weight& __restrict _85, constant Params& p, const device Src& _154, thread uint& lane, thread uint& _all, thread float4& sum)
{
    for (uint w = lane; w < _all; w += 16u)
    {
        uint param = m;
        uint param_1 = w;
        uint4 y = load_chunk(param, param_1, _85, p);
        uint4 param_2 = y;
        uint param_3 = w;
        uint scales = scales_of(param_2, param_3);
        for (uint q = 0u; q < 1u; q++)
        {
            uint4 param_4 = y;
            uint param_5 = scales;
            uint param_6 = 0u;
            uint param_7 = q;
            float4 v = weight4(param_4, param_5, param_6, param_7);
            for (uint i = 0u; i < n; i++)
            {
                uint param_8 = w;
                uint param_9 = 0u + q;
                uint param_10 = r0 + i;
                uint param_11 = column(param_8, param_9);
                sum[i] += dot(v, src4(param_10, param_11, p, _154));
            }
        }
    }
}

static inline __attribute__((always_inline))
void add_up(thread uint& lane, thread float4& sum, threadgroup float4 (&partial)[256], thread uint& gl_LocalInvocationIndex)
{
    partial[gl_LocalInvocationIndex] = sum;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = 8u; n > 0u; n /= 2u)
    {
        if (lane < n)
        {
            partial[gl_LocalInvocationIndex] += partial[gl_LocalInvocationIndex + n];
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
void store(thread const uint& m, thread const uint& r0, thread const uint& rows, constant Params& p, thread uint& lane, threadgroup float4 (&partial)[256], thread uint& gl_LocalInvocationIndex, const device Bias& _354, device Dst& __restrict _365)
{
    bool _323 = lane < 4u;
    bool _331;
    if (_323)
    {
        _331 = (r0 + lane) < rows;
    }
    else
    {
        _331 = _323;
    }
    bool _339;
    if (_331)
    {
        _339 = m < p.outs;
    }
    else
    {
        _339 = _331;
    }
    if (_339)
    {
        float _347;
        if (p.bias_off == 4294967295u)
        {
            _347 = 0.0;
        }
        else
        {
            _347 = _354.bias0[p.bias_off + m];
        }
        float b = _347;
        _365.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
    }
}

kernel void matmul_f32_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _365 [[buffer(1)]], const device Src& _154 [[buffer(2)]], const device Weight& __restrict _85 [[buffer(3)]], const device Bias& _354 [[buffer(4)]], const device Live& _120 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _120);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    uint _418 = gl_WorkGroupID.x * _396;
    float4 sum;
    for (uint channels = _396, m0 = _418; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _436 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _436; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            sum = float4(0.0);
            if (m < p.outs)
            {
                uint param_4 = m;
                uint param_5 = r0;
                uint param_6 = min(4u, (rows - r0));
                multiply(param_4, param_5, param_6, _85, p, _154, lane, _all, sum);
            }
            add_up(lane, sum, partial, gl_LocalInvocationIndex);
            uint param_7 = m;
            uint param_8 = r0;
            uint param_9 = rows;
            store(param_7, param_8, param_9, p, lane, partial, gl_LocalInvocationIndex, _354, _365);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

