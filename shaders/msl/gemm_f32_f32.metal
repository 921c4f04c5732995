#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint span;
    uint part;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint residual_off;
    uint residual_stride;
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

struct Weight
{
    uint4 weight[1];
};

struct Bias
{
    float bias0[1];
};

struct Residual
{
    float residual[1];
};

struct Dst
{
    float dst[1];
};

constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(64u, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _53)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_53.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    return as_type<float4>(w);
}

static inline __attribute__((always_inline))
void load(thread const uint& r0, thread const uint& c0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_a)[272], const device Src& _121, const device Weight& __restrict _177, threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    uint k = at % 16u;
    uint _74 = at / 16u;
    float _115;
    for (uint i = _74; i < 64u; i += 4u)
    {
        bool _89 = (r0 + i) < rows;
        bool _99;
        if (_89)
        {
            _99 = (k0 + k) < p.cols;
        }
        else
        {
            _99 = _89;
        }
        bool there = _99;
        if (there)
        {
            _115 = _121.src[((p.src_off + ((r0 + i) * p.src_stride)) + k0) + k];
        }
        else
        {
            _115 = 0.0;
        }
        ((threadgroup float*)&tile_a[(k * 17u) + (i / 4u)])[i % 4u] = _115;
    }
    uint w = at % 4u;
    uint word = (k0 / 4u) + w;
    uint _157 = at / 4u;
    uint4 _171;
    for (uint i_1 = _157; i_1 < 64u; i_1 += 16u)
    {
        if (word < p.pitch)
        {
            _171 = _177.weight[(min((c0 + i_1), (p.outs - 1u)) * p.pitch) + word];
        }
        else
        {
            _171 = uint4(0u);
        }
        uint4 v = _171;
        for (uint q = 0u; q < 1u; q++)
        {
            uint4 param = v;
            uint param_1 = q;
            float4 x = weight4(param, param_1);
            for (uint j = 0u; j < 4u; j++)
            {
                ((threadgroup float*)&tile_b[((((w * 4u) + (q * 4u)) + j) * 17u) + (i_1 / 4u)])[i_1 % 4u] = x[j];
            }
        }
    }
}

kernel void gemm_f32_f32(constant Params& p [[buffer(0)]], device Dst& _545 [[buffer(1)]], const device Src& _121 [[buffer(2)]], const device Weight& __restrict _177 [[buffer(3)]], const device Bias& _509 [[buffer(4)]], const device Residual& _527 [[buffer(5)]], const device Live& _53 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _53);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _277 = gl_WorkGroupID.y * 64u;
    float4 sum[16];
    for (uint c0 = _277; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _290 = gl_WorkGroupID.x * 64u;
        for (uint r0 = _290; r0 < rows; r0 += (gl_NumWorkGroups.x * 64u))
        {
            for (uint i = 0u; i < 16u; i++)
            {
                sum[i] = float4(0.0);
            }
            for (uint k0 = first; k0 < last; k0 += 16u)
            {
                uint param = r0;
                uint param_1 = c0;
                uint param_2 = k0;
                uint param_3 = rows;
                load(param, param_1, param_2, param_3, p, gl_LocalInvocationIndex, tile_a, _121, _177, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint k = 0u; k < 16u; k++)
                {
                    float4 a0 = tile_a[(k * 17u) + down];
                    float4 a1 = tile_a[((k * 17u) + 8u) + down];
                    float4 b0 = tile_b[(k * 17u) + across];
                    float4 b1 = tile_b[((k * 17u) + 8u) + across];
                    for (uint i_1 = 0u; i_1 < 4u; i_1++)
                    {
                        uint _383 = 2u * i_1;
                        sum[_383] += (b0 * a0[i_1]);
                        uint _395 = (2u * i_1) + 1u;
                        sum[_395] += (b1 * a0[i_1]);
                        uint _407 = (2u * i_1) + 8u;
                        sum[_407] += (b0 * a1[i_1]);
                        uint _420 = (2u * i_1) + 9u;
                        sum[_420] += (b1 * a1[i_1]);
                    }
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
            }
            for (uint i_2 = 0u; i_2 < 8u; i_2++)
            {
                uint r = ((r0 + ((i_2 / 4u) * 32u)) + (down * 4u)) + (i_2 % 4u);
                if (r >= rows)
                {
                    continue;
                }
                for (uint j = 0u; j < 8u; j++)
                {
                    uint c = ((c0 + ((j / 4u) * 32u)) + (across * 4u)) + (j % 4u);
                    if (c >= p.outs)
                    {
                        continue;
                    }
                    float v = sum[(2u * i_2) + (j / 4u)][j % 4u];
                    if (p.bias_off != 4294967295u)
                    {
                        v += _509.bias0[p.bias_off + c];
                    }
                    if (p.residual_off != 4294967295u)
                    {
                        v += _527.residual[(p.residual_off + (r * p.residual_stride)) + c];
                    }
                    _545.dst[((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c] = v;
                }
            }
        }
    }
}

