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

#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 2u
#endif
constant uint FOURS = SPIRV_CROSS_CONSTANT_ID_1;
constant uint ROWS = (32u * FOURS);
constant uint _196 = (ROWS * 16u);
constant uint _197 = (_196 / 4u);
constant uint LOADS = (_197 / 64u);
constant bool WIDE_tmp [[function_constant(2)]];
constant bool WIDE = is_function_constant_defined(WIDE_tmp) ? WIDE_tmp : false;

struct Src
{
    float4 src[1];
};

constant uint _526 = (8u * FOURS);
constant uint _528 = (8u * FOURS);
constant uint _633 = (8u * FOURS);
constant bool WIDE_DST_tmp [[function_constant(3)]];
constant bool WIDE_DST = is_function_constant_defined(WIDE_DST_tmp) ? WIDE_DST_tmp : false;

struct Bias
{
    float4 bias0[1];
};

struct Residual
{
    float4 residual[1];
};

struct Dst
{
    float4 dst[1];
};

constant bool AHEAD_tmp [[function_constant(4)]];
constant bool AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : true;
constant bool _901 = (!AHEAD);
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(64u, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _163)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_163.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
void clear_sums(thread float4 (&sum)[_528])
{
    for (uint i = 0u; i < _526; i++)
    {
        sum[i] = float4(0.0);
    }
}

