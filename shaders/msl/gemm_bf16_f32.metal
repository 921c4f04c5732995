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
uint live_rows(constant Params& p, const device Live& _158)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_158.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
void clear_sums(thread float4 (&sum)[16])
{
    for (uint i = 0u; i < 16u; i++)
    {
        sum[i] = float4(0.0);
    }
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& r0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_a)[272], const device Src& _226)
{
    uint at = gl_LocalInvocationIndex;
    uint k = at % 16u;
    uint _179 = at / 16u;
    float _220;
    for (uint i = _179; i < 64u; i += 4u)
    {
        bool _194 = (r0 + i) < rows;
        bool _204;
        if (_194)
        {
            _204 = (k0 + k) < p.cols;
        }
        else
        {
            _204 = _194;
        }
        bool there = _204;
        if (there)
        {
            _220 = _226.src[((p.src_off + ((r0 + i) * p.src_stride)) + k0) + k];
        }
        else
        {
            _220 = 0.0;
        }
        ((threadgroup float*)&tile_a[(k * 17u) + (i / 4u)])[i % 4u] = _220;
    }
}

static inline __attribute__((always_inline))
uint chunk_at(thread const uint& c)
{
    return c / 8u;
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _125, constant Params& p)
{
    return _125.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
uint run_at(thread const uint& c)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _93;
    if (q == 0u)
    {
        _93 = chunk.xy;
    }
    else
    {
        _93 = chunk.zw;
    }
    uint2 h = _93;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
void load_weights(thread const uint& c0, thread const uint& k0, const device Weight& __restrict _125, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    uint n = at % 2u;
    uint c = k0 + (n * 8u);
    uint param = c;
    uint w = chunk_at(param);
    uint param_1 = p.cols;
    uint param_2 = p.pitch;
    uint _all = chunks(param_1, param_2);
    uint _277 = at / 2u;
    for (uint i = _277; i < 64u; i += 32u)
    {
        uint4 v = no_chunk();
        if (w < _all)
        {
            uint param_3 = min((c0 + i), (p.outs - 1u));
            uint param_4 = w;
            v = load_chunk(param_3, param_4, _125, p);
        }
        uint4 param_5 = v;
        uint param_6 = w;
        uint scales = scales_of(param_5, param_6);
        for (uint q = 0u; q < 2u; q++)
        {
            uint param_7 = c;
            uint4 param_8 = v;
            uint param_9 = scales;
            uint param_10 = run_at(param_7);
            uint param_11 = q;
            float4 x = weight4(param_8, param_9, param_10, param_11);
            for (uint j = 0u; j < 4u; j++)
            {
                ((threadgroup float*)&tile_b[((((n * 8u) + (q * 4u)) + j) * 17u) + (i / 4u)])[i % 4u] = x[j];
            }
        }
    }
}

static inline __attribute__((always_inline))
void multiply(threadgroup float4 (&tile_a)[272], threadgroup float4 (&tile_b)[272], thread float4 (&sum)[16], thread uint& down, thread uint& across)
{
    for (uint k = 0u; k < 16u; k++)
    {
        float4 a0 = tile_a[(k * 17u) + down];
        float4 a1 = tile_a[((k * 17u) + 8u) + down];
        float4 b0 = tile_b[(k * 17u) + across];
        float4 b1 = tile_b[((k * 17u) + 8u) + across];
        for (uint i = 0u; i < 4u; i++)
        {
            uint _432 = 2u * i;
            sum[_432] += (b0 * a0[i]);
            uint _444 = (2u * i) + 1u;
            sum[_444] += (b1 * a0[i]);
            uint _456 = (2u * i) + 8u;
            sum[_456] += (b0 * a1[i]);
            uint _469 = (2u * i) + 9u;
            sum[_469] += (b1 * a1[i]);
        }
    }
}

static inline __attribute__((always_inline))
void store(thread const uint& r0, thread const uint& c0, thread const uint& rows, constant Params& p, thread float4 (&sum)[16], thread uint& down, thread uint& across, const device Bias& _556, const device Residual& _574, device Dst& _592, thread uint3& gl_WorkGroupID)
{
    for (uint i = 0u; i < 8u; i++)
    {
        uint r = ((r0 + ((i / 4u) * 32u)) + (down * 4u)) + (i % 4u);
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
            float v = sum[(2u * i) + (j / 4u)][j % 4u];
            if (p.bias_off != 4294967295u)
            {
                v += _556.bias0[p.bias_off + c];
            }
            if (p.residual_off != 4294967295u)
            {
                v += _574.residual[(p.residual_off + (r * p.residual_stride)) + c];
            }
            _592.dst[((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c] = v;
        }
    }
}

kernel void gemm_bf16_f32(constant Params& p [[buffer(0)]], device Dst& _592 [[buffer(1)]], const device Src& _226 [[buffer(2)]], const device Weight& __restrict _125 [[buffer(3)]], const device Bias& _556 [[buffer(4)]], const device Residual& _574 [[buffer(5)]], const device Live& _158 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _158);
    uint param = p.outs;
    uint param_1 = gl_LocalInvocationIndex;
    load_codebook(param, param_1);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _650 = gl_WorkGroupID.y * 64u;
    float4 sum[16];
    for (uint c0 = _650; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _663 = gl_WorkGroupID.x * 64u;
        for (uint r0 = _663; r0 < rows; r0 += (gl_NumWorkGroups.x * 64u))
        {
            clear_sums(sum);
            for (uint k0 = first; k0 < last; k0 += 16u)
            {
                uint param_2 = r0;
                uint param_3 = k0;
                uint param_4 = rows;
                load_rows(param_2, param_3, param_4, p, gl_LocalInvocationIndex, tile_a, _226);
                uint param_5 = c0;
                uint param_6 = k0;
                load_weights(param_5, param_6, _125, p, gl_LocalInvocationIndex, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                multiply(tile_a, tile_b, sum, down, across);
                threadgroup_barrier(mem_flags::mem_threadgroup);
            }
            uint param_7 = r0;
            uint param_8 = c0;
            uint param_9 = rows;
            store(param_7, param_8, param_9, p, sum, down, across, _556, _574, _592, gl_WorkGroupID);
        }
    }
}

