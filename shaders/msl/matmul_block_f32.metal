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
constant bool _82 = (FORMAT == 0u);
constant bool _100 = (FORMAT == 0u);
constant bool _141 = (FORMAT == 0u);
constant bool _159 = (FORMAT == 1u);
constant bool _167 = (FORMAT == 2u);
constant bool _260 = (FORMAT == 3u);
constant bool _311 = (FORMAT == 0u);
constant bool _327 = (FORMAT == 3u);
constant bool _352 = (FORMAT == 1u);
constant bool _354 = (FORMAT == 3u);
constant float _356 = _354 ? 32.0 : 0.0;
constant float _357 = _352 ? 8.0 : _356;
constant bool _414 = (FORMAT == 0u);
constant bool _427 = (FORMAT == 2u);
constant bool _440 = (FORMAT != 4u);

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

constant bool _493 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _524 = (FORMAT == 3u);
constant bool _601 = (FORMAT == 2u);
constant bool _619 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant uint _743_tmp [[function_constant(0)]];
constant uint _743 = is_function_constant_defined(_743_tmp) ? _743_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_743, 1u, 1u);
constant uint _745 = gl_WorkGroupSize.x;
constant uint _746 = (_745 / 16u);
constant bool _835 = (FORMAT == 0u);
constant int _837 = _835 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_837) + 0u);
constant uint _839 = (CHUNK_SIZE / 16u);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _656)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_656.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_82)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _505)
{
    if (_619)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_505.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _505)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_493)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _505.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_505.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_524)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _505.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_505.weight[high])[(w % 2u) * 2u], ((device uint*)&_505.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_505.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_505.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _505.weight[(block + 1u) + (w % 8u)];
            if (_601)
            {
                chunk.scales = _505.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_505.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_141)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_159)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_167)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _191;
                if (late)
                {
                    _191 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _191 = b.x & 16191u;
                }
                uint scales = _191;
                uint _212;
                if (late)
                {
                    _212 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _212 = b.y & 16191u;
                }
                uint mins = _212;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_260)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 scales_1 = int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.scales = float2(scales_1) * d_1;
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
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_311)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_327)
    {
        uint _332;
        if (run == 0u)
        {
            _332 = chunk.high.x;
        }
        else
        {
            _332 = chunk.high.y;
        }
        c |= (((_332 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _357;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _393;
    if (run == 0u)
    {
        _393 = s.scales.x;
    }
    else
    {
        _393 = s.scales.y;
    }
    float scale = _393;
    float _405;
    if (run == 0u)
    {
        _405 = s.mins.x;
    }
    else
    {
        _405 = s.mins.y;
    }
    float min_ = _405;
    if (_414)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_427)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_440)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_100)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _689)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_689.src[i], _689.src[i + 1u], _689.src[i + 2u], _689.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _689.src[i + j];
    }
    return x;
}

kernel void matmul_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _971 [[buffer(1)]], const device Src& _689 [[buffer(2)]], const device Weight& __restrict _505 [[buffer(3)]], const device Bias& _960 [[buffer(4)]], const device Live& _656 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _656);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3, codebook, p, _505);
    uint _767 = gl_WorkGroupID.x * _746;
    float _953;
    for (uint channels = _746, m0 = _767; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _785 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _785; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            float4 sum = float4(0.0);
            if (m < p.outs)
            {
                uint n = min(4u, (rows - r0));
                for (uint w = lane; w < _all; w += 16u)
                {
                    uint param_4 = m;
                    uint param_5 = w;
                    Chunk y = load_chunk(param_4, param_5, p, _505);
                    Chunk param_6 = y;
                    uint param_7 = w;
                    Scales scales = scales_of(param_6, param_7);
                    for (uint run = 0u; run < _839; run++)
                    {
                        for (uint q = 0u; q < 4u; q++)
                        {
                            Chunk param_8 = y;
                            Scales param_9 = scales;
                            uint param_10 = run;
                            uint param_11 = q;
                            float4 v = weight4(param_8, param_9, param_10, param_11, codebook);
                            for (uint i = 0u; i < n; i++)
                            {
                                uint param_12 = w;
                                uint param_13 = (run * 4u) + q;
                                uint _880 = column(param_12, param_13);
                                uint param_14 = r0 + i;
                                uint param_15 = _880;
                                sum[i] += dot(v, src4(param_14, param_15, p, _689));
                            }
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
            bool _931 = lane < 4u;
            bool _939;
            if (_931)
            {
                _939 = (r0 + lane) < rows;
            }
            else
            {
                _939 = _931;
            }
            bool _946;
            if (_939)
            {
                _946 = m < p.outs;
            }
            else
            {
                _946 = _939;
            }
            if (_946)
            {
                if (p.bias_off == 4294967295u)
                {
                    _953 = 0.0;
                }
                else
                {
                    _953 = _960.bias0[p.bias_off + m];
                }
                float b = _953;
                _971.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

