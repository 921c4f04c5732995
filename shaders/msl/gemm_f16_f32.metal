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
uint live_rows(constant Params& p, const device Live& _79)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_79.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _34;
    if (q == 0u)
    {
        _34 = w.xy;
    }
    else
    {
        _34 = w.zw;
    }
    uint2 h = _34;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
}

static inline __attribute__((always_inline))
void load(thread const uint& r0, thread const uint& c0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_a)[272], const device Src& _147, const device Weight& __restrict _205, threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    uint k = at % 16u;
    uint _100 = at / 16u;
    float _141;
    for (uint i = _100; i < 64u; i += 4u)
    {
        bool _115 = (r0 + i) < rows;
        bool _125;
        if (_115)
        {
            _125 = (k0 + k) < p.cols;
        }
        else
        {
            _125 = _115;
        }
        bool there = _125;
        if (there)
        {
            _141 = _147.src[((p.src_off + ((r0 + i) * p.src_stride)) + k0) + k];
        }
        else
        {
            _141 = 0.0;
        }
        ((threadgroup float*)&tile_a[(k * 17u) + (i / 4u)])[i % 4u] = _141;
    }
    uint w = at % 2u;
    uint word = (k0 / 8u) + w;
    uint _185 = at / 2u;
    uint4 _199;
    for (uint i_1 = _185; i_1 < 64u; i_1 += 32u)
    {
        if (word < p.pitch)
        {
            _199 = _205.weight[(min((c0 + i_1), (p.outs - 1u)) * p.pitch) + word];
        }
        else
        {
            _199 = uint4(0u);
        }
        uint4 v = _199;
        for (uint q = 0u; q < 2u; q++)
        {
            uint4 param = v;
            uint param_1 = q;
            float4 x = weight4(param, param_1);
            for (uint j = 0u; j < 4u; j++)
            {
                ((threadgroup float*)&tile_b[((((w * 8u) + (q * 4u)) + j) * 17u) + (i_1 / 4u)])[i_1 % 4u] = x[j];
            }
        }
    }
}

kernel void gemm_f16_f32(constant Params& p [[buffer(0)]], device Dst& _569 [[buffer(1)]], const device Src& _147 [[buffer(2)]], const device Weight& __restrict _205 [[buffer(3)]], const device Bias& _533 [[buffer(4)]], const device Residual& _551 [[buffer(5)]], const device Live& _79 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _79);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _302 = gl_WorkGroupID.y * 64u;
    float4 sum[16];
    for (uint c0 = _302; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _315 = gl_WorkGroupID.x * 64u;
        for (uint r0 = _315; r0 < rows; r0 += (gl_NumWorkGroups.x * 64u))
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
                load(param, param_1, param_2, param_3, p, gl_LocalInvocationIndex, tile_a, _147, _205, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                for (uint k = 0u; k < 16u; k++)
                {
                    float4 a0 = tile_a[(k * 17u) + down];
                    float4 a1 = tile_a[((k * 17u) + 8u) + down];
                    float4 b0 = tile_b[(k * 17u) + across];
                    float4 b1 = tile_b[((k * 17u) + 8u) + across];
                    for (uint i_1 = 0u; i_1 < 4u; i_1++)
                    {
                        uint _408 = 2u * i_1;
                        sum[_408] += (b0 * a0[i_1]);
                        uint _420 = (2u * i_1) + 1u;
                        sum[_420] += (b1 * a0[i_1]);
                        uint _432 = (2u * i_1) + 8u;
                        sum[_432] += (b0 * a1[i_1]);
                        uint _445 = (2u * i_1) + 9u;
                        sum[_445] += (b1 * a1[i_1]);
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
                        v += _533.bias0[p.bias_off + c];
                    }
                    if (p.residual_off != 4294967295u)
                    {
                        v += _551.residual[(p.residual_off + (r * p.residual_stride)) + c];
                    }
                    _569.dst[((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c] = v;
                }
            }
        }
    }
}

