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
constant bool _107 = (FORMAT == 0u);
constant bool _125 = (FORMAT == 0u);
constant bool _263 = (FORMAT == 0u);
constant bool _279 = (FORMAT == 1u);
constant bool _287 = (FORMAT == 2u);
constant bool _316 = (FORMAT == 3u);
constant bool _347 = (FORMAT == 0u);
constant bool _363 = (FORMAT == 3u);
constant bool _388 = (FORMAT == 1u);
constant bool _390 = (FORMAT == 3u);
constant float _392 = _390 ? 32.0 : 0.0;
constant float _393 = _388 ? 8.0 : _392;
constant bool _450 = (FORMAT == 0u);
constant bool _463 = (FORMAT == 2u);
constant bool _476 = (FORMAT != 4u);

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

constant bool _529 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _560 = (FORMAT == 3u);
constant bool _637 = (FORMAT == 2u);
constant bool _655 = (FORMAT == 4u);

struct Live
{
    int live[1];
};

struct Src
{
    float src[1];
};

constant bool _803 = (FORMAT == 0u);
constant int _805 = _803 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_805) + 0u);
constant uint _807 = (CHUNK_SIZE / 16u);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

constant uint _969_tmp [[function_constant(0)]];
constant uint _969 = is_function_constant_defined(_969_tmp) ? _969_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_969, 1u, 1u);
constant uint _971 = gl_WorkGroupSize.x;
constant uint _972 = (_971 / 16u);

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _692)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_692.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_107)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _541)
{
    if (_655)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_541.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
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
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _541)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_529)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _541.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_541.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_560)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _541.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_541.weight[high])[(w % 2u) * 2u], ((device uint*)&_541.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_541.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_541.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _541.weight[(block + 1u) + (w % 8u)];
            if (_637)
            {
                chunk.scales = _541.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_541.weight[block])[(w / 2u) % 4u];
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
    uint _182;
    if (late)
    {
        _182 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
    }
    else
    {
        _182 = b.x & 16191u;
    }
    uint scales = _182;
    uint _203;
    if (late)
    {
        _203 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
    }
    else
    {
        _203 = b.y & 16191u;
    }
    uint mins = _203;
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
    if (_263)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_279)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_287)
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
                if (_316)
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
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_347)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_363)
    {
        uint _368;
        if (run == 0u)
        {
            _368 = chunk.high.x;
        }
        else
        {
            _368 = chunk.high.y;
        }
        c |= (((_368 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _393;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _429;
    if (run == 0u)
    {
        _429 = s.scales.x;
    }
    else
    {
        _429 = s.scales.y;
    }
    float scale = _429;
    float _441;
    if (run == 0u)
    {
        _441 = s.mins.x;
    }
    else
    {
        _441 = s.mins.y;
    }
    float min_ = _441;
    if (_450)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_463)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_476)
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
    if (_125)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float4 src4(thread const uint& row, thread const uint& c, constant Params& p, const device Src& _725)
{
    uint i = (p.src_off + (row * p.src_stride)) + c;
    if ((c + 4u) <= p.cols)
    {
        return float4(_725.src[i], _725.src[i + 1u], _725.src[i + 2u], _725.src[i + 3u]);
    }
    float4 x = float4(0.0);
    for (uint j = 0u; (c + j) < p.cols; j++)
    {
        x[j] = _725.src[i + j];
    }
    return x;
}

static inline __attribute__((always_inline))
void multiply(thread const uint& m, thread const uint& r0, thread const uint& n, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _541, const device Src& _725, thread uint& lane, thread uint& _all, thread float4& sum)
{
    for (uint w = lane; w < _all; w += 16u)
    {
        uint param = m;
        uint param_1 = w;
        Chunk y = load_chunk(param, param_1, p, _541);
        Chunk param_2 = y;
        uint param_3 = w;
        Scales scales = scales_of(param_2, param_3);
        for (uint run = 0u; run < _807; run++)
        {
            for (uint q = 0u; q < 4u; q++)
            {
                Chunk param_4 = y;
                Scales param_5 = scales;
                uint param_6 = run;
                uint param_7 = q;
                float4 v = weight4(param_4, param_5, param_6, param_7, codebook);
                for (uint i = 0u; i < n; i++)
                {
                    uint param_8 = w;
                    uint param_9 = (run * 4u) + q;
                    uint _850 = column(param_8, param_9);
                    uint param_10 = r0 + i;
                    uint param_11 = _850;
                    sum[i] += dot(v, src4(param_10, param_11, p, _725));
                }
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
void store(thread const uint& m, thread const uint& r0, thread const uint& rows, constant Params& p, thread uint& lane, threadgroup float4 (&partial)[256], thread uint& gl_LocalInvocationIndex, const device Bias& _933, device Dst& __restrict _944)
{
    bool _904 = lane < 4u;
    bool _912;
    if (_904)
    {
        _912 = (r0 + lane) < rows;
    }
    else
    {
        _912 = _904;
    }
    bool _919;
    if (_912)
    {
        _919 = m < p.outs;
    }
    else
    {
        _919 = _912;
    }
    if (_919)
    {
        float _926;
        if (p.bias_off == 4294967295u)
        {
            _926 = 0.0;
        }
        else
        {
            _926 = _933.bias0[p.bias_off + m];
        }
        float b = _926;
        _944.dst[(p.dst_off + ((r0 + lane) * p.dst_stride)) + m] = ((threadgroup float*)&partial[gl_LocalInvocationIndex - lane])[lane] + b;
    }
}

kernel void matmul_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _944 [[buffer(1)]], const device Src& _725 [[buffer(2)]], const device Weight& __restrict _541 [[buffer(3)]], const device Bias& _933 [[buffer(4)]], const device Live& _692 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup float codebook[16];
    threadgroup float4 partial[256];
    uint rows = live_rows(p, _692);
    uint lane = gl_LocalInvocationIndex % 16u;
    uint param = p.cols;
    uint param_1 = p.pitch;
    uint _all = chunks(param, param_1);
    uint param_2 = p.outs;
    uint param_3 = gl_LocalInvocationIndex;
    load_codebook(param_2, param_3, codebook, p, _541);
    uint _994 = gl_WorkGroupID.x * _972;
    float4 sum;
    for (uint channels = _972, m0 = _994; m0 < p.outs; m0 += (gl_NumWorkGroups.x * channels))
    {
        uint m = m0 + (gl_LocalInvocationIndex / 16u);
        uint _1012 = gl_WorkGroupID.y * 4u;
        for (uint r0 = _1012; r0 < rows; r0 += (gl_NumWorkGroups.y * 4u))
        {
            sum = float4(0.0);
            if (m < p.outs)
            {
                uint param_4 = m;
                uint param_5 = r0;
                uint param_6 = min(4u, (rows - r0));
                multiply(param_4, param_5, param_6, codebook, p, _541, _725, lane, _all, sum);
            }
            add_up(lane, sum, partial, gl_LocalInvocationIndex);
            uint param_7 = m;
            uint param_8 = r0;
            uint param_9 = rows;
            store(param_7, param_8, param_9, p, lane, partial, gl_LocalInvocationIndex, _933, _944);
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

