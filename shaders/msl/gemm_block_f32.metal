#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Chunk
{
    uint4 code;
    uint2 high;
    uint4 scales;
};

struct Scales
{
    float2 scales;
    float2 mins;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _111 = (FORMAT == 0u);
constant bool _129 = (FORMAT == 0u);
constant bool _144 = (FORMAT == 0u);
constant bool _260 = (FORMAT == 0u);
constant bool _276 = (FORMAT == 1u);
constant bool _284 = (FORMAT == 2u);
constant bool _313 = (FORMAT == 3u);
constant bool _344 = (FORMAT == 0u);
constant bool _360 = (FORMAT == 3u);
constant bool _385 = (FORMAT == 1u);
constant bool _387 = (FORMAT == 3u);
constant float _389 = _387 ? 32.0 : 0.0;
constant float _390 = _385 ? 8.0 : _389;
constant bool _447 = (FORMAT == 0u);
constant bool _460 = (FORMAT == 2u);
constant bool _473 = (FORMAT != 4u);

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

constant bool _526 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _557 = (FORMAT == 3u);
constant bool _634 = (FORMAT == 2u);
constant bool _652 = (FORMAT == 4u);

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

constant bool _1231 = (FORMAT == 0u);
constant int _1233 = _1231 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1233) + 0u);
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(64u, 1u, 1u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _689)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_689.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _538)
{
    if (_652)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_538.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
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
void load_rows(thread const uint& r0, thread const uint& k0, thread const uint& rows, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_a)[272], const device Src& _750)
{
    uint at = gl_LocalInvocationIndex;
    uint k = at % 16u;
    uint _709 = at / 16u;
    float _744;
    for (uint i = _709; i < 64u; i += 4u)
    {
        bool _722 = (r0 + i) < rows;
        bool _731;
        if (_722)
        {
            _731 = (k0 + k) < p.cols;
        }
        else
        {
            _731 = _722;
        }
        bool there = _731;
        if (there)
        {
            _744 = _750.src[((p.src_off + ((r0 + i) * p.src_stride)) + k0) + k];
        }
        else
        {
            _744 = 0.0;
        }
        ((threadgroup float*)&tile_a[(k * 17u) + (i / 4u)])[i % 4u] = _744;
    }
}