static inline __attribute__((always_inline))
void fetch_rows(thread const uint& r0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Src& _228, thread float4 (&next_a)[LOADS])
{
    uint at = gl_LocalInvocationIndex;
    uint k = k0 + ((at % 4u) * 4u);
    float4 v;
    float _291;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint from = p.src_off + (min(((r0 + (at / 4u)) + (16u * i)), (rows - 1u)) * p.src_stride);
        if (WIDE)
        {
            v = _228.src[(from + min(k, (p.cols - 4u))) / 4u];
        }
        else
        {
            for (uint j = 0u; j < 4u; j++)
            {
                uint e = from + min((k + j), (p.cols - 1u));
                v[j] = ((device float*)&_228.src[e / 4u])[e % 4u];
            }
        }
        for (uint j_1 = 0u; j_1 < 4u; j_1++)
        {
            if ((k + j_1) < p.cols)
            {
                _291 = v[j_1];
            }
            else
            {
                _291 = 0.0;
            }
            next_a[i][j_1] = _291;
        }
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint chunk_at(thread const uint& c)
{
    return c / 8u;
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, const device Weight& __restrict _130, constant Params& p)
{
    return _130.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
void fetch_weights(thread const uint& c0, thread const uint& k0, const device Weight& __restrict _130, constant Params& p, thread uint& gl_LocalInvocationIndex, thread uint4 (&next_b)[2])
{
    uint at = gl_LocalInvocationIndex;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint last = chunks(param, param_1) - 1u;
    uint param_2 = k0 + ((at % 2u) * 8u);
    uint w = min(chunk_at(param_2), last);
    for (uint i = 0u; i < 2u; i++)
    {
        uint param_3 = min(((c0 + (at / 2u)) + (32u * i)), (p.outs - 1u));
        uint param_4 = w;
        next_b[i] = load_chunk(param_3, param_4, _130, p);
    }
}

static inline __attribute__((always_inline))
void fetch(thread const uint& r0, thread const uint& c0, thread const uint& k0, thread const uint& rows, const device Weight& __restrict _130, constant Params& p, thread uint& gl_LocalInvocationIndex, const device Src& _228, thread float4 (&next_a)[LOADS], thread uint4 (&next_b)[2])
{
    uint param = r0;
    uint param_1 = k0;
    uint param_2 = rows;
    fetch_rows(param, param_1, param_2, p, gl_LocalInvocationIndex, _228, next_a);
    uint param_3 = c0;
    uint param_4 = k0;
    fetch_weights(param_3, param_4, _130, p, gl_LocalInvocationIndex, next_b);
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
    uint2 _98;
    if (q == 0u)
    {
        _98 = chunk.xy;
    }
    else
    {
        _98 = chunk.zw;
    }
    uint2 h = _98;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
void put(thread const uint& k0, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float4 (&next_a)[LOADS], thread uint4 (&next_b)[2], threadgroup float4 (&tile_a)[272], threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    for (uint i = 0u; i < LOADS; i++)
    {
        uint r = (at / 4u) + (16u * i);
        for (uint j = 0u; j < 4u; j++)
        {
            ((threadgroup float*)&tile_a[((((at % 4u) * 4u) + j) * 17u) + (r / 4u)])[r % 4u] = next_a[i][j];
        }
    }
    uint n = at % 2u;
    uint c = k0 + (n * 8u);
    uint param = c;
    uint param_1 = p.cols;
    uint param_2 = p.pitch;
    uint w = min(chunk_at(param), (chunks(param_1, param_2) - 1u));
    for (uint i_1 = 0u; i_1 < 2u; i_1++)
    {
        uint to = (at / 2u) + (32u * i_1);
        uint4 param_3 = next_b[i_1];
        uint param_4 = w;
        uint scales = scales_of(param_3, param_4);
        for (uint q = 0u; q < 2u; q++)
        {
            uint param_5 = c;
            uint4 param_6 = next_b[i_1];
            uint param_7 = scales;
            uint param_8 = run_at(param_5);
            uint param_9 = q;
            float4 x = weight4(param_6, param_7, param_8, param_9);
            for (uint j_1 = 0u; j_1 < 4u; j_1++)
            {
                ((threadgroup float*)&tile_b[((((n * 8u) + (q * 4u)) + j_1) * 17u) + (to / 4u)])[to % 4u] = x[j_1];
            }
        }
    }
}

static inline __attribute__((always_inline))
void multiply(threadgroup float4 (&tile_a)[272], threadgroup float4 (&tile_b)[272], thread float4 (&sum)[_528], thread uint& across, thread uint& down)
{
    for (uint k = 0u; k < 16u; k++)
    {
        float4 b0 = tile_b[(k * 17u) + across];
        float4 b1 = tile_b[((k * 17u) + 8u) + across];
        for (uint f = 0u; f < FOURS; f++)
        {
            float4 a = tile_a[((k * 17u) + (8u * f)) + down];
            for (uint i = 0u; i < 4u; i++)
            {
                uint _595 = (8u * f) + (2u * i);
                sum[_595] += (b0 * a[i]);
                uint _610 = ((8u * f) + (2u * i)) + 1u;
                sum[_610] += (b1 * a[i]);
            }
        }
    }
}

static inline __attribute__((always_inline))
void store(thread const uint& r0, thread const uint& c0, thread const uint& rows, constant Params& p, thread float4 (&sum)[_528], thread uint& across, thread uint& down, thread uint3& gl_WorkGroupID, const device Bias& _725, const device Residual& _740, device Dst& _750)
{
    for (uint i = 0u; i < _633; i++)
    {
        uint r = ((r0 + ((i / 8u) * 32u)) + (down * 4u)) + ((i % 8u) / 2u);
        uint c = (c0 + ((i % 2u) * 32u)) + (across * 4u);
        if (r >= rows)
        {
            continue;
        }
        uint to = ((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c;
        uint b = p.bias_off + c;
        uint s = (p.residual_off + (r * p.residual_stride)) + c;
        if (WIDE_DST)
        {
            if (c >= p.outs)
            {
                continue;
            }
            float4 v = sum[i];
            if (p.bias_off != 4294967295u)
            {
                v += _725.bias0[b / 4u];
            }
            if (p.residual_off != 4294967295u)
            {
                v += _740.residual[s / 4u];
            }
            _750.dst[to / 4u] = v;
            continue;
        }
        for (uint j = 0u; j < 4u; j++)
        {
            if ((c + j) >= p.outs)
            {
                continue;
            }
            float v_1 = sum[i][j];
            if (p.bias_off != 4294967295u)
            {
                v_1 += ((device float*)&_725.bias0[(b + j) / 4u])[(b + j) % 4u];
            }
            if (p.residual_off != 4294967295u)
            {
                v_1 += ((device float*)&_740.residual[(s + j) / 4u])[(s + j) % 4u];
            }
            ((device float*)&_750.dst[(to + j) / 4u])[(to + j) % 4u] = v_1;
        }
    }
}

kernel void gemm_bf16_f32(constant Params& p [[buffer(0)]], device Dst& _750 [[buffer(1)]], const device Src& _228 [[buffer(2)]], const device Weight& __restrict _130 [[buffer(3)]], const device Bias& _725 [[buffer(4)]], const device Residual& _740 [[buffer(5)]], const device Live& _163 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _163);
    uint param = p.outs;
    uint param_1 = gl_LocalInvocationIndex;
    load_codebook(param, param_1);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _856 = gl_WorkGroupID.y * 64u;
    float4 next_a[LOADS];
    uint4 next_b[2];
    float4 sum[_528];
    uint _923;
    for (uint c0 = _856; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _869 = gl_WorkGroupID.x * ROWS;
        for (uint r0 = _869; r0 < rows; r0 += (gl_NumWorkGroups.x * ROWS))
        {
            clear_sums(sum);
            if (AHEAD)
            {
                uint param_2 = r0;
                uint param_3 = c0;
                uint param_4 = first;
                uint param_5 = rows;
                fetch(param_2, param_3, param_4, param_5, _130, p, gl_LocalInvocationIndex, _228, next_a, next_b);
            }
            for (uint k0 = first; k0 < last; k0 += 16u)
            {
                if (_901)
                {
                    uint param_6 = r0;
                    uint param_7 = c0;
                    uint param_8 = k0;
                    uint param_9 = rows;
                    fetch(param_6, param_7, param_8, param_9, _130, p, gl_LocalInvocationIndex, _228, next_a, next_b);
                }
                threadgroup_barrier(mem_flags::mem_threadgroup);
                uint param_10 = k0;
                put(param_10, p, gl_LocalInvocationIndex, next_a, next_b, tile_a, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                if (AHEAD)
                {
                    if ((k0 + 16u) < last)
                    {
                        _923 = k0 + 16u;
                    }
                    else
                    {
                        _923 = k0;
                    }
                    uint param_11 = r0;
                    uint param_12 = c0;
                    uint param_13 = _923;
                    uint param_14 = rows;
                    fetch(param_11, param_12, param_13, param_14, _130, p, gl_LocalInvocationIndex, _228, next_a, next_b);
                }
                multiply(tile_a, tile_b, sum, across, down);
            }
            uint param_15 = r0;
            uint param_16 = c0;
            uint param_17 = rows;
            store(param_15, param_16, param_17, p, sum, across, down, gl_WorkGroupID, _725, _740, _750);
        }
    }
}

