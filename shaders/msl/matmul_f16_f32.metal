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

constant uint _416_tmp [[function_constant(0)]];
constant uint _416 = is_function_constant_defined(_416_tmp) ? _416_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_416, 1u, 1u);
constant uint _419 = gl_WorkGroupSize.x;
constant uint _420 = (_419 / 16u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _146)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_146.live[p.live_off], 0)));
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
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _112, constant Params& p)
{
    return _112.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _85;
    if (q == 0u)
    {
        _85 = chunk.xy;
    }
    else
    {
        _85 = chunk.zw;
    }
    uint2 h = _85;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _180)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_180.src[i], _180.src[i + 1u], _180.src[i + 2u], _180.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _180.src[i + j];
    }
    return x;
}

static inline __attribute__((always_inline))
void multiply(thread const uint& m, thread const uint& r0, thread const uint& n, const device Weight& __restrict _112, constant Params& p, const device Src& _180, thread uint& lane, thread uint& _all, thread float4& sum)
{
    for (uint w = lane; w < _all; w += 16u)
    {
        uint param = m;
        uint param_1 = w;
        uint4 y = load_chunk(param, param_1, _112, p);
        uint4 param_2 = y;
        uint param_3 = w;
        uint scales = scales_of(param_2, param_3);
        for (uint q = 0u; q < 2u; q++)
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
                sum[i] += dot(v, src4(param_10, param_11, p, _180));
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
void store(thread const uint& m, thread const uint& r0, thread const uint& rows, constant Params& p, thread uint& lane, threadgroup float4 (&partial)[256], thread uint& gl_LocalInvocationIndex, const device Bias& _378, device Dst& __restrict _389)
{
    bool _347 = lane < 4u;
    bool _355;
    if (_347)
    {
        _355 = (r0 + lane) < rows;
    }
    else
    {
        _355 = _347;
    }
    bool _363;
    if (_355)
    {
        _363 = m < p.outs;
    }
    else
    {
        _363 = _355;
    }
    if (_363)
    {
        float _371;
        if (p.bias_off == 4294967295u)
        {
            _371 = 0.0;
        }
        else
        {
            _371 = _378.bias0[p.bias_off + m];
        }
        float b = _371;
        _389.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
    }
}

kernel void matmul_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _389 [[buffer(1)]], const device Src& _180 [[buffer(2)]], const device Weight& __restrict _112 [[buffer(3)]], const device Bias& _378 [[buffer(4)]], const device Live& _146 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _146);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3);
    uint _442 = gl_WorkGroupID.x * _420;
    float4 sum;
    for (uint channels = _420, m0 = _442; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _460 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _460; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            sum = float4(0.0);
            if (m < p.outs)
            {
                uint param_4 = m;
                uint param_5 = r0;
                uint param_6 = min(4u, (rows - r0));
                multiply(param_4, param_5, param_6, _112, p, _180, lane, _all, sum);
            }
            add_up(lane, sum, partial, gl_LocalInvocationIndex);
            uint param_7 = m;
            uint param_8 = r0;
            uint param_9 = rows;
            store(param_7, param_8, param_9, p, lane, partial, gl_LocalInvocationIndex, _378, _389);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