static inline __attribute__((always_inline))
uint chunk_at(thread const uint& c)
{
    if (_129)
    {
        return c / 16u;
    }
    return ((c / 64u) * 2u) + ((c / 16u) % 2u);
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_111)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _538)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_526)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _538.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_538.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_557)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _538.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_538.weight[high])[(w % 2u) * 2u], ((device uint*)&_538.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_538.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_538.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _538.weight[(block + 1u) + (w % 8u)];
            if (_634)
            {
                chunk.scales = _538.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_538.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint4 scale_codes(thread const Chunk& chunk, thread const uint& w)
{
    uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
    bool late = ((w % 8u) / 4u) == 1u;
    uint _179;
    if (late)
    {
        _179 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _179 = b.x & 16191u;
    }
    uint scales = _179;
    uint _200;
    if (late)
    {
        _200 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _200 = b.y & 16191u;
    }
    uint mins = _200;
    return uint4(scales & 255u, scales >> uint(8), mins & 255u, mins >> uint(8));
}

static inline __attribute__((always_inline))
int2 byte_scales(thread const Chunk& chunk, thread const uint& w)
{
    return int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_260)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_276)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_284)
            {
                Chunk param = chunk;
                uint param_1 = w;
                uint4 n = scale_codes(param, param_1);
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(n.xy) * d.x;
                s.mins = float2(n.zw) * d.y;
            }
            else
            {
                if (_313)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    Chunk param_2 = chunk;
                    uint param_3 = w;
                    s.scales = float2(byte_scales(param_2, param_3)) * d_1;
                }
                else
                {
                    s.scales = float2(as_type<float>(chunk.scales.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint run_at(thread const uint& c)
{
    if (_144)
    {
        return 0u;
    }
    return (c / 32u) % 2u;
}

static inline __attribute__((always_inline))
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_344)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_360)
    {
        uint _365;
        if (run == 0u)
        {
            _365 = chunk.high.x;
        }
        else
        {
            _365 = chunk.high.y;
        }
        c |= (((_365 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float zero_point()
{
    return _390;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _426;
    if (run == 0u)
    {
        _426 = s.scales.x;
    }
    else
    {
        _426 = s.scales.y;
    }
    float scale = _426;
    float _438;
    if (run == 0u)
    {
        _438 = s.mins.x;
    }
    else
    {
        _438 = s.mins.y;
    }
    float min_ = _438;
    if (_447)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_460)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_473)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
void load_weights(thread const uint& c0, thread const uint& k0, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _538, thread uint& gl_LocalInvocationIndex, threadgroup float4 (&tile_b)[272])
{
    uint at = gl_LocalInvocationIndex;
    uint n = at % 1u;
    uint c = k0 + (n * 16u);
    uint param = c;
    uint w = chunk_at(param);
    uint param_1 = p.cols;
    uint param_2 = p.pitch;
    uint _all = chunks(param_1, param_2);
    uint _797 = at / 1u;
    for (uint i = _797; i < 64u; i += 64u)
    {
        Chunk v = no_chunk();
        if (w < _all)
        {
            uint param_3 = min((c0 + i), (p.outs - 1u));
            uint param_4 = w;
            v = load_chunk(param_3, param_4, p, _538);
        }
        Chunk param_5 = v;
        uint param_6 = w;
        Scales scales = scales_of(param_5, param_6);
        for (uint q = 0u; q < 4u; q++)
        {
            uint param_7 = c;
            Chunk param_8 = v;
            Scales param_9 = scales;
            uint param_10 = run_at(param_7);
            uint param_11 = q;
            float4 x = weight4(param_8, param_9, param_10, param_11, codebook);
            for (uint j = 0u; j < 4u; j++)
            {
                ((threadgroup float*)&tile_b[((((n * 16u) + (q * 4u)) + j) * 17u) + (i / 4u)])[i % 4u] = x[j];
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
            uint _950 = 2u * i;
            sum[_950] += (b0 * a0[i]);
            uint _962 = (2u * i) + 1u;
            sum[_962] += (b1 * a0[i]);
            uint _974 = (2u * i) + 8u;
            sum[_974] += (b0 * a1[i]);
            uint _986 = (2u * i) + 9u;
            sum[_986] += (b1 * a1[i]);
        }
    }
}

static inline __attribute__((always_inline))
void store(thread const uint& r0, thread const uint& c0, thread const uint& rows, constant Params& p, thread float4 (&sum)[16], thread uint& down, thread uint& across, const device Bias& _1073, const device Residual& _1091, device Dst& _1109, thread uint3& gl_WorkGroupID)
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
                v += _1073.bias0[p.bias_off + c];
            }
            if (p.residual_off != 4294967295u)
            {
                v += _1091.residual[(p.residual_off + (r * p.residual_stride)) + c];
            }
            _1109.dst[((p.dst_off + (gl_WorkGroupID.z * p.part)) + (r * p.dst_stride)) + c] = v;
        }
    }
}

kernel void gemm_block_f32(constant Params& p [[buffer(0)]], device Dst& _1109 [[buffer(1)]], const device Src& _750 [[buffer(2)]], const device Weight& __restrict _538 [[buffer(3)]], const device Bias& _1073 [[buffer(4)]], const device Residual& _1091 [[buffer(5)]], const device Live& _689 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 tile_a[272];
    threadgroup float4 tile_b[272];
    uint rows = live_rows(p, _689);
    uint param = p.outs;
    uint param_1 = gl_LocalInvocationIndex;
    load_codebook(param, param_1, codebook, p, _538);
    uint first = gl_WorkGroupID.z * p.span;
    uint last = min((first + p.span), p.cols);
    uint down = gl_LocalInvocationIndex / 8u;
    uint across = gl_LocalInvocationIndex % 8u;
    uint _1165 = gl_WorkGroupID.y * 64u;
    float4 sum[16];
    for (uint c0 = _1165; c0 < p.outs; c0 += (gl_NumWorkGroups.y * 64u))
    {
        uint _1178 = gl_WorkGroupID.x * 64u;
        for (uint r0 = _1178; r0 < rows; r0 += (gl_NumWorkGroups.x * 64u))
        {
            clear_sums(sum);
            for (uint k0 = first; k0 < last; k0 += 16u)
            {
                uint param_2 = r0;
                uint param_3 = k0;
                uint param_4 = rows;
                load_rows(param_2, param_3, param_4, p, gl_LocalInvocationIndex, tile_a, _750);
                uint param_5 = c0;
                uint param_6 = k0;
                load_weights(param_5, param_6, codebook, p, _538, gl_LocalInvocationIndex, tile_b);
                threadgroup_barrier(mem_flags::mem_threadgroup);
                multiply(tile_a, tile_b, sum, down, across);
                threadgroup_barrier(mem_flags::mem_threadgroup);
            }
            uint param_7 = r0;
            uint param_8 = c0;
            uint param_9 = rows;
            store(param_7, param_8, param_9, p, sum, down, across, _1073, _1091, _1109, gl_WorkGroupID);
        }
    }
}

